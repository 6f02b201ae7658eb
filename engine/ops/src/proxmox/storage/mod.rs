//! Storages of the cluster.

mod active;
mod base;
mod ensure;
pub(crate) mod shape;
