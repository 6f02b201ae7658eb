//! What the standard library makes of the docs of both labs.

use serde_json::{Value, json};

use crate::lab::{Lab, step_value, trouble};

const SHAPES: &str = r#"
import "stdlib/access" as access;
import "stdlib/cluster" as cluster;
import "stdlib/network" as network;
import "stdlib/storage" as storage;
runbook("shapes", "1.0.0");
let nodes = facts::table("HARDWARE", "Nodes");
step("shapes", "Shapes", || #{
    network: nodes.map(|node| network::wanted(node)),
    dns: network::name_servers(nodes[0]),
    links: nodes.map(|node| cluster::links(node)),
    first: cluster::links_need_the_network(nodes),
    storage: facts::table("SOFTWARE", "Storage").map(|row| storage::wanted(row)),
    disks: facts::table("SOFTWARE", "Storage").map(|row| storage::disks(row).map(|disk| disk.device)),
    backup: facts::table("SOFTWARE", "Backup jobs").map(|row| storage::backup(row)),
    permissions: facts::table("SOFTWARE", "Permissions").map(|row| access::permission(row)),
    devices: if facts::has("SOFTWARE", "PCI mappings") {
        facts::table("SOFTWARE", "PCI mappings").map(|row| access::devices(row))
    }
});
"#;

fn shapes(folder: &str) -> Value {
    let outcome = Lab::open(folder).run(SHAPES);
    assert_eq!(trouble(&outcome), None, "{folder}");
    step_value(&outcome.unwrap(), "shapes").unwrap()
}

#[test]
fn reads_the_example_lab() {
    let shapes = shapes(".");
    let names = |list: &Value| -> Vec<String> {
        let items = list["interfaces"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["iface"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&shapes["network"][0]),
        ["bond0", "vmbr0", "vmbr1", "vmbr1.20"]
    );
    assert_eq!(
        shapes["dns"]["servers"],
        json!([{"$address": "10.10.10.1"}, {"$address": "9.9.9.9"}])
    );
    assert_eq!(shapes["links"][1][0]["priority"], 20);
    assert_eq!(shapes["first"], false);
    let lvm = &shapes["storage"][6];
    assert_eq!(
        (&lvm["base"], &lvm["lun"], &lvm["vgname"]),
        (&json!("san"), &json!(1), &json!("san"))
    );
    assert_eq!(shapes["storage"][3]["export"], "/var/nfs/shared/isos");
    assert_eq!(shapes["disks"][2].as_array().unwrap().len(), 3);
    assert_eq!(
        shapes["backup"][0]["prune-backups"],
        "keep-daily=7,keep-weekly=4,keep-monthly=3"
    );
    assert_eq!(
        shapes["permissions"][0]["tokens"],
        json!(["homelab@pve!runbooks"])
    );
    assert_eq!(shapes["devices"][0][1]["slot"], "0000:01:00.1");
}

#[test]
fn reads_the_second_lab() {
    let shapes = shapes("tests/cases/second-lab");
    assert_eq!(shapes["links"], json!([[], []]));
    assert_eq!(shapes["storage"][0]["pool"], "rpool/data");
    assert_eq!(shapes["storage"][2]["nodes"], json!(["alpha"]));
    assert_eq!(shapes["devices"], Value::Null);
}
