//! What isn't wanted any more: what homelab made goes as the plan says, all else stays.

use crate::{equality::plan_equals_run, gated::killed, phase1::changes, support::Lab};

const FILE: &str = "runbooks/gone.rhai";
const PLAN: &[&str] = &["plan", FILE, "--twin", "--json"];
const RUN: &[&str] = &["run", FILE, "--twin", "--json"];

/// A runbook that grants roles on these paths, and nothing else.
fn granting(paths: &str) -> String {
    format!(
        r#"runbook("gone", "1.0.0");
let paths = {paths};
proxmox::connect(#{{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") }});
step("group", "Make a group", || proxmox::group::ensure("people", #{{}}));
step("permissions", "Grant, and take back", || {{
    for path in paths {{
        proxmox::acl::ensure(path, #{{ roles: ["PVEAuditor"], groups: ["people"] }});
    }}
    proxmox::acl::only(paths.map(|path| #{{ path: path, roles: ["PVEAuditor"], groups: ["people"] }}))
}});
"#
    )
}

const ALL: &str = r#"["/vms", "/storage", "/nodes", "/pool"]"#;

fn granted() -> Lab {
    let lab = Lab::small();
    lab.write(FILE, &granting(ALL));
    lab.run(RUN).exits(0);
    lab
}

fn paths(lab: &Lab) -> Vec<&'static str> {
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    let is_there = |path: &&str| export.contains(&format!("{path}\""));
    let acl: Vec<&str> = ["/vms", "/storage", "/nodes", "/pool"].into();
    acl.into_iter().filter(is_there).collect()
}

#[test]
fn a_permission_that_is_not_wanted_any_more_is_taken_back_as_planned_and_once() {
    let lab = granted();
    lab.write(FILE, &granting(r#"["/vms", "/nodes", "/pool"]"#));
    assert_eq!(plan_equals_run(&lab, PLAN, RUN), 1);
    assert_eq!(plan_equals_run(&lab, PLAN, RUN), 0);
    assert!(!paths(&lab).contains(&"/storage"));
}

#[test]
fn the_newest_goes_first_and_most_of_a_set_only_after_a_question() {
    let lab = granted();
    lab.write(FILE, &granting(r#"["/vms"]"#));
    let asked = lab.run(&[RUN, &["--ask"]].concat()).exits(130).finished();
    assert_eq!(asked["failure"]["code"], "homelab::run::unanswered");
    let ran = lab.run(RUN).exits(0);
    let gone: Vec<String> = changes(&ran)
        .iter()
        .map(|change| change["resource"].as_str().unwrap().to_owned())
        .collect();
    let name = |path| format!("permission PVEAuditor of group people on {path}");
    assert_eq!(gone, ["/pool", "/nodes", "/storage"].map(name));
}

#[test]
fn runs_that_are_forgotten_leave_what_they_made() {
    let lab = granted();
    lab.run(RUN).exits(0);
    lab.run(&["runs", "--prune", "--keep", "1"]).exits(0);
    lab.write(FILE, &granting(r#"["/vms", "/nodes", "/pool"]"#));
    assert_eq!(changes(&lab.run(RUN).exits(0)).len(), 1);
}

#[test]
fn a_grant_that_was_killed_is_taken_back_all_the_same_and_a_killed_removal_ends() {
    for point in ["before write", "after write"] {
        let lab = Lab::small();
        lab.write(FILE, &granting(ALL));
        killed(&lab, FILE, &format!("{point} proxmox::acl"));
        lab.write(FILE, &granting(r#"["/storage", "/nodes", "/pool"]"#));
        lab.run(RUN).exits(0);
        assert_eq!(paths(&lab), ["/storage", "/nodes", "/pool"], "{point}");
        lab.write(FILE, &granting(r#"["/storage", "/nodes"]"#));
        killed(&lab, FILE, &format!("{point} proxmox::acl::only"));
        lab.run(RUN).exits(0);
        assert_eq!(plan_equals_run(&lab, PLAN, RUN), 0, "{point}");
        assert_eq!(paths(&lab), ["/storage", "/nodes"], "{point}");
    }
}
