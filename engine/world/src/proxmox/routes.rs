//! Where nodes really listen, and what proves that they are who they say.

/// How a node proves itself.
#[derive(Clone, Debug)]
pub enum Trust {}
/// Why a CA file can't be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TrustError {}
/// One route.
#[derive(Clone, Debug)]
pub struct Route {}
/// All routes.
#[derive(Clone, Debug)]
pub struct Routes {}
