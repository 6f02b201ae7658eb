//! The live client.

/// The live port.
#[derive(Debug)]
pub struct HttpsPort {}
