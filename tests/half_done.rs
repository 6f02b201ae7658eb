//! Docs are edited while a lab is half done: a plan still says what the run does, and the second run does nothing.

use crate::{
    equality::plan_equals_run,
    faults::network,
    gated::killed,
    phase1::{self, example},
    support::Lab,
};

const PLAN: &[&str] = &["plan", "runbooks/network.rhai", "--twin", "--json"];
const RUN: &[&str] = &["run", "runbooks/network.rhai", "--twin", "--json"];

/// Rows of the first node's network, and what somebody makes of them.
const EDITS: [(&str, &str); 5] = [
    (
        "| pve1 | vmbr0 | - | yes | 20, 30, 40, 50, 99 | management |",
        "| pve1 | vmbr0 | - | no | - | management |",
    ),
    (
        "| pve1 | vmbr1 | bond0 | yes | 20, 30, 40, 50 | guests and storage |",
        "| pve1 | vmbr1 | bond0 | no | 20, 30, 40, 50 | guests |",
    ),
    (
        "| pve1 | bond0 | enp2s0f0 enp2s0f1 | 802.3ad | layer3+4 |",
        "| pve1 | bond0 | enp2s0f0 enp2s0f1 | active-backup | - |",
    ),
    (
        "| pve1 | bond0 | enp2s0f0 enp2s0f1 | 802.3ad | layer3+4 |",
        "| pve1 | bond0 | enp2s0f0 enp2s0f1 | active-backup | layer3+4 |",
    ),
    (
        "| pve1 | bond0 | enp2s0f0 enp2s0f1 | 802.3ad | layer3+4 |",
        "| pve1 | bond0 | enp2s0f0 enp2s0f1 | balance-xor | layer2 |",
    ),
];

/// A lab whose run came to the end of this step before its docs were edited.
fn edited(until: &str, (from, to): (&str, &str)) -> Lab {
    let lab = Lab::small();
    lab.write("runbooks/network.rhai", &network());
    lab.run(&[RUN, &["--until", until]].concat()).exits(0);
    lab.replace("docs/NETWORK.md", from, to);
    lab
}

#[test]
fn an_edit_of_an_applied_network_is_planned_as_it_is_made_and_made_once() {
    for edit in EDITS {
        let lab = edited("apply", edit);
        assert!(plan_equals_run(&lab, PLAN, RUN) > 0, "{}", edit.1);
        assert_eq!(plan_equals_run(&lab, PLAN, RUN), 0, "{}", edit.1);
    }
}

#[test]
fn an_edit_of_what_is_staged_is_refused_by_the_plan_in_the_words_of_the_run() {
    for edit in EDITS {
        let lab = edited("stage", edit);
        let planned = lab.run(PLAN).exits(1).finished();
        let ran = lab.run(RUN).exits(1).finished();
        assert_eq!(planned["failure"], ran["failure"], "{}", edit.1);
        let code = &ran["failure"]["code"];
        assert_eq!(code, "homelab::network::foreign_changes", "{}", edit.1);
    }
}

/// Where phase 1 is killed, and what a plan says of it first.
const KILLED: [(&str, &str); 6] = [
    ("after write proxmox::node::install", "1.1-install"),
    ("before write proxmox::cluster::ensure", "1.2-cluster"),
    ("after write proxmox::cluster::ensure", "1.2-cluster"),
    ("wait proxmox::cluster::join", "1.2-join-pve2"),
    ("after write proxmox::network::apply", "1.3-network-pve1"),
    ("after write host::reboot", "1.5-restart-pve1"),
];

#[test]
fn a_plan_names_and_settles_what_a_killed_run_left_open_and_counts_as_the_run_does() {
    for (point, step) in KILLED {
        let lab = example();
        killed(&lab, "runbooks/phase1.rhai", point);
        let planned = lab.run(phase1::PLAN).exits(0).stdout;
        let named = planned.find(&format!("was stopped in step {step}"));
        assert!(named < planned.find("\"intent\""), "{point}: {planned}");
        assert!(plan_equals_run(&lab, phase1::PLAN, phase1::RUN) > 0);
    }
}

#[test]
fn a_plan_of_a_cluster_that_is_not_ready_yet_waits_as_its_run_does() {
    for until in ["1.2-join-pve2", "1.2-join-pve3"] {
        let lab = example();
        lab.run(&[phase1::RUN, &["--until", until]].concat())
            .exits(0);
        assert!(plan_equals_run(&lab, phase1::PLAN, phase1::RUN) > 0);
    }
}

#[test]
fn a_plan_takes_the_host_key_that_its_run_asks_about() {
    let lab = example();
    let asked = [&phase1::RUN[..phase1::RUN.len() - 1], &["--ask"]].concat();
    lab.run(&asked).exits(130);
    assert!(plan_equals_run(&lab, phase1::PLAN, phase1::RUN) > 0);
}
