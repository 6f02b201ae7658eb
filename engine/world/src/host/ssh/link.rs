//! A connection that is logged in.

use std::{sync::Arc, time::Duration};

use russh::{
    Disconnect,
    client::{Handle, Msg},
    keys::{Algorithm, PublicKey},
};
use tokio_util::sync::CancellationToken;

use super::{
    Settings,
    attempt::Attempt,
    hop::Hop,
    keyring::Keyring,
    shown::Shown,
    watcher::{Ending, Watcher},
};
use crate::{Clock, clock::RealClock, host::HostError};

/// What all connections of a run share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) keyring: Arc<Keyring>,
    pub(super) shown: Shown,
}

/// A connection that is logged in. It ends when the last one who has it drops it.
pub(super) struct Link {
    pub(super) handle: Handle<Watcher>,
    pub(super) name: String,
    /// The key that the host took for the login.
    pub(super) key: Option<PublicKey>,
    pub(super) ending: Ending,
    pub(super) cut: CancellationToken,
    /// What it goes through.
    pub(super) _via: Option<Arc<Self>>,
}

impl Link {
    /// Connects to a host, directly or through another connection, and logs in.
    pub(super) async fn open(
        shared: &Shared,
        hop: &Hop,
        via: Option<Arc<Self>>,
    ) -> Result<Self, HostError> {
        let attempt = Attempt::new(shared, hop);
        let first = match attempt.repeated(via.clone()).await {
            Err(error @ HostError::ChangedKey { .. }) if hop.pin.is_some() => error,
            done => return done,
        };
        // The fingerprint in docs may be the one of another key that the host has.
        for kinds in [is_ecdsa, is_rsa] {
            let mut attempt = Attempt::new(shared, hop);
            attempt.kinds = kinds;
            match attempt.repeated(via.clone()).await {
                Err(HostError::ChangedKey { .. } | HostError::Unreachable { .. }) => {}
                done => return done,
            }
        }
        Err(first)
    }

    /// Whether it has ended, or is about to: once homelab hangs up, or the host says goodbye, nobody is given it any more,
    /// though its streams may go on for a moment.
    pub(super) fn is_over(&self) -> bool {
        self.ending.get().is_some() || self.handle.is_closed()
    }

    /// Opens a channel for a shell.
    pub(super) async fn session(&self) -> Result<russh::Channel<Msg>, russh::Error> {
        self.handle.channel_open_session().await
    }

    /// Says goodbye, and ends the connection.
    pub(super) async fn hang_up(&self) {
        self.ending.set("homelab hung up".to_owned());
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        // A peer that takes nothing more needs no goodbye.
        drop(tokio::time::timeout(Duration::from_millis(200), goodbye).await);
        RealClock.sleep(Duration::from_millis(5)).await;
        self.cut.cancel();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut.cancel();
    }
}

fn is_ecdsa(kind: &Algorithm) -> bool {
    matches!(kind, Algorithm::Ecdsa { .. })
}

pub(super) fn is_rsa(kind: &Algorithm) -> bool {
    matches!(kind, Algorithm::Rsa { .. })
}
