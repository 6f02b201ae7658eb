//! Rows as a store keeps them: sealed, as what hosts are given holds the lab's real secrets on a twin, too.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};

/// What seals the rows of one store.
#[derive(Debug)]
pub(crate) struct Seal(LessSafeKey);

/// The length of a key.
const LENGTH: usize = 32;

impl Seal {
    /// The seal of the store at a path; its key lies beside it, and is made if there is none.
    ///
    /// # Errors
    /// The key can't be read or written.
    pub(crate) fn beside(store: &Path) -> io::Result<Self> {
        let file = store.with_extension("key");
        if !file.exists() {
            make(&file)?;
        }
        let key = fs::read(&file)?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key);
        let broken = |_| io::Error::other(format!("{} is no key", file.display()));
        Ok(Self(LessSafeKey::new(key.map_err(broken)?)))
    }

    /// The sealed form of a text: nonce and ciphertext.
    pub(crate) fn close(&self, plain: &str) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut bytes = plain.as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, Aad::empty(), &mut bytes)
            .ok()?;
        Some([&nonce[..], &bytes].concat())
    }

    /// The text of a sealed form; nothing if it was changed, or sealed with another key.
    pub(crate) fn open(&self, sealed: &[u8]) -> Option<String> {
        let (nonce, bytes) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = bytes.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::empty(), &mut bytes).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

/// Makes a key. Whoever makes one at the same moment has the same in the end: the first one's.
fn make(file: &Path) -> io::Result<()> {
    let mut key = [0; LENGTH];
    let random = SystemRandom::new().fill(&mut key);
    random.map_err(|_| io::Error::other("the system gives no random bytes"))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(&key)?;
    match new.persist_noclobber(file) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens_what_was_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one.db", "other.db"].map(|name| folder.path().join(name));
        let sealed = Seal::beside(&one).unwrap().close("a secret").unwrap();
        let again = Seal::beside(&one).unwrap();
        assert_eq!(again.open(&sealed).as_deref(), Some("a secret"));
        assert_ne!(again.close("a secret").unwrap(), sealed);
        assert_eq!(Seal::beside(&other).unwrap().open(&sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(again.open(&changed), None, "{at}");
            assert_eq!(again.open(&sealed[..at]), None, "{at}");
        }
        fs::write(folder.path().join("bad.key"), "short").unwrap();
        assert!(Seal::beside(&folder.path().join("bad.db")).is_err());
    }
}
