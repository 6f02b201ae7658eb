//! Bad input: runbooks, docs, environment and command lines that are wrong. Each report is a snapshot, and nothing
//! is touched.

use crate::{reports::reports, support::Lab};

const CONNECT: &str = "proxmox::connect(#{ nodes: facts::table(\"HARDWARE\", \"Nodes\"), user: \"root@pam\", \
    password: secret(\"PROXMOX_PASSWORD\") });\n";

/// Runs a runbook with this body on the twin and compares the report.
#[track_caller]
fn runbook(name: &str, status: i32, body: &str) -> Lab {
    let lab = Lab::small();
    lab.write(
        "runbooks/bad.rhai",
        &format!("runbook(\"bad\", \"1.0.0\");\n\n{body}\n"),
    );
    let answer = lab
        .run(&["run", "runbooks/bad.rhai", "--twin"])
        .exits(status);
    reports(&lab, name, &answer);
    lab
}

/// Changes a document, runs, and compares the report.
#[track_caller]
fn docs(name: &str, document: &str, change: [&str; 2]) {
    let lab = Lab::small();
    lab.replace(&format!("docs/{document}.md"), change[0], change[1]);
    let answer = lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(3);
    reports(&lab, name, &answer);
    assert!(lab.run(&["runs", "--json"]).exits(0).json().is_empty());
}

#[test]
fn a_runbook_with_a_syntax_error() {
    let lab = runbook(
        "runbook_syntax",
        3,
        "step(\"a\", \"A\", || {\n    let x = ;\n});",
    );
    assert!(!lab.path(".homelab/twin.db").exists());
}

#[test]
fn a_runbook_that_calls_an_unknown_function() {
    runbook(
        "runbook_unknown_function",
        1,
        "step(\"a\", \"A\", || proxmox::grop::ensure(\"x\", #{}));",
    );
}

#[test]
fn a_runbook_that_gives_an_unknown_field() {
    runbook(
        "runbook_unknown_field",
        1,
        "step(\"a\", \"A\", || proxmox::group::ensure(\"x\", #{ coment: \"y\" }));",
    );
}

#[test]
fn a_runbook_that_gives_a_value_of_the_wrong_type() {
    runbook(
        "runbook_wrong_type",
        1,
        &format!(
            "{CONNECT}step(\"a\", \"A\", || proxmox::user::ensure(\"x@pve\", #{{ comment: [\"y\"] }}));"
        ),
    );
}

#[test]
fn a_runbook_that_never_ends() {
    runbook(
        "runbook_endless_loop",
        1,
        "step(\"a\", \"A\", || {\n    loop { }\n});",
    );
}

#[test]
fn a_runbook_that_calls_itself_without_end() {
    runbook(
        "runbook_deep_recursion",
        1,
        "fn deeper(n) {\n    deeper(n + 1)\n}\n\nstep(\"a\", \"A\", || deeper(0));",
    );
}

#[test]
fn a_runbook_that_is_not_text() {
    let lab = Lab::small();
    let bytes = b"runbook(\"bad\", \"1.0.0\");\nlet name = \"M\xfcller\";\n";
    std::fs::write(lab.path("runbooks/bad.rhai"), bytes).unwrap();
    let answer = lab.run(&["run", "runbooks/bad.rhai", "--twin"]).exits(3);
    reports(&lab, "runbook_not_utf8", &answer);
}

#[test]
fn a_runbook_that_asks_for_a_table_that_is_not_there() {
    runbook(
        "docs_missing_table",
        3,
        "let nodes = facts::table(\"HARDWARE\", \"Node\");",
    );
}

#[test]
fn a_runbook_that_asks_for_a_column_that_is_not_there() {
    runbook(
        "docs_missing_column",
        1,
        "let nodes = facts::table(\"HARDWARE\", \"Nodes\");\nstep(\"a\", \"A\", || nodes[0].adress.to_string());",
    );
}

#[test]
fn docs_without_a_document() {
    let lab = Lab::small();
    std::fs::remove_file(lab.path("docs/NETWORK.md")).unwrap();
    let answer = lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(3);
    reports(&lab, "docs_missing_file", &answer);
}

#[test]
fn docs_without_a_table_that_the_twin_is_made_of() {
    docs("docs_no_nodes", "HARDWARE", ["## Nodes", "## Machines"]);
}

#[test]
fn docs_with_a_column_under_another_name() {
    docs("docs_no_address", "HARDWARE", ["| Address |", "| Where |"]);
}

#[test]
fn docs_with_a_bad_address() {
    docs(
        "docs_bad_address",
        "HARDWARE",
        ["10.10.10.12/24", "10.10.10.312/24"],
    );
}

#[test]
fn docs_with_a_vlan_twice() {
    let twice = "| 40 | cameras | 10.10.41.0/24 | - | Watches the door |\n| 40 | iot";
    docs("docs_vlan_twice", "NETWORK", ["| 40 | iot", twice]);
}

#[test]
fn docs_with_networks_that_overlap() {
    docs(
        "docs_overlapping_networks",
        "NETWORK",
        ["10.10.30.0/24", "10.10.20.0/23"],
    );
}

#[test]
fn docs_with_a_host_name_twice() {
    docs(
        "docs_host_name_twice",
        "HARDWARE",
        ["| switch | switch", "| pve2 | switch"],
    );
}

#[test]
fn an_environment_with_missing_and_empty_names() {
    let lab = Lab::small();
    let answer = lab
        .run_with(&["run", "runbooks/small.rhai"], &[("GROUP_COMMENT", "")])
        .exits(3);
    reports(&lab, "environment_missing", &answer);
    assert!(!lab.path(".homelab").exists());
}

#[test]
fn an_environment_that_would_have_to_be_executed() {
    let lab = Lab::small();
    lab.write(
        ".envrc",
        "export GROUP_COMMENT='ours'\nexport PROXMOX_PASSWORD=$(pass lab)\n",
    );
    let answer = lab.run(&["run", "runbooks/small.rhai"]).exits(3);
    reports(&lab, "environment_computed", &answer);
}

#[test]
fn a_secret_of_the_example_is_refused_live_and_noted_on_the_twin() {
    let lab = Lab::small();
    lab.run(&["env", "--example"]).exits(0);
    std::fs::copy(lab.path(".envrc.example"), lab.path(".envrc")).unwrap();
    let answer = lab.run(&["run", "runbooks/small.rhai"]).exits(3);
    reports(&lab, "environment_example", &answer);
    let twin = lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(0);
    let note = "PROXMOX_PASSWORD has the value of .envrc.example; a live run refuses that";
    assert!(twin.stdout.contains(note), "{}", twin.stdout);
}

#[test]
fn a_command_line_with_an_unknown_step_run_or_file() {
    let lab = Lab::small();
    let run = ["run", "runbooks/small.rhai", "--twin"];
    for (name, arguments) in [
        ("unknown_only", ["--only", "grup"]),
        ("unknown_from", ["--from", "Make an user"]),
        ("unknown_until", ["--until", "zzz"]),
    ] {
        let answer = lab.run(&[&run[..], &arguments].concat()).exits(3);
        reports(&lab, &format!("command_{name}"), &answer);
    }
    for (name, arguments) in [
        ("unknown_run_shown", &["show", "9"][..]),
        ("unknown_run_resumed", &["resume", "9"]),
        ("unknown_file", &["run", "runbooks/smal.rhai", "--twin"]),
        ("unknown_plan", &[&run[..], &["--plan", "p.json"]].concat()),
        (
            "unknown_via",
            &["run", "runbooks/small.rhai", "--via", "v.json"],
        ),
        ("unknown_flag", &["run", "runbooks/small.rhai", "--twins"]),
        ("outside_file", &["run", "/etc/hostname", "--twin"]),
    ] {
        let answer = lab.run(arguments).exits(3);
        reports(&lab, &format!("command_{name}"), &answer);
    }
    assert!(lab.run(&["runs", "--json"]).exits(0).json().is_empty());
}

#[test]
fn a_folder_that_is_not_a_lab() {
    let lab = Lab::small();
    std::fs::remove_dir_all(lab.path("docs")).unwrap();
    let answer = lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(3);
    reports(&lab, "command_not_a_lab", &answer);
}
