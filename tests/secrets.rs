//! Secrets whose text stands in what homelab compares and sends: names of the lab, words of comments.

use serde_json::Value;

use crate::{phase1, support::Lab};

/// The texts of a run's changes and notes, from events.
fn texts(events: &[Value]) -> String {
    let texts = events.iter().map(|event| {
        let change = &event["change"];
        format!(
            "{} {} {}\n",
            change["before"], change["after"], event["text"]
        )
    });
    texts.collect()
}

#[test]
fn a_saved_plan_matches_where_the_password_is_a_name_of_the_lab() {
    for password in ["pve1", "storage", "homelab"] {
        let lab = phase1::example();
        let variables = [("PROXMOX_PASSWORD", password)];
        let plan = [phase1::PLAN, &["--out", "plan.json"]].concat();
        let planned = lab.run_with(&plan, &variables).exits(0);
        let run = [phase1::RUN, &["--plan", "plan.json"]].concat();
        let run = lab.run_with(&run, &variables).exits(0);
        let finished = run.finished();
        assert_eq!(finished["as_planned"], finished["changes"], "{password}");
        assert_eq!(phase1::changes(&planned), phase1::changes(&run));
        for shown in [texts(&planned.json()), texts(&run.json())] {
            assert!(shown.contains("***"), "{password}");
            assert!(!shown.contains(password), "{password} is shown in\n{shown}");
        }
        // Structure isn't masked.
        for event in run.json() {
            for part in [&event["upid"], &event["step"], &event["operation"]] {
                assert!(!part.to_string().contains("***"), "{event}");
            }
        }
    }
}

/// A step whose value holds the password, and a change whose comment does; the last step fails until its group is there.
const STEPS: &str = r#"runbook("named", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
let node = step("1-name", "Name a node", || "pve1");
step("2-group", "Make a group", || proxmox::group::ensure("people", #{ comment: `of ${node}` }));
step("3-fail", "Fail", || {
    if env("FAIL") == "yes" { throw "not yet" }
    proxmox::group::ensure("others", #{ comment: node })
});
"#;

#[test]
fn a_resumed_run_is_given_values_as_they_were_though_a_secret_stands_in_them() {
    let lab = Lab::small();
    lab.write("runbooks/named.rhai", STEPS);
    let run = ["run", "runbooks/named.rhai", "--twin", "--json"];
    let failing = [("PROXMOX_PASSWORD", "pve1"), ("FAIL", "yes")];
    lab.run_with(&run, &failing).exits(1);
    let resumed = lab
        .run_with(&run, &[("PROXMOX_PASSWORD", "pve1"), ("FAIL", "no")])
        .exits(0);
    let steps = &resumed.finished()["steps"];
    assert_eq!(
        (steps["recorded"].as_u64(), steps["done"].as_u64()),
        (Some(2), Some(1))
    );
    let twin = lab.run(&["twin", "export"]).exits(0).stdout;
    assert!(twin.contains("of pve1") && !twin.contains("***"), "{twin}");
    let shown = lab.run(&["show", "1", "--json"]).exits(0).stdout;
    assert!(
        !shown.contains("of pve1") && !shown.contains("sealed"),
        "{shown}"
    );
    let plain = |name: &str| std::fs::read(lab.path(".homelab").join(name)).unwrap_or_default();
    for name in ["journal.db", "journal.db-wal"] {
        let bytes = plain(name);
        assert!(
            !String::from_utf8_lossy(&bytes).contains("of pve1"),
            "{name}"
        );
    }
}

#[test]
fn a_secret_that_cannot_be_masked_is_refused_by_name_before_anything_starts() {
    for password in ["1", "pve", "update", "proxmox", "true", "file"] {
        let lab = Lab::small();
        let variables = [("PROXMOX_PASSWORD", password), ("GROUP_COMMENT", "people")];
        for words in [["run", "--twin"], ["plan", "--twin"]] {
            let answer = lab.run_with(&[words[0], "runbooks/small.rhai", words[1]], &variables);
            let answer = answer.exits(3);
            let said = "the value of PROXMOX_PASSWORD can't be kept secret";
            assert!(answer.stderr.contains(said), "{}", answer.stderr);
            assert!(
                answer.stderr.contains("runbooks/small.rhai:4"),
                "{}",
                answer.stderr
            );
        }
        assert!(!lab.path(".homelab/journal.db").exists(), "{password}");
    }
}

/// What a journal is made of.
const JOURNAL: [&str; 5] = [
    "journal.db",
    "journal.db-wal",
    "journal.db-shm",
    "journal.key",
    "journal.last",
];

#[test]
fn a_plan_that_masks_is_compared_by_the_journal_that_it_was_made_with() {
    let lab = Lab::small();
    let variables = [
        ("PROXMOX_PASSWORD", "people"),
        ("GROUP_COMMENT", "the people here"),
    ];
    let plan = [
        "plan",
        "runbooks/small.rhai",
        "--twin",
        "--out",
        "plan.json",
    ];
    lab.run_with(&plan, &variables).exits(0);
    assert!(!lab.read("plan.json").contains("people"));
    let run = [
        "run",
        "runbooks/small.rhai",
        "--twin",
        "--plan",
        "plan.json",
    ];
    for name in JOURNAL {
        let file = lab.path(".homelab").join(name);
        if file.exists() {
            std::fs::rename(&file, lab.path(name)).unwrap();
        }
    }
    let refused = lab.run_with(&run, &variables).exits(3);
    assert!(
        refused.stderr.contains("another journal"),
        "{}",
        refused.stderr
    );
    for name in JOURNAL {
        let file = lab.path(".homelab").join(name);
        if file.exists() {
            std::fs::remove_file(&file).unwrap();
        }
        if lab.path(name).exists() {
            std::fs::rename(lab.path(name), file).unwrap();
        }
    }
    lab.run_with(&run, &variables).exits(0);
}

/// What the runs of a lab told, and its journal.
fn told(lab: &Lab, stdout: &str) -> String {
    let mut text = stdout.to_owned();
    for name in ["journal.db", "journal.db-wal"] {
        let bytes = std::fs::read(lab.path(".homelab").join(name)).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    text
}

#[test]
fn a_digest_by_which_a_secret_could_be_guessed_is_masked() {
    let lab = Lab::small();
    lab.write(
        "runbooks/file.rhai",
        r#"runbook("file", "1.0.0");
step("a", "A", || {
    let made = host::file("operator", "token", #{ content: `token=${secret("TOKEN")}\n` });
    print(made.sha256);
    host::line("operator", "token", #{ line: "other=1" });
    made
});
"#,
    );
    let variables = [("TOKEN", "correct-horse")];
    let mut text = String::new();
    for command in ["plan", "run", "run"] {
        let answer = lab.run_with(
            &[command, "runbooks/file.rhai", "--twin", "--json"],
            &variables,
        );
        text.push_str(&answer.exits(0).stdout);
    }
    text = told(&lab, &text);
    for content in ["token=correct-horse\n", "token=correct-horse\nother=1\n"] {
        let digest = <sha2::Sha256 as sha2::Digest>::digest(content);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(
            !text.contains(&digest),
            "the digest of {content:?} in {text}"
        );
    }
    assert!(text.contains("\"sha256\":\"***\""), "{text}");
}

#[test]
fn what_another_runbook_wrote_is_masked_too() {
    let lab = Lab::small();
    let file = |name: &str, body: &str| {
        let text = format!("runbook(\"{name}\", \"1.0.0\");\nstep(\"a\", \"A\", || {body});\n");
        lab.write(&format!("runbooks/{name}.rhai"), &text);
    };
    file(
        "one",
        r#"host::file("operator", "token", #{ content: `token=${secret("TOKEN")}\n` })"#,
    );
    file(
        "other",
        r#"host::line("operator", "token", #{ line: "other=1" })"#,
    );
    let variables = [("TOKEN", "correct-horse")];
    let mut text = String::new();
    for (command, name) in [("run", "one"), ("plan", "other"), ("run", "other")] {
        let runbook = format!("runbooks/{name}.rhai");
        let answer = lab.run_with(&[command, &runbook, "--twin", "--json"], &variables);
        text.push_str(&answer.exits(0).stdout);
    }
    let text = told(&lab, &text);
    assert!(
        text.contains("token=***") && !text.contains("correct-horse"),
        "{text}"
    );
}

#[test]
fn a_thrown_text_is_shown_around_its_secret() {
    let lab = Lab::small();
    lab.write(
        "runbooks/throws.rhai",
        "runbook(\"throws\", \"1.0.0\");\nstep(\"a\", \"A\", || { throw `it's ${secret(\"TOKEN\")}` });\n",
    );
    let run = ["run", "runbooks/throws.rhai", "--twin"];
    let answer = lab.run_with(&run, &[("TOKEN", "correct-horse")]).exits(1);
    assert!(answer.stderr.contains("× it's ***"), "{}", answer.stderr);
}

#[test]
fn a_value_that_could_not_be_read_again_is_refused() {
    let lab = Lab::small();
    lab.write(
        "runbooks/deep.rhai",
        "runbook(\"deep\", \"1.0.0\");\nstep(\"a\", \"A\", || { let x = 1; for i in 0..130 { x = [x]; } x });\n",
    );
    let answer = lab.run(&["run", "runbooks/deep.rhai", "--twin"]).exits(1);
    assert!(
        answer.stderr.contains("others lie over 100"),
        "{}",
        answer.stderr
    );
    let runs = lab.run(&["runs"]).exits(0);
    assert!(runs.stdout.contains("deep"), "{}", runs.stdout);
}
