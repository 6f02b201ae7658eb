//! Phase 1 where labs differ: other cards, other devices, two nodes, no key of homelab's own.

use serde_json::Value;

use crate::{
    phase1::{PLAN, RUN, changes, example, with_docs},
    support::{Answer, Lab},
};

/// The resources that a plan or a run changes.
fn resources(answer: &Answer) -> Vec<String> {
    let of = |change: Value| change["resource"].as_str().unwrap().to_owned();
    changes(answer).into_iter().map(of).collect()
}

fn until(lab: &Lab, step: &str) {
    lab.run(&[RUN, &["--until", step]].concat()).exits(0);
}

/// Runs phase 1, which has to fail; gives what people read.
#[track_caller]
fn fails(lab: &Lab) -> String {
    let run = ["run", "runbooks/phase1.rhai", "--twin"];
    lab.run(&run).exits(1).stdout
}

#[test]
fn the_drivers_that_are_kept_off_a_card_are_those_of_its_maker() {
    let lab = example();
    for (from, to) in [
        ("10de:27b2", "1002:744c"),
        ("10de:22bc", "1002:ab30"),
        ("NVIDIA Corporation", "Advanced Micro Devices"),
    ] {
        lab.replace("docs/HARDWARE.md", from, to);
    }
    let planned = resources(&lab.run(PLAN).exits(0));
    let has = |module: &str| planned.contains(&format!("kernel module {module} on pve1"));
    assert!(
        has("amdgpu") && has("radeon") && has("vfio-pci"),
        "{planned:?}"
    );
    assert!(!has("nouveau") && !has("nvidia"), "{planned:?}");
    lab.run(RUN).exits(0);
    assert_eq!(lab.run(RUN).exits(0).finished()["changes"], 0);
}

#[test]
fn another_device_in_a_slot_is_refused_before_its_id_is_written() {
    let lab = example();
    until(&lab, "1.4-backup");
    lab.replace("docs/HARDWARE.md", "10de:27b2", "10de:2684");
    let answer = lab.run(RUN).exits(1);
    let failed = answer.finished()["failure"]["code"].clone();
    assert_eq!(failed, "homelab::host::other_device");
    assert_eq!(resources(&answer), [] as [&str; 0]);
}

#[test]
fn a_card_that_goes_to_guests_is_restarted_for_once() {
    let lab = example();
    let first = resources(&lab.run(RUN).exits(0));
    let restarts = first.iter().filter(|resource| *resource == "host pve1");
    assert_eq!(restarts.count(), 1);
    let place = |resource: &str| first.iter().position(|own| own == resource).unwrap();
    assert!(place("initramfs on pve1") < place("host pve1"));
    assert!(place("host pve1") < place("pci mapping gpu"));
}

/// The second lab, with a card in its first node.
fn two_nodes() -> Lab {
    let lab = with_docs("tests/cases/second-lab/docs");
    let hardware = lab.read("docs/HARDWARE.md")
        + "\n## PCI devices\n\nOne card.\n\n\
           | Name | Node → Nodes | Slot | Id | Class | Vendor | Device | IOMMU group |\n\
           | --- | --- | --- | --- | --- | --- | --- | --- |\n\
           | card | alpha | 0000:03:00.0 | 1000:0097 | 0x010700 | Broadcom | SAS3008 | 12 |\n";
    lab.write("docs/HARDWARE.md", &hardware);
    lab
}

const BY_HAND: &str = r#"runbook("by-hand", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
step("restart", "Restart", || host::reboot("alpha", #{ when: "by hand" }));
"#;

#[test]
fn of_two_nodes_none_is_restarted_while_the_other_needs_it() {
    let lab = two_nodes();
    let said = fails(&lab);
    assert!(
        said.contains("the other node alone has no quorum"),
        "{said}"
    );
    lab.write("runbooks/by-hand.rhai", BY_HAND);
    lab.run(&["run", "runbooks/by-hand.rhai", "--twin"])
        .exits(0);
    let rest = lab.run(RUN).exits(0);
    assert!(!resources(&rest).contains(&"host alpha".to_owned()));
    assert_eq!(lab.run(RUN).exits(0).finished()["changes"], 0);
}

#[test]
fn a_management_address_outside_its_network_is_named() {
    let lab = example();
    lab.replace(
        "docs/NETWORK.md",
        "| Management VLAN | 10 |",
        "| Management VLAN | 20 |",
    );
    let said = fails(&lab);
    assert!(
        said.contains("isn't in 10.10.20.0/24, the network of VLAN 20"),
        "{said}"
    );
}

#[test]
fn a_management_address_that_the_node_does_not_have_is_named_with_those_that_it_has() {
    let lab = example();
    until(&lab, "1.1-nodes");
    lab.replace("docs/HARDWARE.md", "10.10.10.12/24", "10.10.10.12/25");
    let said = fails(&lab);
    assert!(
        said.contains("pve2 answers, but has 10.10.10.12/25 on none"),
        "{said}"
    );
    assert!(said.contains("it has 10.10.10.12/24 (vmbr0)"), "{said}");
}

#[test]
fn passwords_are_refused_only_once_homelabs_key_is_proved() {
    let lab = example();
    let file = "docs/SOFTWARE.md";
    let docs = lab.read(file);
    let own = docs
        .lines()
        .find(|line| line.starts_with("| homelab | ssh-"));
    let without = docs.replace(&format!("{}\n", own.unwrap()), "");
    lab.write(file, &without);
    let run = ["run", "runbooks/phase1.rhai", "--twin"];
    let said = lab.run(&run).exits(0).stdout;
    assert!(said.contains("root's password still opens SSH"), "{said}");

    lab.write(file, &docs);
    let made = resources(&lab.run(RUN).exits(0));
    let of_sshd = made.iter().filter(|own| own.starts_with("sshd settings"));
    assert_eq!(of_sshd.count(), 3, "{made:?}");
    assert_eq!(lab.run(RUN).exits(0).finished()["changes"], 0);

    lab.write(file, &without);
    let said = fails(&lab);
    let refused = "refuses the login of root: tried a password; it takes publickey";
    assert!(said.contains(refused), "{said}");
}

/// The example lab, whose target wants to know who comes.
fn chap() -> Lab {
    let lab = example();
    let file = "docs/HARDWARE.md";
    lab.replace(
        file,
        "| Target | LUN | Size |\n| --- | --- | --- | --- | --- |",
        "| Target | LUN | Size | CHAP user |\n| --- | --- | --- | --- | --- | --- |",
    );
    lab.replace(file, "| 1 | 2 TB |", "| 1 | 2 TB | lab |");
    lab
}

#[test]
fn a_target_that_wants_chap_lets_no_node_in_without() {
    let lab = chap();
    let made = resources(&lab.run(RUN).exits(0));
    let target = "iSCSI target iqn.2000-01.com.synology:synology.target-1.7c1b2e9d4f on pve2";
    assert!(made.contains(&target.to_owned()), "{made:?}");
    assert_eq!(lab.run(RUN).exits(0).finished()["changes"], 0);

    let lab = chap();
    let said = lab.run(&[
        "run",
        "runbooks/phase1.rhai",
        "--twin",
        "--skip",
        "1.4-chap",
    ]);
    let said = said.exits(1).stdout;
    assert!(said.contains("storage san can't be used on pve1"), "{said}");
}

#[test]
fn the_password_for_chap_is_asked_for_where_a_target_wants_it() {
    let set = "export CLUSTER_NAME='one'\nexport PROXMOX_PASSWORD='its own'\n";
    let run = ["plan", "runbooks/phase1.rhai"];
    let lab = chap();
    for key in ["IEo2cX9yq8", "IJx1ykr9m7"] {
        lab.replace("docs/SOFTWARE.md", key, "IAnOwnKey0");
    }
    lab.write(".envrc", set);
    let said = lab.run(&run).exits(3).stderr;
    assert!(said.contains("ISCSI_CHAP_PASSWORD isn't set"), "{said}");
    let lab = example();
    lab.write(".envrc", set);
    lab.run(&["check", "runbooks/phase1.rhai"]).exits(0);
}

#[test]
fn what_a_run_measured_is_compared_with_the_last_one() {
    let lab = example();
    until(&lab, "1.4-measure");
    let again = lab.run(&[RUN, &["--fresh", "--only", "1.4-measure"]].concat());
    let again = again.exits(0);
    let events = again.json();
    let measured = |event: &&Value| event["event"] == "measured";
    let shares = events.iter().filter(measured).filter(|event| {
        let resource = event["operation"]["resource"].as_str().unwrap();
        resource.starts_with("/mnt/pve/backups ")
    });
    let figures: Vec<&Value> = shares
        .map(|event| &event["figures"]["write_bytes_per_second"])
        .collect();
    // What a port of 10 Gbit/s lets through.
    assert_eq!(figures, [&serde_json::json!(1_175_000_000.0); 3]);
    let step = |event: &&Value| event["event"] == "step_finished" && event["step"] == "1.4-measure";
    let value = &events.iter().find(step).unwrap()["value"];
    assert_eq!(value[0]["backups"]["last_run"], 1, "{value}");
    let left_out = lab.run(&[RUN, &["--fresh", "--arg", "measure=false"]].concat());
    let left_out = left_out.exits(0);
    assert!(!left_out.stdout.contains("\"measured\""));
    assert_eq!(left_out.finished()["changes"], 46);
}
