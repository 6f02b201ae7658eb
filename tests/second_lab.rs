//! Another lab (two nodes, other names, ZFS, no GPU, no iSCSI) with the same runbook, by its docs alone.

use crate::{
    equality::plan_equals_run,
    phase1::{PLAN, PLAN_VIA, RUN, RUN_VIA, with_docs},
};

const DOCS: &str = "tests/cases/second-lab/docs";

#[test]
fn the_second_lab_is_built_by_its_docs_alone_and_a_second_run_changes_nothing() {
    let lab = with_docs(DOCS);
    let first = lab.run(RUN).exits(0);
    assert!(first.finished()["changes"].as_u64().unwrap() > 15);
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    for (name, is_there) in [
        ("alpha", true),
        ("keeper@pve", true),
        ("pve1", false),
        ("synology", false),
    ] {
        assert_eq!(export.contains(name), is_there, "{name}");
    }
    let second = lab.run(RUN).exits(0).finished();
    assert_eq!(second["changes"], 0);
    assert_eq!(lab.run(&["twin", "export"]).exits(0).stdout, export);
}

#[test]
fn the_second_labs_plan_equals_its_run() {
    let lab = with_docs(DOCS);
    assert!(plan_equals_run(&lab, PLAN, RUN) > 15);
}

#[test]
fn the_second_labs_plan_equals_its_run_over_https() {
    let lab = with_docs(DOCS);
    let _serving = lab.serve();
    assert!(plan_equals_run(&lab, PLAN_VIA, RUN_VIA) > 15);
}

#[test]
fn the_second_labs_docs_and_runbook_have_no_mistakes() {
    let lab = with_docs(DOCS);
    lab.write(".envrc", "export CLUSTER_NAME='cellar'\nexport PROXMOX_PASSWORD='its own'\nexport GROUP_COMMENT='x'\n");
    lab.run(&["check", "runbooks/phase1.rhai"]).exits(0);
}
