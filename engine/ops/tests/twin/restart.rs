//! A host that is restarted: what it's started from, and a run that ends meanwhile.

use std::sync::Arc;

use serde_json::json;

use crate::lab::{Lab, changes, step_value, trouble};

const HEAD: &str = r#"runbook("example", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root" });
"#;

/// A card that is to be given to guests: configured, restarted, looked at.
const CARD: &str = r#"
let card = [#{ slot: "0000:01:00.0", id: "10de:27b2" }, #{ slot: "0000:01:00.1", id: "10de:22bc" }];
step("before", "Before", || host::vfio("pve1", #{ devices: card }).problems);
step("line", "Command line", || { host::kernel_cmdline("pve1", #{ present: ["iommu=pt"] }); });
step("modules", "Modules", || {
    host::file("pve1", "/etc/initramfs-tools/modules", #{ content: "vfio\nvfio_iommu_type1\nvfio_pci\n" });
    host::kernel_module("pve1", "vfio-pci", #{ options: "ids=10de:27b2,10de:22bc", loaded: false, at_boot: true });
    host::kernel_module("pve1", "nouveau", #{ blacklisted: true }).initramfs_needed
});
step("image", "Image", || host::initramfs("pve1", #{}).updated.len());
step("restart", "Restart", || host::reboot("pve1", #{ when: "the card goes to guests" }).state);
step("after", "After", || {
    let audit = host::vfio("pve1", #{ devices: card });
    [audit.ready, audit.problems, host::kernel_cmdline("pve1", #{ present: ["iommu=pt"] }).reboot_needed]
});
"#;

#[test]
fn a_card_is_free_after_the_restart_as_planned() {
    let lab = Lab::open(".");
    let source = format!("{HEAD}{CARD}");
    let planned = lab.plan(&source);
    assert_eq!(trouble(&planned), None);
    let done = lab.run(&source);
    assert_eq!(trouble(&done), None);
    let (planned, done) = (planned.unwrap(), done.unwrap());
    assert_eq!(changes(&planned), changes(&done));
    for outcome in [&planned, &done] {
        let value = |step| step_value(outcome, step).unwrap();
        assert_eq!(
            value("before"),
            json!([
                "0000:01:00.0 is held by nouveau",
                "0000:01:00.1 is held by snd_hda_intel"
            ])
        );
        assert_eq!(value("modules"), json!(true), "the image is older");
        assert_eq!(value("after"), json!([true, [], false]));
    }
}

#[test]
fn a_node_on_zfs_is_started_by_systemd_boot() {
    let lab = Lab::open("tests/cases/second-lab");
    let source = format!(
        "{HEAD}{}",
        r#"
        step("line", "Line", || {
            let line = host::kernel_cmdline("alpha", #{ present: ["intel_iommu=off"] });
            host::reboot("alpha", #{ when: line.reboot_needed });
            [line.loader, host::pci("alpha", #{}).devices.len()]
        });
        step("again", "Again", || {
            let line = host::kernel_cmdline("alpha", #{ present: ["intel_iommu=off"] });
            [line.reboot_needed, line.configured, line.running.contains("intel_iommu=off")]
        });
        "#
    );
    let planned = lab.plan(&source);
    assert_eq!(trouble(&planned), None);
    let done = lab.run(&source);
    assert_eq!(trouble(&done), None);
    let done = done.unwrap();
    assert_eq!(changes(&planned.unwrap()), changes(&done));
    assert_eq!(step_value(&done, "line").unwrap()[0], "systemd-boot");
    let again = json!([
        false,
        "root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=off",
        true
    ]);
    assert_eq!(step_value(&done, "again").unwrap(), again);
    assert_eq!(changes(&lab.run(&source).unwrap()), [] as [&str; 0]);
}

#[test]
fn without_a_new_image_a_card_stays_with_its_driver() {
    let lab = Lab::open(".");
    let without = CARD
        .lines()
        .filter(|line| !line.contains("host::initramfs"));
    let source = format!("{HEAD}{}", without.collect::<Vec<_>>().join("\n"));
    let done = lab.run(&source).unwrap();
    assert_eq!(step_value(&done, "after").unwrap()[0], json!(false));
}

#[test]
fn a_node_that_is_restarted_is_away_for_a_while_for_the_api_too() {
    let lab = Lab::open(".");
    let world = lab.twin.world().unwrap();
    let source = format!("{HEAD}step(\"x\", \"X\", || host::facts(\"pve1\", #{{}}).boot_id);");
    let first = lab.run(&source).unwrap();
    let call = world::host::Call::bare(world::host::Verb::REBOOT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    world.hosts.declare(vec![world::host::Destination {
        name: "pve1".to_owned(),
        address: "10.10.10.11".to_owned(),
        ..world::host::Destination::default()
    }]);
    runtime.block_on(world.hosts.call("pve1", call)).unwrap();
    let away = lab.run(&source);
    let why = trouble(&away).unwrap();
    assert!(why.contains("No route to host"), "{why}");
    let request = http::Request::get("/api2/json/version")
        .body(bytes::Bytes::new())
        .unwrap();
    let refused = runtime.block_on(world.proxmox.send("10.10.10.11:8006", request));
    assert!(refused.is_err(), "{refused:?}");
    lab.twin.pass(std::time::Duration::from_secs(120)).unwrap();
    let again = lab.run(&source).unwrap();
    assert_ne!(step_value(&first, "x"), step_value(&again, "x"));
}

#[test]
fn a_run_that_ends_during_a_restart_goes_on_without_a_second_one() {
    let lab = Lab::open(".");
    let source = format!(
        "{HEAD}step(\"restart\", \"Restart\", || host::reboot(\"pve1\", #{{ when: \"a test\" }}).boot_id);\n"
    );
    for point in [
        "before write host::reboot: reboot",
        "after write host::reboot: reboot",
        "wait host::reboot",
    ] {
        let journal = Lab::journal();
        let stopped = lab.run_until(&source, &journal, point);
        assert!(trouble(&stopped).is_some(), "{point}");
        let first = stopped.map(|outcome| changes(&outcome)).unwrap_or_default();
        let resumed = lab.run_on(&source, &Arc::clone(&journal));
        assert_eq!(trouble(&resumed), None, "{point}");
        let more = changes(&resumed.unwrap());
        assert_eq!(
            (first.len(), more.len()),
            (1, 0),
            "{point}: {first:?} {more:?}"
        );
    }
}
