//! A plan's list of changes equals the run's, change by change; a run through HTTPS ends as one in process.

use crate::{
    phase1::{PLAN, PLAN_VIA, RUN, RUN_VIA, changes, example},
    reports::reports,
    support::{Answer, Lab},
};

/// Plans, runs, and compares the two; gives the number of changes.
#[track_caller]
pub(crate) fn plan_equals_run(lab: &Lab, plan: &[&str], run: &[&str]) -> usize {
    let planned = lab.run(plan).exits(0);
    let ran = lab.run(run).exits(0);
    let (planned_changes, made) = (changes(&planned), changes(&ran));
    for (number, (planned, made)) in planned_changes.iter().zip(&made).enumerate() {
        assert_eq!(planned, made, "change {}", number + 1);
    }
    assert_eq!(planned_changes.len(), made.len());
    assert_eq!(planned.finished()["status"], "planned");
    assert_eq!(planned.finished()["steps"]["unknown"], 0);
    for answer in [&planned, &ran] {
        assert_eq!(answer.finished()["changes"], made.len() + settled(answer));
    }
    made.len()
}

/// How many changes an earlier invocation had begun that turned out to have been made.
fn settled(answer: &Answer) -> usize {
    let events = answer.json();
    let settled = events.iter().filter(|event| event["event"] == "settled");
    settled
        .filter(|event| event["settlement"]["was"] == "done")
        .count()
}

#[test]
fn a_second_run_of_phase_1_changes_nothing() {
    let lab = example();
    let first = lab.run(RUN).exits(0).finished();
    assert!(first["changes"].as_u64().unwrap() > 20, "{first}");
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    let second = lab.run(RUN).exits(0).finished();
    assert_eq!(second["changes"], 0);
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
}

#[test]
fn a_plan_of_an_empty_twin_equals_its_run() {
    let lab = example();
    assert!(plan_equals_run(&lab, PLAN, RUN) > 20);
    assert_eq!(plan_equals_run(&lab, PLAN, RUN), 0);
}

#[test]
fn a_plan_of_a_half_done_twin_equals_the_rest_of_its_run() {
    for until in ["1.2-cluster", "1.3-network-pve2", "1.4-backup", "1.6-users"] {
        let lab = example();
        lab.run(&[RUN, &["--until", until]].concat()).exits(0);
        assert!(plan_equals_run(&lab, PLAN, RUN) > 0, "after {until}");
    }
}

#[test]
fn a_plan_from_three_unjoined_nodes_over_https_equals_its_run() {
    let lab = example();
    let _serving = lab.serve();
    assert!(plan_equals_run(&lab, PLAN_VIA, RUN_VIA) > 20);
    let over_https = lab.run(&["twin", "export"]).exits(0).stdout;
    let other = example();
    other.run(RUN).exits(0);
    let in_process = other.run(&["twin", "export"]).exits(0).stdout;
    assert!(over_https == in_process, "the exports differ");
    assert_eq!(plan_equals_run(&lab, PLAN_VIA, RUN_VIA), 0);
}

#[test]
fn a_plan_touches_nothing() {
    let lab = example();
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    lab.run(PLAN).exits(0);
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
    assert!(lab.run(&["runs", "--json"]).exits(0).json().is_empty());
}

#[test]
fn a_run_with_its_saved_plan_makes_all_changes_as_planned() {
    let lab = example();
    lab.run(&[PLAN, &["--out", "p.json"]].concat()).exits(0);
    let ran = lab
        .run(&[RUN, &["--plan", "p.json"]].concat())
        .exits(0)
        .finished();
    assert!(ran["changes"].as_u64().unwrap() > 20);
    assert_eq!(ran["as_planned"], ran["changes"]);
}

const OTHER: &str = r#"runbook("other", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
step("other", "Somebody else", || proxmox::user::ensure("homelab@pve", #{ comment: "not ours" }));
"#;

#[test]
fn a_run_stops_before_the_first_action_that_its_plan_does_not_contain() {
    let lab = Lab::small();
    let plan = ["plan", "runbooks/small.rhai", "--twin", "--out", "p.json"];
    lab.run(&plan).exits(0);
    lab.write("runbooks/other.rhai", OTHER);
    lab.run(&["run", "runbooks/other.rhai", "--twin"]).exits(0);
    let run = ["run", "runbooks/small.rhai", "--twin", "--plan", "p.json"];
    reports(&lab, "run_plan_differs", &lab.run(&run).exits(5));
    // Also when it's resumed, the run keeps to its plan.
    let resumed = lab.run(&["resume"]).exits(5);
    assert!(
        resumed.stdout.contains("keeps to the plan"),
        "{}",
        resumed.stdout
    );
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    assert!(export.contains("not ours"), "what wasn't planned was done");
    assert!(export.contains("admins"), "what was planned wasn't done");
    lab.run(&plan).exits(0);
    let ran = lab
        .run(&[&run[..], &["--json"]].concat())
        .exits(0)
        .finished();
    assert_eq!(
        (&ran["changes"], &ran["as_planned"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_plan_of_another_runbook_or_world_is_refused() {
    let lab = Lab::small();
    lab.write("runbooks/other.rhai", OTHER);
    lab.run(&["plan", "runbooks/other.rhai", "--twin", "--out", "p.json"])
        .exits(0);
    let run = ["run", "runbooks/small.rhai", "--twin", "--plan", "p.json"];
    reports(&lab, "run_plan_of_another_runbook", &lab.run(&run).exits(3));
    lab.run(&["plan", "runbooks/small.rhai", "--twin", "--out", "p.json"])
        .exits(0);
    lab.run(&["twin", "reset"]).exits(0);
    reports(&lab, "run_plan_of_another_world", &lab.run(&run).exits(3));
}
