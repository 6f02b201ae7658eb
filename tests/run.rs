//! `homelab run`, `resume`, `runs` and `show`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use world::{
    Clock as _,
    clock::{Moment, RealClock},
};

use crate::support::{Lab, repository};

const RUN: &[&str] = &["run", "runbooks/small.rhai", "--twin", "--json"];

#[test]
fn a_second_run_changes_nothing() {
    let lab = Lab::small();
    let first = lab.run(RUN).exits(0).finished();
    assert_eq!(
        (&first["status"], &first["changes"]),
        (&json!("succeeded"), &json!(2))
    );
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    let second = lab.run(RUN).exits(0).finished();
    assert_eq!(
        (&second["changes"], &second["steps"]["done"]),
        (&json!(0), &json!(3))
    );
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
}

#[test]
fn says_on_a_twin_which_values_were_made_up_and_never_which_they_are() {
    let lab = Lab::small();
    let answer = lab
        .run_with(&RUN[..3], &[("PROXMOX_PASSWORD", "hunter2hunter2")])
        .exits(0);
    assert!(
        answer
            .stdout
            .contains("note: GROUP_COMMENT isn't set; a value was made up"),
        "{}",
        answer.stdout
    );
    assert!(
        !answer.stdout.contains("PROXMOX_PASSWORD"),
        "{}",
        answer.stdout
    );
    assert!(!answer.stdout.contains("hunter2") && !answer.stderr.contains("hunter2"));
}

#[test]
fn reports_every_missing_name_before_anything_is_touched() {
    let lab = Lab::small();
    let answer = lab.run(&["run", "runbooks/small.rhai"]).exits(3);
    assert_eq!(answer.stdout, "");
    for part in [
        "GROUP_COMMENT isn't set",
        "PROXMOX_PASSWORD isn't set",
        "small.rhai:8:",
        "small.rhai:4:",
    ] {
        assert!(
            answer.stderr.contains(part),
            "{part} is missing in\n{}",
            answer.stderr
        );
    }
    assert!(!lab.path(".homelab").exists());
}

#[test]
fn refuses_the_examples_secret_on_the_live_lab() {
    let lab = Lab::small();
    lab.run(&["env", "--example"]).exits(0);
    let envrc = lab.read(".envrc.example");
    lab.write(".envrc", &envrc);
    let answer = lab.run(&["run", "runbooks/small.rhai"]).exits(3);
    assert!(
        answer
            .stderr
            .contains("PROXMOX_PASSWORD has the value of .envrc.example"),
        "{}",
        answer.stderr
    );
    assert!(
        !answer.stderr.contains("GROUP_COMMENT"),
        "{}",
        answer.stderr
    );
    let twin = lab.run(&RUN[..3]).exits(0);
    assert!(
        twin.stdout.contains("a live run refuses that"),
        "{}",
        twin.stdout
    );
}

#[test]
fn a_wrong_command_line_ends_with_3_and_a_last_event() {
    let lab = Lab::small();
    lab.run(&["run"]).exits(3);
    lab.run(&["run", "runbooks/small.rhai", "--twin", "--via", "x"])
        .exits(3);
    lab.run(&["run", "runbooks/small.rhai", "--arg", "x"])
        .exits(3);
    let answer = lab
        .run(&["run", "runbooks/smal.rhai", "--twin", "--json"])
        .exits(3);
    assert_eq!(
        answer.finished()["failure"]["help"],
        "did you mean runbooks/small.rhai?"
    );
    let answer = lab
        .run(&[
            "run",
            "runbooks/small.rhai",
            "--twin",
            "--only",
            "usr",
            "--json",
        ])
        .exits(3);
    assert_eq!(
        answer.finished()["failure"]["help"],
        "did you mean \"user\"?"
    );
    assert!(lab.run(&["runs", "--json"]).exits(0).json().is_empty());
    lab.run(&["--help"]).exits(0);
}

#[test]
fn outside_a_lab_the_way_in_is_named() {
    let lab = Lab::small();
    std::fs::remove_dir_all(lab.path("docs")).unwrap();
    let answer = lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(3);
    assert!(
        answer.stderr.contains("homelab init DIR"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_mistake_in_docs_is_reported_with_its_line() {
    let lab = Lab::small();
    lab.replace("docs/NETWORK.md", "10.10.30.0/24", "10.10.20.0/25");
    let answer = lab.run(RUN).exits(3);
    assert!(
        answer.stderr.contains("homelab::docs::overlap"),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains("docs/NETWORK.md:"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_failed_run_goes_on_after_an_edit() {
    let lab = Lab::small();
    lab.replace(
        "runbooks/small.rhai",
        "parallel([1, 2], |n| n + 1)",
        "throw \"not yet\"",
    );
    let failed = lab.run(RUN).exits(1);
    assert_eq!(
        failed.finished()["steps"],
        json!({"done": 2, "recorded": 0, "skipped": 0, "failed": 1, "unknown": 0})
    );
    assert!(
        failed.stderr.contains("runbooks/small.rhai:14:"),
        "{}",
        failed.stderr
    );
    lab.replace("runbooks/small.rhai", "throw \"not yet\"", "42");
    lab.replace(
        "runbooks/small.rhai",
        "group(\"Access\"",
        "// A comment.\n\ngroup(\"Access\"",
    );
    let resumed = lab.run(&["resume", "--json"]).exits(0).finished();
    assert_eq!(
        (
            &resumed["run"],
            &resumed["steps"]["recorded"],
            &resumed["steps"]["done"]
        ),
        (&json!(1), &json!(2), &json!(1))
    );
    let answer = lab.run(&["resume"]).exits(3);
    assert!(
        answer.stderr.contains("no run is unfinished"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_question_that_nobody_answers_stops_the_run_until_it_is_answered() {
    let lab = Lab::small();
    lab.replace(
        "runbooks/small.rhai",
        "parallel([1, 2], |n| n + 1)",
        "confirm(\"Go on?\")",
    );
    let stopped = lab
        .run(&["run", "runbooks/small.rhai", "--twin", "--ask", "--json"])
        .exits(130);
    assert_eq!(stopped.finished()["status"], "interrupted");
    let resumed = lab.run(&["resume", "--yes"]).exits(0);
    assert!(
        resumed.stdout.contains("? Go on? yes (--yes)"),
        "{}",
        resumed.stdout
    );
    let twin = lab
        .run(&["run", "runbooks/small.rhai", "--twin", "--fresh"])
        .exits(0);
    assert!(
        twin.stdout.contains("? Go on? yes (twin)"),
        "{}",
        twin.stdout
    );
    let variable = lab
        .run_with(
            &["run", "runbooks/small.rhai", "--twin"],
            &[("HOMELAB_YES", "1")],
        )
        .exits(0);
    assert!(
        variable.stdout.contains("? Go on? yes (--yes)"),
        "{}",
        variable.stdout
    );
}

#[test]
fn a_recorded_run_is_shown_as_it_was_printed() {
    let lab = Lab::small();
    let printed = lab.run(&RUN[..3]).exits(0).stdout;
    assert_eq!(lab.run(&["show", "1"]).exits(0).stdout, printed);
    let answer = lab.run(&["show", "7"]).exits(3);
    assert!(
        answer.stderr.contains("there is no run 7"),
        "{}",
        answer.stderr
    );
}

#[test]
fn runs_are_listed_and_forgotten() {
    let lab = Lab::small();
    let before = RealClock.now();
    let ran = lab.run(RUN).exits(0).finished();
    for _ in 0..3 {
        lab.run(RUN).exits(0);
    }
    let runs = lab.run(&["runs", "--json"]).exits(0).json();
    assert_eq!(
        runs.iter()
            .map(|run| run["run"].clone())
            .collect::<Vec<_>>(),
        [4, 3, 2, 1].map(Value::from)
    );
    assert_eq!(
        (&runs[3]["changes"], &runs[0]["status"]),
        (&json!(2), &json!("succeeded"))
    );
    // The twin's clock shows another time.
    let began = Moment(runs[3]["began"].as_u64().unwrap());
    assert!(
        began >= before && began.since(before).as_secs() < 60,
        "{}",
        runs[3]
    );
    assert_eq!(runs[3]["steps"], ran["steps"]["done"]);
    lab.run(&["runs", "--prune", "--keep", "2"]).exits(0);
    assert_eq!(lab.run(&["runs", "--json"]).exits(0).json().len(), 2);
}

#[test]
fn a_reset_twin_is_another_world() {
    let lab = Lab::small();
    lab.replace(
        "runbooks/small.rhai",
        "parallel([1, 2], |n| n + 1)",
        "throw \"not yet\"",
    );
    lab.run(RUN).exits(1);
    lab.run(&["twin", "reset"]).exits(0);
    let answer = lab.run(&["resume"]).exits(3);
    assert!(
        answer.stderr.contains("homelab::run::other_world"),
        "{}",
        answer.stderr
    );
    assert_eq!(lab.run(RUN).exits(1).finished()["steps"]["recorded"], 0);
}

#[test]
fn a_twin_run_leaves_the_labs_files_untouched() {
    let lab = Lab::small();
    lab.write(".envrc", "export GROUP_COMMENT='mine'\n");
    lab.run(RUN).exits(0);
    assert_eq!(lab.read(".envrc"), "export GROUP_COMMENT='mine'\n");
    let names: BTreeSet<String> = std::fs::read_dir(lab.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names,
        [".envrc", ".homelab", "docs", "runbooks", "twin.rhai"]
            .map(str::to_owned)
            .into()
    );
}

#[test]
fn every_event_has_the_fields_that_the_reference_names() {
    let lab = Lab::small();
    let page = std::fs::read_to_string(repository().join("docs/reference/events.md")).unwrap();
    for event in lab.run(RUN).exits(0).json() {
        let name = event["event"].as_str().unwrap().to_owned();
        let chapter = page
            .split("\n## ")
            .find(|chapter| chapter.starts_with(&format!("`{name}`")))
            .expect(&name);
        for field in event
            .as_object()
            .unwrap()
            .keys()
            .filter(|field| !["event", "run", "at"].contains(&field.as_str()))
        {
            let named = ["", ", if any"].map(|ending| format!("| `{field}`{ending} |"));
            assert!(
                named.iter().any(|row| chapter.contains(row)),
                "{name} has {field}"
            );
        }
    }
}
