//! Units that fail, that are masked, that go, and that are restarted for what they read: in a run and in its plan.

use runbook::{execute::Outcome, failure::Failure, journal::Entry};
use twin::{
    facts::Command,
    fault::{Fault, Happens},
};
use world::code;

use crate::lab::{Lab, changes, step_value, trouble};

const HEAD: &str = r#"runbook("units", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root" });
fn service(name, text) {
    host::file("pve1", `/etc/systemd/system/${name}.service`, #{ content: "[Service]\n" + text + "\n[Install]\nWantedBy=multi-user.target\n" })
}
"#;

/// A program that says something and ends.
fn program(run: &str, output: &str, status: i32, seconds: f64) -> Command {
    Command {
        run: run.to_owned(),
        output: output.to_owned(),
        status,
        seconds,
        ..Command::default()
    }
}

fn lab() -> Lab {
    let commands = vec![
        program("/bin/dies", "I die\n", 3, 0.0),
        program("/bin/lives-a-while", "I die later\n", 4, 0.3),
        program("/bin/takes-its-time", "", 0, 30.0),
        program("/bin/ends", "bye\n", 0, 0.1),
    ];
    Lab::with_commands(".", commands)
}

/// A runbook of steps, each its id and its body.
fn book(steps: &[(&str, &str)]) -> String {
    let steps = steps
        .iter()
        .map(|(id, body)| format!("step(\"{id}\", \"{id}\", || {{ {body} }});\n"));
    format!("{HEAD}{}", steps.collect::<String>())
}

/// The failure of a run that has to fail.
#[track_caller]
fn failure(outcome: &Result<Outcome, Failure>) -> &Failure {
    let outcome = outcome.as_ref().unwrap();
    outcome.finished.failure.as_ref().unwrap()
}

/// Plans and runs; the plan has to have the run's changes. Gives them.
#[track_caller]
fn as_planned(lab: &Lab, source: &str) -> Vec<String> {
    let planned = lab.plan(source);
    assert_eq!(trouble(&planned), None);
    let done = lab.run(source);
    assert_eq!(trouble(&done), None);
    let done = changes(&done.unwrap());
    assert_eq!(changes(&planned.unwrap()), done);
    done
}

const LOOP: &str = r#"service("loop", "ExecStart=/bin/dies\nRestart=always\nRestartSec=5");"#;
const RUNS: &str = r#"host::unit("pve1", "loop.service", #{ running: true, stays: "2 s" });"#;

#[test]
fn a_unit_that_dies_again_and_again_does_not_run() {
    let lab = lab();
    let source = book(&[("file", LOOP), ("start", RUNS)]);
    let first = lab.run(&source);
    let why = failure(&first);
    assert_eq!(why.code, code::host::unit_failed);
    assert!(why.to_string().contains("auto-restart"), "{why}");
    let cause = why.causes.join("\n");
    assert!(
        cause.contains("journal of loop.service") && cause.contains("I die"),
        "{cause}"
    );
    let again = book(&[("start", RUNS)]);
    let planned = lab.plan(&again).unwrap();
    let second = lab.run(&again);
    assert_eq!(failure(&second).code, code::host::unit_failed);
    let change = [
        r#"start unit loop.service on pve1: {"active":"activating (auto-restart)"} -> {"active":"active"}"#,
    ];
    assert_eq!(changes(&planned), change);
    assert_eq!(changes(second.as_ref().unwrap()), change);
}

#[test]
fn a_unit_that_dies_a_while_after_its_start_is_seen() {
    for (program, state) in [
        ("lives-a-while", "failed, with result exit-code"),
        ("ends", "inactive"),
        ("lives-a-while\\nRestart=always", "restarted"),
    ] {
        let lab = lab();
        let file = format!(r#"service("loop", "ExecStart=/bin/{program}");"#);
        let done = lab.run(&book(&[("file", &file), ("start", RUNS)]));
        let why = failure(&done);
        assert_eq!(why.code, code::host::unit_failed, "{program}");
        assert!(why.to_string().contains(state), "{why}");
    }
    let lab = lab();
    let file = r#"service("loop", "ExecStart=/bin/lives-a-while");"#;
    let short = r#"host::unit("pve1", "loop.service", #{ running: true, stays: "100 ms" });"#;
    let done = lab.run(&book(&[("file", file), ("start", short)]));
    assert_eq!(trouble(&done), None, "as long as the script says");
}

#[test]
fn a_mended_unit_runs_when_the_run_is_resumed() {
    let lab = lab();
    let journal = Lab::journal();
    let broken = book(&[("file", LOOP), ("start", RUNS)]);
    assert!(trouble(&lab.run_on(&broken, &journal)).is_some());
    let mended = broken.replace("/bin/dies", "/bin/stays");
    let resumed = lab.run_on(&mended, &journal);
    assert_eq!(trouble(&resumed), None);
    let again = lab.run(&mended).unwrap();
    assert_eq!(changes(&again), [] as [&str; 0]);
}

#[test]
fn a_run_that_ends_while_a_unit_is_watched_watches_it_again() {
    let lab = lab();
    let journal = Lab::journal();
    let file = r#"service("loop", "ExecStart=/bin/lives-a-while\nRestart=always\nRestartSec=1");"#;
    let source = book(&[("file", file), ("start", RUNS)]);
    assert!(trouble(&lab.run_until(&source, &journal, "wait host::unit")).is_some());
    let resumed = lab.run_on(&source, &journal);
    assert_eq!(failure(&resumed).code, code::host::unit_failed);
}

#[test]
fn a_oneshot_ends_well_and_is_waited_for() {
    let lab = lab();
    let file =
        r#"service("once", "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/takes-its-time");"#;
    let on = r#"host::unit("pve1", "once.service", #{ enabled: true, running: true }).active"#;
    let source = book(&[("file", file), ("on", on)]);
    as_planned(&lab, &source);
    assert_eq!(changes(&lab.run(&source).unwrap()), [] as [&str; 0]);
    let restart = r#"host::reboot("pve1", #{ when: "a test" });"#;
    let impatient = on.replace("running: true", "running: true, timeout: \"3 s\"");
    let late = lab.run(&book(&[("restart", restart), ("on", &impatient)]));
    assert_eq!(failure(&late).code, code::host::unit_late);
    let patient = lab.run(&book(&[("on", on)])).unwrap();
    assert_eq!(changes(&patient), [] as [&str; 0], "it started by itself");
    assert_eq!(step_value(&patient, "on").unwrap(), "active");
}

#[test]
fn a_oneshot_that_passes_is_run_each_time_and_one_that_fails_is_refused() {
    let lab = lab();
    let file = r#"service("once", "Type=oneshot\nExecStart=/bin/true");"#;
    let on = r#"host::unit("pve1", "once.service", #{ running: true });"#;
    as_planned(&lab, &book(&[("file", file), ("on", on)]));
    assert_eq!(as_planned(&lab, &book(&[("on", on)])).len(), 1);
    let failing = file.replace("/bin/true", "/bin/dies");
    let done = lab.run(&book(&[("file", &failing), ("on", on)]));
    let why = failure(&done);
    assert_eq!(why.code, code::host::failed);
    assert!(why.causes.join("\n").contains("I die"), "{why:?}");
}

#[test]
fn what_a_mask_hid_is_there_without_it() {
    let lab = lab();
    let unit = |spec: &str| format!(r#"host::unit("pve1", "cron.service", #{{ {spec} }});"#);
    let mask = book(&[("mask", &unit("masked: true, running: false"))]);
    assert_eq!(as_planned(&lab, &mask).len(), 2);
    let off = book(&[
        (
            "unmask",
            &unit("masked: false, running: true, enabled: true"),
        ),
        ("off", &unit("enabled: false")),
    ]);
    assert_eq!(
        as_planned(&lab, &off),
        [
            r#"unmask unit cron.service on pve1: {"masked":"masked"} -> {"masked":"loaded"}"#,
            r#"unmask unit cron.service on pve1: {"active":"inactive"} -> {"active":"active"}"#,
            r#"off unit cron.service on pve1: {"enabled":"enabled"} -> {"enabled":"disabled"}"#,
        ]
    );
}

#[test]
fn a_timer_goes_without_systemd_reading_its_units_again() {
    let lab = lab();
    let spec = r#"calendar: "daily", command: "/bin/true""#;
    let make = format!(r#"host::timer("pve1", "tt", #{{ {spec} }});"#);
    as_planned(&lab, &book(&[("make", &make)]));
    let other = make.replace("/bin/true", "/bin/echo");
    let changed = as_planned(&lab, &book(&[("make", &other)]));
    assert!(
        changed[1].contains("read again for"),
        "a timer holds its service: {changed:?}"
    );
    let gone = book(&[("gone", r#"host::timer("pve1", "tt", #{ absent: true });"#)]);
    let changed = as_planned(&lab, &gone);
    assert_eq!(changed.len(), 4, "{changed:?}");
}

#[test]
fn numbers_of_users_who_go_are_free_again_in_a_plan_too() {
    let lab = lab();
    let make = r#"host::group("pve1", "other", #{ gid: 1500 }); host::user("pve1", "zed", #{}); host::group("pve1", "zeds", #{});"#;
    as_planned(&lab, &book(&[("make", make)]));
    let gone = r#"
        host::user("pve1", "zed", #{ absent: true });
        host::group("pve1", "zeds", #{ absent: true });
        host::group("pve1", "other", #{ absent: true });
        let gid = host::group("pve1", "gg", #{}).gid;
        let uid = host::user("pve1", "uu", #{}).uid;
        host::group("pve1", "gg", #{ absent: true });
        [uid, gid]
    "#;
    let source = book(&[("gone", gone)]);
    let planned = lab.plan(&source).unwrap();
    let done = lab.run(&source).unwrap();
    assert_eq!(changes(&planned), changes(&done));
    for outcome in [&planned, &done] {
        assert_eq!(
            step_value(outcome, "gone").unwrap(),
            serde_json::json!([1000, 1000])
        );
    }
}

const READER: &str = r#"service("reader", "ExecStart=/bin/reader"); host::unit("pve1", "reader.service", #{ running: true });"#;

/// The step that restarts the reader.
fn reads(spec: &str) -> String {
    format!(r#"host::unit("pve1", "reader.service", #{{ {spec} reads: ["/etc/reader.conf"] }});"#)
}

fn settings(text: &str) -> String {
    format!(r#"host::file("pve1", "/etc/reader.conf", #{{ content: "{text}\n" }});"#)
}

/// Whether the unit was restarted for its file.
fn is_restarted(outcome: &Outcome) -> bool {
    let all = changes(outcome);
    all.iter().any(|change| change.contains("restarted for"))
}

#[test]
fn a_restart_for_what_a_unit_reads_is_not_forgotten_by_a_failure() {
    let refused = Happens::Answer {
        status: 500,
        reason: "Transport endpoint is not connected".to_owned(),
    };
    for spec in ["running: true,", ""] {
        for is_fresh in [false, true] {
            let lab = lab();
            assert_eq!(trouble(&lab.run(&book(&[("reader", READER)]))), None);
            let source = book(&[("file", &settings("a")), ("restart", &reads(spec))]);
            let fault = Fault::at_call("HOST /pve1/unit_do", 1, refused.clone());
            lab.twin.add_fault(&fault).unwrap();
            let journal = Lab::journal();
            let failed = lab.run_on(&source, &journal);
            let why = failure(&failed);
            assert_eq!(why.code, code::host::failed);
            assert!(
                why.causes.join("\n").contains("journal of reader.service"),
                "{why:?}"
            );
            lab.twin.clear_faults().unwrap();
            let next = if is_fresh {
                lab.run(&source)
            } else {
                lab.run_on(&source, &journal)
            };
            assert_eq!(trouble(&next), None);
            assert!(is_restarted(&next.unwrap()), "{spec} {is_fresh}");
            assert_eq!(changes(&lab.run(&source).unwrap()), [] as [&str; 0]);
        }
    }
}

#[test]
fn a_restart_for_what_a_unit_reads_is_not_forgotten_by_an_end_of_the_run() {
    for point in [
        "after write host::file: write",
        "after write host::unit: unit_do",
    ] {
        for is_fresh in [false, true] {
            let lab = lab();
            assert_eq!(trouble(&lab.run(&book(&[("reader", READER)]))), None);
            let source = book(&[("file", &settings("a")), ("restart", &reads(""))]);
            let journal = Lab::journal();
            let stopped = lab.run_until(&source, &journal, point);
            assert!(trouble(&stopped).is_some(), "{point}");
            let next = if is_fresh {
                lab.run(&source)
            } else {
                lab.run_on(&source, &journal)
            };
            assert_eq!(trouble(&next), None, "{point}");
            let was_sent = point == "after write host::unit: unit_do";
            assert_eq!(
                is_restarted(&next.unwrap()),
                !was_sent,
                "{point} {is_fresh}"
            );
        }
    }
}

#[test]
fn a_unit_that_its_restart_killed_is_started_again() {
    for is_fresh in [false, true] {
        let lab = lab();
        assert_eq!(trouble(&lab.run(&book(&[("reader", READER)]))), None);
        // Its file changes what it runs, and so does what it reads.
        let broken = READER.replace("/bin/reader", "/bin/dies");
        let broken = broken.split_once(" host::unit").unwrap().0.to_owned();
        let source = book(&[
            ("file", &settings("a")),
            ("own", &broken),
            ("restart", &reads("")),
        ]);
        let journal = Lab::journal();
        let failed = lab.run_on(&source, &journal);
        assert_eq!(failure(&failed).code, code::host::unit_failed);
        let mended = source.replace("/bin/dies", "/bin/reader");
        let next = if is_fresh {
            lab.run(&mended)
        } else {
            lab.run_on(&mended, &journal)
        };
        assert_eq!(trouble(&next), None);
        assert!(is_restarted(&next.unwrap()), "{is_fresh}");
    }
}

#[test]
fn a_refused_reload_of_sshd_has_its_journal_as_cause() {
    let lab = lab();
    let refused = Happens::Answer {
        status: 500,
        reason: "Job for ssh.service failed.".to_owned(),
    };
    let fault = Fault::at_call("HOST /pve1/unit_do", 1, refused);
    lab.twin.add_fault(&fault).unwrap();
    let step = r#"host::sshd_config("pve1", "10-x", #{ settings: #{ MaxAuthTries: 3 } });"#;
    let done = lab.run(&book(&[("sshd", step)]));
    let causes = failure(&done).causes.join("\n");
    assert!(causes.contains("Job for ssh.service failed."), "{causes}");
    assert!(
        causes.contains("journal of ssh.service: Started ssh.service."),
        "{causes}"
    );
}

#[test]
fn a_restart_of_the_host_tells_the_last_lines_of_units_that_failed() {
    let lab = lab();
    let file = r#"service("dies", "ExecStart=/bin/dies"); host::unit("pve1", "dies.service", #{ enabled: true });"#;
    let restart = r#"host::reboot("pve1", #{ when: "a test" })"#;
    let done = lab.run(&book(&[("file", file), ("restart", restart)]));
    assert_eq!(trouble(&done), None);
    let done = done.unwrap();
    let value = step_value(&done, "restart").unwrap();
    assert_eq!(value["state"], "degraded");
    assert_eq!(value["failed"], serde_json::json!(["dies.service"]));
    let notes = done
        .entries
        .iter()
        .filter_map(|stored| match &stored.entry {
            Entry::Note(note) => Some(note.text.as_str()),
            _ => None,
        });
    let notes = notes.collect::<Vec<_>>().join("\n");
    assert!(
        notes.contains("dies.service failed on pve1") && notes.contains("I die"),
        "{notes}"
    );
}
