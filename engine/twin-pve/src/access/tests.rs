//! Comments as Proxmox keeps them, and tokens of users with odd names.

use model::{MemoryRows, Tx, auth, permission};
use serde_json::{Value, json};
use twin::{LabFacts, Start, facts::NodeFacts, seed};

use crate::{
    access, mapping, pools,
    testing::{config, params, root},
};

/// Calls a handler as root.
fn call(tx: &mut Tx<'_>, call: &str, sent: Value) -> Value {
    let mut all = [access::ENDPOINTS, mapping::ENDPOINTS, pools::ENDPOINTS]
        .concat()
        .into_iter();
    let endpoint = all.find(|endpoint| endpoint.call == call).unwrap();
    (endpoint.handler)(tx, &params(sent)).unwrap()
}

fn rows() -> MemoryRows {
    let node = NodeFacts {
        name: "pve1".to_owned(),
        address: "10.0.0.1/24".to_owned(),
        interface: "eno1".to_owned(),
        ..NodeFacts::default()
    };
    let facts = LabFacts {
        nodes: vec![node],
        ..LabFacts::default()
    };
    let mut rows = MemoryRows::default();
    seed::plant(&mut rows, &facts, &Start::installed(), 0).unwrap();
    rows
}

#[test]
fn comments_lose_the_blanks_at_their_ends() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    for (all, one, key) in [
        ("POST /access/users", "GET /access/users/{userid}", "userid"),
        (
            "POST /access/groups",
            "GET /access/groups/{groupid}",
            "groupid",
        ),
        ("POST /pools", "GET /pools/{poolid}", "poolid"),
    ] {
        let id = "a@pve".trim_end_matches(if key == "userid" { "" } else { "@pve" });
        call(&mut tx, all, json!({ key: id, "comment": "  for all  " }));
        assert_eq!(
            call(&mut tx, one, json!({ key: id }))["comment"],
            "for all",
            "{all}"
        );
    }
    let blank = json!({"groupid": "a", "comment": "  "});
    call(&mut tx, "PUT /access/groups/{groupid}", blank.clone());
    let shown = call(&mut tx, "GET /access/groups/{groupid}", blank);
    assert_eq!(shown.get("comment"), None);
}

#[test]
fn a_description_beyond_latin1_comes_back_garbled() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    let described = |tx: &mut Tx<'_>, id: &str, text: &str| -> Value {
        let entry = "node=pve1,path=0000:01:00.0,id=10de:27b2";
        let made = json!({"id": id, "map": [entry], "description": text});
        call(tx, "POST /cluster/mapping/pci", made.clone());
        call(tx, "GET /cluster/mapping/pci/{id}", made)["description"].clone()
    };
    assert_eq!(described(&mut tx, "plain", "für Spiele"), "für Spiele");
    assert_eq!(
        described(&mut tx, "dash", "a — b"),
        "a \u{e2}\u{80}\u{94} b"
    );
}

#[test]
fn a_token_of_a_user_with_an_exclamation_mark_logs_in_and_is_granted() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    call(&mut tx, "POST /access/users", json!({"userid": "a!b@pve"}));
    let token = json!({"userid": "a!b@pve", "tokenid": "tok", "privsep": "0"});
    let made = call(
        &mut tx,
        "POST /access/users/{userid}/token/{tokenid}",
        token,
    );
    let id = made["full-tokenid"].as_str().unwrap();
    let secret = made["value"].as_str().unwrap();
    let mut headers = http::HeaderMap::new();
    let header = format!("PVEAPIToken={id}={secret}");
    headers.insert("authorization", header.parse().unwrap());
    let caller = auth::identify(&mut tx, "GET", &headers).unwrap();
    assert_eq!((caller.user(), caller.is_token()), ("a!b@pve", true));
    for holder in [json!({"users": "a!b@pve"}), json!({"tokens": id})] {
        let mut grant = json!({"path": "/vms", "roles": "PVEAuditor"});
        grant
            .as_object_mut()
            .unwrap()
            .extend(holder.as_object().unwrap().clone());
        call(&mut tx, "PUT /access/acl", grant);
    }
    let held = permission::privileges_on(&mut tx, id, "/vms").unwrap();
    assert!(held.contains_key("VM.Audit"));
}
