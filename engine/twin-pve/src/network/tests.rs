use model::{MemoryRows, node::network};
use serde_json::json;
use twin::{
    LabFacts, Start,
    facts::{Gateway, NodeFacts, Port},
    seed,
};
use world::clock::Moment;

use super::*;
use crate::testing::{config, params, root};

fn rows() -> MemoryRows {
    let port = |name: &str| Port {
        name: name.to_owned(),
        speed: 0,
        mac: String::new(),
    };
    let node = NodeFacts {
        name: "pve1".to_owned(),
        address: "10.77.0.1/24".to_owned(),
        interface: "eno1".to_owned(),
        ports: ["eno1", "eno2", "eno3"].map(port).to_vec(),
        ..NodeFacts::default()
    };
    let facts = LabFacts {
        nodes: vec![node],
        gateways: vec![Gateway {
            network: "10.77.0.0/24".to_owned(),
            gateway: "10.77.0.254".to_owned(),
        }],
        ..LabFacts::default()
    };
    let mut rows = MemoryRows::default();
    seed::plant(&mut rows, &facts, &Start::installed(), 0).unwrap();
    rows
}

/// What an answer says is wrong: parameter and words, or the message.
fn words(result: Result<Value, Stop>) -> String {
    match result {
        Ok(_) => "OK".to_owned(),
        Err(Stop::Api(answer)) => match answer.errors.iter().next() {
            Some((name, text)) => format!("{name}: {}", text.as_str().unwrap()),
            None => answer.message.trim_end().to_owned(),
        },
        Err(Stop::Fault(fault)) => fault.to_string(),
    }
}

#[test]
fn stages_shows_and_applies() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    let bridge =
        json!({ "iface": "vmbr1", "type": "bridge", "bridge_ports": "eno2", "autostart": "1" });
    edit::create(&mut tx, &params(bridge)).unwrap();
    list(&mut tx, &params(json!({}))).unwrap();
    let changes = tx.extra.remove("changes").unwrap();
    assert!(
        changes
            .as_str()
            .unwrap()
            .contains("+iface vmbr1 inet manual\n"),
        "{changes}"
    );

    apply(&mut tx, &params(json!({}))).unwrap();
    tx.now = Moment(60_000);
    tx.advance().unwrap();
    list(&mut tx, &params(json!({}))).unwrap();
    assert_eq!(tx.extra.get("changes"), None);
    assert_eq!(network::staged(&mut tx).unwrap(), None);
    let current = network::current(&mut tx).unwrap();
    assert_eq!(current["vmbr1"]["active"], 1);
    assert_eq!(current["eno2"]["active"], 1);
    assert_eq!(current["eno3"].get("active"), None);
}

#[test]
fn drops_what_is_staged() {
    let (mut rows, config) = (rows(), config());
    let mut tx = Tx::new(&mut rows, Moment(0), "pve1", &config);
    let before = network::current(&mut tx).unwrap();
    edit::delete(&mut tx, &params(json!({ "iface": "vmbr0" }))).unwrap();
    drop_staged(&mut tx, &params(json!({}))).unwrap();
    assert_eq!(network::latest(&mut tx).unwrap(), before);
    drop_staged(&mut tx, &params(json!({}))).unwrap();
}

#[test]
fn keeps_an_address_line_that_was_not_sent_again() {
    let (mut rows, config) = (rows(), config());
    let mut tx = Tx::new(&mut rows, Moment(0), "pve1", &config);
    let sent = json!({ "iface": "vmbr0", "type": "bridge", "bridge_vlan_aware": "1" });
    edit::update(&mut tx, &params(sent)).unwrap();
    let bridge = &network::latest(&mut tx).unwrap()["vmbr0"];
    assert_eq!(bridge["method"], "manual");
    assert_eq!(bridge["cidr"], "10.77.0.1/24");
    assert_eq!(bridge["bridge_vids"], "2-4094");
}

#[test]
fn refuses_in_the_words_of_the_api() {
    for (sent, expected) in [
        (
            json!({ "iface": "vmbr0", "type": "bridge" }),
            "iface: interface already exists",
        ),
        (
            json!({ "iface": "vmbr1", "type": "bridge", "bridge_ports": "eno1" }),
            "bridge_ports: eno1 is already used on interface 'vmbr0'.",
        ),
        (
            json!({ "iface": "bond0", "type": "bond", "slaves": "eno2 eno1" }),
            "slaves: eno1 is already used on interface 'vmbr0'.",
        ),
        (
            json!({ "iface": "vmbr1", "type": "bridge", "cidr": "10.1.0.1/24", "gateway": "10.1.0.254" }),
            "gateway: Default gateway already exists on interface 'vmbr0'.",
        ),
        (
            json!({ "iface": "vmbr1", "type": "bridge", "cidr": "10.1.0.1/24", "address": "10.1.0.1" }),
            "address: address conflicts with cidr",
        ),
        (
            json!({ "iface": "vmbr1", "type": "bridge", "cidr6": "ff02::1/64" }),
            "address: ff02::1 with type 'MULTICAST', cannot be used as host IPv6 address.",
        ),
        (
            json!({ "iface": "vmbr1", "type": "bridge", "bridge_vids": " , " }),
            "bridge_vids: VLAN list items are empty",
        ),
        (
            json!({ "iface": "vmbr1", "type": "OVSBridge" }),
            "Open VSwitch is not installed (need package 'openvswitch-switch')",
        ),
        (
            json!({ "iface": "vmbr1", "type": "bridge", "bridge_ports": "nosuch9" }),
            "bridge 'vmbr1' - unable to find bridge port 'nosuch9'",
        ),
        (
            json!({ "iface": "vmbr1", "type": "bridge", "bridge_ports": "eno2 eno3" }),
            "OK",
        ),
    ] {
        let (mut rows, config) = (rows(), config());
        let mut tx = Tx::new(&mut rows, Moment(0), "pve1", &config);
        assert_eq!(
            words(edit::create(&mut tx, &params(sent.clone()))),
            expected,
            "{sent}"
        );
    }
}
