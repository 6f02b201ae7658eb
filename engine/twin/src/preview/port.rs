//! The Proxmox port of a preview.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use world::proxmox::{Port, PortError};

use super::driver::Preview;

/// The Proxmox port of a preview.
pub(super) struct PreviewPort(pub(super) Arc<Preview>);

impl Port for PreviewPort {
    fn send(
        &self,
        address: &str,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, PortError>> {
        let address = address.to_owned();
        Box::pin(async move { self.0.answer(&address, request).await })
    }

    fn pin(&self, address: &str, fingerprint: &str) {
        // Trust in a certificate is the client's own; it changes nothing in the world.
        self.0.below.pin(address, fingerprint);
    }

    fn pin_first(&self, address: &str, fingerprint: &str) {
        self.0.below.pin_first(address, fingerprint);
    }
}
