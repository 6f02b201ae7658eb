//! Which privilege each call of the API needs, for the calls that operations send.

use std::collections::BTreeSet;

use runbook::failure::Failure;
use world::{code, proxmox::Method};

use crate::info::Sent;

/// What a token needs for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// A login is enough.
    Login,
    /// These privileges.
    All(&'static [&'static str]),
    /// The literal root@pam: no token may do it.
    Root,
    /// What gives permissions away: a token that may do it can do everything, so none is given it.
    Grants,
}

use Method::{Get, Post, Put};

/// Every call that an operation may send, and what it needs.
const NEEDS: &[(Sent, Needs)] = &[
    ((Get, "/version"), Needs::Login),
    ((Get, "/nodes"), Needs::Login),
    ((Get, "/nodes/{node}/version"), Needs::Login),
    ((Get, "/nodes/{node}/tasks"), Needs::Login),
    ((Get, "/nodes/{node}/tasks/{upid}/status"), Needs::Login),
    ((Get, "/nodes/{node}/tasks/{upid}/log"), Needs::Login),
    ((Get, "/cluster/status"), Needs::All(&["Sys.Audit"])),
    // A login is enough, but nodes and guests without these aren't shown.
    (
        (Get, "/cluster/resources"),
        Needs::All(&["Sys.Audit", "VM.Audit"]),
    ),
    ((Post, "/cluster/config"), Needs::Root),
    ((Get, "/cluster/config/totem"), Needs::All(&["Sys.Audit"])),
    ((Get, "/cluster/config/join"), Needs::All(&["Sys.Audit"])),
    ((Post, "/cluster/config/join"), Needs::Root),
    // A login is enough, but bridges without SDN.Audit aren't shown.
    ((Get, "/nodes/{node}/network"), Needs::All(&["SDN.Audit"])),
    ((Post, "/nodes/{node}/network"), Needs::All(&["Sys.Modify"])),
    ((Put, "/nodes/{node}/network"), Needs::All(&["Sys.Modify"])),
    (
        (Put, "/nodes/{node}/network/{iface}"),
        Needs::All(&["Sys.Modify"]),
    ),
    ((Get, "/nodes/{node}/status"), Needs::All(&["Sys.Audit"])),
    ((Get, "/nodes/{node}/dns"), Needs::All(&["Sys.Audit"])),
    ((Put, "/nodes/{node}/dns"), Needs::All(&["Sys.Modify"])),
    (
        (Get, "/storage/{storage}"),
        Needs::All(&["Datastore.Allocate"]),
    ),
    ((Post, "/storage"), Needs::All(&["Datastore.Allocate"])),
    (
        (Put, "/storage/{storage}"),
        Needs::All(&["Datastore.Allocate"]),
    ),
    (
        (Get, "/nodes/{node}/storage/{storage}/status"),
        Needs::All(&["Datastore.Audit"]),
    ),
    (
        (Get, "/nodes/{node}/storage/{storage}/content"),
        Needs::All(&["Datastore.Audit"]),
    ),
    (
        (Get, "/nodes/{node}/disks/list"),
        Needs::All(&["Sys.Audit"]),
    ),
    (
        (Get, "/nodes/{node}/disks/lvmthin"),
        Needs::All(&["Sys.Audit"]),
    ),
    (
        (Post, "/nodes/{node}/disks/lvmthin"),
        Needs::All(&["Sys.Modify"]),
    ),
    ((Get, "/cluster/backup"), Needs::All(&["Sys.Audit"])),
    ((Post, "/cluster/backup"), Needs::All(&["Sys.Modify"])),
    ((Put, "/cluster/backup/{id}"), Needs::All(&["Sys.Modify"])),
    (
        (Get, "/nodes/{node}/hardware/pci"),
        Needs::All(&["Sys.Audit"]),
    ),
    // A login is enough, but mappings without Mapping.Audit aren't shown.
    (
        (Get, "/cluster/mapping/pci"),
        Needs::All(&["Mapping.Audit"]),
    ),
    (
        (Post, "/cluster/mapping/pci"),
        Needs::All(&["Mapping.Modify"]),
    ),
    (
        (Put, "/cluster/mapping/pci/{id}"),
        Needs::All(&["Mapping.Modify"]),
    ),
    // A login is enough, but pools without Pool.Audit aren't shown.
    ((Get, "/pools"), Needs::All(&["Pool.Audit"])),
    ((Post, "/pools"), Needs::All(&["Pool.Allocate"])),
    ((Put, "/pools"), Needs::All(&["Pool.Allocate"])),
    ((Get, "/access/roles/{roleid}"), Needs::Login),
    ((Post, "/access/roles"), Needs::Grants),
    ((Put, "/access/roles/{roleid}"), Needs::Grants),
    ((Get, "/access/groups/{groupid}"), Needs::Grants),
    ((Post, "/access/groups"), Needs::Grants),
    ((Put, "/access/groups/{groupid}"), Needs::Grants),
    ((Get, "/access/users/{userid}"), Needs::Grants),
    ((Post, "/access/users"), Needs::Grants),
    ((Put, "/access/users/{userid}"), Needs::Grants),
    ((Get, "/access/acl"), Needs::Grants),
    ((Put, "/access/acl"), Needs::Grants),
    ((Get, "/access/permissions"), Needs::Login),
    (
        (Get, "/access/users/{userid}/token/{tokenid}"),
        Needs::Grants,
    ),
    (
        (Post, "/access/users/{userid}/token/{tokenid}"),
        Needs::Grants,
    ),
    (
        (Put, "/access/users/{userid}/token/{tokenid}"),
        Needs::Grants,
    ),
];

fn needs(sent: Sent) -> Option<Needs> {
    NEEDS
        .iter()
        .find(|(known, _)| *known == sent)
        .map(|(_, needs)| *needs)
}

/// The least privileges that a token needs for operations.
///
/// # Errors
/// There is no operation of a name.
pub(crate) fn of_operations(names: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
    let mut privileges = BTreeSet::new();
    for name in names {
        let Some(info) = crate::operation(name) else {
            return Err(Failure::new(
                code::runbook::argument,
                format!("there is no operation '{name}'"),
            )
            .help("`homelab doc` lists them"));
        };
        let needed: Vec<Needs> = info
            .requests
            .iter()
            .filter_map(|sent| needs(*sent))
            .collect();
        let is_closed = |needs: &Needs| matches!(needs, Needs::Root | Needs::Grants);
        if needed.iter().any(is_closed) {
            continue;
        }
        for needs in needed {
            if let Needs::All(names) = needs {
                privileges.extend(names.iter().map(|name| (*name).to_owned()));
            }
        }
    }
    Ok(privileges)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<String> {
        of_operations(&names.iter().map(|name| (*name).to_owned()).collect())
            .unwrap()
            .into_iter()
            .collect()
    }

    #[test]
    fn knows_every_call_that_an_operation_sends() {
        for info in crate::operations() {
            for sent in &info.requests {
                let needs = needs(*sent);
                assert!(needs.is_some(), "{} sends {} {}", info.name, sent.0, sent.1);
                assert!(
                    needs != Some(Needs::Root) || info.needs_root,
                    "{} needs root",
                    info.name
                );
            }
        }
    }

    #[test]
    fn lists_no_call_that_nobody_sends() {
        let sent: Vec<Sent> = crate::operations()
            .iter()
            .flat_map(|info| &info.requests)
            .copied()
            .collect();
        for (known, _) in NEEDS {
            assert!(sent.contains(known), "{} {}", known.0, known.1);
        }
    }

    #[test]
    fn derives_the_least_privileges() {
        assert_eq!(
            of(&["proxmox::storage::ensure"]),
            ["Datastore.Allocate", "Datastore.Audit"]
        );
        assert_eq!(
            of(&["proxmox::dns::ensure", "proxmox::backup::ensure"]),
            ["Sys.Audit", "Sys.Modify"]
        );
        assert_eq!(
            of(&["proxmox::cluster::join", "proxmox::acl::ensure"]),
            Vec::<String>::new()
        );
        assert!(of_operations(&BTreeSet::from(["proxmox::no::such".to_owned()])).is_err());
    }
}
