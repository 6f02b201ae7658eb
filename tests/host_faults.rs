//! Faults of hosts: each is a clear report, nothing is done twice, and once it's over the run goes on to the same end.

use crate::{reports::reports, support::Lab};

const HEAD: &str = r#"runbook("hosts", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "USER", password: secret("PROXMOX_PASSWORD") });
"#;
const FILE: &str = r#"step("file", "Write a file", || host::file("pve1", "/etc/lab.conf", #{ content: "hello\n" }));"#;
const PACKAGES: &str = r#"step("packages", "Install a package", || {
    for name in ["pve-enterprise", "ceph"] {
        host::file("pve1", `/etc/apt/sources.list.d/${name}.sources`, #{ absent: true });
    }
    host::packages("pve1", #{ names: ["fio"] })
});"#;
const REBOOT: &str = r#"step("reboot", "Restart", || host::reboot("pve1", #{ when: "a test" }));"#;

const RUN: &[&str] = &["run", "runbooks/hosts.rhai", "--yes", "--twin"];
const RUN_JSON: &[&str] = &["run", "runbooks/hosts.rhai", "--yes", "--twin", "--json"];

fn lab(user: &str, step: &str) -> Lab {
    let lab = Lab::small();
    let head = HEAD.replace("USER", user);
    lab.write("runbooks/hosts.rhai", &format!("{head}{step}\n"));
    lab.write(".envrc", "export PROXMOX_PASSWORD='a password'\n");
    lab
}

fn export(lab: &Lab) -> String {
    lab.run(&["twin", "export"]).exits(0).stdout
}

/// Runs with a fault, compares the report, goes on without the fault, and ends as if there had been none.
#[track_caller]
fn faulted(name: &str, fault: &[&str], user: &str, step: &str) {
    let whole = lab(user, step);
    whole.run(RUN).exits(0);
    let lab = lab(user, step);
    lab.run(&[&["twin", "fault"], fault].concat()).exits(0);
    let failed = lab.run(RUN).exits(1);
    reports(&lab, name, &failed);
    lab.run(&["twin", "fault", "clear"]).exits(0);
    lab.run(&["resume", "--yes"]).exits(0);
    assert!(export(&lab) == export(&whole), "another end");
    let again = lab.run(RUN_JSON).exits(0);
    let expected = u64::from(step == REBOOT);
    assert_eq!(again.finished()["changes"], expected, "{step}");
}

/// The same with a fault that the run gets over by itself.
#[track_caller]
fn got_over(fault: &[&str], user: &str, step: &str) {
    let whole = lab(user, step);
    let wanted = whole.run(RUN_JSON).exits(0).finished();
    let lab = lab(user, step);
    lab.run(&[&["twin", "fault"], fault].concat()).exits(0);
    let run = lab.run(RUN_JSON).exits(0).finished();
    assert_eq!(run["changes"], wanted["changes"]);
    assert!(export(&lab) == export(&whole), "another end");
}

#[test]
fn a_host_that_refuses_connections() {
    faulted("host_refused", &["host", "pve1", "refused"], "root", FILE);
}

#[test]
fn a_host_with_another_key() {
    faulted(
        "host_wrong_key",
        &["host", "pve1", "wrong-key"],
        "root",
        FILE,
    );
}

#[test]
fn a_user_who_may_not_become_root() {
    faulted("host_no_root", &["host", "pve1", "no-root"], "ops", FILE);
}

#[test]
fn a_full_disk() {
    faulted(
        "host_full_disk",
        &["host", "pve1", "full-disk"],
        "root",
        FILE,
    );
}

#[test]
fn a_read_only_file_system() {
    faulted(
        "host_read_only",
        &["host", "pve1", "read-only"],
        "root",
        FILE,
    );
}

#[test]
fn a_lock_of_the_packages_that_is_never_released() {
    faulted(
        "host_package_lock",
        &["host", "pve1", "package-lock"],
        "root",
        PACKAGES,
    );
}

#[test]
fn a_host_that_does_not_come_back() {
    faulted(
        "host_no_return",
        &["host", "pve1", "no-return"],
        "root",
        REBOOT,
    );
}

#[test]
fn a_call_that_never_answers() {
    faulted("host_hang", &["hang", "HOST /pve1/write"], "root", FILE);
}

#[test]
fn a_call_whose_connection_is_lost_before_it() {
    faulted("host_drop", &["drop", "HOST /pve1/write"], "root", FILE);
}

#[test]
fn a_call_that_was_carried_out_is_not_repeated_when_its_connection_is_lost() {
    let fault = &["drop", "HOST /pve1/write", "--carried-out"];
    got_over(fault, "root", FILE);
    let fault = &["drop", "HOST /pve1/packages_install", "--carried-out"];
    got_over(fault, "root", PACKAGES);
}

#[test]
fn a_slow_host_is_waited_for() {
    got_over(&["host", "pve1", "slow"], "root", FILE);
}
