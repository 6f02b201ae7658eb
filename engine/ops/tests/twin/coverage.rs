//! `docs/guide/coverage.md` against the plan of phase 1, its runbook and the tests that are named.

use std::{fs, path::Path};

use crate::lab::Lab;

const PHASE1: &str = include_str!("../../../../runbooks/phase1.rhai");
const TABLE: &str = include_str!("../../../../docs/guide/coverage.md");

/// Each line of the plan with its letters.
const PLAN: &[(&str, &str)] = &[
    ("1.1", "abcdef"),
    ("1.2", "abcdef"),
    ("1.3", "abcde"),
    ("1.4", "abcde"),
    ("1.5", "abcdefgh"),
    ("1.6", "abcde"),
];

/// A row: line, what, steps, worlds, tests.
type Row = [String; 5];

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| line.starts_with("| 1."));
    lines
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
            cells
                .try_into()
                .unwrap_or_else(|_| panic!("five cells: {line}"))
        })
        .collect()
}

/// What stands between backticks in a cell.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Whether a step is one that the table names, where words in capitals stand for what docs name.
fn is_step(named: &str, step: &str) -> bool {
    match named.find(|letter: char| letter.is_ascii_uppercase()) {
        Some(end) => step.starts_with(&named[..end]) && step.len() > end,
        None => step == named,
    }
}

fn steps(folder: &str) -> Vec<String> {
    let (_, listed) = Lab::open(folder).inspect(PHASE1).unwrap();
    listed.into_iter().map(|step| step.id).collect()
}

#[test]
fn each_line_of_the_plan_has_its_row_and_no_other_has() {
    let lines: Vec<String> = rows().into_iter().map(|[line, ..]| line).collect();
    let plan = PLAN
        .iter()
        .flat_map(|(line, letters)| letters.chars().map(move |letter| format!("{line}{letter}")));
    assert_eq!(lines, plan.collect::<Vec<_>>());
}

#[test]
fn each_step_of_the_runbook_stands_in_the_table_and_each_named_step_in_the_runbook() {
    let rows = rows();
    let named: Vec<&str> = rows
        .iter()
        .flat_map(|[_, _, steps, ..]| quoted(steps))
        .collect();
    let example = steps(".");
    for step in example.iter().chain(&steps("tests/cases/second-lab")) {
        assert!(
            named.iter().any(|own| is_step(own, step)),
            "{step} isn't in the table"
        );
    }
    for own in named {
        // What no lab of the tests calls for stands in the runbook at least.
        let is_there = example.iter().any(|step| is_step(own, step))
            || PHASE1.contains(&format!("step(\"{own}\""));
        assert!(is_there, "there is no step {own}");
    }
}

#[test]
fn each_line_has_steps_and_tests_unless_it_says_why_not() {
    for [line, _, steps, worlds, tests] in rows() {
        if steps == "later phase" || steps == "not yet" {
            assert_eq!((worlds.as_str(), tests.as_str()), ("-", "-"), "{line}");
            continue;
        }
        assert!(!quoted(&steps).is_empty(), "{line} has no step");
        assert!(!quoted(&tests).is_empty(), "{line} has no test");
        for world in worlds.split(", ") {
            assert!(
                ["twin", "wire", "real part"].contains(&world),
                "{line}: {world}"
            );
        }
    }
}

#[test]
fn each_named_test_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for [line, .., tests] in rows() {
        for test in quoted(&tests) {
            let (file, function) = test.split_once("::").unwrap_or((test, ""));
            let text = fs::read_to_string(root.join(file));
            let text = text.unwrap_or_else(|error| panic!("{line}: {file}: {error}"));
            let is_there = function.is_empty() || text.contains(&format!("fn {function}()"));
            assert!(is_there, "{line}: {file} has no test {function}");
        }
    }
}
