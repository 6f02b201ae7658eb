//! PCI devices under a name of the whole cluster.

mod devices;
pub(crate) mod ensure;
