//! Staging interfaces.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use serde_json::{Value, json};
use world::{
    code,
    proxmox::{Identity, Method},
};

use super::{NetworkSpec, Observed, interface::InterfaceSpec, list, pending::refuse_foreign};
use crate::{
    difference::text,
    info::{Effect, Sent},
    operate::{Operate, answered},
};

impl Operate for NetworkSpec {
    const NAME: &str = "proxmox::network::stage";
    const EFFECT: Effect = Effect::Change;

    fn requests() -> Vec<Sent> {
        vec![
            (Method::Get, "/nodes/{node}/network"),
            (Method::Post, "/nodes/{node}/network"),
            (Method::Put, "/nodes/{node}/network/{iface}"),
        ]
    }

    fn resource(&self) -> String {
        format!("network of {}", self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.check()?;
        let observed = Observed::read(operation, &self.node).await?;
        refuse_foreign(&self.node, &observed, &self.interfaces)?;
        for interface in &self.interfaces {
            let there = observed
                .rows
                .iter()
                .find(|row| text(row, "iface") == interface.iface);
            refuse_ovs(&self.node, interface, there)?;
            if let Some(write) = staging(&self.node, interface, there) {
                operation.write(write).await?;
            }
        }
        let names: Vec<&str> = self
            .interfaces
            .iter()
            .map(|interface| interface.iface.as_str())
            .collect();
        Ok(answered([
            ("node", json!(self.node)),
            ("interfaces", json!(names)),
        ]))
    }
}

/// Fails if an interface of Open vSwitch would become one of Linux in passing: its ports would hang in the air.
fn refuse_ovs(node: &str, interface: &InterfaceSpec, there: Option<&Value>) -> Result<(), Failure> {
    let is = there.map(|there| text(there, "type")).unwrap_or_default();
    if !is.starts_with("OVS") {
        return Ok(());
    }
    let text = format!(
        "{} on {node} is an {is}, and is wanted as a {}",
        interface.iface,
        interface.kind_name()
    );
    Err(Failure::new(code::network::ovs, text)
        .help("leave it out of the list; or remove it on the node with its ports, and run again"))
}

/// The write that makes an interface what is wanted; nothing if it already is.
fn staging(node: &str, interface: &InterfaceSpec, there: Option<&Value>) -> Option<Write> {
    let resource = format!("network interface {} on {node}", interface.iface);
    let (change, request, wanted) = match there {
        None => {
            let change = Change::create(resource, interface.described());
            (change, interface.creation(node), interface.described())
        }
        Some(observed) => {
            let difference = interface.difference(observed);
            if difference.is_empty() {
                return None;
            }
            let after = Value::Object(difference.after);
            let change = Change::update(resource, difference.before.into(), after.clone());
            (change, interface.update(node, observed), after)
        }
    };
    let proof = Condition::Contains(proof(&interface.iface, wanted));
    Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (list(node), proof),
    ))
}

/// What the list of interfaces shows once an interface is staged. A comment comes back with a line end more.
fn proof(iface: &str, mut wanted: Value) -> Value {
    if let Some(fields) = wanted.as_object_mut() {
        fields.remove("comments");
    }
    wanted["iface"] = iface.into();
    wanted
}

#[cfg(test)]
mod tests {
    use super::{super::interface::tests::interface, *};

    #[test]
    fn stages_only_what_differs() {
        let spec = interface(
            json!({"iface": "vmbr1", "type": "bridge", "bridge_ports": "eno2", "comments": "x"}),
        );
        let there = json!({"iface": "vmbr1", "type": "bridge", "bridge_ports": "eno2", "autostart": 1, "comments": "x\n"});
        assert!(staging("pve1", &spec, Some(&there)).is_none());
        let new = staging("pve1", &spec, None).unwrap();
        assert_eq!(new.change.before, Value::Null);
        assert_eq!(new.change.resource, "network interface vmbr1 on pve1");
        let mut other = there;
        other["bridge_ports"] = json!("eno3");
        let changed = staging("pve1", &spec, Some(&other)).unwrap();
        assert_eq!(changed.change.after, json!({"bridge_ports": "eno2"}));
    }

    #[test]
    fn turns_nothing_of_open_vswitch_into_something_of_linux() {
        for (kind, is, refused) in [
            ("bridge", "OVSBridge", true),
            ("eth", "OVSPort", true),
            ("bond", "OVSBond", true),
            ("vlan", "OVSIntPort", true),
            ("bridge", "bridge", false),
        ] {
            let spec = interface(json!({"iface": "vmbr0", "type": kind}));
            let there = json!({"iface": "vmbr0", "type": is, "ovs_ports": "eno1"});
            let failure = refuse_ovs("pve1", &spec, Some(&there)).err();
            let code = failure.map(|failure| failure.code);
            assert_eq!(code, refused.then_some(code::network::ovs), "{is}");
        }
        let new = interface(json!({"iface": "vmbr0", "type": "bridge"}));
        assert!(refuse_ovs("pve1", &new, None).is_ok());
    }

    #[test]
    fn proves_by_the_list() {
        let condition = Condition::Contains(proof(
            "vmbr1",
            json!({"bridge_vids": "30,20", "comments": "x", "autostart": true}),
        ));
        assert!(condition.holds(Some(
            &json!([{"iface": "vmbr1", "bridge_vids": "20 30", "autostart": 1}])
        )));
        assert!(!condition.holds(Some(
            &json!([{"iface": "vmbr2", "bridge_vids": "20 30", "autostart": 1}])
        )));
    }
}
