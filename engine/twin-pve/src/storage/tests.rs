//! Storages on the example lab's appliances and disks.

use model::{MemoryRows, Stop, Tx, node::groups};
use serde_json::{Value, json};
use std::path::Path;
use twin::{LabFacts, Start, seed};
use world::docs::Docs;

use super::{content, crud, node};
use crate::{
    mapping,
    testing::{config, params, root},
};

fn rows() -> MemoryRows {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let facts = LabFacts::from_docs(&Docs::load(&docs).unwrap()).unwrap();
    let mut rows = MemoryRows::default();
    seed::plant(&mut rows, &facts, &Start::installed(), 0).unwrap();
    rows
}

fn words(result: Result<Value, Stop>) -> String {
    match result {
        Ok(_) => "OK".to_owned(),
        Err(stop) => stop.message().to_owned(),
    }
}

fn status(tx: &mut Tx<'_>, storage: &str) -> Value {
    node::status(tx, &params(json!({ "node": "pve1", "storage": storage }))).unwrap()
}

const TARGET: &str = "iqn.2000-01.com.synology:synology.target-1.7c1b2e9d4f";

/// Makes storages one after the other; each with what it ends with.
fn make(tx: &mut Tx<'_>, cases: &[(Value, &str)]) {
    for (storage, wanted) in cases {
        let found = words(crud::create(tx, &params(storage.clone())));
        assert_eq!(found, *wanted, "{storage}");
    }
}

#[rustfmt::skip]
#[test]
fn makes_only_what_the_appliances_offer() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    make(&mut tx, &[
        (
            json!({ "storage": "nas", "type": "nfs", "server": "10.10.20.99", "export": "/x" }),
            "create storage failed: storage 'nas' is not online",
        ),
        (
            json!({ "storage": "nas", "type": "nfs", "server": "10.10.20.21", "export": "/x" }),
            "create storage failed: mount error: mount.nfs: access denied by server while mounting 10.10.20.21:/x",
        ),
        (
            json!({ "storage": "isos", "type": "nfs", "server": "10.10.20.21", "export": "/var/nfs/shared/isos" }),
            "OK",
        ),
        (
            json!({ "storage": "isos", "type": "dir", "path": "/x" }),
            "create storage failed: storage ID 'isos' already defined",
        ),
        (
            json!({ "storage": "san", "type": "iscsi", "portal": "10.10.20.99", "target": TARGET }),
            "create storage failed: storage 'san' is not online",
        ),
        (json!({ "storage": "san", "type": "iscsi", "portal": "10.10.20.22", "target": TARGET }), "OK"),
        (json!({ "storage": "other", "type": "iscsi", "portal": "10.10.20.22:3260", "target": "iqn.none" }), "OK"),
    ]);
    states(&mut tx, &[("isos", 1, 1), ("san", 1, 1), ("other", 1, 0)]);
}

#[rustfmt::skip]
#[test]
fn makes_only_what_the_disks_hold() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    make(&mut tx, &[
        (
            json!({ "storage": "thin", "type": "lvmthin", "vgname": "pve", "thinpool": "none" }),
            "create storage failed: no such logical volume pve/none",
        ),
        (
            json!({ "storage": "tank", "type": "zfspool", "pool": "tank/vms" }),
            "create storage failed: could not activate storage 'tank', zfs error: cannot import 'tank': no such pool available",
        ),
        (json!({ "storage": "elsewhere", "type": "zfspool", "pool": "tank", "nodes": "pve9" }), "OK"),
        (json!({ "storage": "later", "type": "zfspool", "pool": "tank", "disable": "1" }), "OK"),
        (json!({ "storage": "thin", "type": "lvmthin", "vgname": "pve", "thinpool": "data" }), "OK"),
    ]);
    states(&mut tx, &[("elsewhere", 0, 0), ("later", 0, 0), ("thin", 1, 1)]);
}

/// Compares whether storages are enabled and active.
fn states(tx: &mut Tx<'_>, wanted: &[(&str, u8, u8)]) {
    for (storage, enabled, active) in wanted {
        let seen = status(tx, storage);
        let found = (&seen["enabled"], &seen["active"]);
        assert_eq!(
            found,
            (&json!(enabled), &json!(active)),
            "{storage}: {seen}"
        );
    }
}

#[test]
fn an_lvm_on_a_unit_gets_its_volume_group() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    let san = json!({ "storage": "san", "type": "iscsi", "portal": "10.10.20.22", "target": TARGET, "content": "none" });
    crud::create(&mut tx, &params(san)).unwrap();
    let units = content::list(
        &mut tx,
        &params(json!({ "node": "pve1", "storage": "san" })),
    )
    .unwrap();
    let volume = units[0]["volid"].as_str().unwrap().to_owned();
    assert!(volume.starts_with("san:0.0.1.scsi-36"), "{volume}");
    let lvm = |base: &str, name: &str| json!({ "storage": name, "type": "lvm", "vgname": name, "base": base, "shared": "1" });
    assert_eq!(
        words(crud::create(&mut tx, &params(lvm("none:0.0.1.x", "vol")))),
        "create storage failed: base storage ID 'none' does not exist"
    );
    assert_eq!(
        words(crud::create(&mut tx, &params(lvm(&volume, "vol")))),
        "OK"
    );
    assert_eq!(
        words(crud::create(&mut tx, &params(lvm(&volume, "two")))),
        format!(
            "create storage failed: device '/dev/disk/by-id/{}' is already used by volume group 'vol'",
            &volume["san:0.0.1.".len()..]
        )
    );
    assert_eq!(status(&mut tx, "vol")["active"], 1);
    assert_eq!(
        words(crud::remove(&mut tx, &params(json!({ "storage": "san" })))),
        "delete storage failed: can't remove storage - storage is used as base of another storage"
    );
    assert_eq!(
        words(crud::remove(&mut tx, &params(json!({ "storage": "vol" })))),
        "OK"
    );
    assert!(
        groups::volume_group(&mut tx, "vol").unwrap().is_some(),
        "the data stays"
    );
    // One that is there already is taken as it is.
    assert_eq!(
        words(crud::create(&mut tx, &params(lvm(&volume, "vol")))),
        "OK"
    );
}

#[test]
fn a_mapping_of_the_documented_card_is_in_order() {
    let (mut rows, config) = (rows(), config());
    let mut tx = root(&mut rows, &config);
    let entry = "node=pve1,path=0000:01:00.0;0000:01:00.1,id=10de:27b2,iommugroup=14,subsystem-id=10de:181b";
    let call = |tx: &mut Tx<'_>, method: &str, value: Value| {
        let endpoint = mapping::ENDPOINTS
            .iter()
            .find(|endpoint| endpoint.call == format!("{method} /cluster/mapping/pci"));
        (endpoint.unwrap().handler)(tx, &params(value))
    };
    call(&mut tx, "POST", json!({ "id": "gpu", "map": [entry] })).unwrap();
    call(
        &mut tx,
        "POST",
        json!({ "id": "none", "map": ["node=pve9,path=0000:01:00.0,id=10de:27b2"] }),
    )
    .unwrap();
    let list = call(&mut tx, "GET", json!({ "check-node": "pve1" })).unwrap();
    // The second device is another one than the entry's id says.
    assert_eq!(list[0]["checks"][0]["severity"], "error", "{list}");
    assert_eq!(list[1]["checks"][0]["message"], "No mapping for node pve1.");
}
