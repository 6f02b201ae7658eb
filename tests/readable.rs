//! Plans and runs as people read them.

use std::{io::Write as _, process::Stdio};

use crate::support::Lab;

/// A step that does the same on every node, and one that does nothing.
const EACH: &str = r#"runbook("each", "1.0.0");
let nodes = facts::table("HARDWARE", "Nodes");
host::connect(#{ hosts: nodes, user: "root" });
step("same", "The same everywhere", || parallel(nodes, |node| {
    host::file(node.name, "/etc/homelab-motd", #{ content: "welcome\n" })
}));
step("none", "Nothing", || 1);
"#;

#[test]
fn a_plan_says_the_same_of_several_nodes_once_with_totals_and_a_legend() {
    let lab = Lab::small();
    lab.write("runbooks/each.rhai", EACH);
    let plan = lab.run(&["plan", "each", "--twin"]).exits(0).stdout;
    for part in [
        "[pve1, pve2, pve3] + ",
        "none  Nothing (2/2): no change\n",
        "Plan: 3 changes in 1 step",
        "  by kind: 3 to create\n",
        "  by node: pve1 1, pve2 1, pve3 1\n",
        "+ to create; ",
    ] {
        assert!(plan.contains(part), "{part} is missing in\n{plan}");
    }
    assert_eq!(plan.matches("[pve1, pve2, pve3] + ").count(), 1, "{plan}");
    let brief = lab
        .run(&["plan", "each", "--twin", "--brief"])
        .exits(0)
        .stdout;
    assert!(
        !brief.contains("none  Nothing") && brief.lines().count() < plan.lines().count(),
        "{brief}"
    );
    lab.run(&["run", "each", "--twin"]).exits(0);
    let again = lab.run(&["plan", "each", "--twin"]).exits(0).stdout;
    assert!(
        again.ends_with("No changes: the twin is as docs say\n"),
        "{again}"
    );
}

#[test]
fn a_run_counts_its_steps() {
    let lab = Lab::small();
    let run = lab.run(&["run", "small", "--twin"]).exits(0).stdout;
    for part in ["Make a group (1/3)", "Make a user (2/3)", "Add up (3/3)"] {
        assert!(run.contains(part), "{run}");
    }
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let lab = Lab::small();
    let colours = |words: &[&str]| lab.run(words).exits(0).stdout.contains("\x1b[");
    assert!(colours(&["plan", "small", "--twin", "--color", "always"]));
    assert!(!colours(&["plan", "small", "--twin", "--color", "never"]));
    assert!(!colours(&["plan", "small", "--twin"]));
}

#[test]
fn a_no_and_a_question_that_nobody_answers_print_two_lines_without_an_excerpt() {
    let lab = Lab::small();
    lab.write(
        "runbooks/ask.rhai",
        "runbook(\"ask\", \"1.0.0\");\nstep(\"a\", \"A\", || must_confirm(\"Erase?\"));\n",
    );
    let mut command = lab.command(&["run", "ask", "--twin", "--ask"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"no\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.starts_with("\"Erase?\" needs an answer\n"), "{text}");
}
