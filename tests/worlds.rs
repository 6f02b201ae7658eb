//! Runs belong to one world: twins that are reset or no longer served under a run, and two who want the same world.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::{
    phase1::{RUN, RUN_VIA, example},
    support::{Answer, Lab},
};

/// Installs the first node.
const INSTALL: &str = r#"runbook("install", "1.0.0");
import "stdlib/install" as install;
let nodes = facts::table("HARDWARE", "Nodes");
proxmox::connect(#{ nodes: nodes, user: "root@pam", password: secret("PROXMOX_PASSWORD") });
step("first", "First", || 1);
step("install", "Install", || proxmox::node::install(install::wanted(nodes[0], secret("PROXMOX_PASSWORD"))));
"#;

const INSTALL_VIA: &[&str] = &[
    "run",
    "runbooks/install.rhai",
    "--via",
    "serve.json",
    "--json",
];

/// A lab of bare machines that never ask for their answer files: a run waits for them.
fn bare() -> Lab {
    let lab = example();
    lab.write("runbooks/install.rhai", INSTALL);
    lab
}

/// A run that has come to its first action.
struct Waiting(Child);

impl Waiting {
    fn start(lab: &Lab, arguments: &[&str]) -> Self {
        let mut command = lab.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let reached = lines.any(|line| line.unwrap().contains("\"event\":\"intent\""));
        assert!(reached, "the run ended before its first action");
        Self(child)
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// How it ended by itself.
    fn end(self) -> Answer {
        let output = self.0.wait_with_output().unwrap();
        Answer {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn runs(lab: &Lab) -> Vec<Value> {
    lab.run(&["runs", "--json"]).exits(0).json()
}

#[test]
fn no_run_of_a_world_that_was_reset_is_gone_on_with_on_bare_machines() {
    let lab = bare();
    let _serving = lab.serve_with(&[]);
    Waiting::start(&lab, INSTALL_VIA).kill();
    lab.run(&["twin", "reset"]).exits(0);
    Waiting::start(&lab, INSTALL_VIA).kill();
    let runs = runs(&lab);
    assert_eq!(runs.len(), 2, "{runs:?}");
    assert_ne!(runs[0]["world"], runs[1]["world"]);
}

#[test]
fn a_run_that_begins_on_bare_machines_after_a_reset_is_gone_on_with() {
    let lab = bare();
    let serving = lab.serve_with(&["--answers", &format!("http://{}/", lab.listen)]);
    lab.run(&["twin", "reset"]).exits(0);
    Waiting::start(&lab, INSTALL_VIA).kill();
    assert_ne!(runs(&lab)[0]["world"], serving.line["world"]);
    let resumed = lab.run(&["resume", "--json"]).exits(0).finished();
    assert_eq!(
        (&resumed["run"], &resumed["steps"]["recorded"]),
        (&1.into(), &1.into())
    );
    assert_eq!(runs(&lab).len(), 1);
}

#[test]
fn resume_takes_no_run_of_a_world_that_was_reset() {
    let lab = Lab::small();
    lab.replace(
        "runbooks/small.rhai",
        "parallel([1, 2], |n| n + 1)",
        "must_confirm(\"Go on?\")",
    );
    let run = ["run", "runbooks/small.rhai", "--twin", "--ask"];
    lab.run(&run).exits(130);
    lab.run(&["twin", "reset"]).exits(0);
    let refused = lab.run(&["resume"]).exits(3);
    assert!(
        refused.stderr.contains("which is gone"),
        "{}",
        refused.stderr
    );
    lab.write(
        "runbooks/other.rhai",
        &lab.read("runbooks/small.rhai")
            .replace("\"small\"", "\"other\""),
    );
    let serving = lab.serve();
    lab.run(&["run", "runbooks/other.rhai", "--via", "serve.json", "--ask"])
        .exits(130);
    lab.run(&["twin", "reset"]).exits(0);
    let refused = lab.run(&["resume"]).exits(3);
    assert!(
        refused.stderr.contains("run 2 is unfinished"),
        "{}",
        refused.stderr
    );
    lab.run(&["run", "runbooks/small.rhai", "--via", "serve.json", "--ask"])
        .exits(130);
    assert_eq!(
        lab.run(&["resume", "--yes", "--json"]).exits(0).finished()["run"],
        3
    );
    drop(serving);
}

#[test]
fn a_run_under_which_the_twin_is_reset_says_so() {
    let lab = example();
    let running = Waiting::start(&lab, RUN);
    lab.run(&["twin", "reset"]).exits(0);
    let ended = running.end().exits(1);
    assert!(
        ended.stderr.contains("the twin was reset"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("homelab::run::other_world"),
        "{}",
        ended.stderr
    );

    let lab = bare();
    let _serving = lab.serve_with(&[]);
    let running = Waiting::start(&lab, INSTALL_VIA);
    lab.run(&["twin", "reset"]).exits(0);
    let ended = running.end().exits(1);
    assert!(
        ended.stderr.contains("the twin was reset"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_twin_that_is_not_served_any_more_is_not_taken_for_bare_machines() {
    let lab = bare();
    let serving = lab.serve_with(&[]);
    let running = Waiting::start(&lab, INSTALL_VIA);
    drop(serving);
    let ended = running.end().exits(1);
    assert!(
        ended.stderr.contains("nobody serves the twin"),
        "{}",
        ended.stderr
    );
    let refused = lab.run(INSTALL_VIA).exits(3);
    assert!(
        refused.stderr.contains("homelab::via::silent"),
        "{}",
        refused.stderr
    );
    assert_eq!(runs(&lab).len(), 1);
}

#[test]
fn a_run_in_process_goes_on_with_what_one_over_the_wire_did_and_back() {
    let lab = example();
    let serving = lab.serve();
    lab.run(&[RUN_VIA, &["--until", "1.2-cluster"]].concat())
        .exits(0);
    lab.run(&[RUN, &["--widen", "--until", "1.3-dns"]].concat())
        .exits(0);
    lab.run(&[RUN_VIA, &["--widen"]].concat()).exits(0);
    for run in [RUN, RUN_VIA, RUN] {
        assert_eq!(lab.run(run).exits(0).finished()["changes"], 0);
    }
    drop(serving);
}

#[test]
fn two_labs_cannot_use_one_served_twin_at_once() {
    let lab = bare();
    let _serving = lab.serve_with(&[]);
    let other = bare();
    other.write("serve.json", &lab.read("serve.json"));
    let running = Waiting::start(&lab, INSTALL_VIA);
    let owner = format!("process {}", running.0.id());
    for (lab, arguments) in [
        (&other, INSTALL_VIA),
        (&lab, INSTALL_VIA),
        (&lab, &["run", "runbooks/install.rhai", "--twin"]),
    ] {
        let refused = lab.run(arguments).exits(4);
        assert!(refused.stderr.contains(&owner), "{}", refused.stderr);
    }
    running.kill();
    // Who died holds nothing.
    Waiting::start(&other, INSTALL_VIA).kill();
    let locks = std::fs::read_dir(lab.path(".homelab")).unwrap();
    let locks = locks.filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|is| is == "lock")
    });
    assert!(locks.count() <= 1);
}

#[test]
fn a_damaged_store_names_itself_and_reset_starts_over() {
    type Damage = fn(&std::path::Path);
    let damages: [(&str, Damage); 4] = [
        ("cut short", |file| {
            let bytes = std::fs::read(file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 3]).unwrap();
        }),
        ("no database", |file| {
            std::fs::write(file, "x".repeat(5000)).unwrap()
        }),
        ("changed", |file| {
            let mut bytes = std::fs::read(file).unwrap();
            let end = bytes.len();
            for at in (end / 4..end).step_by(97) {
                bytes[at] ^= 1;
            }
            std::fs::write(file, bytes).unwrap();
        }),
        ("without its key", |file| {
            std::fs::remove_file(file.with_extension("key")).unwrap()
        }),
    ];
    for (name, damage) in damages {
        let lab = Lab::small();
        let run = ["run", "runbooks/small.rhai", "--twin"];
        lab.run(&run).exits(0);
        damage(&lab.path(".homelab/twin.db"));
        let failed = lab.run(&run);
        assert_ne!(failed.status, 0, "{name}");
        assert!(
            failed.stderr.contains("homelab::twin::store"),
            "{name}: {}",
            failed.stderr
        );
        assert!(
            failed.stderr.contains("homelab twin reset"),
            "{name}: {}",
            failed.stderr
        );
        lab.run(&["twin", "reset"]).exits(0);
        assert_eq!(
            lab.run(&[&run[..], &["--json"]].concat())
                .exits(0)
                .finished()["changes"],
            2,
            "{name}"
        );
    }
}

#[test]
fn a_store_that_cannot_be_written_gets_the_advice_to_make_it_writable() {
    let lab = Lab::small();
    // Permissions don't bind root, a folder in the file's place does.
    std::fs::create_dir_all(lab.path(".homelab/twin.db")).unwrap();
    let failed = lab.run(&["plan", "runbooks/small.rhai", "--twin"]).exits(3);
    assert!(
        failed.stderr.contains("give write permission"),
        "{}",
        failed.stderr
    );
    assert!(!failed.stderr.contains("starts over"), "{}", failed.stderr);
}

#[test]
fn what_hosts_are_given_stands_in_no_clear_text_in_the_twins_store() {
    let lab = Lab::small();
    let canary = "kept-for-nobody-else";
    lab.write(
        "runbooks/keep.rhai",
        "runbook(\"keep\", \"1.0.0\");\n\
         host::connect(#{ hosts: facts::table(\"HARDWARE\", \"Nodes\"), user: \"root\" });\n\
         step(\"keep\", \"Keep\", || host::file(\"pve1\", \"/root/kept\", #{ content: secret(\"KEPT\") }));\n",
    );
    let kept = [("KEPT", canary)];
    lab.run_with(&["run", "runbooks/keep.rhai", "--twin"], &kept)
        .exits(0);
    let forms = [canary.to_owned(), "a2VwdC1mb3Itbm9ib2R5LWVsc2".to_owned()];
    let mut texts: Vec<Vec<u8>> = ["twin.db", "twin.db-wal"]
        .iter()
        .filter_map(|name| std::fs::read(lab.path(".homelab").join(name)).ok())
        .collect();
    for command in [&["twin", "show"], &["twin", "export"]] {
        let said = lab.run_with(command, &kept).exits(0).stdout;
        assert!(said.contains("/root/kept"), "{said}");
        texts.push(said.into_bytes());
    }
    for text in texts {
        let text = String::from_utf8_lossy(&text);
        for form in &forms {
            assert!(!text.contains(form), "{form} stands in clear");
        }
    }
}

#[test]
fn the_twin_is_shown_by_node_and_by_kind() {
    let lab = Lab::small();
    lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(0);
    let show = |arguments: &[&str], status| {
        let answer = lab
            .run(&[&["twin", "show"], arguments].concat())
            .exits(status);
        answer.stdout + &answer.stderr
    };
    let all = show(&[], 0);
    assert!(
        all.contains("node/pve2") && all.contains("homelab@pve"),
        "{all}"
    );
    assert!(!all.contains("unix_group"), "{all}");
    let node = show(&["pve1"], 0);
    assert!(
        node.contains("node/pve1") && !node.contains("node/pve2"),
        "{node}"
    );
    assert!(node.contains("unix_group"), "{node}");
    let users = show(&["user"], 0);
    assert!(
        users.contains("homelab@pve") && !users.contains("storage"),
        "{users}"
    );
    let unknown = show(&["storge"], 3);
    assert!(
        unknown.contains("homelab::twin::nothing") && unknown.contains("did you mean `storage`?"),
        "{unknown}"
    );
}
