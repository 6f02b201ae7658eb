//! `homelab twin`, and runs over `--via`.

use serde_json::json;

use crate::support::Lab;

/// A runbook for a host of the twin, with one step.
fn on_a_host(body: &str) -> String {
    format!(
        "runbook(\"host\", \"1.0.0\");\n\
         host::connect(#{{ hosts: facts::table(\"HARDWARE\", \"Nodes\"), user: \"root\" }});\n\
         step(\"host\", \"Do it\", || {{ {body} }});\n"
    )
}

const VIA: &[&str] = &[
    "run",
    "runbooks/small.rhai",
    "--via",
    "serve.json",
    "--json",
];

#[test]
fn a_fault_that_could_never_happen_is_refused_with_the_nearest_name() {
    let lab = Lab::small();
    for (fault, near) in [
        (&["host", "pve9", "slow"][..], "did you mean pve"),
        (&["lost", "pve9"], "did you mean pve"),
        (&["full", "locall"], "did you mean local?"),
        (&["full", "nope"], "there are "),
        (&["answer", "POST storage"], "write 'POST /storage'"),
        (&["answer", "POST /storag"], "did you mean 'POST /storage'?"),
        (&["drop", "HOST /pve9/write"], "did you mean pve"),
        (&["hang", "HOST /pve1/wirte"], "did you mean write?"),
    ] {
        let answer = lab.run(&[&["twin", "fault"], fault].concat()).exits(3);
        assert!(answer.stderr.contains(near), "{fault:?}: {}", answer.stderr);
    }
    for call in [
        "* /nodes/pve2/*",
        "POST /access/groups",
        "GET /access/groups/*",
        "HOST /*/write",
    ] {
        lab.run(&["twin", "fault", "answer", call]).exits(0);
    }
    let faults = lab
        .run(&["twin", "fault", "list", "--json"])
        .exits(0)
        .json();
    assert_eq!(faults.len(), 4);
}

#[test]
fn the_first_line_of_serve_says_where_each_node_listens() {
    let lab = Lab::small();
    let serving = lab.serve();
    let keys: Vec<&String> = serving.line.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "world",
            "door",
            "nodes",
            "user",
            "password",
            "login_key",
            "stands_for"
        ]
    );
    let node = serving.line["nodes"][0].as_object().unwrap();
    assert_eq!(
        node.keys().collect::<Vec<_>>(),
        ["name", "api", "fingerprint", "ssh", "host_key"]
    );
    assert!(
        node["api"]
            .as_str()
            .unwrap()
            .starts_with("https://127.0.0.1:")
    );
    let first = serving.line.clone();
    drop(serving);
    lab.run(&["twin", "reset"]).exits(0);
    let again = lab.serve();
    assert_eq!(
        (&again.line["nodes"], &again.line["password"]),
        (&first["nodes"], &first["password"])
    );
    assert_ne!(again.line["world"], first["world"]);
}

#[test]
fn a_run_over_https_ends_as_one_in_process() {
    let lab = Lab::small();
    lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(0);
    let in_process = lab.run(&["twin", "export"]).exits(0).stdout;
    let other = Lab::small();
    let _serving = other.serve();
    assert_eq!(other.run(VIA).exits(0).finished()["changes"], 2);
    assert_eq!(other.run(&["twin", "export"]).exits(0).stdout, in_process);
    assert_eq!(other.run(VIA).exits(0).finished()["changes"], 0);
}

#[test]
fn a_twin_that_was_reset_beside_its_server_is_another_world() {
    let lab = Lab::small();
    let serving = lab.serve();
    let first = lab.run(VIA).exits(0).finished();
    assert_eq!(first["changes"], 2);
    lab.run(&["twin", "reset"]).exits(0);
    // The file still names the world that is gone; nothing that was recorded in it may stand in.
    let again = lab.run(VIA).exits(0).finished();
    assert_eq!(
        (&again["changes"], &again["steps"]["recorded"]),
        (&first["changes"], &first["steps"]["recorded"])
    );
    let runs = lab.run(&["runs", "--json"]).exits(0).json();
    assert_ne!(runs[0]["world"], runs[1]["world"]);
    drop(serving);
}

#[test]
fn a_run_over_https_is_resumed_without_being_told_where() {
    let lab = Lab::small();
    lab.replace(
        "runbooks/small.rhai",
        "parallel([1, 2], |n| n + 1)",
        "confirm(\"Go on?\")",
    );
    let serving = lab.serve();
    let arguments = [VIA, &["--ask"]].concat();
    lab.run(&arguments).exits(130);
    let kept = lab.read(&format!(
        ".homelab/via/{}.json",
        serving.line["world"].as_str().unwrap()
    ));
    assert!(!kept.contains("password"), "{kept}");
    std::fs::remove_file(lab.path("serve.json")).unwrap();
    let resumed = lab.run(&["resume", "--json"]).exits(0).finished();
    assert_eq!(resumed["steps"]["recorded"], 2);
}

#[test]
fn a_fault_happens_once_and_the_run_goes_on() {
    let lab = Lab::small();
    lab.run(&[
        "twin",
        "fault",
        "answer",
        "POST /access/groups",
        "--reason",
        "out of luck",
    ])
    .exits(0);
    let listed = lab
        .run(&["twin", "fault", "list", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&listed[0]["what"], &listed[0]["nth"]),
        (&json!("answer"), &json!(1))
    );
    let failed = lab.run(&["run", "runbooks/small.rhai", "--twin"]).exits(1);
    assert!(failed.stderr.contains("out of luck"), "{}", failed.stderr);
    lab.run(&["resume"]).exits(0);
    lab.run(&["twin", "fault", "clear"]).exits(0);
    assert_eq!(lab.run(&["twin", "fault", "list"]).exits(0).stdout, "");
}

#[test]
fn a_file_that_is_not_of_a_served_twin_is_refused() {
    let lab = Lab::small();
    let answer = lab
        .run(&["run", "runbooks/small.rhai", "--via", "nothing.json"])
        .exits(3);
    assert!(
        answer.stderr.contains("homelab twin serve --json"),
        "{}",
        answer.stderr
    );
    lab.write(
        "serve.json",
        "{\"world\":\"../x\",\"nodes\":[],\"user\":\"root@pam\"}\n",
    );
    lab.run(VIA).exits(3);
}

#[test]
fn export_is_json_with_sorted_keys() {
    let lab = Lab::small();
    let text = lab.run(&["twin", "export"]).exits(0).stdout;
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert!(lab.run(&["twin", "show"]).exits(0).stdout.contains("pve1"));
}

#[test]
fn a_template_of_the_lab_is_found_on_the_twin() {
    let lab = Lab::small();
    lab.write("applications/motd", "Welcome to {{ name }}\n");
    let body = r#"host::file("pve1", "/etc/motd", #{ template: "applications/motd", values: #{ name: "pve1" } })"#;
    lab.write("runbooks/host.rhai", &on_a_host(body));
    let answer = lab
        .run(&["run", "runbooks/host.rhai", "--twin", "--json"])
        .exits(0);
    assert_eq!(answer.finished()["changes"], 1);
}

#[test]
fn a_package_that_a_repository_of_the_lab_has_is_installed_on_the_twin() {
    let lab = Lab::small();
    let offer = r#"#{ name: "tool", version: "1.2", uri: "http://packages.lab/" }"#;
    lab.write(
        "twin.rhai",
        &format!("#{{ installed: true, packages: [{offer}] }}\n"),
    );
    let body = r#"for name in ["ceph", "pve-enterprise"] { host::repository("pve1", name, #{ enabled: false }); }
        let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
        host::repository("pve1", "lab", #{ uris: ["http://packages.lab/"], components: ["main"], signed_by: keyring });
        host::packages("pve1", #{ names: ["tool"] }).versions.tool"#;
    lab.write("runbooks/host.rhai", &on_a_host(body));
    let answer = lab
        .run(&["run", "runbooks/host.rhai", "--twin", "--json"])
        .exits(0);
    let finished = answer
        .json()
        .into_iter()
        .find(|event| event["event"] == "step_finished");
    assert_eq!(finished.unwrap()["value"], "1.2");
}

#[test]
fn a_host_of_the_twin_finds_its_own_port_open() {
    let lab = Lab::small();
    let body = r#"host::wait_for("pve1", #{ port: 22, timeout: "5 s" }).waited"#;
    lab.write("runbooks/host.rhai", &on_a_host(body));
    lab.run(&["run", "runbooks/host.rhai", "--twin"]).exits(0);
}
