//! What phase 1 sees of the network and the time: it stops where something is wrong, and goes on once it's right.

use serde_json::Value;

use crate::{
    phase1::{RUN, changes, example},
    support::{Answer, Lab},
};

const NETWORK: &str = "docs/NETWORK.md";

/// The example lab, built up to its network.
fn built() -> Lab {
    let lab = example();
    lab.run(&[RUN, &["--until", "1.3-names"]].concat()).exits(0);
    lab
}

fn fault(lab: &Lab, fault: &[&str]) {
    lab.run(&[&["twin", "fault"], fault].concat()).exits(0);
}

fn only(lab: &Lab, step: &str) -> Answer {
    lab.run(&[RUN, &["--fresh", "--only", step]].concat())
}

/// The run failed with this code, saying this.
#[track_caller]
fn says(answer: &Answer, code: &str, text: &str) {
    let failure = &answer.finished()["failure"];
    assert_eq!(failure["code"], code, "{failure}");
    assert!(failure["help"].as_str().is_some(), "{failure}");
    assert!(failure.to_string().contains(text), "{text} in {failure}");
}

#[test]
fn a_node_that_is_silent_in_one_vlan_is_missed_there() {
    let lab = built();
    fault(&lab, &["silent", "10.10.20.13"]);
    let answer = only(&lab, "1.3-reach").exits(1);
    let code = "homelab::host::no_answer";
    says(&answer, code, "10.10.20.13 doesn't answer pve");
    fault(&lab, &["clear"]);
    lab.run(&["resume"]).exits(0);
}

#[test]
fn a_node_that_is_lost_is_missed() {
    let lab = built();
    fault(&lab, &["lost", "pve3"]);
    let answer = only(&lab, "1.3-reach").exits(1);
    let text = answer.stdout;
    assert!(text.contains("10.10.10.13 doesn't answer pve1"), "{text}");
}

#[test]
fn a_vlan_that_docs_open_owes_an_answer() {
    let lab = built();
    fault(&lab, &["silent", "10.10.30.1"]);
    let answer = only(&lab, "1.3-reach").exits(1);
    let code = "homelab::host::no_answer";
    says(&answer, code, "10.10.30.1 doesn't answer pve");
    lab.replace(NETWORK, "| 10 | 20, 30, 40, 50 |", "| 10 | 20, 40 |");
    let answer = only(&lab, "1.3-reach").exits(0);
    let events = answer.json();
    let step = |event: &&Value| event["event"] == "step_finished" && event["step"] == "1.3-reach";
    let reached = &events.iter().find(step).unwrap()["value"][0];
    let pairs = reached.as_array().unwrap();
    assert_eq!(pairs.len(), 10, "from two VLANs to five: {reached}");
    let silent = pairs.iter().filter(|pair| pair["answers"] == false);
    let silent: Vec<(&Value, &Value)> = silent.map(|pair| (&pair["from"], &pair["to"])).collect();
    assert_eq!(
        silent,
        [(&10.into(), &30.into()), (&20.into(), &30.into())],
        "{reached}"
    );
}

#[test]
fn a_wrong_name_server_in_docs_is_named() {
    let lab = built();
    lab.replace(NETWORK, "| 1 | 10 | - |", "| 1 | - | 10.10.10.77 |");
    let answer = lab.run(RUN).exits(1);
    let code = "homelab::host::no_answer";
    says(&answer, code, "can't connect to 10.10.10.77:53");
    lab.replace(NETWORK, "| 1 | - | 10.10.10.77 |", "| 1 | 10 | - |");
    lab.run(&["resume"]).exits(0);
}

#[test]
fn a_search_domain_that_no_name_server_knows_is_missed() {
    let lab = built();
    lab.replace(
        NETWORK,
        "| Search domain | lab.home.arpa |",
        "| Search domain | lan |",
    );
    let answer = lab.run(RUN).exits(1);
    says(&answer, "homelab::host::no_answer", "can't resolve pve");
}

/// Names as nodes see them.
const NAMES: &str = r#"runbook("names", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
step("names", "Names", || ["localhost", "pve1", "pve2", "pve2.lab.home.arpa", "deb.debian.org", "nobody.invalid"].map(|name| {
    host::resolve("pve1", name, #{ must: false }).addresses
}));
"#;

fn names(lab: &Lab) -> Value {
    let answer = lab.run(&[
        "run",
        "runbooks/names.rhai",
        "--twin",
        "--fresh",
        "--yes",
        "--json",
    ]);
    let events = answer.exits(0).json();
    let step = |event: &&Value| event["event"] == "step_finished";
    events.iter().find(step).unwrap()["value"].clone()
}

#[test]
fn names_are_not_known_where_no_name_server_answers() {
    let lab = Lab::small();
    lab.write("runbooks/names.rhai", NAMES);
    lab.write(".envrc", "export PROXMOX_PASSWORD='a password'\n");
    let (own, local) = (["10.10.10.11"], ["127.0.0.1"]);
    let (other, outside) = (["10.10.10.12"], ["203.0.113.80"]);
    let all = serde_json::json!([local, own, other, other, outside, []]);
    assert_eq!(names(&lab), all);
    fault(&lab, &["silent", "10.10.10.1"]);
    let by_file = serde_json::json!([local, own, [], [], [], []]);
    assert_eq!(names(&lab), by_file);
}

/// The docs name another gateway than the one that is there.
fn wrong_gateway(lab: &Lab) {
    lab.replace(NETWORK, "| 10.10.10.1 |", "| 10.10.10.254 |");
}

#[test]
fn another_gateway_in_docs_than_the_node_has_is_named() {
    let lab = built();
    wrong_gateway(&lab);
    let answer = only(&lab, "1.3-routes").exits(1);
    let code = "homelab::host::other_way";
    says(&answer, code, "documented: 10.10.10.254 over vmbr0");
    says(&answer, code, "it has: 10.10.10.1 over vmbr0");
}

#[test]
fn a_wrong_gateway_in_docs_is_missed() {
    let lab = built();
    wrong_gateway(&lab);
    let answer = lab.run(RUN).exits(1);
    let code = "homelab::host::no_answer";
    says(&answer, code, "10.10.10.254 doesn't answer pve");
}

/// The nodes whose network a run applied.
fn applied(answer: &Answer) -> Vec<String> {
    let changes = changes(answer).into_iter();
    let resource = |change: Value| change["resource"].as_str().unwrap().to_owned();
    let all = changes.map(resource);
    all.filter(|resource| resource.starts_with("network of "))
        .collect()
}

#[test]
fn no_network_is_applied_while_the_others_have_no_quorum() {
    let lab = built();
    let comment = |text: &str| format!("| pve1 | vmbr1 | bond0 | yes | 20, 30, 40, 50 | {text} |");
    lab.replace(NETWORK, &comment("guests and storage"), &comment("guests"));
    fault(&lab, &["lost", "pve3"]);
    let whole = lab.run(&[RUN, &["--fresh"]].concat()).exits(1);
    assert_eq!(applied(&whole), [] as [&str; 0]);
    let answer = only(&lab, "1.3-network-pve1").exits(1);
    assert_eq!(applied(&answer), [] as [&str; 0]);
    let code = "homelab::cluster::needed";
    says(&answer, code, "the cluster needs pve1 for its quorum");
    says(&answer, code, "offline: pve3");
    // Nothing is to be changed on the others: they aren't asked for a quorum.
    only(&lab, "1.3-network-pve2").exits(0);
    fault(&lab, &["clear"]);
    let healed = lab.run(&[RUN, &["--fresh"]].concat()).exits(0);
    assert_eq!(applied(&healed), ["network of pve1"]);
}

#[test]
fn a_clock_that_is_not_synchronised_is_waited_for() {
    let lab = example();
    fault(&lab, &["host", "pve2", "unsynchronized"]);
    let answer = lab.run(RUN).exits(1);
    says(&answer, "homelab::host::not_ready", "pve2 isn't ready");
    let why =
        "its clock isn't synchronised; Reference ID: 00000000 (), Leap status: Not synchronised";
    says(&answer, "homelab::host::not_ready", why);
    fault(&lab, &["clear"]);
    lab.run(&["resume"]).exits(0);
}
