//! Calls of the API.

use std::sync::Arc;

use super::Port;
use crate::Clock;

/// The API.
pub struct Api {
    _port: Arc<dyn Port>,
    _clock: Arc<dyn Clock>,
}
