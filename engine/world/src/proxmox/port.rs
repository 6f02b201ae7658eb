//! The cut: one HTTP request to one node, and its answer.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::Origin;

/// The reason phrase of an answer. Proxmox puts the first line of an error message there.
///
/// Stands in the extensions of the [`http::Response`]; [`crate::Confidence`] does too, in previews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(pub String);

/// The Proxmox VE API of a lab's nodes, cut at the wire.
pub trait Port: Send + Sync {
    /// Sends one request to the node that listens at `address` (as docs name it: an address or host name,
    /// port 8006 if none is given) and waits for its answer.
    ///
    /// The request's URI is the path and query, from `/api2/json`. Every HTTP status is an answer.
    ///
    /// # Errors
    /// No answer came: see [`PortError`] for what is then known about the request.
    fn send(
        &self,
        address: &str,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, PortError>>;

    /// Trusts another certificate of the node at `address` from now on: another node of its cluster vouched for it.
    ///
    /// A port without certificates has nothing to do.
    fn pin(&self, _address: &str, _fingerprint: &str) {}

    /// Trusts the certificate that a runbook names of the node at `address`, where none is pinned yet.
    fn pin_first(&self, _address: &str, _fingerprint: &str) {}
}

/// Why a request has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PortError {
    /// No connection: the request was never sent.
    #[error("{address} can't be reached: {cause}")]
    Unreachable {
        /// The node's address.
        address: String,
        /// What the system said.
        cause: String,
    },
    /// The machine refused the connection, or reset it before anything was sent: nobody listens, or not yet.
    #[error("{address} refuses connections: {cause}")]
    Refused {
        /// The node's address.
        address: String,
        /// What the system said.
        cause: String,
    },
    /// The connection ended before the answer did: whether the request was carried out is unknown.
    #[error("the connection to {address} ended before its answer: {cause}")]
    Broken {
        /// The node's address.
        address: String,
        /// What the system said.
        cause: String,
    },
    /// The node shows another certificate than the pinned one.
    #[error("{address} shows a certificate with fingerprint {actual}, pinned is {pinned}")]
    Fingerprint {
        /// The node's address.
        address: String,
        /// The pinned SHA-256 fingerprint, colon form; `none` if none is pinned.
        pinned: String,
        /// The fingerprint that the node shows.
        actual: String,
    },
    /// A preview can't know the answer.
    #[error("not known yet: {0}")]
    Unknown(Origin),
    /// A model doesn't know this call; it never pretends.
    #[error("not modelled: {0}")]
    Unmodelled(String),
}

impl PortError {
    /// Whether it is certain that the request wasn't carried out.
    #[must_use]
    pub const fn surely_not_sent(&self) -> bool {
        !matches!(self, Self::Broken { .. })
    }
}
