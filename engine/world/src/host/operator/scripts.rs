//! Scripts and their records, in every shell that is here.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::tests::{has, shells};
use super::*;
use crate::host::{Script, Verb};

async fn run(operator: &Operator, script: &Script, token: Option<&str>) -> Reply {
    let mut call = script.call().unwrap();
    call.token = token.map(ToOwned::to_owned);
    operator.call(OPERATOR, call).await.unwrap()
}

async fn ask(operator: &Operator, verb: Verb, token: &str) -> Reply {
    let call = Call::new(verb, [token]);
    operator.call(OPERATOR, call).await.unwrap()
}

/// A token of its own for each test and shell, so that records of an earlier run don't count.
fn token(shell: &std::path::Path, what: &str) -> String {
    let shell = shell.display().to_string().replace('/', "-");
    format!("test{shell}-{what}-{}", std::process::id())
}

#[tokio::test]
async fn a_script_has_its_environment_input_and_folder() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let mut script = Script::new(
            "printf '%s|' \"$SECRET\" \"$PWD\" \"$0\"; wc -c; ps -eo args 2>/dev/null | grep -c '[h]unter2'; exit 7",
        );
        script.environment = [("SECRET".to_owned(), "hunter2' \n\\0101".to_owned())].into();
        script.directory = Some("/usr".to_owned());
        script.input = [0, b'\n', 255].repeat(1000).into();
        for token in [None, Some(token(&shell, "environment"))] {
            let reply = run(&operator, &script, token.as_deref()).await;
            let text = reply.text().replace(' ', "");
            assert_eq!(
                (reply.status, text.as_str(), reply.error.as_str()),
                (7, "hunter2'\n\\0101|/usr|script|3000\n0\n", ""),
                "{shell:?} {token:?}"
            );
        }
        let reply = run(&operator, &Script::new("cat; echo >&2 done"), None).await;
        assert_eq!((&*reply.text(), &*reply.error), ("", "done"), "{shell:?}");
    }
}

#[tokio::test]
async fn what_a_script_leaves_running_holds_nothing() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let token = token(&shell, "background");
        let begun = Instant::now();
        let reply = run(&operator, &Script::new("sleep 5 & echo on"), Some(&token)).await;
        assert_eq!(reply.text(), "on\n", "{shell:?}: {}", reply.error);
        assert!(begun.elapsed() < Duration::from_secs(4), "{shell:?} waited");
        let settled = ask(&operator, Verb::SETTLE, &token).await;
        assert_eq!(settled.text(), "ended 0\n", "{shell:?}");
        let absent = ask(&operator, Verb::SETTLE, "test-none").await;
        assert_eq!(absent.text(), "absent\n", "{shell:?}");
        let said = ask(&operator, Verb::SAID, &token).await;
        assert_eq!(said.text(), "on\n", "{shell:?}");
    }
}

#[tokio::test]
async fn long_output_is_cut_in_the_middle() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let script = Script::new("echo first; head -c 3000000 /dev/zero; echo last");
        let reply = run(&operator, &script, Some(&token(&shell, "long"))).await;
        assert!(reply.output.starts_with(b"first\n") && reply.output.ends_with(b"last\n"));
        assert!(reply.output.len() < 1_100_000, "{shell:?}");
        let note = format!("\n[{} bytes left out]\n", 3_000_011 - 1_048_576);
        assert!(reply.text().contains(&note), "{shell:?}");
    }
}

#[tokio::test]
async fn root_runs_a_script_as_another_user() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let mut script = Script::new("id -un; echo $HOME; cat");
        script.user = Some("nobody".to_owned());
        script.directory = Some("/".to_owned());
        script.input = Bytes::from_static(b"in");
        let reply = run(&operator, &script, Some(&token(&shell, "user"))).await;
        assert_eq!(
            reply.text(),
            "nobody\n/nonexistent\nin",
            "{shell:?}: {}",
            reply.error
        );
        script.user = Some("-x; id".to_owned());
        let reply = run(&operator, &script, None).await;
        assert_eq!((reply.status, reply.text().as_str()), (67, ""), "{shell:?}");
    }
}

#[tokio::test]
async fn fio_measures_a_folder_and_leaves_it_empty() {
    if !has("fio", "fio_measures_a_folder_and_leaves_it_empty") {
        return;
    }
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir_in("/var/tmp").unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        let path = root.path().display().to_string();
        let call = Call::new(Verb::FIO, [&*path, "1048576", "1"]);
        let reply = operator.call(OPERATOR, call).await.unwrap();
        assert_eq!(reply.status, 0, "{shell:?}: {}", reply.error);
        let printed: serde_json::Value = serde_json::from_str(&reply.text()).unwrap();
        for (at, (name, side)) in [
            ("write", "write"),
            ("random write", "write"),
            ("read", "read"),
            ("random read", "read"),
        ]
        .into_iter()
        .enumerate()
        {
            let job = &printed["jobs"][at];
            assert_eq!(job["jobname"], name, "{shell:?}");
            assert!(job[side]["bw_bytes"].as_u64() > Some(0), "{shell:?} {name}");
            assert!(
                job[side]["clat_ns"]["percentile"]["99.000000"].is_number(),
                "{shell:?} {name}"
            );
        }
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
        let missing = Call::new(Verb::FIO, ["/no/such/path", "1048576", "1"]);
        let reply = operator.call(OPERATOR, missing).await.unwrap();
        assert_eq!(reply.status, 66, "{shell:?}: {}", reply.error);
    }
}
