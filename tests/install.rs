//! Nodes that are installed by Proxmox's automated installer: by a run, and by `homelab install serve`.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    phase1::{RUN, RUN_VIA, example},
    reports::reports,
    support::Lab,
};

/// Installs every node, and waits a moment at most.
const INSTALL: &str = r#"runbook("install", "1.0.0");
import "stdlib/install" as install;
let nodes = facts::table("HARDWARE", "Nodes");
proxmox::connect(#{ nodes: nodes, user: "root@pam", password: secret("PROXMOX_PASSWORD") });
step("install", "Install", || {
    let wanted = install::wanted(nodes[0], secret("PROXMOX_PASSWORD"));
    wanted.timeout = "1 s";
    proxmox::node::install(wanted)
});
"#;

const RUN_INSTALL: &[&str] = &["run", "runbooks/install.rhai", "--via", "serve.json"];

fn export(lab: &Lab) -> String {
    lab.run(&["twin", "export"]).exits(0).stdout
}

#[test]
fn a_lab_that_was_installed_by_the_run_ends_as_one_that_was_installed_before() {
    let bare = example();
    assert!(
        export(&bare).contains("\"state\": \"bare\""),
        "{}",
        export(&bare)
    );
    bare.run(RUN).exits(0);
    let installed = example();
    installed.write("twin.rhai", "#{ installed: true }\n");
    installed.run(RUN).exits(0);
    assert!(export(&bare) == export(&installed), "the exports differ");
}

#[test]
fn each_machine_gets_its_file_once_and_the_password_is_nowhere() {
    let lab = example();
    let password = "a password for the installer";
    let ran = lab
        .run_with(RUN, &[("PROXMOX_PASSWORD", password)])
        .exits(0);
    let given: Vec<Value> = ran
        .json()
        .into_iter()
        .filter(|event| event["event"] == "given")
        .map(|event| event["node"].clone())
        .collect();
    assert_eq!(given.len(), 3, "{given:?}");
    let actions: Vec<Value> = ran
        .json()
        .into_iter()
        .filter(|event| event["action"]["port"] == "install")
        .collect();
    assert_eq!(actions.len(), 3);
    let answer = actions[0]["action"]["answer"].as_str().unwrap();
    assert!(
        answer.contains("root-password-hashed = \"***\""),
        "{answer}"
    );
    assert!(!ran.stdout.contains("$6$") && !ran.stdout.contains(password));
}

#[test]
fn a_machine_that_never_asks_is_named_when_the_time_is_up() {
    let lab = example();
    lab.write("runbooks/install.rhai", INSTALL);
    let _serving = lab.serve_with(&[]);
    reports(&lab, "install_timeout", &lab.run(RUN_INSTALL).exits(1));
}

#[test]
fn without_an_address_nothing_can_be_given() {
    let lab = example();
    lab.write("runbooks/install.rhai", INSTALL);
    lab.replace(
        "docs/NETWORK.md",
        "| Answer server | 10.10.10.5:8100 |\n",
        "",
    );
    let _serving = lab.serve_with(&[]);
    let answer = lab
        .run_with(RUN_INSTALL, &[("HOMELAB_LISTEN", "")])
        .exits(1);
    reports(&lab, "install_no_address", &answer);
    let wrong = lab
        .run_with(RUN_INSTALL, &[("HOMELAB_LISTEN", "here")])
        .exits(3);
    reports(&lab, "install_address", &wrong);
}

#[test]
fn a_member_that_is_off_is_not_taken_for_a_bare_machine() {
    let lab = example();
    lab.run(RUN).exits(0);
    lab.write(
        "runbooks/install.rhai",
        &INSTALL.replace("nodes[0]", "nodes[2]"),
    );
    lab.run(&["twin", "fault", "lost", "pve3"]).exits(0);
    let answer = lab
        .run(&["run", "runbooks/install.rhai", "--twin"])
        .exits(1);
    reports(&lab, "install_member", &answer);
}

#[test]
fn what_the_installer_would_refuse_is_refused_by_the_plan() {
    let lab = example();
    // In docs it would be found before.
    let zone = "wanted.timeout = \"1 s\"; wanted.timezone = \"Europe/Nowhere\";";
    let runbook = INSTALL.replace("wanted.timeout = \"1 s\";", zone);
    lab.write("runbooks/install.rhai", &runbook);
    let plan = lab
        .run(&["plan", "runbooks/install.rhai", "--twin"])
        .exits(1);
    reports(&lab, "install_refused", &plan);
}

#[test]
fn hands_are_waited_for_where_the_iommu_is_off() {
    let lab = Lab::small();
    lab.write(
        "runbooks/firmware.rhai",
        r#"runbook("firmware", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
step("firmware", "Firmware", || proxmox::node::firmware(#{ node: "pve2", iommu: true, timeout: "1 min" }));
"#,
    );
    let answer = lab
        .run(&["run", "runbooks/firmware.rhai", "--twin"])
        .exits(1);
    assert!(
        answer.stdout.contains("pve2 waits for hands"),
        "{}",
        answer.stdout
    );
    reports(&lab, "node_firmware", &answer);
}

/// The example lab with its nodes on loopback, where nothing listens.
fn nowhere() -> Lab {
    let lab = example();
    for (file, from, to) in [
        ("docs/HARDWARE.md", "10.10.10.1", "127.10.10.1"),
        ("docs/NETWORK.md", "10.10.10.", "127.10.10."),
    ] {
        let text = lab.read(file).replace(from, to);
        lab.write(file, &text);
    }
    lab
}

/// `homelab install serve`, until the test ends.
struct Giving {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Giving {
    fn start(lab: &Lab) -> Self {
        let mut command = lab.command(&["install", "serve"]);
        command
            .env("PROXMOX_PASSWORD", "a password for the installer")
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Giving {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Posts what a machine is, as an installer does; status line and body.
fn post(address: &str, machine: &Value) -> (String, String) {
    let body = machine.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[test]
fn install_serve_gives_each_machine_its_file_once_and_says_who_asked() {
    let lab = nowhere();
    let mut giving = Giving::start(&lab);
    assert_eq!(
        giving.line(),
        format!(
            "Answer files for pve1, pve2, pve3 at http://{}/",
            lab.listen
        )
    );
    assert_eq!(giving.line(), "Ctrl-C ends it.");
    let machine = |mac: &str| json!({ "network_interfaces": [{ "link": "a", "mac": mac }] });
    let (status, body) = post(&lab.listen, &machine("3C:EC:EF:4A:12:65"));
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(body.contains("fqdn = \"pve2.lab.home.arpa\""), "{body}");
    assert!(
        body.contains("root-password-hashed = \"$6$") && !body.contains("a password"),
        "{body}"
    );
    assert_eq!(
        giving.line(),
        "pve2 got its answer file (MAC 3c:ec:ef:4a:12:65)"
    );
    let (status, body) = post(&lab.listen, &machine("3c:ec:ef:4a:12:65"));
    assert_eq!(status, "HTTP/1.1 409 Conflict");
    assert!(!body.contains("global"), "{body}");
    assert!(giving.line().starts_with("pve2 asked again"));
    let (status, _) = post(&lab.listen, &machine("02:00:00:00:00:01"));
    assert_eq!(status, "HTTP/1.1 404 Not Found");
    assert!(
        giving
            .line()
            .contains("was given nothing: MAC 02:00:00:00:00:01")
    );
}

#[test]
fn a_served_twin_polls_its_address_until_it_is_answered() {
    let lab = nowhere();
    let _serving = lab.serve();
    let mut giving = Giving::start(&lab);
    for _ in 0..2 {
        giving.line();
    }
    let mut given: Vec<String> = (0..3).map(|_| giving.line()).collect();
    given.sort();
    assert!(
        given[2].starts_with("pve3 got its answer file (MAC 3c:ec:ef:4a:12:88"),
        "{given:?}"
    );
    let begin = Instant::now();
    while export(&lab).contains("\"state\"") {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "the machines don't come up"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_run_over_https_gives_bare_machines_their_files_itself() {
    let lab = example();
    let _serving = lab.serve();
    let ran = lab
        .run(&[RUN_VIA, &["--until", "1.1-nodes"]].concat())
        .exits(0);
    // Three systems, and three new host keys that are known then: as many as in process.
    assert_eq!(ran.finished()["changes"], 6);
    assert!(!export(&lab).contains("\"state\""));
}
