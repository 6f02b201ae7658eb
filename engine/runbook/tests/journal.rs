//! What a journal holds is read for as long as there are journals.

use runbook::{
    action::{Compared, Proof},
    journal::Entry,
};

/// Lines as journals have them, each kind of entry, action, proof and settlement.
const WRITTEN: &str = include_str!("entries.jsonl");

fn read(line: &str) -> Entry {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn entries_of_journals_are_read_and_written_as_before() {
    for line in WRITTEN.lines() {
        assert_eq!(serde_json::to_string(&read(line)).unwrap(), line);
    }
}

#[test]
fn each_kind_of_entry_stands_among_those_of_journals() {
    for kind in Entry::KINDS {
        let begin = format!("{{\"entry\":\"{kind}\",");
        assert!(
            WRITTEN.lines().any(|line| line.starts_with(&begin)),
            "{kind}"
        );
    }
}

#[test]
fn what_older_journals_lack_has_its_meaning() {
    let Entry::RunFinished(end) =
        read(r#"{"entry":"run_finished","status":"succeeded","failure":null}"#)
    else {
        panic!("another entry")
    };
    assert!(!end.partial);
    let Entry::RunStarted(start) = read(
        r#"{"entry":"run_started","runbook":"a","version":"1.0.0","file":"a.rhai","sources":{},"continued":true,"world":"twin"}"#,
    ) else {
        panic!("another entry")
    };
    assert!(start.plan.is_none());
    let proof =
        r#"{"by":"host","host":"pve1","call":{"verb":"stat","args":["/a"]},"output":"absent"}"#;
    let Proof::Host { compared, .. } = serde_json::from_str(proof).unwrap() else {
        panic!("another proof")
    };
    assert_eq!(compared, Compared::Is);
}
