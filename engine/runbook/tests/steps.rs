//! Steps, resume and the journal, on a small world in memory.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod harness;

use harness::{Bench, course};
use runbook::{
    failure::Class,
    journal::{Entry, Selection, Status},
};
use world::code;

const TWO: &str = r#"
let nodes = facts::table("D", "Nodes");
let one = step("one", "First", || { test::file(#{ path: "/a", text: "A" }); 40 });
step("two", "Second", || { test::file(#{ path: "/b", text: `${one + 2}` }); nodes["a"].address.to_string() });
"#;

#[test]
fn an_interruption_before_the_first_entry_leaves_nothing_to_go_on_with() {
    let bench = Bench::default();
    bench.cancel.cancel();
    let failure = bench.run("for i in 0..1000000 { let x = i; }").unwrap_err();
    assert_eq!(failure.class, runbook::failure::Class::Interrupted);
    assert_eq!(failure.help.as_deref(), Some("nothing was started"));
    assert!(bench.journal.runs(None).unwrap().is_empty());
}

#[test]
fn a_closure_over_the_list_that_it_is_called_on_is_named_in_own_words() {
    let source = "step(\"a\", \"A\", || { let all = [1, 2]; all.map(|n| n + all.len()) });";
    let failure = Bench::default()
        .run(source)
        .unwrap()
        .finished
        .failure
        .unwrap();
    let words = "a closure uses the value that map works on while it calls the closure";
    assert_eq!(failure.message, words);
    assert!(failure.help.unwrap().contains("a copy"));
}

#[test]
fn a_call_that_fits_no_function_is_named_in_the_words_of_scripts() {
    let table = [
        (
            "to_upper(\"a\", 1, [], #{})",
            "there is no function to_upper(text, integer, list, map)",
        ),
        (
            "facts::table(\"D\", \"Nodes\")[\"a\"].to_upper(1.5)",
            "there is no function to_upper(row, float)",
        ),
        ("none()", "there is no function none()"),
    ];
    for (call, words) in table {
        let source = format!("step(\"a\", \"A\", || {call});");
        let failure = Bench::default().run(&source).unwrap().finished.failure;
        assert_eq!(failure.unwrap().message, words);
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let bench = Bench::default();
    let first = bench.run(TWO).unwrap();
    assert_eq!(
        first.finished.status,
        Status::Succeeded,
        "{:?}",
        first.finished.failure
    );
    assert_eq!((first.finished.changes, first.finished.steps.done), (2, 2));
    assert_eq!(bench.file("/b").as_deref(), Some("42"));
    let second = bench.run(TWO).unwrap();
    assert_eq!(
        (second.finished.changes, second.finished.steps.done),
        (0, 2)
    );
}

#[test]
fn a_failed_run_goes_on_where_it_stopped() {
    let bench = Bench::default();
    let failing = TWO.replace(
        "40 });",
        "40 });\nstep(\"bad\", \"Bad\", || { throw \"no\" });",
    );
    let failed = bench.run(&failing).unwrap();
    assert_eq!(failed.finished.status, Status::Failed);
    let failure = failed.finished.failure.clone().unwrap();
    assert_eq!(failure.message, "no");
    assert_eq!(failure.place.unwrap().line, 5);
    let fixed = failing.replace("throw \"no\"", "1");
    let resumed = bench.run(&fixed).unwrap();
    let expected = [("one", "recorded"), ("bad", "done"), ("two", "done")];
    assert_eq!(
        course(&resumed),
        expected.map(|(step, what)| (step.to_owned(), what))
    );
    assert_eq!(resumed.finished.run, failed.finished.run);
}

/// Runs `before` until its last step fails, then `after`; gives what became of the first two steps.
fn resumed(change: impl Fn(&mut Bench, &str) -> String) -> Vec<(String, &'static str)> {
    let mut bench = Bench::default();
    bench.variables.insert("X".to_owned(), "1".to_owned());
    let before = format!(
        "{TWO}\nstep(\"env\", \"Reads\", || env(\"X\"));\nstep(\"end\", \"End\", || throw \"end\");"
    );
    assert_eq!(bench.run(&before).unwrap().finished.status, Status::Failed);
    let after = change(&mut bench, &before);
    let outcome = bench.run(&after).unwrap();
    let mut course = course(&outcome);
    course.pop();
    course
}

fn steps(of: [(&str, &'static str); 3]) -> Vec<(String, &'static str)> {
    of.map(|(step, what)| (step.to_owned(), what)).to_vec()
}

#[test]
fn a_moved_step_and_a_comment_rerun_nothing() {
    let all = [
        ("one", "recorded"),
        ("two", "recorded"),
        ("env", "recorded"),
    ];
    assert_eq!(resumed(|_, source| source.to_owned()), steps(all));
    assert_eq!(
        resumed(|_, source| source.replace("let one", "// why\n\nlet   one")),
        steps(all)
    );
    let commented = |_: &mut Bench, source: &str| source.replace("40 }", "/* x */\n  40 }");
    assert_eq!(resumed(commented), steps(all));
    let moved = resumed(|_, source| {
        let env = "step(\"env\", \"Reads\", || env(\"X\"));";
        let without = source.replace(env, "");
        without.replacen("let one", &format!("{env}\nlet one"), 1)
    });
    assert_eq!(
        moved,
        steps([
            ("env", "recorded"),
            ("one", "recorded"),
            ("two", "recorded")
        ])
    );
}

#[test]
fn one_cell_reruns_just_its_readers() {
    let read = resumed(|bench, source| {
        bench.docs = bench.docs.replace("10.0.0.1", "10.0.0.9");
        source.to_owned()
    });
    assert_eq!(
        read,
        steps([("one", "recorded"), ("two", "done"), ("env", "recorded")])
    );
    let unread = resumed(|bench, source| {
        bench.docs = bench.docs.replace("10.0.0.2", "10.0.0.9");
        source.to_owned()
    });
    assert_eq!(
        unread,
        steps([
            ("one", "recorded"),
            ("two", "recorded"),
            ("env", "recorded")
        ])
    );
}

#[test]
fn a_cell_that_a_parallel_body_reads_reruns_its_step_and_just_that_body() {
    let mut bench = Bench::default();
    let source = "let nodes = facts::table(\"D\", \"Nodes\");\n\
                  step(\"all\", \"All\", || parallel([\"a\", \"b\"], |name| nodes[name].address.to_string()));\n\
                  step(\"end\", \"End\", || throw \"end\");";
    assert_eq!(bench.run(source).unwrap().finished.status, Status::Failed);
    bench.docs = bench.docs.replace("10.0.0.2", "10.0.0.9");
    let mut ran = course(&bench.run(source).unwrap());
    ran.pop();
    let expected = [("all/b", "done"), ("all", "done")];
    assert_eq!(ran, expected.map(|(step, what)| (step.to_owned(), what)));
}

#[test]
fn an_environment_name_reruns_its_readers_and_an_edit_its_step() {
    let variable = resumed(|bench, source| {
        bench.variables.insert("X".to_owned(), "2".to_owned());
        source.to_owned()
    });
    assert_eq!(
        variable,
        steps([("one", "recorded"), ("two", "recorded"), ("env", "done")])
    );
    let edited = resumed(|_, source| source.replace("40 }", "41 }"));
    assert_eq!(
        edited,
        steps([("one", "done"), ("two", "done"), ("env", "recorded")])
    );
}

#[test]
fn a_cut_connection_is_settled_by_the_proof() {
    let bench = Bench::default();
    bench
        .memory
        .break_after
        .store(1, std::sync::atomic::Ordering::SeqCst);
    let outcome = bench.run(TWO).unwrap();
    assert_eq!(
        outcome.finished.status,
        Status::Succeeded,
        "{:?}",
        outcome.finished.failure
    );
    assert_eq!(outcome.finished.changes, 2);
    assert_eq!(
        bench
            .memory
            .writes
            .load(std::sync::atomic::Ordering::SeqCst),
        2
    );
}

#[test]
fn parallel_bodies_are_recorded_by_key() {
    let bench = Bench::default();
    let source = |fail: &str| {
        format!(
            r#"let all = step("all", "All", || parallel(["x", "y", "z"], |name| {{
                 test::file(#{{ path: `/${{name}}`, text: name }});
                 if name == "{fail}" {{ throw "no" }}
                 name + "!"
               }}));
               step("sum", "Sum", || all);"#
        )
    };
    let failed = bench.run(&source("z")).unwrap();
    assert_eq!(failed.finished.status, Status::Failed);
    let outcome = bench.run(&source("-")).unwrap();
    assert_eq!(
        outcome.finished.status,
        Status::Succeeded,
        "{:?}",
        outcome.finished.failure
    );
    assert_eq!(bench.file("/z").as_deref(), Some("z"));
    let last = outcome
        .entries
        .iter()
        .rev()
        .find_map(|stored| match &stored.entry {
            Entry::StepFinished(step) if step.step.0 == "sum" => Some(step.value.clone()),
            _ => None,
        });
    assert_eq!(last.unwrap(), serde_json::json!(["x!", "y!", "z!"]));
}

#[test]
fn refuses_what_would_make_replay_diverge() {
    let cases = [
        (
            "test::file(#{ path: \"/a\", text: \"A\" });",
            code::runbook::outside_step,
        ),
        (
            "step(\"a\", \"A\", || 1); step(\"a\", \"B\", || 2);",
            code::step::twice,
        ),
        (
            "step(\"a\", \"A\", || step(\"b\", \"B\", || 2));",
            code::step::nested,
        ),
        ("step(\"a\", \"A\", || |x| x);", code::step::value),
        ("step(\"a\", \"A\", || secret(\"X\"));", code::step::value),
        (
            "step(\"a\", \"A\", || test::file(#{ path: \"/a\", txt: \"A\" }));",
            code::runbook::field,
        ),
        (
            "step(\"a\", \"A\", || { loop { } });",
            code::runbook::endless,
        ),
        (
            "fn f(n) { f(n + 1) } step(\"a\", \"A\", || f(1));",
            code::runbook::recursion,
        ),
        (
            "step(\"a\", \"A\", || env(\"MISSING\"));",
            code::environment::missing,
        ),
        (
            "step(\"a\", \"A\", || facts::table(\"D\", \"Node\"));",
            code::docs::missing,
        ),
        ("group(\"g\", || group(\"h\", || 1));", code::step::group),
    ];
    for (source, code) in cases {
        let mut bench = Bench::default();
        bench
            .variables
            .insert("X".to_owned(), "hunter22".to_owned());
        let failure = match bench.run(source) {
            Ok(outcome) => outcome.finished.failure.expect(source),
            Err(failure) => failure,
        };
        assert_eq!(failure.code, code, "{source}: {failure:?}");
        assert!(failure.place.is_some(), "{source}");
    }
}

#[test]
fn a_captured_variable_is_a_copy() {
    let bench = Bench::default();
    let source = "let list = [1]; step(\"a\", \"A\", || { list.push(2); list.len() }); step(\"b\", \"B\", || list.len());";
    let outcome = bench.run(source).unwrap();
    let values: Vec<_> = outcome
        .entries
        .iter()
        .filter_map(|stored| match &stored.entry {
            Entry::StepFinished(step) => step.value.as_i64(),
            _ => None,
        })
        .collect();
    assert_eq!(values, [2, 1]);
}

#[test]
fn a_plan_writes_nothing_and_says_what_would_change() {
    let mut bench = Bench::default();
    bench.options.plan = true;
    let outcome = bench.run(TWO).unwrap();
    assert_eq!(outcome.finished.status, Status::Planned);
    assert_eq!(outcome.plan.unwrap().changes.len(), 2);
    assert!(bench.journal.runs(None).unwrap().is_empty());
}

#[test]
fn a_question_is_asked_once_and_without_an_answer_the_run_waits() {
    let mut bench = Bench::default();
    bench.answer = None;
    let source = "step(\"a\", \"A\", || { if confirm(\"Sure?\") { 1 } else { 2 } });";
    let waiting = bench.run(source).unwrap();
    assert_eq!(waiting.finished.status, Status::Interrupted);
    assert_eq!(waiting.finished.failure.unwrap().class, Class::Interrupted);
    bench.answer = Some(false);
    let failing = format!("{source} step(\"b\", \"B\", || throw \"x\");");
    bench.run(&failing).unwrap();
    bench.answer = Some(true);
    let resumed = bench.run(&failing.replace("1 }", "3 }")).unwrap();
    assert!(resumed.entries.iter().any(|stored| matches!(
        &stored.entry,
        Entry::StepFinished(step) if step.value == serde_json::json!(2)
    )));
}

/// Two steps, of which the second asks.
const ASKED: &str = "step(\"a\", \"A\", || 1); step(\"b\", \"B\", || must_confirm(\"Sure?\"));";

#[test]
fn a_no_to_a_question_that_must_be_confirmed_is_asked_again() {
    let mut bench = Bench::default();
    bench.answer = Some(false);
    let stopped = bench.run(ASKED).unwrap().finished;
    assert_eq!(stopped.status, Status::Interrupted);
    bench.answer = Some(true);
    let resumed = bench.run(ASKED).unwrap().finished;
    assert_eq!(
        (resumed.run, resumed.status),
        (stopped.run, Status::Succeeded)
    );
    assert_eq!((resumed.steps.recorded, resumed.steps.done), (1, 1));
}

#[test]
fn a_no_after_which_the_step_failed_is_asked_again() {
    let mut bench = Bench::default();
    let source = "step(\"a\", \"A\", || if !confirm(\"Sure?\") { throw \"then not\" });";
    bench.answer = Some(false);
    assert_eq!(bench.run(source).unwrap().finished.status, Status::Failed);
    bench.answer = Some(true);
    assert_eq!(
        bench.run(source).unwrap().finished.status,
        Status::Succeeded
    );
}

/// Three steps, of which the second can be made to fail.
const THREE: &str = "step(\"a\", \"A\", || 1); step(\"b\", \"B\", || if arg(\"fails\", true) { throw \"x\" } else { 2 }); \
     step(\"c\", \"C\", || 3);";

#[test]
fn a_run_keeps_its_selection_until_it_is_widened_or_begun_anew() {
    let mut bench = Bench::default();
    let until = Selection {
        until: Some("b".to_owned()),
        ..Selection::default()
    };
    bench.options.selection = until.clone();
    let failed = bench.run(THREE).unwrap().finished;
    // Another one is refused, and nothing is recorded of that.
    bench.options.selection.only = vec!["c".to_owned()];
    let refused = bench.run(THREE).unwrap_err();
    assert_eq!(
        (refused.code, refused.class),
        (code::run::selection, Class::Refused)
    );
    assert!(refused.message.contains("--until b"), "{}", refused.message);
    // None, and the same, go on with the run's own.
    for selection in [Selection::default(), until.clone()] {
        bench.options.selection = selection;
        let again = bench.run(THREE).unwrap().finished;
        assert_eq!(
            (again.run, again.steps.skipped, again.steps.failed),
            (failed.run, 0, 1)
        );
    }
    bench.options.selection = until;
    bench.options.selection.arguments = [("fails".to_owned(), "false".to_owned())].into();
    bench.options.widen = true;
    let widened = bench.run(THREE).unwrap().finished;
    assert_eq!(
        (widened.run, widened.status),
        (failed.run, Status::Succeeded)
    );
    assert_eq!((widened.steps.done, widened.steps.skipped), (1, 1));
}

#[test]
fn a_selected_run_is_finished_when_its_selection_is() {
    let mut bench = Bench::default();
    bench.options.selection.until = Some("one".to_owned());
    let selected = bench.run(TWO).unwrap().finished;
    bench.options.selection = Selection::default();
    let whole = bench.run(TWO).unwrap().finished;
    assert_ne!(whole.run, selected.run);
    assert_eq!((whole.steps.recorded, whole.steps.done), (0, 2));
    // What several selected runs recorded stands in together, and says that it wasn't looked at.
    for only in ["two", "one"] {
        bench.options.selection.only = vec![only.to_owned()];
        let outcome = bench.run(TWO).unwrap();
        let why = outcome
            .entries
            .iter()
            .find_map(|stored| match &stored.entry {
                Entry::StepRecorded(recorded) => recorded.why.as_deref(),
                _ => None,
            });
        assert_eq!(
            (outcome.finished.status, why),
            (Status::Succeeded, Some("--only"))
        );
    }
}

#[test]
fn what_is_left_out_stands_in_or_must_run_first() {
    let mut bench = Bench::default();
    bench.options.selection.only = vec!["Second".to_owned()];
    let outcome = bench.run(TWO).unwrap();
    let failure = outcome.finished.failure.unwrap();
    assert_eq!(failure.help.as_deref(), Some("step one must run first"));
    bench.options.selection.only.clear();
    bench.options.widen = true;
    bench.run(TWO).unwrap();
    bench.options.selection.only = vec!["two".to_owned()];
    let outcome = bench.run(TWO).unwrap();
    assert_eq!(
        outcome.finished.status,
        Status::Succeeded,
        "{:?}",
        outcome.finished.failure
    );
    assert_eq!(outcome.finished.steps.recorded, 1);
    bench.options.selection.only = vec!["tow".to_owned()];
    let refused = bench.run(TWO).unwrap_err();
    assert_eq!(refused.help.as_deref(), Some("did you mean \"two\"?"));
}

#[test]
fn errors_point_into_imported_modules() {
    let bench = Bench::default();
    let source = "import \"stdlib/shout\" as voice;\nstep(\"a\", \"A\", || {\n  voice::boom()\n});";
    let failure = bench.run(source).unwrap().finished.failure.unwrap();
    let place = failure.place.unwrap();
    assert_eq!(
        (place.file.as_str(), place.line),
        ("stdlib/shout.rhai", 4),
        "{:?}",
        failure.frames
    );
    assert!(
        failure
            .frames
            .iter()
            .any(|frame| frame.file == "runbooks/test.rhai" && frame.line == 4)
    );
}

#[test]
fn a_step_is_tried_again_only_for_the_errors_it_names() {
    let bench = Bench::default();
    let source = "step(\"a\", \"A\", #{ retry: #{ times: 3, wait: \"5 s\", on: [\"thrown\"] } }, || throw \"x\");";
    let outcome = bench.run(source).unwrap();
    let attempts = |outcome: &runbook::execute::Outcome| {
        let started = |stored: &&runbook::journal::Stored| {
            matches!(stored.entry, runbook::journal::Entry::StepStarted(_))
        };
        outcome.entries.iter().filter(started).count()
    };
    assert_eq!(attempts(&outcome), 3);
    assert!(bench.memory.now.load(std::sync::atomic::Ordering::SeqCst) >= 15_000);
    let outcome = bench.run(&source.replace("thrown", "other")).unwrap();
    assert_eq!(attempts(&outcome), 1);
}

#[test]
fn a_selection_names_steps_that_are_there_in_their_order() {
    let refused = |selection: Selection| {
        let mut bench = Bench::default();
        bench.options.selection = selection;
        let failure = bench.run(THREE).unwrap_err();
        assert_eq!(
            (failure.code, failure.class),
            (code::run::no_step, Class::Refused)
        );
        format!("{}; {}", failure.message, failure.help.unwrap_or_default())
    };
    let name = |name: &str| Some(name.to_owned());
    let reversed = Selection {
        from: name("c"),
        until: name("a"),
        ..Selection::default()
    };
    assert!(refused(reversed).contains("step \"c\" comes after \"a\""));
    let far = Selection {
        only: vec!["1.9".to_owned()],
        ..Selection::default()
    };
    assert!(refused(far).contains("`homelab steps` lists them, each by its id"));
}
