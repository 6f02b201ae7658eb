//! The repositories that a host declares, and whose they are.

use formats::apt::{self, Source};
use model::Stop;
use world::host::Reply;

use crate::Host;

/// Where they stand: a file, and a folder of them.
const LIST: &str = "/etc/apt/sources.list";
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
    let all = declared(host)?.into_iter().map(|(_, source)| source);
    Ok(all
        .filter(|source| source.types.iter().any(|own| own == "deb"))
        .collect())
}

/// What apt says if it can't read what is declared.
///
/// # Errors
/// The rows' fault.
pub(super) fn refused(host: &mut Host<'_, '_>) -> Result<Option<Reply>, Stop> {
    let declared = declared(host)?;
    let said = apt::conflicts(&declared).first().map(apt::Conflict::said);
    Ok(said.map(|said| Reply::failed(super::change::FAILED, said)))
}

/// What is declared and in use, each with its file, in apt's order.
fn declared(host: &mut Host<'_, '_>) -> Result<Vec<(String, Source)>, Stop> {
    let names = host.names_in(FOLDER)?.into_iter();
    let mut files = vec![LIST.to_owned()];
    files.extend(names.map(|name| format!("{FOLDER}/{name}")));
    let mut found = Vec::new();
    for file in files {
        if let Some(text) = host.text(&file)? {
            let sources = apt::enabled(&file, &*text).into_iter();
            found.extend(sources.map(|source| (file.clone(), source)));
        }
    }
    Ok(found)
}
