//! The repositories that a host declares, and whose they are.

use formats::apt::{self, Source};
use model::Stop;

use crate::Host;

/// Where they stand, beside `/etc/apt/sources.list`.
pub(super) const FOLDER: &str = "/etc/apt/sources.list.d";

/// Whether it's Debian's own.
pub(super) fn is_debian(source: &Source) -> bool {
    let hosts = ["deb.debian.org", "security.debian.org", "ftp.debian.org"];
    has_host(source, &hosts)
}

/// Whether it's one of Proxmox's.
pub(super) fn is_proxmox(source: &Source) -> bool {
    has_host(source, &["download.proxmox.com"]) || is_enterprise(source)
}

/// Whether it wants a subscription.
pub(super) fn is_enterprise(source: &Source) -> bool {
    has_host(source, &["enterprise.proxmox.com"])
}

fn has_host(source: &Source, hosts: &[&str]) -> bool {
    source.uris.iter().any(|uri| {
        let rest = uri.split_once("://").map_or(uri.as_str(), |(_, rest)| rest);
        hosts.contains(&rest.split('/').next().unwrap_or_default())
    })
}

/// The repositories of packages that are in use.
///
/// # Errors
/// The rows' fault.
pub(super) fn enabled(host: &mut Host<'_, '_>) -> Result<Vec<Source>, Stop> {
    let mut found = Vec::new();
    for name in host.names_in(FOLDER)? {
        if let Some(text) = host.text(&format!("{FOLDER}/{name}"))? {
            found.extend(apt::enabled(&name, &*text));
        }
    }
    found.retain(|source| source.types.iter().any(|own| own == "deb"));
    Ok(found)
}
