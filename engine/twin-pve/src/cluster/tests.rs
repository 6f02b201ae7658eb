use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, StatusCode};
use model::fault::{Fault, Happens};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use twin::{LabFacts, Options, Start, Twin, facts::NodeFacts};
use world::{Secret, proxmox::Reason};

/// What a node answered: status, reason, data.
type Answer = (u16, String, Value);

/// Three nodes, asked by root, who logs in only when told to.
struct Lab {
    twin: Twin,
    tickets: BTreeMap<String, (String, String)>,
}

impl Lab {
    fn new() -> Self {
        let node = |number: u8| NodeFacts {
            name: format!("pve{number}"),
            address: format!("10.0.0.{number}/24"),
            interface: "eno1".to_owned(),
            ..NodeFacts::default()
        };
        let facts = LabFacts {
            nodes: vec![node(1), node(2), node(3)],
            ..LabFacts::default()
        };
        let options = Options {
            root_passwords: vec![Secret::new("root", "secret")],
        };
        let twin = Twin::open(None, facts, Start::installed(), options).unwrap();
        let mut lab = Self {
            twin,
            tickets: BTreeMap::new(),
        };
        for node in ["pve1", "pve2", "pve3"] {
            lab.log_in(node);
        }
        lab
    }

    fn send(&self, node: &str, method: &str, path: &str, body: &Value) -> Option<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api2/json{path}"))
            .header("Content-Type", "application/json");
        if let Some((ticket, csrf)) = self.tickets.get(node) {
            request = request
                .header("Cookie", format!("PVEAuthCookie={ticket}"))
                .header("CSRFPreventionToken", csrf);
        }
        let bytes = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        let port = self.twin.world().unwrap().proxmox;
        let sent = port.send(node, request.body(bytes).unwrap());
        let answer = sent.now_or_never()?.ok()?;
        let reason = answer.extensions().get::<Reason>().unwrap().0.clone();
        let data: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        Some((answer.status().as_u16(), reason, data["data"].clone()))
    }

    fn log_in(&mut self, node: &str) {
        self.tickets.remove(node);
        let login = json!({ "username": "root@pam", "password": "secret" });
        let (status, _, data) = self.send(node, "POST", "/access/ticket", &login).unwrap();
        assert_eq!(status, 200);
        let field = |name: &str| data[name].as_str().unwrap().to_owned();
        let ticket = (field("ticket"), field("CSRFPreventionToken"));
        self.tickets.insert(node.to_owned(), ticket);
    }

    fn get(&self, node: &str, path: &str) -> Answer {
        self.send(node, "GET", path, &Value::Null).unwrap()
    }

    fn read(&self, node: &str, path: &str) -> Value {
        let (status, reason, data) = self.get(node, path);
        assert_eq!(status, 200, "{path}: {reason}");
        data
    }

    fn post(&self, node: &str, path: &str, body: &Value) -> Answer {
        self.send(node, "POST", path, body).unwrap()
    }

    fn pass(&self, seconds: u64) {
        self.twin.pass(Duration::from_secs(seconds)).unwrap();
    }

    /// How a task ended, as root of its node sees it after another login, and its log.
    fn outcome(&mut self, upid: &Value) -> (String, Vec<String>) {
        self.pass(60);
        let upid = upid.as_str().unwrap();
        let node = upid.split(':').nth(1).unwrap().to_owned();
        self.log_in(&node);
        let path = format!("/nodes/{node}/tasks/{upid}");
        let status = self.read(&node, &format!("{path}/status"));
        let log = self.read(&node, &format!("{path}/log"));
        let lines = log.as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or("still running").to_owned();
        let lines = lines.map(|line| text(&line["t"])).collect();
        (text(&status["exitstatus"]), lines)
    }

    fn create(&mut self) {
        let body = json!({ "clustername": "lab" });
        let (_, _, upid) = self.post("pve1", "/cluster/config", &body);
        assert_eq!(self.outcome(&upid).0, "OK");
    }

    /// The call with which a node joins through pve1, with other parameters in it.
    fn joining(&self, others: &Value) -> Value {
        let info = self.read("pve1", "/cluster/config/join");
        let mut body = json!({
            "hostname": "10.0.0.1", "password": "secret",
            "fingerprint": info["nodelist"][0]["pve_fp"],
        });
        for (name, value) in others.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn start_join(&self, node: &str, others: &Value) -> Value {
        let body = self.joining(others);
        let (status, reason, upid) = self.post(node, "/cluster/config/join", &body);
        assert_eq!(status, 200, "{reason}");
        upid
    }

    fn join(&mut self, node: &str) -> (String, Vec<String>) {
        let upid = self.start_join(node, &json!({}));
        self.outcome(&upid)
    }

    fn lose(&self, node: &str) {
        let node = node.to_owned();
        let fault = Fault::always(Happens::Lost { node });
        self.twin.add_fault(&fault).unwrap();
    }

    fn quorate(&self, node: &str) -> Value {
        self.read(node, "/cluster/status")[0]["quorate"].clone()
    }
}

fn status_of(rows: &Value, node: &str) -> Value {
    let rows = rows.as_array().unwrap();
    let row = rows.iter().find(|row| row["node"] == *node).unwrap();
    row["status"].clone()
}

#[test]
fn a_join_replaces_what_the_node_had() {
    let mut lab = Lab::new();
    lab.create();
    let before = lab.read("pve2", "/nodes")[0]["ssl_fingerprint"].clone();
    lab.post("pve2", "/access/users", &json!({ "userid": "gone@pve" }));
    lab.post("pve1", "/access/users", &json!({ "userid": "kept@pve" }));
    assert_eq!(lab.join("pve2").0, "OK");
    let users = lab.read("pve2", "/access/users").to_string();
    assert!(users.contains("kept@pve") && !users.contains("gone@pve"));
    let nodes = lab.read("pve2", "/nodes");
    assert_ne!(nodes[1]["ssl_fingerprint"], before);
    let rows = lab.read("pve1", "/cluster/config/nodes");
    assert_eq!(
        rows[1],
        json!({
            "node": "pve2", "name": "pve2", "nodeid": "2", "quorum_votes": "1",
            "ring0_addr": "10.0.0.2",
        })
    );
    let totem = lab.read("pve3", "/cluster/config/totem");
    assert!(totem.is_null());
    assert_eq!(
        lab.read("pve2", "/cluster/config/totem")["config_version"],
        "2"
    );
}

#[test]
fn a_member_gets_through_to_a_new_one_seconds_after_its_join() {
    let mut lab = Lab::new();
    lab.create();
    lab.start_join("pve2", &json!({}));
    lab.pass(12);
    let (status, reason, _) = lab.get("pve1", "/nodes/pve2/version");
    assert_eq!(
        (status, reason.as_str()),
        (596, "certificate verify failed")
    );
    lab.log_in("pve2");
    assert_eq!(lab.get("pve2", "/nodes/pve2/version").0, 200);
    lab.pass(4);
    assert_eq!(lab.get("pve1", "/nodes/pve2/version").0, 200);
}

#[test]
fn tickets_die_while_the_node_restarts_and_when_it_has_joined() {
    let mut lab = Lab::new();
    lab.create();
    let upid = lab.start_join("pve2", &json!({}));
    lab.pass(2);
    assert_eq!(lab.get("pve2", "/version").0, 200);
    lab.pass(6);
    assert_eq!(lab.get("pve2", "/version").0, 401);
    lab.log_in("pve2");
    assert_eq!(lab.get("pve2", "/version").0, 200);
    lab.pass(10);
    assert_eq!(lab.get("pve2", "/version").0, 401);
    assert_eq!(lab.outcome(&upid).0, "OK");
}

#[test]
fn what_is_wrong_with_a_join_stands_in_its_task() {
    let mut lab = Lab::new();
    lab.create();
    let wrong = vec!["AA"; 32].join(":");
    for (others, exit, line) in [
        (
            json!({ "password": "other" }),
            "401 authentication failure",
            "",
        ),
        (
            json!({ "hostname": "10.0.0.9" }),
            "500 Can't connect to 10.0.0.9:8006 (No route to host)",
            "",
        ),
        (
            json!({ "hostname": "nosuch" }),
            "500 Can't connect to nosuch:8006 (Name or service not known)",
            "Establishing API connection with host 'nosuch'",
        ),
        (
            json!({ "link0": "10.0.0.99" }),
            "Check if node may join a cluster failed!",
            "* link0: cannot use IP '10.0.0.99', not found on local node!",
        ),
        (
            json!({ "link1": "address=10.0.0.2" }),
            "Cluster join aborted!",
            "An error occurred on the cluster node: corosync: link 0 exists in cluster config but wasn't specified for new node",
        ),
    ] {
        let upid = lab.start_join("pve2", &others);
        let (found, log) = lab.outcome(&upid);
        assert_eq!(found, exit);
        assert!(
            line.is_empty() || log.iter().any(|found| found == line),
            "{log:?}"
        );
    }
    let upid = lab.start_join("pve2", &json!({ "fingerprint": wrong }));
    let exit = lab.outcome(&upid).0;
    assert!(exit.starts_with("fingerprint '") && exit.ends_with("' not verified, abort!"));
    assert_eq!(lab.join("pve2").0, "OK");
    let (exit, log) = lab.join("pve2");
    assert_eq!(exit, "Check if node may join a cluster failed!");
    let bullets = log.iter().filter(|line| line.starts_with("* ")).count();
    assert_eq!(bullets, 3, "{log:?}");
}

#[test]
fn a_second_join_waits_for_the_quorum_of_the_first() {
    let mut lab = Lab::new();
    lab.create();
    let first = lab.start_join("pve2", &json!({}));
    let second = lab.start_join("pve3", &json!({}));
    let (exit, log) = lab.outcome(&second);
    assert_eq!(exit, "Cluster join aborted!");
    assert!(log.contains(
        &"An error occurred on the cluster node: cluster not ready - no quorum?".to_owned()
    ));
    assert_eq!(lab.outcome(&first).0, "OK");
    assert_eq!(lab.join("pve3").0, "OK");
    assert_eq!(lab.quorate("pve3"), 1);
}

#[test]
fn two_nodes_lose_their_quorum_with_one_and_three_with_two() {
    let mut lab = Lab::new();
    lab.create();
    lab.join("pve2");
    lab.lose("pve2");
    assert_eq!(lab.quorate("pve1"), 0);
    let pool = json!({ "poolid": "one" });
    let (status, reason, _) = lab.post("pve1", "/pools", &pool);
    assert_eq!(
        (status, reason.as_str()),
        (500, "cfs-lock 'file-user_cfg' error: no quorum!")
    );
    let (status, _, _) = lab.get("pve1", "/nodes/pve2/version");
    assert_eq!(status, 595);
    assert!(lab.send("pve2", "GET", "/version", &Value::Null).is_none());
    lab.twin.clear_faults().unwrap();
    lab.join("pve3");
    lab.lose("pve2");
    assert_eq!(lab.quorate("pve1"), 1);
    assert_eq!(lab.post("pve1", "/pools", &pool).0, 200);
    lab.lose("pve3");
    assert_eq!(lab.quorate("pve1"), 0);
}

#[test]
fn new_nodes_are_unknown_to_lists_until_the_next_report() {
    let mut lab = Lab::new();
    lab.create();
    let upid = lab.start_join("pve2", &json!({}));
    // The join ends 12 seconds after its start at a full minute, the next report is 8 seconds later.
    lab.pass(13);
    let list = "/cluster/resources?type=node";
    assert_eq!(status_of(&lab.read("pve1", list), "pve2"), "unknown");
    assert_eq!(status_of(&lab.read("pve1", "/nodes"), "pve2"), "unknown");
    lab.pass(8);
    assert_eq!(status_of(&lab.read("pve1", list), "pve2"), "online");
    assert_eq!(lab.outcome(&upid).0, "OK");
    lab.lose("pve2");
    assert_eq!(status_of(&lab.read("pve1", list), "pve2"), "offline");
}

#[test]
fn a_node_that_is_taken_out_has_no_quorum_alone() {
    let mut lab = Lab::new();
    lab.create();
    lab.join("pve2");
    lab.join("pve3");
    let taken = lab.send("pve1", "DELETE", "/cluster/config/nodes/pve3", &Value::Null);
    assert_eq!(taken.unwrap().0, StatusCode::OK.as_u16());
    assert_eq!(lab.read("pve1", "/cluster/status")[0]["nodes"], 2);
    assert_eq!(lab.quorate("pve1"), 1);
    lab.log_in("pve3");
    assert_eq!(lab.quorate("pve3"), 0);
    let own = lab.send("pve1", "DELETE", "/cluster/config/nodes/pve1", &Value::Null);
    assert_eq!(own.unwrap().1, "Cannot delete myself from cluster!");
}

#[test]
fn guests_and_options_give_the_next_number() {
    let lab = Lab::new();
    assert_eq!(lab.read("pve1", "/cluster/nextid"), "100");
    let options = json!({ "next-id": "lower=200,upper=201" });
    lab.send("pve1", "PUT", "/cluster/options", &options)
        .unwrap();
    assert_eq!(lab.read("pve1", "/cluster/nextid"), "200");
}

#[test]
fn a_new_cluster_is_there_some_seconds_after_its_task() {
    let lab = Lab::new();
    let body = json!({ "clustername": "lab" });
    let (_, _, upid) = lab.post("pve1", "/cluster/config", &body);
    lab.pass(5);
    let path = format!("/nodes/pve1/tasks/{}/status", upid.as_str().unwrap());
    assert_eq!(lab.read("pve1", &path)["exitstatus"], "OK");
    let first = |lab: &Lab| lab.read("pve1", "/cluster/status")[0].clone();
    assert_eq!(
        (&first(&lab)["type"], &first(&lab)["nodeid"]),
        (&json!("node"), &json!(0))
    );
    let (status, reason, _) = lab.post("pve1", "/cluster/config", &body);
    assert_eq!(status, 500);
    assert!(
        reason.contains("cluster config '/etc/pve/corosync.conf' already exists"),
        "{reason}"
    );
    assert_eq!(
        lab.read("pve1", "/cluster/config/totem")["cluster_name"],
        "lab"
    );
    lab.pass(6);
    assert_eq!(first(&lab)["type"], "cluster");
}
