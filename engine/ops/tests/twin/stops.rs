//! Where operations stop, each with its own code and with nothing changed by the one that stops.

use world::code::{self, Code};

use crate::lab::{Lab, changes};

const HEAD: &str = r#"runbook("stops", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
"#;

/// Runs a step that prepares, and one that has to stop with `code`, naming `named`.
fn stops(prepare: &str, stop: &str, code: Code, named: &str) {
    let lab = Lab::open(".");
    let source = format!(
        "{HEAD}step(\"prepare\", \"Prepare\", || {{ {prepare} }});\nstep(\"stop\", \"Stop\", || {stop});\n"
    );
    let outcome = lab.run(&source).unwrap();
    let failure = outcome
        .finished
        .failure
        .as_ref()
        .unwrap_or_else(|| panic!("{stop} doesn't stop"));
    assert_eq!(failure.code, code, "{failure}");
    assert!(failure.to_string().contains(named), "{named} in {failure}");
    let changed = changes(&outcome);
    assert!(
        !changed.iter().any(|change| change.starts_with("stop ")),
        "{changed:?}"
    );
}

#[test]
fn a_node_in_another_cluster() {
    stops(
        r#"proxmox::cluster::ensure(#{ name: "example", node: "pve1" });
           proxmox::cluster::ensure(#{ name: "other", node: "pve2" });"#,
        r#"proxmox::cluster::join(#{ name: "example", node: "pve2", password: secret("PROXMOX_PASSWORD") })"#,
        code::cluster::foreign,
        "pve2 is in the cluster 'other'",
    );
}

#[test]
fn a_join_before_there_is_a_cluster() {
    stops(
        "",
        r#"proxmox::cluster::join(#{ name: "example", node: "pve2", password: secret("PROXMOX_PASSWORD") })"#,
        code::cluster::no_cluster,
        "pve1 isn't in the cluster 'example'",
    );
}

#[test]
fn a_cluster_without_one_of_the_nodes() {
    stops(
        r#"proxmox::cluster::ensure(#{ name: "example", node: "pve1" });"#,
        r#"proxmox::cluster::status(#{ nodes: ["pve1", "pve2"], timeout: "10 s" })"#,
        code::cluster::not_ready,
        "not in the cluster: pve2",
    );
}

#[test]
fn network_changes_of_somebody_else() {
    let foreign = r#"proxmox::network::stage(#{ node: "pve1", interfaces: [#{ iface: "vmbr9", type: "bridge" }] });"#;
    for function in ["stage", "apply"] {
        stops(
            foreign,
            &format!(
                r#"proxmox::network::{function}(#{{ node: "pve1", interfaces: [#{{ iface: "vmbr0", type: "bridge", bridge_vlan_aware: true }}] }})"#
            ),
            code::network::foreign_changes,
            "vmbr9",
        );
    }
}

#[test]
fn a_disk_that_holds_something() {
    let disk = r#"proxmox::disk::lvmthin(#{ node: "pve3", device: "DEVICE", name: "spare", serial: SERIAL })"#;
    let on = |device: &str, serial: &str| disk.replace("DEVICE", device).replace("SERIAL", serial);
    stops(
        "",
        &on("/dev/nvme0n1", "()"),
        code::disk::not_empty,
        "/dev/nvme0n1 of pve3",
    );
    stops(
        "",
        &on("/dev/sda", r#""other""#),
        code::disk::other_disk,
        "not other",
    );
    stops(
        "",
        &on("/dev/sdz", "()"),
        code::disk::missing,
        "pve3 has no disk /dev/sdz",
    );
}

#[test]
fn a_storage_that_is_another_one() {
    stops(
        "",
        r#"proxmox::storage::ensure("local", #{ type: "dir", path: "/elsewhere", content: "iso" })"#,
        code::storage::fixed,
        "storage local has path /var/lib/vz",
    );
}

#[test]
fn a_device_that_isnt_there() {
    stops(
        "",
        r#"proxmox::mapping::ensure("gpu", #{ devices: [#{ node: "pve2", slot: "0000:01:00.0" }] })"#,
        code::mapping::no_device,
        "pve2 has no PCI device at 0000:01:00.0",
    );
}

#[test]
fn a_token_that_can_do_what_it_must_not() {
    let token = r#"proxmox::user::ensure("example@pve", #{});
        proxmox::token::ensure(#{ user: "example@pve", name: "tests", keep: "EXAMPLE_SECRET" });"#;
    let check = |rights: &str| {
        format!(
            r#"proxmox::token::check(#{{ user: "example@pve", name: "tests", keep: "EXAMPLE_SECRET", {rights} }})"#
        )
    };
    stops(
        token,
        &check(r#"must_not: ["GET /version"]"#),
        code::token::rights,
        "it can GET /version",
    );
    stops(
        token,
        &check(r#"may: ["Sys.Modify /"]"#),
        code::token::rights,
        "it can't Sys.Modify /",
    );
    stops(
        "",
        &check("may: []"),
        code::token::not_kept,
        "example@pve!tests",
    );
}

#[test]
fn a_field_that_isnt_one() {
    stops(
        "",
        r#"proxmox::group::ensure("g", #{ coment: "x" })"#,
        code::runbook::field,
        "coment",
    );
    stops(
        "",
        r#"proxmox::group::ensure("g", #{ group: "x" })"#,
        code::runbook::field,
        "stands twice",
    );
    stops(
        "",
        r#"proxmox::group::ensure("g", 5)"#,
        code::runbook::argument,
        "proxmox::group::ensure",
    );
}
