//! What operations learn for docs is what they declare.

use std::collections::BTreeSet;

use homelab_ops::{LEARNS, learns};
use runbook::journal;

use crate::lab::{Lab, PASSWORD, trouble};

const PHASE1: &str = include_str!("../../../../runbooks/phase1.rhai");

/// Columns that the example lab's docs don't have.
const NOT_IN_DOCS: [&str; 2] = ["HARDWARE/Nodes: Version", "HARDWARE/Nodes: Kernel"];

#[test]
fn phase_1_learns_what_its_operations_declare() {
    let outcome = Lab::bare(".").run(PHASE1);
    assert_eq!(trouble(&outcome), None);
    let mut learned = BTreeSet::new();
    for one in journal::learned(&outcome.unwrap().entries) {
        let function = one.operation.function;
        let declared = learns(&function);
        assert!(
            declared.iter().any(|column| one.fact.is_in(column)),
            "{function}: {:?}",
            one.fact
        );
        learned.insert(format!(
            "{function} {}/{}: {}",
            one.fact.document, one.fact.table, one.fact.column
        ));
    }
    let mut wanted = BTreeSet::new();
    for of in LEARNS {
        assert!(
            homelab_ops::operation(of.operation).is_some(),
            "{}",
            of.operation
        );
        for column in of.columns {
            let column = format!("{}/{}: {}", column.document, column.table, column.heading);
            if !NOT_IN_DOCS.contains(&column.as_str()) {
                wanted.insert(format!("{} {column}", of.operation));
            }
        }
    }
    assert_eq!(learned, wanted);
}

#[test]
fn a_plan_learns_nothing_of_what_it_predicts() {
    let plan = Lab::bare(".").plan(PHASE1);
    assert_eq!(trouble(&plan), None);
    assert_eq!(journal::learned(&plan.unwrap().entries), Vec::new());
}

#[test]
fn a_secret_is_never_learned() {
    let lab = Lab::with_machines(".", |facts| {
        facts.nodes[0].disks[0].serial = PASSWORD.to_owned();
    });
    let source = r#"runbook("example", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
step("example", "Example", || proxmox::disk::list(#{ node: "pve1" }));
"#;
    let outcome = lab.run(source);
    assert_eq!(trouble(&outcome), None);
    let learned = journal::learned(&outcome.unwrap().entries);
    let serials: Vec<&str> = learned.iter().map(|one| one.fact.value.as_str()).collect();
    assert_eq!(serials, ["S7DNNJ0W512207A"]);
}
