//! Changes of known_hosts files.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::Mutex,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use russh::keys::PublicKey;

use super::{KnownFiles, entry, name};

/// One change at a time: several hosts may be new at once.
static CHANGES: Mutex<()> = Mutex::new(());

/// Adds a host's key to the first file.
pub(in crate::host::ssh) fn add(known: &KnownFiles, key: &PublicKey) -> io::Result<()> {
    let Some(file) = known.own.first() else {
        return Err(io::Error::other("UserKnownHostsFile is none"));
    };
    let line = line(known, key)?;
    let _change = CHANGES.lock().map_err(|_| io::ErrorKind::Deadlock)?;
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let text = fs::read(file).unwrap_or_default();
    let gap = if text.last().is_some_and(|byte| *byte != b'\n') {
        "\n"
    } else {
        ""
    };
    let mut options = OpenOptions::new();
    let mut open = options.append(true).create(true).mode(0o600).open(file)?;
    open.write_all(format!("{gap}{line}\n").as_bytes())
}

/// Removes what the files of the user know of a host, and adds a key. Lines of authorities, revoked keys and patterns
/// that fit other hosts, too, stay.
pub(in crate::host::ssh) fn replace(known: &KnownFiles, key: &PublicKey) -> io::Result<()> {
    for file in known.own.iter().filter(|file| file.exists()) {
        let _change = CHANGES.lock().map_err(|_| io::ErrorKind::Deadlock)?;
        let text = fs::read_to_string(file)?;
        let kept: String = text
            .split_inclusive('\n')
            .filter(|line| !is_old(known, line))
            .collect();
        if kept != text {
            rewrite(file, &kept)?;
        }
    }
    add(known, key)
}

fn is_old(known: &KnownFiles, line: &str) -> bool {
    entry(line)
        .is_some_and(|entry| entry.marker().is_none() && name::is_named_by(&known.name, &entry))
}

/// A new file takes the old one's place whole or not at all, with its mode.
fn rewrite(file: &Path, text: &str) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    let mode = fs::metadata(&file)?.permissions();
    let new = file.with_extension("homelab-new");
    let mut open = File::create(&new)?;
    open.set_permissions(mode)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    fs::rename(&new, &file)
}

fn line(known: &KnownFiles, key: &PublicKey) -> io::Result<String> {
    let key = PublicKey::new(key.key_data().clone(), "");
    let key = key.to_openssh().map_err(io::Error::other)?;
    let name = if known.hash_names {
        let mut salt = [0; 20];
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        let hash = name::hashed(&salt, &known.name);
        format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash))
    } else {
        known.name.clone()
    };
    Ok(format!("{name} {}", key.trim()))
}
