//! `/etc/network/interfaces`: read and written as Proxmox VE does it, so that what the API answers is what the
//! file would say. An interface is an object with the API's own field names.

mod check;
mod diff;
mod interface;
mod kind;
mod read;
mod write;

pub use diff::{changes, load};
pub use interface::{Interface, Interfaces, is_up, ports_of, set, type_of};
pub use read::{Link, Links, bring_up, links_of, read};
pub use write::write;

#[cfg(test)]
mod tests;
