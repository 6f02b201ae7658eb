//! What Proxmox keeps active by itself, as a host shows it: it follows from the storages of the API.

use world::code::{self, Code};

use crate::lab::{Lab, changes, step_value, trouble};

const HEAD: &str = r#"runbook("kept", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
let target = facts::table("HARDWARE", "Targets")[0].target;
"#;

const MAKE: &str = r#"step("make", "Make", || {
    proxmox::storage::ensure("isos", #{
        type: "nfs", server: "10.10.20.21", "export": "/var/nfs/shared/isos", content: ["iso"], nodes: ["pve1"]
    });
    proxmox::storage::ensure("san", #{ type: "iscsi", portal: "10.10.20.22", target: target, content: ["none"], nodes: ["pve1"] });
});
"#;

const MOUNTED: &str = r#"host::mounted("pve1", "/mnt/pve/isos", #{ source: "10.10.20.21:/var/nfs/shared/isos", timeout: "4 s" })"#;
const SESSION: &str =
    r#"host::logged_in("pve1", target, #{ portal: "10.10.20.22", lun: 1, timeout: "4 s" })"#;

/// The storages' servers lie in VLAN 20: nodes reach them through the gateway.
fn look(lab: &Lab, prepare: &str, look: &str) -> Result<serde_json::Value, Code> {
    let source = format!("{HEAD}{prepare}step(\"look\", \"Look\", || {look});\n");
    let outcome = lab.run(&source).unwrap();
    match outcome.finished.failure.as_ref() {
        Some(failure) => Err(failure.code.clone()),
        None => Ok(step_value(&outcome, "look").unwrap()),
    }
}

#[test]
fn a_node_has_the_share_of_a_storage_mounted_and_none_before() {
    let lab = Lab::open(".");
    let before = look(&lab, "", MOUNTED);
    assert_eq!(before.unwrap_err(), code::host::not_mounted);
    let after = look(&lab, MAKE, MOUNTED).unwrap();
    assert_eq!(after["fstype"], "nfs4");
    let other = MOUNTED.replace("isos\", timeout", "backups\", timeout");
    let other = look(&lab, "", &other).unwrap_err();
    assert_eq!(other, code::host::mounted_elsewhere);
    let elsewhere = look(&lab, "", &MOUNTED.replace("pve1", "pve2"));
    assert_eq!(
        elsewhere.unwrap_err(),
        code::host::not_mounted,
        "pve2 is in another cluster"
    );
}

#[test]
fn a_node_is_logged_in_to_the_target_of_a_storage_and_not_before() {
    let lab = Lab::open(".");
    let before = look(&lab, "", SESSION);
    assert_eq!(before.unwrap_err(), code::host::no_session);
    let after = look(&lab, MAKE, SESSION).unwrap();
    assert_eq!(after["devices"][0]["lun"], 1);
    let no_unit = look(&lab, "", &SESSION.replace("lun: 1", "lun: 7"));
    assert_eq!(no_unit.unwrap_err(), code::host::no_session);
}

#[test]
fn a_plan_knows_what_its_storages_would_have_mounted() {
    let lab = Lab::open(".");
    let source = format!(
        "{HEAD}{MAKE}step(\"look\", \"Look\", || [{MOUNTED}.source, {SESSION}.devices]);\n"
    );
    let planned = lab.plan(&source);
    assert_eq!(trouble(&planned), None);
    let done = lab.run(&source);
    assert_eq!(trouble(&done), None);
    let (planned, done) = (planned.unwrap(), done.unwrap());
    assert_eq!(changes(&planned), changes(&done));
    let value = |outcome| step_value(outcome, "look").unwrap();
    assert_eq!(value(&planned), value(&done));
}
