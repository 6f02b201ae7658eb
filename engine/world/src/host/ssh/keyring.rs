//! The caller's keys: read once, and the passphrase of one asked for once.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use russh::keys::{Certificate, PrivateKey, PublicKey, decode_secret_key};
use tokio::sync::OnceCell;

use super::Ask;

/// How often a passphrase is asked for.
const TRIES: usize = 3;

/// A key file: the public half is enough to offer it to a host.
#[derive(Clone, Debug)]
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) public: PublicKey,
    /// Whether the private half is there.
    pub(super) signs: bool,
}

/// A private key; none where nobody knows its passphrase.
type Opened = Arc<OnceCell<Option<Arc<PrivateKey>>>>;

/// The caller's keys.
pub(super) struct Keyring {
    ask: Arc<dyn Ask>,
    opened: Mutex<HashMap<PathBuf, Opened>>,
}

impl Keyring {
    pub(super) fn new(ask: Arc<dyn Ask>) -> Self {
        Self {
            ask,
            opened: Mutex::default(),
        }
    }

    /// The key in a file; none if there is none, or one that can't be read.
    pub(super) async fn key_file(&self, path: &Path) -> Option<KeyFile> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let file = |public: PublicKey, signs: bool| KeyFile {
            path: path.to_owned(),
            public,
            signs,
        };
        if let Ok(key) = PrivateKey::from_openssh(&text) {
            return Some(file(key.public_key().clone(), true));
        }
        if let Some(public) = public_key(&text) {
            return Some(file(public, false));
        }
        if let Some(public) = public_key(&beside(path, ".pub")) {
            return Some(file(public, !text.is_empty()));
        }
        if text.is_empty() {
            return None;
        }
        // An older form has no public half beside an encrypted one.
        let key = self.open(path).await?;
        Some(file(key.public_key().clone(), true))
    }

    /// The private key in a file; none if it can't be read, or nobody knows its passphrase.
    pub(super) async fn open(&self, path: &Path) -> Option<Arc<PrivateKey>> {
        let opened = {
            let mut all = self.opened.lock().ok()?;
            Arc::clone(all.entry(path.to_owned()).or_default())
        };
        opened.get_or_init(|| self.unlock(path)).await.clone()
    }

    async fn unlock(&self, path: &Path) -> Option<Arc<PrivateKey>> {
        let text = std::fs::read_to_string(path).ok()?;
        if let Some(key) = decoded(text.clone(), None).await {
            return Some(key);
        }
        for _ in 0..TRIES {
            let answer = self.ask.passphrase(&path.display().to_string()).await?;
            let phrase = answer.expose().to_owned();
            if let Some(key) = decoded(text.clone(), Some(phrase)).await {
                return Some(key);
            }
        }
        None
    }
}

/// Opening a key is made slow on purpose, so it's done beside the other work.
async fn decoded(text: String, phrase: Option<String>) -> Option<Arc<PrivateKey>> {
    let open = move || {
        let key = decode_secret_key(&text, phrase.as_deref()).ok()?;
        (!key.is_encrypted()).then(|| Arc::new(key))
    };
    tokio::task::spawn_blocking(open).await.ok().flatten()
}

/// The certificate in a file; none if there is none.
pub(super) fn certificate(path: &Path) -> Option<Certificate> {
    let text = std::fs::read_to_string(path).ok()?;
    Certificate::from_openssh(text.trim()).ok()
}

/// The path of a file whose name is longer by a word.
pub(super) fn longer(path: &Path, word: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(word);
    PathBuf::from(name)
}

fn beside(path: &Path, word: &str) -> String {
    std::fs::read_to_string(longer(path, word)).unwrap_or_default()
}

fn public_key(text: &str) -> Option<PublicKey> {
    PublicKey::from_openssh(text.trim()).ok()
}
