//! What a fixed piece of work costs, in counts that don't flicker: a change of them is seen before it's measured.

#![expect(clippy::unwrap_used, reason = "a test that can't be set up fails")]

use std::sync::{Arc, Mutex, PoisonError};

use runbook::journal::{MemoryJournal, SqliteJournal};
use world::host::{Call, OPERATOR, Port, Script};

use crate::{commits::commits, counted::Counted, lab::Lab};

mod commits;
mod counted;
mod lab;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Held by each test: what others do meanwhile must not be counted.
static TURN: Mutex<()> = Mutex::new(());

/// 30 operations on one host.
fn work() -> String {
    let mut lines = vec!["runbook(\"work\", \"1.0.0\");".to_owned()];
    let mut step = |name: &str, calls: Vec<String>| {
        lines.push(format!(
            "step(\"{name}\", \"Some {name}\", || {{\n    {};\n}});",
            calls.join(";\n    ")
        ));
    };
    let each = |count: usize, call: &dyn Fn(usize) -> String| (0..count).map(call).collect();
    step(
        "directories",
        each(5, &|n| {
            format!("host::directory(\"operator\", \"folder-{n}\", #{{ mode: \"755\" }})")
        }),
    );
    step(
        "files",
        each(20, &|n| {
            format!(
                "host::file(\"operator\", \"folder-{}/file-{n}\", #{{ content: \"number {n}\\n\" }})",
                n % 5
            )
        }),
    );
    step(
        "links",
        each(5, &|n| {
            format!("host::link(\"operator\", \"link-{n}\", #{{ target: \"folder-{n}\" }})")
        }),
    );
    lines.join("\n")
}

#[test]
fn what_a_run_costs() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.db");
    let lab = Lab::new(Arc::new(SqliteJournal::open(&journal).unwrap()));
    let hosts = Arc::new(Counted::start(&lab));
    let mut rows = Vec::new();
    for what in ["first run", "nothing to change", "the same again"] {
        let started = processes(&lab, &hosts);
        let before = (hosts.counts(), commits(&journal));
        let changes = lab.run(&work(), Arc::clone(&hosts) as _);
        let after = (hosts.counts(), commits(&journal));
        let started = processes(&lab, &hosts) - started;
        let (trips, sent, received) = after.0.since(before.0);
        let commits = after.1 - before.1;
        rows.push(format!(
            "{what}: {changes} changes, {trips} round trips, {sent} bytes sent, {received} received, {started} processes, \
             {commits} commits"
        ));
    }
    insta::assert_snapshot!(rows.join("\n"));
}

/// The number of the newest process in the host's own process namespace, which counts them.
fn processes(lab: &Lab, hosts: &Counted) -> u64 {
    let call = Script::new("echo $$").call().unwrap();
    let look = Call::new(world::host::Verb::LOOK, call.args).with_input(call.input);
    let reply = lab.runtime().block_on(hosts.call(OPERATOR, look)).unwrap();
    reply.text().trim().parse().unwrap()
}

#[test]
fn what_a_step_and_an_operation_allocate() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::new(Arc::new(MemoryJournal::with_key(b"key".to_vec())));
    let hosts = Arc::new(Counted::start(&lab));
    let steps = |count: usize| {
        format!(
            "runbook(\"steps\", \"1.0.0\");\nfor n in 0..{count} {{ step(`s-${{n}}`, \"Nothing\", || n + 1); }}"
        )
    };
    let files = |count: usize| {
        format!(
            "runbook(\"files\", \"1.0.0\");\nstep(\"files\", \"Files\", || {{ for n in 0..{count} {{ host::directory(\"operator\", \".\", #{{}}); }} }});"
        )
    };
    let _profiler = dhat::Profiler::builder().testing().build();
    let per = |source: &dyn Fn(usize) -> String| {
        let blocks = |count: usize| {
            let before = dhat::HeapStats::get().total_blocks;
            lab.run(&source(count), Arc::clone(&hosts) as _);
            dhat::HeapStats::get().total_blocks - before
        };
        // What is made once is made before.
        blocks(10);
        let (few, many) = (blocks(100), blocks(200));
        (many - few).div_ceil(100)
    };
    let (step, operation) = (per(&steps), per(&files));
    insta::assert_snapshot!(format!(
        "a step: {step} allocations\nan operation with nothing to change: {operation} allocations"
    ));
}
