//! Edits between a failure and its resume: what is done stays done, unless what it was made of has changed.

use crate::{
    phase1::{RUN, example, started},
    support::Lab,
};

/// The steps from the one that failed to the last.
const REST: [&str; 8] = [
    "1.6-users",
    "1.6-token",
    "1.6-permissions",
    "1.6-test",
    "1.6-keys",
    "1.6-passwords",
    "1.6-endpoint",
    "1.7-facts",
];

/// The example lab, whose run failed when it came to its groups.
fn failed() -> Lab {
    let lab = example();
    lab.run(&["twin", "fault", "answer", "POST /access/groups"])
        .exits(0);
    let answer = lab.run(RUN).exits(1);
    assert_eq!(started(&answer).last().unwrap(), REST[0]);
    lab
}

/// Resumes, and expects that just these steps run, beside those that hadn't yet.
#[track_caller]
fn reruns(lab: &Lab, again: &[&str]) {
    let answer = lab.run(&["resume", "--json"]).exits(0);
    assert_eq!(started(&answer), [again, &REST[..]].concat());
    let finished = answer.finished();
    assert_eq!(finished["steps"]["done"], again.len() + REST.len());
    assert_eq!(lab.run(RUN).exits(0).finished()["changes"], 0);
}

#[test]
fn without_an_edit_nothing_runs_again() {
    reruns(&failed(), &[]);
}

#[test]
fn a_comment_and_other_spaces_rerun_nothing() {
    let lab = failed();
    let file = "runbooks/phase1.rhai";
    lab.replace(
        file,
        "group(\"1.2 Cluster\", || {",
        "/* The heart of it. */\n\n\ngroup( \"1.2 Cluster\",   || {\n    // First the first node.",
    );
    lab.replace(
        file,
        "proxmox::cluster::ensure(#{",
        "proxmox::cluster::ensure(#{ // its name comes from outside\n           ",
    );
    reruns(&lab, &[]);
}

#[test]
fn a_moved_step_reruns_nothing() {
    let lab = failed();
    let file = "runbooks/phase1.rhai";
    let text = lab.read(file);
    let begin = text.find("group(\"1.5 Devices for guests\"").unwrap();
    let end = text.find("group(\"1.6 Access\"").unwrap();
    let storage = text.find("group(\"1.4 Storage\"").unwrap();
    let moved = [
        &text[..storage],
        &text[begin..end],
        &text[storage..begin],
        &text[end..],
    ]
    .concat();
    lab.write(file, &moved);
    reruns(&lab, &[]);
}

#[test]
fn another_backup_time_reruns_the_backup_step() {
    let lab = failed();
    lab.replace("docs/SOFTWARE.md", "| 02:30 |", "| 03:30 |");
    reruns(&lab, &["1.4-backup"]);
    assert!(
        lab.run(&["twin", "export"])
            .exits(0)
            .stdout
            .contains("03:30")
    );
}

#[test]
fn another_name_server_reruns_the_steps_that_set_it_and_ask_it() {
    let lab = failed();
    lab.replace("docs/NETWORK.md", "| 2 | - | 9.9.9.9 |", "| 2 | 20 | - |");
    reruns(&lab, &["1.3-dns", "1.3-names"]);
}

#[test]
fn another_comment_of_one_nodes_bridge_reruns_that_nodes_network() {
    let lab = failed();
    lab.replace(
        "docs/NETWORK.md",
        "| pve2 | vmbr1 | bond0 | yes | 20, 30, 40, 50 | guests and storage |",
        "| pve2 | vmbr1 | bond0 | yes | 20, 30, 40, 50 | guests |",
    );
    reruns(&lab, &["1.3-network-pve2"]);
}

#[test]
fn a_cell_that_no_step_reads_reruns_nothing() {
    let lab = failed();
    lab.replace("docs/HARDWARE.md", "UniFi UNAS Pro", "UniFi UNAS Pro 8");
    reruns(&lab, &[]);
}

#[test]
fn a_step_whose_source_is_edited_runs_again() {
    let lab = failed();
    lab.replace(
        "runbooks/phase1.rhai",
        "timeout: \"5 min\"",
        "timeout: \"6 min\"",
    );
    reruns(&lab, &["1.2-quorum"]);
}

#[test]
fn the_same_binary_runs_an_edited_module() {
    let lab = failed();
    let storage =
        std::fs::read_to_string(crate::support::repository().join("stdlib/storage.rhai")).unwrap();
    lab.write(
        "stdlib/storage.rhai",
        &format!("// The lab's own.\n{storage}"),
    );
    reruns(&lab, &[]);
}

#[test]
fn a_correction_behind_a_reference_reruns_the_steps_that_follow_it_alone() {
    let lab = Lab::small();
    lab.write(
        "runbooks/small.rhai",
        r#"runbook("small", "1.0.0");
let row = facts::table("SOFTWARE", "Storage")["isos"];
step("type", "Read a cell", || row.type);
step("share", "Follow one reference", || row.share.path);
step("appliance", "Follow two", || row.share.appliance.address);
step("end", "Fail", || throw "here");
"#,
    );
    lab.run(&["run", "runbooks/small.rhai", "--twin", "--json"])
        .exits(1);
    lab.replace("docs/HARDWARE.md", "| 10.10.20.21 |", "| 10.10.20.23 |");
    let resumed = lab.run(&["resume", "--json"]).exits(1);
    assert_eq!(started(&resumed), ["appliance", "end"]);
}

#[test]
fn a_run_is_gone_on_with_as_it_was_chosen() {
    let lab = example();
    lab.run(&["twin", "fault", "answer", "POST /access/groups"])
        .exits(0);
    let chosen = [RUN, &["--until", "1.6-users", "--arg", "measure=false"]].concat();
    lab.run(&chosen).exits(1);
    let other = [RUN, &["--only", "1.6-keys"]].concat();
    let refused = lab.run(&other).exits(3).finished();
    assert_eq!(refused["failure"]["code"], "homelab::run::selection");
    let help = refused["failure"]["help"].as_str().unwrap();
    assert!(
        help.contains("--widen") && help.contains("--fresh"),
        "{help}"
    );
    let resumed = lab.run(&["resume"]).exits(0);
    let words = "it goes on with --until 1.6-users --arg measure=false";
    assert!(resumed.stdout.contains(words), "{}", resumed.stdout);
    // It's finished, so the next one is the whole runbook, and looks at the lab.
    lab.run(&["resume"]).exits(3);
    let whole = lab.run(RUN).exits(0).finished();
    assert_eq!(
        (&whole["run"], &whole["steps"]["recorded"]),
        (&2.into(), &0.into())
    );
}
