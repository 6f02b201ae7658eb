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

#[test]
fn a_network_that_cuts_a_host_off_is_taken_back_by_itself() {
    let step = |address: &str| {
        format!(
            "step(\"network\", \"Change the network\", || host::interfaces(\"pve1\", #{{ content: `auto lo
iface lo inet loopback

auto vmbr0
iface vmbr0 inet static
\taddress {address}/24
\tgateway 10.10.10.1
\tbridge-ports enp2s0f0
\tbridge-stp off
\tbridge-fd 0
` }}));"
        )
    };
    let lab = lab("root", &step("10.10.10.61"));
    let before = export(&lab);
    let failed = lab.run(RUN).exits(1);
    reports(&lab, "host_network_reverted", &failed);
    let file = "runbooks/hosts.rhai";
    let moved = lab.read(file);
    assert!(moved.contains("10.10.10.61"));
    lab.write(file, &moved.replace("10.10.10.61", "10.10.10.11"));
    let done = lab.run(&["resume", "--yes", "--json"]).exits(0);
    assert!(done.stdout.contains("took back an unconfirmed change"));
    assert!(export(&lab) != before);
    let again = lab.run(RUN_JSON).exits(0);
    assert_eq!(again.finished()["changes"], 0);
}

#[test]
fn settings_of_sshd_that_lock_homelab_out_are_taken_back_by_themselves() {
    for locked in [
        r#"AuthorizedKeysFile: "/nowhere", PasswordAuthentication: false"#,
        r#"PermitRootLogin: "no""#,
        "Port: 2299",
    ] {
        let step = format!(
            r#"step("sshd", "Change sshd", || host::sshd_config("pve1", "01-lab", #{{ settings: #{{ {locked} }} }}));"#
        );
        let lab = lab("root", &step);
        let failed = lab.run(RUN).exits(1);
        let said = &failed.stderr;
        assert!(said.contains("homelab::host::reverted"), "{locked}: {said}");
        let why = if locked.starts_with("Port") {
            "refused"
        } else {
            "refuses the login"
        };
        assert!(said.contains(why), "{locked}: {said}");
        let file = "runbooks/hosts.rhai";
        lab.write(file, &lab.read(file).replace(locked, "MaxAuthTries: 4"));
        let done = lab.run(&["resume", "--yes", "--json"]).exits(0);
        assert!(done.stdout.contains("took back an unconfirmed change"));
        let again = lab.run(RUN_JSON).exits(0);
        assert_eq!(again.finished()["changes"], 0, "{locked}");
    }
}

#[test]
fn a_change_of_sshd_that_ends_its_own_connection_is_taken_back_by_itself() {
    let step = r#"step("sshd", "Change sshd", || host::sshd_config("pve1", "01-lab", #{ settings: #{ PermitRootLogin: "no" } }));"#;
    let lab = lab("root", step);
    let fault = [
        "twin",
        "fault",
        "drop",
        "HOST /pve1/unit_do",
        "--carried-out",
    ];
    lab.run(&fault).exits(0);
    let failed = lab.run(RUN).exits(1);
    let said = &failed.stderr;
    assert!(said.contains("homelab::host::reverted"), "{said}");
}

#[test]
fn a_host_that_opens_one_session_a_connection_is_reached_by_two() {
    let made = r#"step("ops", "Make a user", || {
    let row = facts::table("SOFTWARE", "SSH keys").find(|row| row.owner == "homelab");
    host::user("pve1", "ops", #{ groups: ["sudo"], shell: "/bin/bash" });
    host::authorized_key("pve1", "ops", #{ keys: [row.key] });
});"#;
    let lab = lab("root", made);
    lab.run(RUN).exits(0);
    lab.run(&["twin", "fault", "host", "pve1", "one-session"])
        .exits(0);
    let as_ops = HEAD.replace("USER", "ops");
    let file = FILE.replace(
        "\"/etc/lab.conf\", #{",
        "\"/etc/lab.conf\", #{ mode: \"600\",",
    );
    let look = r#"step("look", "As ops", || host::wait_for("pve1", #{ path: "/home/ops" }));"#;
    lab.write("runbooks/hosts.rhai", &format!("{as_ops}{look}\n{file}\n"));
    let _serving = lab.serve();
    let run = [
        "run",
        "runbooks/hosts.rhai",
        "--yes",
        "--json",
        "--fresh",
        "--via",
        "serve.json",
    ];
    let done = lab.run(&run).exits(0);
    assert_eq!(done.finished()["changes"], 1);
    assert_eq!(lab.run(&run).exits(0).finished()["changes"], 0);
}
