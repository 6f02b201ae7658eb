//! Chains of runbooks, runbooks by name, steps by group, and `homelab steps`.

use crate::support::Lab;

/// A runbook that makes a group, whose name can be given.
const FIRST: &str = r#"runbook("first", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
let name = arg("name", "one");
group("Groups", || {
    step("a", "Make one", || { proxmox::group::ensure(name, #{ comment: "first" }) });
    step("b", "Make two", || { proxmox::group::ensure("two", #{ comment: "first" }) });
});
step("c", "Add up", || 3);
"#;

/// A runbook that needs what the first one made.
const SECOND: &str = r#"runbook("second", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
let of = arg("of", "one");
step("user", "Make a user", || { proxmox::user::ensure("anna@pve", #{ groups: [of] }) });
"#;

fn lab() -> Lab {
    let lab = Lab::small();
    lab.write("runbooks/first.rhai", FIRST);
    lab.write("runbooks/second.rhai", SECOND);
    lab
}

/// What became of each step, as the events have it.
fn course(lab: &Lab, arguments: &[&str]) -> Vec<String> {
    let events = lab.run(arguments).exits(0).json();
    let named = |event: &serde_json::Value| {
        let kind = event["event"].as_str()?.strip_prefix("step_")?;
        (kind != "started")
            .then(|| format!("{} {kind}", event["step"].as_str().unwrap_or_default()))
    };
    events.iter().filter_map(named).collect()
}

#[test]
fn a_runbook_is_named_by_its_stem_and_all_are_listed_without_a_name() {
    let lab = lab();
    lab.run(&["plan", "first", "--twin"]).exits(0);
    for command in ["plan", "run", "test", "steps"] {
        let listed = lab.run(&[command]).exits(3).stderr;
        for part in ["first", "runbooks/first.rhai", "runbooks/small.rhai"] {
            assert!(listed.contains(part), "{command}: {listed}");
        }
    }
    let near = lab.run(&["plan", "frist", "--twin"]).exits(3).stderr;
    assert!(near.contains("did you mean first?"), "{near}");
}

#[test]
fn run_and_plan_take_a_chain_and_each_runbook_the_arguments_that_it_asks_for() {
    let lab = lab();
    let words = [
        "first",
        "second",
        "--twin",
        "--arg",
        "name=crew",
        "--arg",
        "of=crew",
    ];
    let plan = lab.run(&[&["plan"], &words[..]].concat()).exits(0).stdout;
    assert!(plan.contains("+ user anna@pve"), "{plan}");
    let run = lab.run(&[&["run"], &words[..]].concat()).exits(0).stdout;
    assert!(
        run.contains("first 1.0.0") && run.contains("second 1.0.0"),
        "{run}"
    );
    let wrong = lab
        .run(&["run", "first", "second", "--twin", "--arg", "off=x"])
        .exits(3);
    assert!(
        wrong.stderr.contains("did you mean --arg of=…?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_chain_ends_at_the_first_runbook_that_fails() {
    let lab = lab();
    lab.replace("runbooks/first.rhai", "|| 3", "|| throw \"no\"");
    let run = lab
        .run(&["run", "first", "second", "--twin"])
        .exits(1)
        .stdout;
    assert!(!run.contains("second 1.0.0"), "{run}");
}

#[test]
fn the_last_of_a_chain_is_killed_and_each_in_turn_with_each() {
    let lab = lab();
    let words = [
        "test", "first", "second", "--kills", "2", "--json", "--arg", "of=two",
    ];
    let finished = |words: &[&str]| -> Vec<String> {
        let lines = lab.run(words).exits(0).json();
        let ends = lines.iter().filter(|line| line["event"] == "test_finished");
        ends.map(|line| line["runbook"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(finished(&words), ["runbooks/second.rhai"]);
    let each = finished(&[&words[..], &["--each"]].concat());
    assert_eq!(each, ["runbooks/first.rhai", "runbooks/second.rhai"]);
}

#[test]
fn only_and_skip_take_groups() {
    let lab = lab();
    let only = course(
        &lab,
        &["run", "first", "--twin", "--json", "--only", "Groups"],
    );
    assert_eq!(only, ["a finished", "b finished", "c skipped"]);
    let skip = course(
        &lab,
        &["run", "first", "--twin", "--json", "--skip", "Groups"],
    );
    assert_eq!(skip, ["a recorded", "b recorded", "c finished"]);
    let near = lab
        .run(&["run", "first", "--twin", "--only", "Gruops"])
        .exits(3)
        .stderr;
    assert!(near.contains("did you mean \"Groups\"?"), "{near}");
}

#[test]
fn steps_are_listed_with_their_state() {
    let lab = lab();
    let states = || -> Vec<String> {
        let lines = lab
            .run(&["steps", "first", "--twin", "--json"])
            .exits(0)
            .json();
        let line = |line: &serde_json::Value| {
            format!(
                "{} {}",
                line["id"].as_str().unwrap(),
                line["state"].as_str().unwrap()
            )
        };
        lines.iter().map(line).collect()
    };
    assert_eq!(states(), ["a to run", "b to run", "c to run"]);
    lab.run(&["run", "first", "--twin", "--until", "b"])
        .exits(0);
    assert_eq!(states(), ["a done", "b done", "c to run"]);
    lab.replace(
        "runbooks/first.rhai",
        "\"two\", #{ comment: \"first\"",
        "\"two\", #{ comment: \"new\"",
    );
    assert_eq!(states(), ["a done", "b changed", "c to run"]);
    let text = lab.run(&["steps", "first", "--twin"]).exits(0).stdout;
    assert!(text.starts_with("Groups\n  done     a "), "{text}");
}
