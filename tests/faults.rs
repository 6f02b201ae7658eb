//! Faults of the API: each is a clear report, nothing is lost, and the run can be resumed.

use serde_json::{Value, json};

use crate::{
    reports::reports,
    scripted::{Reply, Scripted, with_login},
    support::{Answer, Lab, free_address},
};

const RUN: &[&str] = &["run", "runbooks/small.rhai", "--twin"];
const VIA: &[&str] = &["run", "runbooks/small.rhai", "--via", "serve.json"];

/// A runbook that reads and changes nothing.
const LOOK: &str = r#"runbook("look", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
step("look", "Look", || proxmox::node::check(#{ node: "pve1" }));
"#;

/// Runs with a fault of the twin, compares the report, and goes on without the fault.
#[track_caller]
fn faulted(name: &str, fault: &[&str]) -> Value {
    let lab = Lab::small();
    lab.run(&[&["twin", "fault"], fault].concat()).exits(0);
    let failed = lab.run(RUN).exits(1);
    reports(&lab, name, &failed);
    lab.run(&["twin", "fault", "clear"]).exits(0);
    let resumed = lab.run(&["resume", "--json"]).exits(0).finished();
    let again = lab.run(&[RUN, &["--json"]].concat()).exits(0).finished();
    assert_eq!(again["changes"], 0);
    resumed
}

/// Runs the reading runbook against a scripted server.
fn look(server: &Scripted) -> (Lab, Answer) {
    let lab = Lab::small();
    lab.write("runbooks/look.rhai", LOOK);
    lab.write("serve.json", &format!("{}\n", server.line));
    let answer = lab.run(&["run", "runbooks/look.rhai", "--via", "serve.json"]);
    (lab, answer)
}

/// Compares the report of a run against a server that answers like this, once logged in.
#[track_caller]
fn scripted(name: &str, reply: Reply) -> Vec<String> {
    let server = Scripted::start(with_login(move |_, _| reply.clone()));
    let (lab, answer) = look(&server);
    reports(&lab, name, &answer.exits(1));
    server.asked()
}

fn version() -> Reply {
    Reply::Data(json!({ "version": "9.2.11", "release": "9.2", "repoid": "0" }))
}

#[test]
fn a_wrong_password() {
    let lab = Lab::small();
    let _serving = lab.serve();
    let answer = lab
        .run_with(VIA, &[("PROXMOX_PASSWORD", "not-the-password")])
        .exits(1);
    reports(&lab, "api_wrong_password", &answer);
    assert!(!answer.stderr.contains("not-the-password"));
    lab.run(&["resume"]).exits(0);
}

#[test]
fn a_wrong_fingerprint() {
    let lab = Lab::small();
    let serving = lab.serve();
    let mut line = serving.line.clone();
    line["nodes"][0]["fingerprint"] = ["00"; 32].join(":").into();
    lab.write("serve.json", &format!("{line}\n"));
    let answer = lab.run(VIA).exits(1);
    reports(&lab, "api_wrong_fingerprint", &answer);
    lab.write("serve.json", &format!("{}\n", serving.line));
    let resumed = lab.run(&[VIA, &["--json"]].concat()).exits(0).finished();
    assert_eq!(
        (&resumed["run"], &resumed["changes"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn nobody_listens() {
    let lab = Lab::small();
    let serving = lab.serve();
    let mut line = serving.line.clone();
    for node in line["nodes"].as_array_mut().unwrap() {
        node["api"] = format!("https://{}", free_address()).into();
    }
    lab.write("serve.json", &format!("{line}\n"));
    let answer = lab.run(VIA).exits(1);
    let said =
        "pve1 refuses connections: its API restarts, or doesn't run. It's asked again for 30 s";
    assert!(answer.stdout.contains(said), "{}", answer.stdout);
    reports(&lab, "api_unreachable", &answer);
}

#[test]
fn an_expired_ticket_is_renewed_and_the_call_repeated() {
    let expired = Reply::Status(401, "permission denied - invalid PVE ticket", "");
    let server = Scripted::start(with_login(move |request, before| match request {
        "GET /version" if before == 0 => expired.clone(),
        _ => version(),
    }));
    let (_lab, answer) = look(&server);
    answer.exits(0);
    let asked = server.asked();
    let logins = asked
        .iter()
        .filter(|request| *request == "POST /access/ticket");
    assert_eq!(logins.count(), 2, "{asked:?}");
}

#[test]
fn a_ticket_that_is_never_accepted() {
    let asked = scripted(
        "api_refused_ticket",
        Reply::Status(401, "permission denied - invalid PVE ticket", ""),
    );
    let logins = asked
        .iter()
        .filter(|request| *request == "POST /access/ticket");
    assert!(logins.count() <= 2, "no login for ever: {asked:?}");
}

#[test]
fn html_instead_of_json() {
    let page = "<html><head><title>Welcome</title></head></html>";
    scripted("api_html", Reply::Body(page, page.len()));
}

#[test]
fn a_body_that_ends_too_early() {
    scripted(
        "api_truncated",
        Reply::Body("{\"data\":{\"version\":\"9.", 60),
    );
}

#[test]
fn json_that_ends_too_early() {
    scripted(
        "api_truncated_json",
        Reply::Body("{\"data\":{\"version\":\"9.", 22),
    );
}

#[test]
fn a_truncated_answer_is_asked_for_again() {
    let server = Scripted::start(with_login(move |request, before| match request {
        "GET /version" if before == 0 => Reply::Body("{\"data\":{\"ver", 60),
        _ => version(),
    }));
    look(&server).1.exits(0);
}

#[test]
fn proxmox_8_is_refused_by_name_with_the_way_up() {
    let asked = scripted(
        "api_proxmox_8",
        Reply::Data(json!({ "version": "8.4.1", "release": "8.4", "repoid": "0" })),
    );
    assert!(
        asked
            .iter()
            .all(|request| request.starts_with("GET ") || request == "POST /access/ticket")
    );
}

#[test]
fn a_500_with_its_reason_in_the_status_line() {
    let fault = [
        "answer",
        "POST /access/users",
        "--reason",
        "create user failed: out of luck",
    ];
    let resumed = faulted("api_500", &fault);
    assert_eq!(
        (&resumed["changes"], &resumed["steps"]["recorded"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn a_59x_with_an_empty_body_on_a_read_is_asked_again() {
    let lab = Lab::small();
    let fault = [
        "twin",
        "fault",
        "answer",
        "GET /access/groups/*",
        "--status",
        "596",
        "--reason",
        "",
    ];
    lab.run(&fault).exits(0);
    lab.run(RUN).exits(0);
}

#[test]
fn a_59x_with_an_empty_body_on_every_read() {
    faulted(
        "api_595_read",
        &[
            "answer",
            "GET /access/groups/*",
            "--status",
            "595",
            "--reason",
            "",
            "--nth",
            "0",
        ],
    );
}

#[test]
fn a_59x_with_an_empty_body_on_a_write_is_settled_by_its_proof() {
    let resumed = faulted(
        "api_596_write",
        &[
            "answer",
            "POST /access/groups",
            "--status",
            "596",
            "--reason",
            "",
        ],
    );
    assert_eq!(resumed["changes"], 2);
}

#[test]
fn a_write_whose_connection_drops_after_it_was_carried_out_is_found_done() {
    let lab = Lab::small();
    lab.run(&[
        "twin",
        "fault",
        "drop",
        "POST /access/groups",
        "--carried-out",
    ])
    .exits(0);
    let run = lab.run(&[RUN, &["--json"]].concat()).exits(0);
    assert_eq!(run.finished()["changes"], 2);
    let settled: Vec<_> = run
        .json()
        .into_iter()
        .filter(|event| event["event"] == "settled")
        .map(|event| event["settlement"]["was"].clone())
        .collect();
    assert_eq!(settled, ["done"]);
}

#[test]
fn a_write_whose_connection_drops_before_it_was_carried_out() {
    let resumed = faulted("api_dropped", &["drop", "POST /access/groups"]);
    assert_eq!(resumed["changes"], 2);
}

#[test]
fn a_lock_that_stays() {
    let words = "cfs-lock 'file-user_cfg' error: got lock request timeout";
    faulted(
        "api_locked",
        &[
            "answer",
            "POST /access/groups",
            "--reason",
            words,
            "--nth",
            "0",
        ],
    );
}

#[test]
fn no_quorum() {
    faulted("api_no_quorum", &["quorum"]);
}

#[test]
fn a_task_that_fails() {
    let lab = Lab::small();
    lab.write("runbooks/network.rhai", &network());
    lab.run(&[
        "twin",
        "fault",
        "task",
        "srvreload",
        "--error",
        "command 'ifreload -a' failed: exit code 1",
    ])
    .exits(0);
    let run = ["run", "runbooks/network.rhai", "--twin"];
    let failed = lab.run(&run).exits(1);
    reports(&lab, "api_task_failed", &failed);
    let resumed = lab.run(&["resume", "--json"]).exits(0).finished();
    assert_eq!(resumed["steps"]["recorded"], 1);
    let again = lab
        .run(&[&run[..], &["--json"]].concat())
        .exits(0)
        .finished();
    assert_eq!(again["changes"], 0);
}

/// A runbook that stages and applies one node's network, which is a task.
pub(crate) fn network() -> String {
    let connect: Vec<&str> = LOOK.lines().skip(1).take(2).collect();
    let connect = connect.join("\n");
    format!(
        "import \"stdlib/network\" as network;\nrunbook(\"network\", \"1.0.0\");\n{connect}\n\
         let node = facts::table(\"HARDWARE\", \"Nodes\")[0];\n\
         step(\"stage\", \"Stage\", || proxmox::network::stage(network::wanted(node)));\n\
         step(\"apply\", \"Apply\", || proxmox::network::apply(network::wanted(node)));\n"
    )
}

#[test]
fn a_token_without_rights() {
    let lab = Lab::small();
    lab.write("runbooks/token.rhai", TOKEN);
    let answer = lab.run(&["run", "runbooks/token.rhai", "--twin"]).exits(1);
    reports(&lab, "api_token_without_rights", &answer);
    lab.replace("runbooks/token.rhai", "// and its rights", "proxmox::acl::ensure(\"/\", #{ roles: [\"PVEAuditor\"], tokens: [\"homelab@pve!runs\"] });\n    proxmox::acl::ensure(\"/\", #{ roles: [\"PVEAuditor\"], users: [\"homelab@pve\"] });");
    lab.run(&["resume"]).exits(0);
}

const TOKEN: &str = r#"runbook("token", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
step("make", "Make a token", || {
    proxmox::user::ensure("homelab@pve", #{});
    proxmox::token::ensure(#{ user: "homelab@pve", name: "runs", keep: "RUNS_SECRET" });
    // and its rights
});
step("test", "Test it", || {
    proxmox::token::check(#{ user: "homelab@pve", name: "runs", keep: "RUNS_SECRET", may: ["Sys.Audit /nodes"] })
});
"#;
