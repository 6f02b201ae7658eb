//! `homelab env`, `doc` and `init`, and what is generated from the program itself.

use std::process::Command;

use crate::support::{Lab, repository};

/// Runs homelab in the repository itself, which is the example lab.
fn in_repository(arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homelab"));
    let output = command
        .args(arguments)
        .current_dir(repository())
        .env_clear()
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn the_reference_pages_are_up_to_date() {
    let (fresh, text) = in_repository(&["reference"]);
    assert!(fresh, "{text}");
}

#[test]
fn the_example_environment_is_up_to_date() {
    let lab = Lab::small();
    std::fs::remove_dir_all(lab.path("runbooks")).unwrap();
    for folder in ["runbooks", "stdlib"] {
        for entry in std::fs::read_dir(repository().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            lab.write(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
    let committed = std::fs::read_to_string(repository().join(".envrc.example")).unwrap();
    lab.write(".envrc.example", &committed);
    lab.run(&["env", "--example"]).exits(0);
    assert_eq!(lab.read(".envrc.example"), committed);
}

#[test]
fn the_example_environment_is_literal_and_a_shell_can_source_it() {
    let lab = Lab::small();
    lab.run(&["env", "--example"]).exits(0);
    let text = lab.read(".envrc.example");
    assert!(
        text.lines().all(|line| line.starts_with("export ")),
        "{text}"
    );
    let script =
        "set -eu; . ./.envrc.example; test -n \"$GROUP_COMMENT\" && test -n \"$PROXMOX_PASSWORD\"";
    let status = Command::new("sh")
        .args(["-c", script])
        .current_dir(lab.path("."))
        .env_clear()
        .status()
        .unwrap();
    assert!(status.success(), "{text}");
}

#[test]
fn env_says_what_is_set_and_never_a_value() {
    let lab = Lab::small();
    lab.write(".envrc", "export GROUP_COMMENT='mine'\n");
    let answer = lab
        .run_with(&["env"], &[("PROXMOX_PASSWORD", "hunter2hunter2")])
        .exits(0);
    assert!(
        answer.stdout.contains("set in .envrc") && answer.stdout.contains("set in the process"),
        "{}",
        answer.stdout
    );
    assert!(
        !answer.stdout.contains("hunter2") && !answer.stdout.contains("mine"),
        "{}",
        answer.stdout
    );
}

#[test]
fn doc_shows_a_function_a_module_and_the_nearest_name() {
    let lab = Lab::small();
    let one = lab.run(&["doc", "proxmox::group::ensure"]).exits(0).stdout;
    for part in [
        "### `proxmox::group::ensure(",
        "| `comment` |",
        "Effect: change",
        "```rhai",
    ] {
        assert!(one.contains(part), "{part} is missing in\n{one}");
    }
    let all = lab.run(&["doc", "--json"]).exits(0).json();
    assert!(all.iter().any(|function| function["name"] == "step"));
    assert!(all.iter().all(|function| {
        function["summary"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    }));
    assert!(
        lab.run(&["doc", "proxmox::storage"])
            .exits(0)
            .stdout
            .contains("proxmox::storage::ensure")
    );
    let unknown = lab.run(&["doc", "proxmox::group::ensur"]).exits(3);
    assert!(
        unknown
            .stderr
            .contains("did you mean proxmox::group::ensure?"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_new_lab_is_sound_and_an_old_folder_is_left_alone() {
    let lab = Lab::small();
    lab.run(&["init", "new"]).exits(0);
    for file in [
        "docs/HARDWARE.md",
        "runbooks/phase1.rhai",
        ".gitignore",
        ".envrc.example",
    ] {
        assert!(lab.path("new").join(file).is_file(), "{file}");
    }
    let answer = lab.run(&["init", "docs"]).exits(3);
    assert!(answer.stderr.contains("isn't empty"), "{}", answer.stderr);
    let mut command = Command::new(env!("CARGO_BIN_EXE_homelab"));
    let check = command
        .arg("check")
        .current_dir(lab.path("new"))
        .envs([("CLUSTER_NAME", "new"), ("PROXMOX_PASSWORD", "a password")])
        .output()
        .unwrap();
    let text = String::from_utf8([check.stdout, check.stderr].concat()).unwrap();
    assert!(check.status.success(), "{text}");
}

#[test]
fn examples_in_help_name_runbooks_that_a_new_lab_has() {
    let lab = Lab::small();
    let help = |words: &[&str]| lab.run(words).exits(0).stdout;
    let commands = [
        "run", "plan", "resume", "check", "test", "show", "runs", "docs", "env", "init",
    ];
    let mut found = 0;
    for command in commands {
        let text = help(&[command, "--help"]);
        for word in text
            .split_whitespace()
            .filter(|word| word.starts_with("runbooks/") && word.ends_with(".rhai"))
        {
            found += 1;
            assert!(
                word == "runbooks/*.rhai" || repository().join(word).is_file(),
                "{command}: {word}"
            );
        }
    }
    assert!(found > 5, "{found}");
}

#[test]
fn nothing_that_a_script_says_acts_on_the_terminal() {
    let lab = Lab::small();
    lab.write(
        "runbooks/loud.rhai",
        "runbook(\"loud\", \"1.0.0\");\nstep(\"a\", \"A\", || { print(\"a\\x1b[2Jb\\u202ec\"); throw \"\\x1b]0;t\\x07\"; });\n",
    );
    let answer = lab.run(&["run", "runbooks/loud.rhai", "--twin"]).exits(1);
    assert!(
        answer.stdout.contains("note: a␛[2Jb\u{fffd}c"),
        "{}",
        answer.stdout
    );
    assert!(answer.stderr.contains("× ␛]0;t␇"), "{}", answer.stderr);
    for text in [&answer.stdout, &answer.stderr] {
        assert!(!text.contains(['\x1b', '\x07', '\u{202e}']), "{text:?}");
    }
}
