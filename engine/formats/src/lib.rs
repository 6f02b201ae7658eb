//! Text formats, each read and written in one place; operations, the twin and the command line use the same. No I/O.
//!
//! Files of hosts are bytes. Edits go by lines and keep every byte of all that they don't change: what isn't UTF-8, ends
//! of lines of either kind, a last line without one. That, and comments in their places, is why files that are edited have
//! code of homelab's own: the crates that there are for them (`deb822-lossless`, `ssh-key`) read text and write lines anew.

pub mod apt;
pub mod authorized_keys;
pub mod calendar;
pub mod civil;
pub mod comment;
pub mod deb822;
pub mod envrc;
pub mod fstab;
pub mod glob;
pub mod lines;
pub mod lossless;
pub mod modprobe;
pub mod names;
pub mod path;
pub mod privileges;
pub mod property;
pub mod retention;
pub mod sourced;
pub mod sshd_config;
pub mod sysctl;
pub mod unit;
pub mod zones;
