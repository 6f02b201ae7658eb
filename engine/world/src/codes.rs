//! The stable codes of this crate's errors; each has a page.

/// Every code that an error of this crate can have.
pub const CODES: &[&str] = &[
    "homelab::docs::bad_column",
    "homelab::docs::bad_value",
    "homelab::docs::dangling",
    "homelab::docs::host_twice",
    "homelab::docs::no_column",
    "homelab::docs::no_document",
    "homelab::docs::no_table",
    "homelab::docs::no_target",
    "homelab::docs::not_utf8",
    "homelab::docs::overlap",
    "homelab::docs::ragged",
    "homelab::docs::row_twice",
    "homelab::docs::table_twice",
    "homelab::docs::two_places",
    "homelab::docs::unreadable",
    "homelab::docs::vlan_range",
    "homelab::docs::vlan_twice",
    "homelab::envrc::name",
    "homelab::envrc::zero_byte",
    "homelab::host::broken",
    "homelab::host::changed_key",
    "homelab::host::login",
    "homelab::host::no_root",
    "homelab::host::no_shell",
    "homelab::host::not_modelled",
    "homelab::host::timeout",
    "homelab::host::undeclared",
    "homelab::host::unknown",
    "homelab::host::unknown_key",
    "homelab::host::unreachable",
    "homelab::host::zero_byte",
    "homelab::install::listen",
    "homelab::install::no_address",
    "homelab::install::no_node",
    "homelab::install::no_random",
    "homelab::install::refused",
    "homelab::lab::not_a_lab",
    "homelab::lab::unreadable",
    "homelab::proxmox::already_exists",
    "homelab::proxmox::broken",
    "homelab::proxmox::digest",
    "homelab::proxmox::fingerprint",
    "homelab::proxmox::locked",
    "homelab::proxmox::login",
    "homelab::proxmox::malformed",
    "homelab::proxmox::no_credentials",
    "homelab::proxmox::no_quorum",
    "homelab::proxmox::not_found",
    "homelab::proxmox::not_implemented",
    "homelab::proxmox::old_version",
    "homelab::proxmox::parameters",
    "homelab::proxmox::permission",
    "homelab::proxmox::proxy",
    "homelab::proxmox::root_only",
    "homelab::proxmox::server",
    "homelab::proxmox::task_failed",
    "homelab::proxmox::task_timeout",
    "homelab::proxmox::ticket",
    "homelab::proxmox::unknown",
    "homelab::proxmox::unknown_node",
    "homelab::proxmox::unreachable",
];

#[cfg(test)]
mod tests {
    use super::CODES;

    /// The files in which codes are given to errors.
    const SOURCES: &[&str] = &[
        include_str!("proxmox/error.rs"),
        include_str!("docs/error.rs"),
        include_str!("host/error.rs"),
        include_str!("install/mod.rs"),
        include_str!("lab.rs"),
        include_str!("../../formats/src/envrc.rs"),
    ];

    #[test]
    fn the_list_is_complete() {
        let mut given: Vec<&str> = SOURCES
            .iter()
            .flat_map(|source| source.split('"'))
            .filter(|text| text.starts_with("homelab::") && !text.contains(char::is_whitespace))
            .collect();
        given.sort_unstable();
        given.dedup();
        assert_eq!(given, CODES);
    }
}
