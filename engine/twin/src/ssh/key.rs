//! Each node's host key, a pure function of its name, so that a fingerprint is known without a listener.

use model::{Fault, transaction::derive};
use russh::keys::{
    HashAlg, PrivateKey,
    ssh_key::{LineEnding, private::Ed25519Keypair},
};

use crate::twin::Twin;

/// Which key a node shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyTurn {
    /// Its own.
    Own,
    /// Another one, as somebody in between would.
    Other,
}

/// The host key of a node.
///
/// # Errors
/// The store failed.
pub(crate) fn key_of(twin: &Twin, node: &str, turn: KeyTurn) -> Result<PrivateKey, Fault> {
    let seed = twin.rows(|rows| rows.meta("seed"))?.unwrap_or_default();
    let purpose = match turn {
        KeyTurn::Own => format!("host key/{node}"),
        KeyTurn::Other => format!("other host key/{node}"),
    };
    let pair = Ed25519Keypair::from_seed(&derive(&seed, &purpose));
    Ok(PrivateKey::from(pair))
}

/// The key that homelab logs in to a served twin's nodes with, in place of the one that docs say is its own.
///
/// # Errors
/// The store failed.
pub(crate) fn login_key(twin: &Twin) -> Result<PrivateKey, Fault> {
    let seed = twin.rows(|rows| rows.meta("seed"))?.unwrap_or_default();
    let pair = Ed25519Keypair::from_seed(&derive(&seed, "homelab's login key"));
    Ok(PrivateKey::from(pair))
}

/// The same as OpenSSH keeps it in a file.
///
/// # Errors
/// The store failed.
pub(crate) fn login_key_text(twin: &Twin) -> Result<String, Fault> {
    let text = login_key(twin)?.to_openssh(LineEnding::LF);
    text.map(|text| text.to_string())
        .map_err(|error| Fault::Store(error.to_string()))
}

/// The fingerprint of a key as OpenSSH prints it.
pub(crate) fn fingerprint(key: &PrivateKey) -> String {
    key.public_key().fingerprint(HashAlg::Sha256).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabFacts, Options, Start};

    #[test]
    fn a_key_depends_on_its_node_alone() {
        let facts = LabFacts::default();
        let twin = Twin::open(None, facts, Start::default(), Options::default()).unwrap();
        let shown = |node, turn| fingerprint(&key_of(&twin, node, turn).unwrap());
        let own = shown("pve1", KeyTurn::Own);
        assert!(own.starts_with("SHA256:"), "{own}");
        assert_eq!(own, shown("pve1", KeyTurn::Own));
        assert_ne!(own, shown("pve2", KeyTurn::Own));
        assert_ne!(own, shown("pve1", KeyTurn::Other));
    }
}
