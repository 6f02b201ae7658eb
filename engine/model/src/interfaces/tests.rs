use serde_json::json;

use super::*;

const INSTALLED: &str = "auto lo\niface lo inet loopback\n\niface eno1 inet manual\n\niface eno2 inet manual\n\nauto vmbr0\niface vmbr0 inet static\n\taddress 10.77.0.1/24\n\tgateway 10.77.0.254\n\tbridge-ports eno1\n\tbridge-stp off\n\tbridge-fd 0\n";

fn links() -> Links {
    ["eno1", "eno2"]
        .iter()
        .map(|name| ((*name).to_owned(), Link::card()))
        .collect()
}

fn installed() -> Interfaces {
    let mut interfaces = read(INSTALLED, &links());
    bring_up(&mut interfaces);
    interfaces
}

fn with(name: &str, fields: serde_json::Value) -> Interfaces {
    let mut interfaces = installed();
    let mut interface = interfaces.remove(name).unwrap_or_default();
    interface.extend(fields.as_object().unwrap().clone());
    interface
        .entry("families")
        .or_insert_with(|| json!(["inet"]));
    interface.entry("method").or_insert_with(|| "manual".into());
    interfaces.insert(name.to_owned(), interface);
    interfaces
}

#[test]
fn reads_what_an_installer_writes() {
    let interfaces = installed();
    assert_eq!(
        serde_json::Value::Object(interfaces["vmbr0"].clone()),
        json!({
            "autostart": 1, "priority": 5, "method": "static", "families": ["inet"],
            "address": "10.77.0.1", "gateway": "10.77.0.254", "bridge_ports": "eno1",
            "bridge_stp": "off", "bridge_fd": "0", "type": "bridge", "cidr": "10.77.0.1/24",
            "netmask": "24", "method6": "manual", "active": 1,
        })
    );
    assert_eq!(interfaces["eno1"]["active"], 1);
    assert_eq!(interfaces["eno2"].get("active"), None);
    assert_eq!(interfaces["lo"]["type"], "loopback");
}

#[test]
fn reads_again_what_it_writes() {
    let interfaces = installed();
    let text = write(interfaces.clone()).unwrap();
    assert_eq!(read(&text, &links_of(&interfaces)), interfaces);
}

#[test]
fn shows_staged_changes_as_a_unified_diff() {
    let staged = with(
        "vmbr1",
        json!({ "type": "bridge", "bridge_ports": "eno2", "autostart": "1", "comments": "two\n" }),
    );
    let changes = changes(installed(), staged).unwrap().unwrap();
    let expected = "--- /etc/network/interfaces\n+++ /etc/network/interfaces.new\n@@ -24,4 +24,11 @@\n \tbridge-stp off\n \tbridge-fd 0\n \n+auto vmbr1\n+iface vmbr1 inet manual\n+\tbridge-ports eno2\n+\tbridge-stp off\n+\tbridge-fd 0\n+#two\n+\n source /etc/network/interfaces.d/*\n";
    assert_eq!(changes, expected);
}

#[test]
fn finds_what_is_in_force_behind_an_answer() {
    let before = installed();
    let text = write(with(
        "vmbr1",
        json!({ "type": "bridge", "bridge_ports": "eno2" }),
    ))
    .unwrap();
    let staged = read(&text, &links_of(&before));
    let diff = changes(before.clone(), staged.clone()).unwrap();
    let items: Vec<_> = staged
        .iter()
        .filter(|(name, _)| *name != "lo")
        .map(|(name, interface)| {
            let mut item = interface.clone();
            item.insert("iface".to_owned(), name.as_str().into());
            serde_json::Value::Object(item)
        })
        .collect();
    let (current, pending) = load(&items, diff.as_deref());
    assert_eq!(pending.as_ref(), Some(&staged));
    assert_eq!(current, before);
    assert_eq!(load(&items, None), (staged, None));
}

#[test]
fn refuses_what_does_not_go_together() {
    for (name, fields, expected) in [
        (
            "bond0",
            json!({ "type": "bond", "slaves": "eno9" }),
            "bond 'bond0' - wrong interface type on slave 'eno9' ('' != 'eth or bond')",
        ),
        (
            "bond0",
            json!({ "type": "bond", "slaves": "vmbr0" }),
            "bond 'bond0' - wrong interface type on slave 'vmbr0' ('bridge' != 'eth or bond')",
        ),
        (
            "bond0",
            json!({ "type": "bond", "slaves": "eno1" }),
            "port 'eno1' is already used on interface 'bond0'",
        ),
        (
            "vmbr9",
            json!({ "type": "bridge", "bridge_ports": "nosuch9" }),
            "bridge 'vmbr9' - unable to find bridge port 'nosuch9'",
        ),
        (
            "vmbr9",
            json!({ "type": "bridge", "bridge_ports": "eno2", "mtu": "9000" }),
            "interface 'eno2' - mtu 1500 is lower than 'vmbr9' - mtu 9000",
        ),
        (
            "vmbr0.5000",
            json!({ "type": "vlan" }),
            "vlan 'vmbr0.5000' - vlan-id 5000 should be <= 4094",
        ),
        (
            "nosuch0.5",
            json!({ "type": "vlan" }),
            "vlan 'nosuch0.5' - unable to find parent 'nosuch0'",
        ),
        (
            "lo.5",
            json!({ "type": "vlan" }),
            "vlan 'lo.5' - wrong interface type on parent 'lo' ('loopback' != 'eth|bond|bridge|vlan' )",
        ),
        (
            "eno1",
            json!({ "type": "eth", "method": "static", "address": "10.0.0.1" }),
            "iface eno1 - ip address can't be set on interface if bridged in vmbr0",
        ),
    ] {
        assert_eq!(
            write(with(name, fields)),
            Err(expected.to_owned()),
            "{name}"
        );
    }
}

#[test]
fn tells_types_from_fields_and_names() {
    let text = "iface br0 inet manual\n\tbridge-ports none\n\niface bond3 inet manual\n\tbond-slaves eno1\n\tbond-mode 4\n\niface vlan7 inet manual\n\tvlan-raw-device eno1\n\niface eno1.8 inet manual\n\niface vmbr0:1 inet manual\n\niface foo inet manual\n";
    let interfaces = read(text, &links());
    for (name, expected) in [
        ("br0", "bridge"),
        ("bond3", "bond"),
        ("vlan7", "vlan"),
        ("eno1.8", "vlan"),
        ("vmbr0:1", "alias"),
        ("foo", "unknown"),
        ("eno2", "eth"),
    ] {
        assert_eq!(type_of(&interfaces[name]), expected, "{name}");
    }
    assert_eq!(interfaces["vlan7"]["vlan-id"], "7");
    assert_eq!(interfaces["eno1.8"]["vlan-raw-device"], "eno1");
    assert_eq!(interfaces["bond3"]["bond_mode"], "802.3ad");
}
