//! Privileges, and the roles that are built in.

pub use formats::privileges::ALL as PRIVILEGES;

/// The roles that are built in, each with its privileges; what ends in a dot, or is nothing, stands for all that begin so.
const ROLES: &[(&str, &[&str])] = &[
    ("Administrator", &[""]),
    ("NoAccess", &[]),
    (
        "PVEAdmin",
        &[
            "Datastore.",
            "Group.Allocate",
            "Mapping.Audit",
            "Mapping.Use",
            "Pool.",
            "Realm.AllocateUser",
            "SDN.",
            "Sys.Audit",
            "Sys.Console",
            "Sys.Syslog",
            "User.Modify",
            "VM.",
        ],
    ),
    (
        "PVEAuditor",
        &[
            "Datastore.Audit",
            "Mapping.Audit",
            "Pool.Audit",
            "SDN.Audit",
            "Sys.Audit",
            "VM.Audit",
            "VM.GuestAgent.Audit",
        ],
    ),
    ("PVEDatastoreAdmin", &["Datastore."]),
    (
        "PVEDatastoreUser",
        &["Datastore.AllocateSpace", "Datastore.Audit"],
    ),
    ("PVEMappingAdmin", &["Mapping."]),
    ("PVEMappingUser", &["Mapping.Audit", "Mapping.Use"]),
    ("PVEPoolAdmin", &["Pool."]),
    ("PVEPoolUser", &["Pool.Audit"]),
    ("PVESDNAdmin", &["SDN."]),
    ("PVESDNUser", &["SDN.Audit", "SDN.Use"]),
    ("PVESysAdmin", &["Sys.Audit", "Sys.Console", "Sys.Syslog"]),
    ("PVETemplateUser", &["VM.Audit", "VM.Clone"]),
    (
        "PVEUserAdmin",
        &["Group.Allocate", "Realm.AllocateUser", "User.Modify"],
    ),
    ("PVEVMAdmin", &["VM."]),
    (
        "PVEVMUser",
        &[
            "VM.Audit",
            "VM.Backup",
            "VM.Config.CDROM",
            "VM.Config.Cloudinit",
            "VM.Console",
            "VM.GuestAgent.Audit",
            "VM.GuestAgent.FileRead",
            "VM.GuestAgent.FileSystemMgmt",
            "VM.GuestAgent.FileWrite",
            "VM.PowerMgmt",
        ],
    ),
];

/// Whether there is such a privilege.
pub(crate) fn is_privilege(name: &str) -> bool {
    PRIVILEGES.contains(&name)
}

/// The privileges that a role's words stand for.
fn named(words: &[&str]) -> Vec<&'static str> {
    let is_family = |word: &str| word.is_empty() || word.ends_with('.');
    let is_held = |privilege: &&str| {
        let mut words = words.iter();
        words.any(|word| privilege == word || is_family(word) && privilege.starts_with(word))
    };
    PRIVILEGES.iter().copied().filter(is_held).collect()
}

/// The built-in roles with their privileges.
pub fn built_in() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    ROLES.iter().map(|(name, words)| (*name, named(words)))
}

/// The privileges of a built-in role.
pub fn of_built_in(role: &str) -> Option<Vec<&'static str>> {
    let own = ROLES.iter().find(|(name, _)| *name == role);
    own.map(|(_, words)| named(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_whole_families_or_single_privileges() {
        let of = |role| of_built_in(role).unwrap();
        assert_eq!(of("Administrator"), PRIVILEGES);
        assert!(of("NoAccess").is_empty() && of_built_in("PVENobody").is_none());
        assert_eq!(of("PVEPoolAdmin"), ["Pool.Allocate", "Pool.Audit"]);
        assert_eq!(of("PVETemplateUser"), ["VM.Audit", "VM.Clone"]);
        let (admin, vm) = (of("PVEAdmin"), of("PVEVMAdmin"));
        assert!(vm.iter().all(|own| admin.contains(own)) && vm.len() == 23 && admin.len() == 40);
    }
}
