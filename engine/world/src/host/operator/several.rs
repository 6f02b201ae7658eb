//! Calls that ask for several things at once: each has its line, as if it were asked alone.

use std::{os::unix::fs::PermissionsExt, path::Path};

use super::{
    tests::{call, shells},
    *,
};
use crate::host::Verb;

#[tokio::test]
async fn several_paths_have_a_line_each_whatever_was_asked_before() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        for verb in [Verb::MOUNTS, Verb::GROUPS, Verb::SYSCTL] {
            call(&operator, verb, &["/nowhere", "/nothing"], &[]).await;
            let reply = call(&operator, Verb::STAT, &["none", "nothing", "nowhere"], &[]).await;
            assert_eq!(
                reply.text(),
                "absent\nabsent\nabsent\n",
                "{shell:?} {verb:?}"
            );
        }
    }
}

/// What a folder with all kinds of entries is asked, and what it has to answer.
fn entries(root: &Path) -> Vec<(String, String)> {
    let of = std::process::Command::new("stat")
        .args(["-c", "%U %G", "."])
        .current_dir(root)
        .output()
        .unwrap();
    let owner = String::from_utf8(of.stdout).unwrap().trim().to_owned();
    let mut found = Vec::new();
    let mut file = |name: &str, mode: u32, content: &[u8]| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let sum = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(content));
        let (user, group) = owner.split_once(' ').unwrap();
        let size = content.len();
        let line = format!("file {mode:o} {size} {sum} {user} {group}\n");
        found.push((name.to_owned(), line));
    };
    file("first", 0o644, b"one\n");
    file("empty", 0o600, b"");
    file("folder/-n 'odd' $HOME * .conf", 0o755, b"no line's end");
    file("back\\slash", 0o640, &[0, 255, 10, 13]);
    for (name, target) in [
        ("link", "first"),
        ("away", "/nowhere/at all  here"),
        ("odd link", "-n * $HOME \\t\\c\\"),
    ] {
        std::os::unix::fs::symlink(target, root.join(name)).unwrap();
        found.push((name.to_owned(), format!("link {owner} {target}\n")));
    }
    std::fs::set_permissions(root.join("folder"), PermissionsExt::from_mode(0o750)).unwrap();
    found.push(("folder".to_owned(), format!("directory 750 {owner}\n")));
    found.push(("/dev/null".to_owned(), "other 666 root root\n".to_owned()));
    for name in ["none", "folder/none", "none/none"] {
        found.push((name.to_owned(), "absent\n".to_owned()));
    }
    found
}

#[tokio::test]
async fn entries_of_all_kinds_are_told_at_once_as_one_by_one() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let mut entries = entries(root.path());
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        for _ in 0..entries.len() {
            entries.rotate_left(5);
            let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
            let expected: String = entries.iter().map(|(_, line)| line.as_str()).collect();
            let reply = call(&operator, Verb::STAT, &names, &[]).await;
            assert_eq!((reply.status, reply.text()), (0, expected), "{shell:?}");
            let reply = call(&operator, Verb::STAT, &names[..1], &[]).await;
            assert_eq!(reply.text(), entries[0].1, "{shell:?} {}", names[0]);
        }
    }
}

#[tokio::test]
async fn parameters_are_told_at_once_as_one_by_one() {
    let links = tempfile::tempdir().unwrap();
    let names = [
        "kernel/ostype",
        "kernel/none",
        "net/ipv4/tcp_rmem",
        "kernel/version",
        "none",
        "fs/pipe-max-size",
    ];
    let expected = names.map(
        |name| match std::fs::read_to_string(format!("/proc/sys/{name}")) {
            Ok(text) => format!(
                "value {}\n",
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            ),
            Err(_) => "absent\n".to_owned(),
        },
    );
    assert!(expected[0].starts_with("value Linux"), "{}", expected[0]);
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let reply = call(&operator, Verb::SYSCTL, &names, &[]).await;
        assert_eq!(
            (reply.status, reply.text()),
            (0, expected.concat()),
            "{shell:?}"
        );
        for (name, line) in names.iter().zip(&expected) {
            let reply = call(&operator, Verb::SYSCTL, &[*name], &[]).await;
            assert_eq!(reply.text(), *line, "{shell:?} {name}");
        }
    }
}

/// What each verb that only looks is asked of this machine; none for those that need a host of their own or input.
fn looks(verb: Verb) -> Option<&'static [&'static str]> {
    Some(match verb {
        Verb::USERS => &["root", "nobody", "none"],
        Verb::GROUPS => &["root", "none"],
        Verb::STAT | Verb::CHANGED => &["/etc/passwd", "/etc", "/none", "/dev/null"],
        Verb::READ => &["/etc/passwd"],
        Verb::LIST => &["/etc/default"],
        Verb::GUARD_STATE => &["none"],
        Verb::SYSCTL => &["kernel/ostype", "kernel/none", "net/ipv4/tcp_rmem"],
        Verb::MODULES => &["loop", "none"],
        Verb::PACKAGES | Verb::CANDIDATES => &["bash", "none"],
        Verb::RESOLVE => &["localhost"],
        Verb::ROUTE => &["127.0.0.1"],
        Verb::MOUNTS => &["/", "/proc", "/none"],
        Verb::ISCSI => &["iqn.2001-04.test:none", "127.0.0.1:3260"],
        Verb::LVM => &["none"],
        Verb::SIGNATURES => &["/dev/null", "/dev/none"],
        Verb::UNIT_SHOW => &["ssh.service", "none.service"],
        Verb::SETTLE | Verb::SAID => &["none"],
        Verb::USED_IDS
        | Verb::SSHD_SETTINGS
        | Verb::MODULES_LOADED
        | Verb::CMDLINE
        | Verb::BOOT_LOADER
        | Verb::INITRAMFS
        | Verb::DISKS
        | Verb::NETWORK_STATE
        | Verb::PCI
        | Verb::GUESTS
        | Verb::BOOT_ID => &[],
        _ => return None,
    })
}

#[tokio::test]
async fn what_only_looks_says_the_same_in_every_shell() {
    let links = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    let operators: Vec<(std::path::PathBuf, Operator)> = shells(links.path())
        .into_iter()
        .map(|shell| {
            (
                shell.clone(),
                Operator::with_shell(root.path().to_owned(), shell),
            )
        })
        .collect();
    assert!(operators.len() >= 3);
    let mut asked = 0;
    for verb in crate::host::verbs() {
        let Some(args) = looks(verb) else { continue };
        asked += 1;
        let mut said: Option<(i32, String)> = None;
        for (shell, operator) in &operators {
            let reply = call(operator, verb, args, &[]).await;
            let own = (reply.status, reply.text());
            let first = said.get_or_insert_with(|| own.clone());
            assert_eq!(own, *first, "{shell:?} {verb:?}: {}", reply.error);
        }
    }
    assert_eq!(asked, 31);
}
