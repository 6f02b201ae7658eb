//! A journal that can't be used: nothing is overwritten, and nothing is done that can't be recorded.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use rusqlite::Connection;
use serde_json::json;

use crate::{
    reports::reports,
    support::{Answer, Lab},
};

const RUN: &[&str] = &["run", "runbooks/small.rhai", "--twin"];

/// The tables of the journal's first format.
const FORMAT_1: &str = "
    CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, world TEXT NOT NULL, runbook TEXT NOT NULL);
    CREATE TABLE entry (run INTEGER NOT NULL REFERENCES run(id), seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
    CREATE INDEX entry_of_run ON entry(run, seq);
    PRAGMA user_version = 1;";

/// A lab with a run in its journal.
fn lab_with_a_run() -> Lab {
    let lab = Lab::small();
    lab.run(RUN).exits(0);
    lab
}

fn journal(lab: &Lab) -> Connection {
    Connection::open(lab.path(".homelab/journal.db")).unwrap()
}

/// Every command that reads the journal refuses it, and leaves every byte of it as it was.
#[track_caller]
fn refused_untouched(lab: &Lab, name: &str) {
    let file = lab.path(".homelab/journal.db");
    let before = fs::read(&file).unwrap();
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    reports(lab, name, &lab.run(RUN).exits(3));
    for command in [&["runs"][..], &["resume"], &["show", "1"]] {
        lab.run(command).exits(3);
    }
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
}

#[test]
fn a_file_that_is_no_journal() {
    let lab = Lab::small();
    lab.write(".homelab/journal.db", &"not a database\n".repeat(100));
    refused_untouched(&lab, "journal_not_one");
}

#[test]
fn a_journal_whose_pages_are_damaged() {
    let lab = lab_with_a_run();
    let file = lab.path(".homelab/journal.db");
    let mut bytes = fs::read(&file).unwrap();
    // The header stays, so it still looks like a database.
    bytes[100..].fill(0xff);
    fs::write(&file, bytes).unwrap();
    refused_untouched(&lab, "journal_damaged");
}

#[test]
fn an_entry_that_cannot_be_read() {
    let lab = lab_with_a_run();
    let connection = journal(&lab);
    let change = "UPDATE entry SET body = substr(body, 1, 20) WHERE seq = 3";
    connection.execute_batch(change).unwrap();
    connection
        .pragma_update(None, "journal_mode", "DELETE")
        .unwrap();
    drop(connection);
    reports(
        &lab,
        "journal_damaged_entry",
        &lab.run(&["show", "1"]).exits(3),
    );
}

#[test]
fn a_journal_of_a_newer_homelab() {
    let lab = lab_with_a_run();
    let connection = journal(&lab);
    connection
        .pragma_update(None, "journal_mode", "DELETE")
        .unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    refused_untouched(&lab, "journal_newer");
}

/// A body as it was written until format 2: one JSON object with its time in it.
fn as_then(body: &str) -> String {
    let (at, entry) = body.split_once(' ').unwrap();
    let rest = entry.strip_prefix('{').unwrap();
    format!("{{\"at\":{at},{rest}")
}

#[test]
fn a_journal_of_the_first_format_is_brought_up_to_date_and_used() {
    let lab = lab_with_a_run();
    let entries: Vec<String> = {
        let connection = journal(&lab);
        let mut statement = connection
            .prepare("SELECT body FROM entry ORDER BY seq")
            .unwrap();
        let bodies = statement
            .query_map([], |row| row.get::<_, String>(0))
            .unwrap();
        bodies.map(|body| as_then(&body.unwrap())).collect()
    };
    let world: String = journal(&lab)
        .query_row("SELECT world FROM run", [], |row| row.get(0))
        .unwrap();
    for name in [
        "journal.db",
        "journal.db-wal",
        "journal.db-shm",
        "journal.key",
        "journal.last",
    ] {
        // SQLite removes two of them itself when the last connection ends well.
        drop(fs::remove_file(lab.path(".homelab").join(name)));
    }
    let old = journal(&lab);
    old.execute_batch(FORMAT_1).unwrap();
    old.execute(
        "INSERT INTO run (world, runbook) VALUES (?, 'small')",
        [&world],
    )
    .unwrap();
    for body in &entries {
        old.execute("INSERT INTO entry (run, body) VALUES (1, ?)", [body])
            .unwrap();
    }
    drop(old);
    let listed = lab.run(&["runs", "--json"]).exits(0).json();
    assert_eq!(
        (&listed[0]["run"], &listed[0]["status"]),
        (&json!(1), &json!("succeeded"))
    );
    let again = lab.run(&[RUN, &["--json"]].concat()).exits(0).finished();
    assert_eq!((&again["run"], &again["changes"]), (&json!(2), &json!(0)));
}

#[test]
fn a_journal_that_somebody_else_has_locked() {
    let lab = lab_with_a_run();
    let other = journal(&lab);
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    reports(&lab, "journal_locked", &lab.run(RUN).exits(3));
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
    other.execute_batch("ROLLBACK").unwrap();
    lab.run(RUN).exits(0);
}

/// Runs in a shell that was told `before`.
fn limited(lab: &Lab, before: &str, arguments: &[&str]) -> Answer {
    let output = Command::new("sh")
        .args(["-c", &format!("{before} exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_homelab"))
        .args(arguments)
        .current_dir(lab.path("."))
        .env_clear()
        .output()
        .unwrap();
    Answer {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs with room for this many blocks in any file: writing beyond fails as on a full disk.
fn with_room(lab: &Lab, blocks: u32) -> Answer {
    // The signal that comes with it would kill the process before it could say why.
    let limit = format!("trap '' XFSZ; ulimit -f {blocks};");
    limited(
        lab,
        &limit,
        &["run", "runbooks/small.rhai", "--via", "serve.json"],
    )
}

#[test]
fn a_disk_that_is_full_at_the_start() {
    let lab = Lab::small();
    let _serving = lab.serve();
    let answer = with_room(&lab, 16).exits(3);
    reports(&lab, "journal_disk_full", &answer);
}

#[test]
fn a_disk_that_runs_full_ends_the_run_before_the_action() {
    let undisturbed = lab_with_a_run();
    let expected = undisturbed.run(&["twin", "export"]).exits(0).stdout;
    let mut stopped = 0;
    for blocks in (100..220).step_by(20) {
        let lab = Lab::small();
        let _serving = lab.serve();
        let answer = with_room(&lab, blocks);
        let unwritable = answer.stderr.contains("homelab::journal::unwritable");
        assert_eq!(unwritable, answer.status != 0, "{answer:?}");
        let export = lab.run(&["twin", "export"]).exits(0).stdout;
        let made = ["admins", "homelab@pve"].map(|name| export.contains(&format!("\"{name}\"")));
        if answer.status == 1 {
            stopped += 1;
            let shown = lab.run(&["show", "1", "--json"]).exits(0).json();
            let intents = shown.iter().filter(|event| event["event"] == "intent");
            let actions = made.iter().filter(|made| **made);
            assert!(actions.count() <= intents.count(), "{answer:?}");
        }
        let via = ["run", "runbooks/small.rhai", "--via", "serve.json"];
        lab.run(&via).exits(0);
        assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, expected);
    }
    assert!(stopped > 0, "no limit stopped a run that had begun");
}

#[test]
fn a_folder_that_is_read_only() {
    let lab = lab_with_a_run();
    let lock = lab.path(".homelab/journal.db");
    for name in ["journal.db", "journal.last", "journal.key"] {
        fs::remove_file(lab.path(".homelab").join(name)).unwrap();
    }
    // Permissions don't bind root, a folder in the file's place does.
    fs::create_dir(&lock).unwrap();
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    reports(&lab, "journal_unwritable", &lab.run(RUN).exits(3));
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
    fs::remove_dir(&lock).unwrap();
    lab.run(RUN).exits(0);
}

#[test]
fn a_state_folder_that_is_a_file() {
    let lab = Lab::small();
    lab.write(".homelab", "");
    reports(&lab, "journal_no_folder", &lab.run(RUN).exits(3));
}

#[test]
fn what_homelab_keeps_is_its_owners_alone() {
    let lab = lab_with_a_run();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let state = lab.path(".homelab");
    let check = || {
        assert_eq!(mode(&state), 0o700);
        let files = fs::read_dir(&state)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.is_file()) {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    };
    check();
    // As homelab left it before.
    for path in [&state, &state.join("journal.db"), &state.join("twin.db")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    lab.run(RUN).exits(0);
    check();
}

#[test]
fn a_journal_that_lost_its_newest_part() {
    let lab = lab_with_a_run();
    fs::write(lab.path(".homelab/journal.db"), "").unwrap();
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    reports(&lab, "journal_lost", &lab.run(RUN).exits(3));
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
}
