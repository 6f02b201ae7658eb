use std::{os::unix::fs::PermissionsExt, path::Path};

use super::*;
use crate::host::Verb;

const SHELLS: [&str; 4] = ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/busybox"];

pub(super) async fn call(operator: &Operator, verb: Verb, args: &[&str], input: &[u8]) -> Reply {
    let call = Call::new(verb, args.iter().copied()).with_input(input.to_vec());
    operator.call(OPERATOR, call).await.unwrap()
}

/// Whether a program is here. A test without it says so and ends; CI has all of them.
pub(super) fn has(program: &str, test: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).exists()));
    if !found {
        println!("left out: {test}: no {program}");
    }
    found
}

/// Each shell of the list that is here, busybox through a link named `sh`; absent ones are named.
pub(in crate::host) fn shells(folder: &Path) -> Vec<PathBuf> {
    let (there, absent): (Vec<_>, Vec<_>) =
        SHELLS.iter().map(PathBuf::from).partition(|p| p.exists());
    for shell in absent {
        println!("left out: tests of every shell: no {}", shell.display());
    }
    let link = folder.join("sh");
    there
        .into_iter()
        .map(|path| {
            if !path.ends_with("busybox") {
                return path;
            }
            std::os::unix::fs::symlink(&path, &link).unwrap();
            link.clone()
        })
        .collect()
}

#[tokio::test]
async fn carries_any_bytes_through_every_shell() {
    let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let odd = "a 'b\" $HOME\n-\\c.env ";
        let reply = call(&operator, Verb::WRITE, &[odd, "600", "-", "-"], &bytes).await;
        assert_eq!((reply.status, reply.error.as_str()), (0, ""), "{shell:?}");
        assert_eq!(
            std::fs::read(root.path().join(odd)).unwrap(),
            bytes,
            "{shell:?}"
        );
        let reply = call(&operator, Verb::READ, &[odd], &[]).await;
        assert_eq!(
            (reply.status, &reply.output[..]),
            (0, &bytes[..]),
            "{shell:?}"
        );
        let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
        let reply = call(&operator, Verb::STAT, &[odd], &[]).await;
        assert!(
            reply.text().starts_with(&format!("file 600 5000 {hash} ")),
            "{shell:?}: {}",
            reply.text()
        );
        assert_eq!(call(&operator, Verb::REMOVE, &[odd], &[]).await.status, 0);
        assert_eq!(call(&operator, Verb::REMOVE, &[odd], &[]).await.status, 0);
        assert_eq!(
            call(&operator, Verb::STAT, &[odd], &[]).await.text(),
            "absent\n"
        );
        assert_eq!(call(&operator, Verb::READ, &[odd], &[]).await.status, 66);
        assert_eq!(
            std::fs::read_dir(root.path()).unwrap().count(),
            0,
            "{shell:?} left files behind"
        );
    }
}

#[tokio::test]
async fn stays_in_step_when_a_verb_does_not_read_its_input() {
    let links = tempfile::tempdir().unwrap();
    let big = vec![b'x'; 200_000];
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("folder")).unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let reply = call(&operator, Verb::WRITE, &["folder", "644", "-", "-"], &big).await;
        assert_eq!(
            (reply.status, reply.error.as_str()),
            (73, "folder: is a directory"),
            "{shell:?}"
        );
        assert_eq!(
            call(&operator, Verb::STAT, &["none"], &[]).await.text(),
            "absent\n",
            "{shell:?}"
        );
        let reply = call(
            &operator,
            Verb::WRITE,
            &["missing/file", "644", "-", "-"],
            b"x",
        )
        .await;
        assert_ne!(reply.status, 0);
        assert!(
            reply.error.contains("missing/file"),
            "{shell:?}: {}",
            reply.error
        );
    }
}

#[tokio::test]
async fn an_empty_file_is_written_behind_a_full_one() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        for input in [&b"full"[..], b"", &[b'x'; 100_000], b""] {
            let args = ["file", "600", "-", "-"];
            let reply = call(&operator, Verb::WRITE, &args, input).await;
            assert_eq!((reply.status, reply.error.as_str()), (0, ""), "{shell:?}");
            assert_eq!(std::fs::read(root.path().join("file")).unwrap(), input);
        }
    }
}

#[tokio::test]
async fn what_is_asked_behind_a_long_input_is_no_part_of_it() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let long = vec![b'x'; 3_000_000];
        let args = ["file", "600", "-", "-"];
        let write = call(&operator, Verb::WRITE, &args, &long);
        let stats = (0..20).map(|_| call(&operator, Verb::STAT, &["none"], &[]));
        let (written, asked) = tokio::join!(write, futures_util::future::join_all(stats));
        assert_eq!(written.status, 0, "{shell:?}: {}", written.error);
        assert!(
            asked.iter().all(|reply| reply.text() == "absent\n"),
            "{shell:?}"
        );
        assert_eq!(std::fs::read(root.path().join("file")).unwrap(), long);
    }
}

#[tokio::test]
async fn replaces_a_file_whole_and_sets_its_mode() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join(".envrc");
    std::fs::write(&file, "old").unwrap();
    let operator = Operator::new(root.path().to_owned());
    call(
        &operator,
        Verb::WRITE,
        &[".envrc", "600", "-", "-"],
        b"export A='1'\n",
    )
    .await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "export A='1'\n");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn reaches_no_other_host_and_refuses_zero_bytes() {
    let root = tempfile::tempdir().unwrap();
    let operator = Operator::new(root.path().to_owned());
    let error = operator
        .call("pve1", Call::new(Verb::STAT, ["x"]))
        .await
        .unwrap_err();
    assert!(matches!(error, HostError::Unreachable { host, .. } if host == "pve1"));
    let error = operator
        .call(OPERATOR, Call::new(Verb::STAT, ["a\0b"]))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("zero byte"), "{error}");
    assert_eq!(
        call(&operator, Verb::STAT, &["x"], &[]).await.text(),
        "absent\n"
    );
}

#[tokio::test]
async fn names_a_shell_that_is_not_there() {
    let root = tempfile::tempdir().unwrap();
    let operator = Operator::with_shell(root.path().to_owned(), "/nowhere/sh".into());
    let error = operator
        .call(OPERATOR, Call::new(Verb::STAT, ["x"]))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("/nowhere/sh"), "{error}");
}

/// Sets, or prints, an extended attribute and an access list of a file.
fn extended(action: &str, path: &Path) -> String {
    let script = "import os, struct, sys\n\
        names = 'user.note', 'system.posix_acl_access'\n\
        entries = (1, 6, -1), (2, 4, 1000), (4, 4, -1), (16, 4, -1), (32, 4, -1)\n\
        access = struct.pack('<I', 2) + b''.join(struct.pack('<HHi', *entry) for entry in entries)\n\
        if sys.argv[1] == 'set':\n    for name, value in zip(names, (b'kept', access)): os.setxattr(sys.argv[2], name, value)\n\
        print([os.getxattr(sys.argv[2], name).hex() for name in names])\n";
    let mut command = std::process::Command::new("python3");
    let output = command.args(["-c", script, action]).arg(path).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_write_keeps_access_lists_and_extended_attributes() {
    if !has(
        "python3",
        "a_write_keeps_access_lists_and_extended_attributes",
    ) {
        return;
    }
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir_in("/var/tmp").unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let args = ["a", "644", "-", "-"];
        assert_eq!(call(&operator, Verb::WRITE, &args, b"old").await.status, 0);
        let path = root.path().join("a");
        let set = extended("set", &path);
        let reply = call(&operator, Verb::WRITE, &args, b"new").await;
        assert_eq!((reply.status, &*reply.error), (0, ""), "{shell:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(extended("get", &path), set, "{shell:?}");
        let other = ["a", "600", "-", "-"];
        assert_eq!(call(&operator, Verb::WRITE, &other, b"own").await.status, 0);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{shell:?}");
    }
}
