//! What nodes are by their rows, and what they find in the lab: all that both a node's API and its shell tell, each once.

pub mod activate;
pub mod appliances;
pub mod groups;
pub mod initiator;
pub mod kept;
mod kernel;
pub mod network;
pub mod plugin;
pub mod storages;

pub use kernel::KERNEL;
