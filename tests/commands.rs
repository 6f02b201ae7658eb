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
fn pages_of_errors_and_guide_travel_in_the_binary() {
    let lab = Lab::small();
    for code in ["homelab::docs::dangling", "docs::dangling", "docs-dangling"] {
        let page = lab.run(&["doc", code]).exits(0).stdout;
        assert!(page.starts_with("# homelab::docs::dangling\n"), "{page}");
    }
    let all = lab.run(&["help", "errors"]).exits(0).stdout;
    assert_eq!(all.lines().count(), world::code::ALL.len());
    let topics = lab.run(&["help"]).exits(0).stdout;
    for topic in [
        "getting-started",
        "writing",
        "phase1",
        "twin-start",
        "tables",
        "events",
    ] {
        assert!(topics.contains(&format!("  {topic} ")), "{topics}");
        let page = lab.run(&["help", topic]).exits(0).stdout;
        assert!(page.starts_with("# "), "{topic}: {page}");
    }
    let fault = lab.run(&["help", "twin", "fault"]).exits(0).stdout;
    assert!(fault.contains("Usage: homelab twin fault"), "{fault}");
    let unknown = lab.run(&["help", "gettign-started"]).exits(3).stderr;
    assert!(
        unknown.contains("did you mean getting-started?"),
        "{unknown}"
    );
}

#[test]
fn messages_point_to_pages_that_a_new_lab_can_show() {
    let lab = Lab::small();
    let report = lab.run(&["run", "runbooks/none.rhai"]).exits(3).stderr;
    assert!(!report.contains("docs/errors"), "{report}");
    let (_, rest) = report.split_once("see `homelab ").unwrap();
    let words: Vec<&str> = rest.split('`').next().unwrap().split(' ').collect();
    lab.run(&words).exits(0);
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
fn output_that_is_lost_is_an_error_and_a_reader_that_went_away_is_none() {
    let lab = Lab::small();
    for arguments in [
        &["doc"][..],
        &["--help"],
        &["check"],
        &["run", "runbooks/small.rhai", "--twin"],
        &["plan", "runbooks/small.rhai", "--twin", "--json"],
    ] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let mut command = lab.command(arguments);
        command
            .env("PROXMOX_PASSWORD", "a password")
            .env("GROUP_COMMENT", "x");
        let output = command.stdout(full).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
        assert!(
            text.contains("homelab::run::output"),
            "{arguments:?}: {text}"
        );
    }
    let script = "\"$0\" doc | head -1 >/dev/null; exit ${PIPESTATUS[0]}";
    let mut piped = Command::new("bash");
    piped.args(["-c", script, env!("CARGO_BIN_EXE_homelab")]);
    let output = piped.current_dir(lab.path(".")).output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

#[test]
fn what_envrc_does_not_give_is_named_by_env_and_check() {
    let lab = Lab::small();
    lab.write(
        ".envrc",
        "exprot X=1\nFOO=$(id)\nexport GROUP_COMMENT=lab one\nexport PROXMOX_PASWORD='a password'\n",
    );
    for command in ["env", "check"] {
        let text = lab.run(&[command]).stdout;
        for part in [
            ".envrc:1",
            "X isn't set by this line",
            ".envrc:2",
            "FOO isn't set by this line: it isn't exported",
            ".envrc:3",
            "more than one word",
            ".envrc:4",
            "did you mean PROXMOX_PASSWORD?",
        ] {
            assert!(
                text.contains(part),
                "{command}: {part} is missing in\n{text}"
            );
        }
    }
    lab.write(
        ".envrc",
        "export PROXMOX_PASSWORD=\nexport GROUP_COMMENT=x\n",
    );
    let check = lab.run(&["check"]).exits(3).stdout;
    assert!(
        check.contains(".envrc line 1 sets it to nothing"),
        "{check}"
    );
}

#[test]
fn a_secret_that_runs_refuse_is_named_by_env_and_check() {
    let lab = Lab::small();
    for value in ["abc", "update", "true"] {
        lab.write(
            ".envrc",
            &format!("export PROXMOX_PASSWORD='{value}'\nexport GROUP_COMMENT=x\n"),
        );
        let check = lab.run(&["check", "--json"]).exits(3).json();
        assert!(
            check
                .iter()
                .any(|finding| finding["code"] == "homelab::environment::weak_secret"),
            "{value}: {check:?}"
        );
        let env = lab.run(&["env"]).exits(0).stdout;
        assert!(env.contains("can't be kept secret"), "{value}: {env}");
    }
}

#[test]
fn a_wrong_choice_of_steps_or_kills_says_what_is_right() {
    let lab = Lab::small();
    for (arguments, part) in [
        (
            &["run", "runbooks/small.rhai", "--skip", ""][..],
            "the id or the title of a step",
        ),
        (
            &["test", "runbooks/small.rhai", "--kills", "-1"],
            "a number from 1",
        ),
        (
            &["doc", "group::ensrue"],
            "did you mean proxmox::group::ensure?",
        ),
    ] {
        let answer = lab.run(arguments).exits(3);
        assert!(
            answer.stderr.contains(part),
            "{arguments:?}: {}",
            answer.stderr
        );
    }
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
