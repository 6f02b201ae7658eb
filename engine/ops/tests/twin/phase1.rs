//! Phase 1 on the twins of both labs.

use crate::lab::{Lab, changes, step_value, trouble};

const PHASE1: &str = include_str!("../../../../runbooks/phase1.rhai");

fn steps(folder: &str) -> Vec<String> {
    let (declared, listed) = Lab::open(folder).inspect(PHASE1).unwrap();
    assert_eq!(
        (declared.name.as_str(), declared.version.as_str()),
        ("phase1", "1.0.0")
    );
    listed.into_iter().map(|step| step.id).collect()
}

#[test]
fn has_the_steps_that_the_docs_of_a_lab_call_for() {
    let first = steps(".");
    for id in [
        "1.2-cluster",
        "1.2-join-pve3",
        "1.3-network-pve1",
        "1.4-pool-fast",
        "1.4-storage-san-lvm",
        "1.5-mapping-gpu",
    ] {
        assert!(first.iter().any(|step| step == id), "{id} in {first:?}");
    }
    let second = steps("tests/cases/second-lab");
    assert!(
        second.iter().any(|step| step == "1.2-join-beta"),
        "{second:?}"
    );
    assert!(
        !second
            .iter()
            .any(|step| step.starts_with("1.5") || step.starts_with("1.4-pool")),
        "{second:?}"
    );
}

fn run_twice(folder: &str) {
    let lab = Lab::bare(folder);
    let first = lab.run(PHASE1);
    assert_eq!(trouble(&first), None);
    let made = changes(&first.unwrap());
    assert!(made.len() > 10, "{made:#?}");
    let second = lab.run(PHASE1);
    assert_eq!(trouble(&second), None);
    assert_eq!(changes(&second.unwrap()), Vec::<String>::new());
}

#[test]
fn builds_the_example_lab_and_then_changes_nothing() {
    run_twice(".");
}

#[test]
fn builds_the_second_lab_by_its_docs_alone() {
    run_twice("tests/cases/second-lab");
}

const ACCESS: [&str; 6] = [
    "1.6-roles",
    "1.6-users",
    "1.6-token",
    "1.6-permissions",
    "1.6-test",
    "1.6-endpoint",
];

#[test]
fn makes_a_token_that_can_do_what_it_must_and_no_more() {
    for folder in [".", "tests/cases/second-lab"] {
        let lab = Lab::open(folder);
        let first = lab.run_only(PHASE1, &ACCESS);
        assert_eq!(trouble(&first), None, "{folder}");
        let made = changes(&first.unwrap());
        assert!(
            made.iter()
                .any(|change| change.contains("PROXMOX_TOKEN_SECRET\":\"***")),
            "{made:#?}"
        );
        let second = lab.run_only(PHASE1, &ACCESS);
        assert_eq!(trouble(&second), None, "{folder}");
        assert_eq!(changes(&second.unwrap()), Vec::<String>::new());
    }
}

#[test]
fn grants_exactly_what_the_runbook_uses() {
    for folder in [".", "tests/cases/second-lab"] {
        let outcome = Lab::open(folder).run_only(PHASE1, &["1.6-roles"]).unwrap();
        let value = step_value(&outcome, "1.6-roles").unwrap();
        assert_eq!(value[0]["missing"], serde_json::json!([]), "{folder}");
        assert_eq!(value[0]["unused"], serde_json::json!([]), "{folder}");
    }
}
