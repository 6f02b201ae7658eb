//! Each cell of which plan or run would say later that it's wrong.

use super::{DOCUMENTS, example, found};

/// The document, a text in it, another one with a mark before the cell that is wrong, and what is said of it.
const CASES: &[[&str; 4]] = &[
    [
        "HARDWARE",
        "| 16 | 128 GiB |",
        "| 16 | ^32 lots |",
        "'32 lots' isn't a size: 64 GiB",
    ],
    [
        "HARDWARE",
        "| 10.10.10.11/24 |",
        "| ^10.10.10.11 |",
        "'10.10.10.11' isn't an address with its network's prefix: 10.10.10.11/24",
    ],
    [
        "HARDWARE",
        "128 GiB | ext4",
        "128 GiB | ^zfs-mirror",
        "'zfs-mirror' isn't one of ext4, xfs, zfs, btrfs",
    ],
    [
        "HARDWARE",
        "| 10.10.10.12/24 | eno1 |",
        "| 10.10.10.12/24 | ^eno9 |",
        "'eno9' isn't in HARDWARE/Interfaces, where node is pve2",
    ],
    [
        "HARDWARE",
        "f8:f2:1e:30:55:a0 | 10 Gbit/s",
        "f8:f2:1e:30:55:a0 | ^10",
        "'10' isn't a speed: 10 Gbit/s",
    ],
    [
        "HARDWARE",
        "| S7DNNJ0W512207A | fast |",
        "| S7DNNJ0W512207A | ^fsat |",
        "'fsat' isn't one of system, empty, or a row of SOFTWARE/Storage",
    ],
    [
        "HARDWARE",
        "| pve1 | 0000:01:00.0 |",
        "| pve1 | ^01:00.0 |",
        "'01:00.0' isn't a PCI slot: 0000:01:00.0",
    ],
    [
        "NETWORK",
        "| Keyboard | de |",
        "| Keyboard | ^us |",
        "'us' isn't a keyboard that the installer knows: de, en-us",
    ],
    [
        "NETWORK",
        "| Time zone | Europe/Berlin |",
        "| Time zone | ^Europe/Nowhere |",
        "'Europe/Nowhere' isn't a time zone: Europe/Berlin",
    ],
    [
        "NETWORK",
        "| Management VLAN | 10 |",
        "| Management VLAN | ^11 |",
        "'11' is no row of NETWORK/VLANs",
    ],
    [
        "NETWORK",
        "| 1 | 10 | - |",
        "| ^one | 10 | - |",
        "'one' isn't a whole number from 1 on",
    ],
    [
        "NETWORK",
        "| pve1 | vmbr1 | bond0 | yes | 20, 30, 40, 50 |",
        "| pve1 | vmbr1 | bond0 | no | ^20, 30, 40, 50 |",
        "'20, 30, 40, 50' isn't read; it counts where vlan aware is yes alone",
    ],
    [
        "HARDWARE",
        "| 10.10.10.11/24 |",
        "| ^10.10.11.11/24 |",
        "'10.10.11.11/24' isn't an address in a network of NETWORK/VLANs",
    ],
    [
        "SOFTWARE",
        "The whole card goes",
        "^The whole card — goes",
        "isn't a text that Proxmox keeps: letters of Latin-1 alone",
    ],
    [
        "SOFTWARE",
        "| /pool | PVEPoolAdmin | automation | runbooks | yes |",
        "| /pool | PVEPoolAdmin | automation | runbooks | ^on |",
        "'on' isn't yes or no",
    ],
    [
        "SOFTWARE",
        "| /pool | PVEPoolAdmin | automation | runbooks | yes |",
        "| /pool | PVEPoolAdmin | automation | runbooks | ^1 |",
        "'1' isn't yes or no",
    ],
    [
        "SOFTWARE",
        "| /pool | PVEPoolAdmin | automation | runbooks | yes |",
        "| /pool | PVEPoolAdmin | automation | runbooks | ^0 |",
        "'0' isn't yes or no",
    ],
    [
        "SOFTWARE",
        "| /pool | PVEPoolAdmin | automation | runbooks | yes |",
        "| /pool | PVEPoolAdmin | automation | runbooks | ^off |",
        "'off' isn't yes or no",
    ],
    [
        "SOFTWARE",
        "| /pool | PVEPoolAdmin | automation | runbooks | yes |",
        "| /pool | PVEPoolAdmin | automation | runbooks | ^true |",
        "'true' isn't yes or no",
    ],
    [
        "NETWORK",
        "| 2 | - | 9.9.9.9 |",
        "| 2 | - | ^- |",
        "says nothing in 'address': an address: 10.10.10.2 is needed",
    ],
    [
        "NETWORK",
        "| pve1 | vmbr1 | bond0 |",
        "| pve1 | vmbr1 | ^bond7 |",
        "'bond7' isn't in HARDWARE/Interfaces, where node is pve1, or in NETWORK/Bonds, where node is pve1",
    ],
    [
        "NETWORK",
        "| pve1 | vmbr1.20 | vmbr1 |",
        "| pve1 | vmbr1.20 | ^vmbr2 |",
        "'vmbr2' isn't in NETWORK/Bridges, where node is pve1",
    ],
    [
        "NETWORK",
        "| 0 | 10 | 20 |",
        "| 0 | 10 | ^300 |",
        "'300' isn't a whole number between 0 and 255",
    ],
    [
        "SOFTWARE",
        "| san | iscsi |",
        "| san | ^zfs |",
        "'zfs' isn't one of dir, nfs, iscsi, lvm, lvmthin, zfspool",
    ],
    [
        "SOFTWARE",
        "| backup | - |",
        "| ^backups | - |",
        "'backups' isn't one of images, rootdir",
    ],
    [
        "SOFTWARE",
        "| fast/fast |",
        "| ^fast |",
        "'fast' isn't a volume group and its pool: pve/data",
    ],
    [
        "SOFTWARE",
        "| nightly | 02:30 |",
        "| nightly | ^half past two |",
        "'half past two' isn't a calendar event",
    ],
    [
        "SOFTWARE",
        "| keep-daily=7,",
        "| ^keep-days=7,",
        "isn't what is kept: keep-daily=7,keep-weekly=4",
    ],
    [
        "SOFTWARE",
        "| isos | nfs | isos |",
        "| isos | nfs | ^- |",
        "says nothing in 'share': a row of HARDWARE/Exports is needed",
    ],
    [
        "SOFTWARE",
        "| HomelabRunbooks | Datastore.Allocate,",
        "| HomelabRunbooks | ^Datastore.Alocate,",
        "'Datastore.Alocate' isn't a privilege: VM.Audit",
    ],
    [
        "SOFTWARE",
        "| homelab@pve | automation |",
        "| ^homelab | automation |",
        "'homelab' isn't a user with the realm: admin@pve",
    ],
];

#[test]
fn what_plan_and_run_would_refuse_is_found_at_its_cell() {
    for [document, from, to, wanted] in CASES {
        let (before, _) = to.split_once('^').unwrap();
        let to = to.replace('^', "");
        let found = found(&example(document, from, &to));
        let text = DOCUMENTS
            .iter()
            .find(|(name, _)| name == document)
            .unwrap()
            .1;
        let line = text.lines().find(|line| line.contains(from)).unwrap();
        let column = line[..line.find(from).unwrap()].chars().count() + before.chars().count() + 1;
        let at = |(text, own): &(String, usize)| text.contains(wanted) && *own == column;
        assert!(found.iter().any(at), "{to} {column}: {found:#?}");
    }
}

#[test]
fn rows_that_say_the_same_in_other_words_are_found() {
    for (document, from, to, wanted) in [
        (
            "NETWORK",
            "| 2 | - | 9.9.9.9 |",
            "| 2 | 10 | - |",
            "two rows of the table 'DNS' are about Gateway of 10",
        ),
        (
            "SOFTWARE",
            "| /vms | PVEVMAdmin | automation | runbooks | yes |",
            "| /vms | PVEVMAdmin | automation | runbooks | yes |\n| //vms/ | PVEVMAdmin | automation | runbooks | no |",
            "two rows of the table 'Permissions' are about Path /vms",
        ),
        (
            "NETWORK",
            "## Settings",
            "## Options",
            "docs/NETWORK.md has no table 'Settings'",
        ),
    ] {
        let found = found(&example(document, from, to));
        let is_it = |(text, _): &(String, usize)| text.contains(wanted);
        assert!(found.iter().any(is_it), "{wanted}: {found:#?}");
    }
}
