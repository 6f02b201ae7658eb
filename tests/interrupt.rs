//! Ctrl-C, kills, and two runs at once.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use crate::support::Lab;

const RUN: &[&str] = &["run", "runbooks/small.rhai", "--twin", "--json"];

/// A lab whose next run waits for an answer that never comes.
fn hanging() -> Lab {
    let lab = Lab::small();
    lab.run(&["twin", "fault", "hang", "POST /access/groups"])
        .exits(0);
    lab
}

/// Starts a run and waits until it's about to carry out its first action.
fn start(lab: &Lab) -> Child {
    let mut child = lab
        .command(RUN)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let reached = lines
        .map_while(Result::ok)
        .any(|line| line.contains("\"event\":\"intent\""));
    assert!(reached, "the run ended before its first action");
    child
}

fn signal(child: &Child, name: &str) {
    // The shell's own: not every system has a program of that name.
    let status = Command::new("sh")
        .args(["-c", "kill \"$0\" \"$1\"", name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn a_second_run_is_told_who_holds_the_lock_and_a_dead_owner_holds_none() {
    let lab = hanging();
    let mut child = start(&lab);
    let answer = lab.run(RUN).exits(4);
    assert!(
        answer.stderr.contains(&format!("process {}", child.id())),
        "{}",
        answer.stderr
    );
    assert_eq!(answer.finished()["status"], "failed");
    child.kill().unwrap();
    child.wait().unwrap();
    lab.run(&["twin", "fault", "clear"]).exits(0);
    let resumed = lab.run(&["resume", "--json"]).exits(0);
    let settled: Vec<_> = resumed
        .json()
        .into_iter()
        .filter(|event| event["event"] == "settled")
        .collect();
    assert_eq!(settled.len(), 1);
    assert_eq!(settled[0]["settlement"]["was"], "not_done");
    assert_eq!(resumed.finished()["changes"], 2);
}

#[test]
fn the_second_ctrl_c_ends_the_process_at_once() {
    let lab = hanging();
    let mut child = start(&lab);
    // A signal that comes while the one before is handled counts as the same one.
    let status = loop {
        signal(&child, "-INT");
        std::thread::sleep(std::time::Duration::from_millis(100));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert_eq!(status.code(), Some(130));
    lab.run(&["resume", "--json"]).exits(0);
}

#[test]
fn a_secret_is_found_nowhere() {
    let lab = Lab::small();
    let canary = "c@nary \"%/pass+word";
    let variables = [("PROXMOX_PASSWORD", canary)];
    let answer = lab.run_with(RUN, &variables).exits(0);
    lab.run_with(
        &[
            "twin",
            "fault",
            "answer",
            "* /access/users/*",
            "--nth",
            "0",
            "--reason",
            canary,
        ],
        &variables,
    )
    .exits(0);
    let failed = lab
        .run_with(
            &["run", "runbooks/small.rhai", "--twin", "--fresh"],
            &variables,
        )
        .exits(1);
    let mut texts = vec![
        answer.stdout.into_bytes(),
        failed.stdout.into_bytes(),
        failed.stderr.into_bytes(),
    ];
    texts.push(
        lab.run(&["show", "2", "--json"])
            .exits(0)
            .stdout
            .into_bytes(),
    );
    for name in ["journal.db", "journal.db-wal"] {
        if let Ok(bytes) = std::fs::read(lab.path(".homelab").join(name)) {
            texts.push(bytes);
        }
    }
    let forms = [canary, "c%40nary", "c%2540nary", "c@nary \\\"", "Y0BuYXJ5"];
    for text in texts {
        let text = String::from_utf8_lossy(&text);
        for form in forms {
            assert!(!text.contains(form), "{form} stands in\n{text}");
        }
    }
}
