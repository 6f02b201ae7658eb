//! homelab
fn main() {}
