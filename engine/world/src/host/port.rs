//! The cut: one framed call to one host, and its reply.

use futures_util::future::BoxFuture;

use super::{Call, Destination, HostError, Reply};

/// The hosts of a lab, cut at verbs.
pub trait Port: Send + Sync {
    /// Calls a verb on a host.
    ///
    /// # Errors
    /// No reply came: see [`HostError`]. A verb that fails has a reply with its status.
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>>;

    /// Says where hosts are and who logs in; one of the same name is replaced. Nothing is sent.
    fn declare(&self, hosts: Vec<Destination>);

    /// The public key that a host took for the login: `TYPE BASE64`; none if it was no key, or nobody knows.
    fn login_key<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(std::future::ready(None))
    }

    /// The SHA-256 fingerprint of the key by which a host proved itself, as OpenSSH prints it: `SHA256:…`; none if it
    /// wasn't reached, or has no key.
    fn host_key<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(std::future::ready(None))
    }

    /// Ends the connections to a host: the next call makes a new one. Whether a host can still be reached is known
    /// only by a new one.
    fn hang_up<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}
