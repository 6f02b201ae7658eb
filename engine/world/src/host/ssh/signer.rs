//! Who signs a login: the key agent, or a key file that is opened when a host has said that it takes the key.

use std::{path::PathBuf, sync::Arc};

use russh::{
    SendError, Signer,
    keys::{
        HashAlg, PrivateKey, agent::AgentIdentity, agent::client::AgentClient,
        signature::Signer as _, ssh_encoding::Encode, ssh_key, ssh_key::Signature,
        ssh_key::private::KeypairData,
    },
};

use super::keyring::Keyring;

/// A connected key agent.
pub(super) type Agent = AgentClient<tokio::net::UnixStream>;

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    #[error("the connection ended")]
    Ended,
    #[error("the agent doesn't sign: {0}")]
    Agent(#[from] russh::keys::Error),
    #[error("its passphrase isn't known")]
    Locked,
    #[error("it can't sign: {0}")]
    Key(#[from] ssh_key::Error),
    #[error("it can't sign: {0}")]
    Signature(#[from] russh::keys::signature::Error),
}

impl From<SendError> for SignError {
    fn from(_: SendError) -> Self {
        Self::Ended
    }
}

/// Who signs.
pub(super) enum Signs<'a> {
    /// The agent, with the key as it has it: a certificate from a file is signed for with the plain key.
    Agent(&'a mut Agent, Box<AgentIdentity>),
    File(Arc<Keyring>, PathBuf),
}

impl Signer for Signs<'_> {
    type Error = SignError;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        hash: Option<HashAlg>,
        mut data: Vec<u8>,
    ) -> Result<Vec<u8>, SignError> {
        match self {
            Self::Agent(agent, key) => Ok(agent.sign_request(key, hash, data).await?),
            Self::File(keyring, path) => {
                let key = keyring.open(path).await.ok_or(SignError::Locked)?;
                let signature = sign(&key, hash, &data)?;
                let mut encoded = Vec::new();
                signature
                    .encode(&mut encoded)
                    .map_err(ssh_key::Error::from)?;
                encoded.encode(&mut data).map_err(ssh_key::Error::from)?;
                Ok(data)
            }
        }
    }
}

fn sign(key: &PrivateKey, hash: Option<HashAlg>, data: &[u8]) -> Result<Signature, SignError> {
    Ok(match key.key_data() {
        KeypairData::Rsa(pair) => (pair, hash).try_sign(data)?,
        pair => pair.try_sign(data)?,
    })
}
