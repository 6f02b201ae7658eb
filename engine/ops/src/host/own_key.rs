//! homelab's own way in: no operation takes away, or limits, the key that it logged in with.

use formats::{authorized_keys::Key, lines::Lines};
use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::code;

/// What keys are allowed by files of these names.
const FILES: &[&str] = &["authorized_keys", "authorized_keys2"];

/// What lets a key log in from some places alone, for a while, or to one command.
const LIMITS: &[&str] = &["command=", "from=", "expiry-time=", "cert-authority"];

/// Whether a file says who logs in.
pub(super) fn is_about(path: &str) -> bool {
    FILES
        .iter()
        .any(|name| path.rsplit('/').next() == Some(name))
}

/// Needs a new text of a file of keys to let homelab in as the old one did.
///
/// # Errors
/// The key that it logged in with goes, or may do less.
pub(super) async fn keep(
    operation: &Operation,
    (host, path): (&str, &str),
    (old, new): (&[u8], &[u8]),
) -> Result<(), Halt> {
    if !is_about(path) {
        return Ok(());
    }
    let login = operation.run().world.hosts.login_key(host).await;
    match login.as_deref().and_then(Key::read) {
        Some(login) if is_lost(&login, old, new) => Err(lost(&login, host, path).into()),
        _ => Ok(()),
    }
}

fn is_lost(login: &Key, old: &[u8], new: &[u8]) -> bool {
    let lets_in = |content: &[u8]| {
        let lines = Lines::of(content);
        let keys = (0..lines.texts().len()).filter_map(|at| Key::read(lines.bytes(at)));
        keys.into_iter()
            .any(|key| key.is(login) && !is_limited(&key))
    };
    lets_in(old) && !lets_in(new)
}

fn is_limited(key: &Key) -> bool {
    let options = String::from_utf8_lossy(&key.options).to_ascii_lowercase();
    LIMITS.iter().any(|limit| options.contains(limit))
}

fn lost(login: &Key, host: &str, path: &str) -> Failure {
    let text = format!(
        "{path} on {host} would take away, or limit, the key that homelab itself logged in with: {}",
        login.shown()
    );
    Failure::new(code::host::own_key, text).help(
        "name it among the keys, or let host::authorized_key say that it may go: `force: true`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_when_homelab_would_be_locked_out() {
        let login = Key::read("ssh-rsa AAAA").unwrap();
        let old = b"# x\nssh-rsa BBBB\nrestrict ssh-rsa AAAA \xff\n";
        for (new, lost) in [
            (b"ssh-rsa AAAA other\n".as_slice(), false),
            (b"\xff\xfe\r\n\"x\" ssh-rsa AAAA\r\n", false),
            (b"ssh-rsa AAAA", false),
            (b"", true),
            (b"#ssh-rsa AAAA\n", true),
            (b"ssh-rsa BBBB\n", true),
            (b"from=\"10.0.0.1\" ssh-rsa AAAA\n", true),
            (b"command=\"/bin/true\" ssh-rsa AAAA\n", true),
        ] {
            assert_eq!(is_lost(&login, old, new), lost, "{}", new.escape_ascii());
        }
        assert!(
            !is_lost(&login, b"ssh-rsa BBBB\n", b""),
            "it never let homelab in"
        );
        assert!(is_about("/home/ops/.ssh/authorized_keys") && !is_about("/etc/fstab"));
    }
}
