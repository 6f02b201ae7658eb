//! Ctrl-C in every phase of an operation: no new action starts, the exit code is 130, and the run can be resumed.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    faults::network,
    gated::{Ended, gated},
    support::Lab,
};

fn press(child: &Child) {
    let pid = child.id().to_string();
    let words = format!("kill -INT {pid}");
    let status = Command::new("sh").args(["-c", &words]).status().unwrap();
    assert!(status.success());
    // The handler runs on another thread; the run is held meanwhile.
    std::thread::sleep(Duration::from_millis(50));
}

/// Runs a runbook and presses Ctrl-C at its `at`th point, counted from 0.
fn run(lab: &Lab, runbook: &str, at: Option<usize>) -> Ended {
    gated(lab, runbook, |place, _, child| {
        if at == Some(place) {
            press(child);
        }
    })
}

/// Whether a point is the one before a write goes out.
fn is_write(point: &str) -> bool {
    point.starts_with("before write ")
}

/// Presses Ctrl-C at the chosen points of a runbook, one run each, and resumes.
#[track_caller]
fn at_each(prepare: impl Fn() -> (Lab, &'static str), chosen: impl Fn(&str) -> bool) -> usize {
    let (lab, runbook) = prepare();
    let undisturbed = run(&lab, runbook, None);
    assert_eq!(undisturbed.status, 0, "{}", undisturbed.output);
    let expected = lab.run(&["twin", "export"]).exits(0).stdout;
    let places = undisturbed.points.iter().enumerate();
    let places: Vec<usize> = places
        .filter(|(_, point)| chosen(point))
        .map(|(at, _)| at)
        .collect();
    for at in &places {
        let (lab, runbook) = prepare();
        let ended = run(&lab, runbook, Some(*at));
        let point = &ended.points[*at];
        let begun = ended.points[at + 1..]
            .iter()
            .filter(|point| is_write(point))
            .count();
        // What was recorded or about to be recorded as begun may still go out.
        assert!(
            begun <= usize::from(point.contains(" append ")),
            "{begun} actions began after {at}: {point}"
        );
        assert!(
            [0, 130].contains(&ended.status),
            "{} after {at}: {point}",
            ended.status
        );
        if ended.status == 130 {
            let last = ended.output.lines().last().unwrap();
            assert!(last.contains("\"status\":\"interrupted\""), "{last}");
            lab.run(&["resume"]).exits(0);
        } else {
            assert_eq!(begun, 0, "after {at}: {point}");
        }
        assert!(
            lab.run(&["twin", "export"]).exits(0).stdout == expected,
            "after {at}: {point}"
        );
    }
    places.len()
}

#[test]
fn before_the_intent_around_the_request_and_between_steps() {
    let points = at_each(|| (Lab::small(), "runbooks/small.rhai"), |_| true);
    assert!(points > 12, "{points}");
}

#[test]
fn while_a_task_is_waited_for() {
    let prepare = || {
        let lab = Lab::small();
        lab.write("runbooks/network.rhai", &network());
        (lab, "runbooks/network.rhai")
    };
    assert!(at_each(prepare, |point| point.starts_with("wait")) > 0);
}

#[test]
fn while_a_read_is_never_answered() {
    let lab = Lab::small();
    lab.run(&["twin", "fault", "hang", "GET /access/groups/*"])
        .exits(0);
    let mut command = lab.command(&["run", "runbooks/small.rhai", "--twin", "--json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    assert!(lines.any(|line| line.contains("\"operation_started\"")));
    std::thread::sleep(Duration::from_millis(100));
    press(&child);
    let last = lines.last().unwrap();
    assert!(last.contains("\"status\":\"interrupted\""), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    lab.run(&["twin", "fault", "clear"]).exits(0);
    lab.run(&["resume"]).exits(0);
}

#[test]
fn in_a_question() {
    let lab = Lab::small();
    lab.replace(
        "runbooks/small.rhai",
        "parallel([1, 2], |n| n + 1)",
        "confirm(\"Go on?\")",
    );
    // A terminal of its own: Ctrl-C is a byte there, and the question is really asked.
    let words = format!(
        "{} run runbooks/small.rhai --twin --ask",
        env!("CARGO_BIN_EXE_homelab")
    );
    let mut child = Command::new("script")
        .args(["-qec", &words, "/dev/null"])
        .current_dir(lab.path("."))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut seen = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains("Go on? [yes/no] ") {
        assert_eq!(
            output.read(&mut byte).unwrap(),
            1,
            "{}",
            String::from_utf8_lossy(&seen)
        );
        seen.extend(byte);
    }
    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    output.read_to_end(&mut seen).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(
        status.code(),
        Some(130),
        "{}",
        String::from_utf8_lossy(&seen)
    );
    let resumed = lab.run(&["resume", "--yes", "--json"]).exits(0).finished();
    assert_eq!(resumed["steps"]["recorded"], 2);
}
