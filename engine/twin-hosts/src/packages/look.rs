//! What dpkg knows, and what apt would install.

use formats::apt::Source;
use model::{Fault, Stop, kind, lab::Offer};
use world::host::verb::{self, Candidate, Candidates, ListsAge, PackageLists, Packages};

use super::{
    package::{Lists, Package},
    sources, table,
};
use crate::{
    Host,
    typed::{Said, unless},
};

/// Notes that a file changed: where it tells of repositories, apt's lists are old.
///
/// # Errors
/// The rows' fault.
pub(crate) fn touched(host: &mut Host<'_, '_>, path: &str) -> Result<(), Stop> {
    let folders = ["/etc/apt/sources.list", "/etc/apt/keyrings/"];
    if !host.is_operator() && folders.iter().any(|folder| path.starts_with(folder)) {
        host.put(kind::STALE_LISTS, "lists", &true)?;
    }
    Ok(())
}

pub(super) fn show(
    host: &mut Host<'_, '_>,
    Packages { mut names }: Packages,
) -> Said<Vec<verb::Package>> {
    names.sort();
    names.dedup();
    let mut told = Vec::new();
    for name in names {
        let package = host.get::<Package>(kind::PACKAGE, &name)?;
        told.extend(package.map(|package| package.told(name)));
    }
    Ok(told)
}

/// The version of a package that apt would install.
///
/// # Errors
/// The rows' fault; nobody knows what a repository has.
pub(super) fn candidate(host: &mut Host<'_, '_>, name: &str) -> Result<Option<String>, Stop> {
    if let Some(version) = host.get::<String>(kind::CANDIDATE, name)? {
        return Ok(Some(version));
    }
    let lists = host.get::<Lists>(kind::PACKAGE_LISTS, "lists")?;
    let is_stale = host.get::<bool>(kind::STALE_LISTS, "lists")?.is_some();
    if is_stale || matches!(lists, None | Some(Lists::Changed)) {
        // apt looks into its lists alone, and they are from before.
        return installed_version(host, name);
    }
    let sources = sources::enabled(host)?;
    let debian = |component: &str| {
        let has = |source: &Source| {
            sources::is_debian(source) && source.components.iter().any(|own| own == component)
        };
        sources.iter().any(has)
    };
    if let Some(known) = table::find(name).filter(|known| debian(known.component)) {
        return Ok(Some(known.version.to_owned()));
    }
    if let Some(version) = offered(host, name, &sources)? {
        return Ok(Some(version));
    }
    if let Some(version) = installed_version(host, name)? {
        return Ok(Some(version));
    }
    let foreign = sources
        .iter()
        .find(|source| !sources::is_debian(source) && !sources::is_proxmox(source));
    match foreign {
        Some(source) => Err(unknown(name, &source.uris.join(" "))),
        None => Ok(None),
    }
}

/// The version that a repository of the lab's own has, as `twin.rhai` says. No plan is told: it asks the host.
fn offered(
    host: &mut Host<'_, '_>,
    name: &str,
    sources: &[Source],
) -> Result<Option<String>, Stop> {
    let mut offers = host.tx.scan_in::<Offer>("", kind::OFFER)?.into_iter();
    let plain = |uri: &str| uri.trim_end_matches('/').to_owned();
    let used: Vec<String> = sources
        .iter()
        .flat_map(|source| source.uris.iter().map(|uri| plain(uri)))
        .collect();
    let is_used = |offer: &Offer| used.contains(&plain(&offer.uri));
    let found = offers.find(|(_, offer)| offer.name == name && is_used(offer));
    Ok(found.map(|(_, offer)| offer.version))
}

pub(crate) fn installed_version(
    host: &mut Host<'_, '_>,
    name: &str,
) -> Result<Option<String>, Stop> {
    let package = host.get::<Package>(kind::PACKAGE, name)?;
    Ok(package
        .filter(Package::is_installed)
        .map(|package| package.version))
}

/// What a repository has isn't modelled.
fn unknown(name: &str, uri: &str) -> Stop {
    Stop::Fault(Fault::Unknown(world::Origin::of(format!(
        "which version of package {name} {uri} has"
    ))))
}

pub(super) fn candidates(
    host: &mut Host<'_, '_>,
    Candidates { names }: Candidates,
) -> Said<Vec<Candidate>> {
    unless(sources::refused(host)?)?;
    let mut told = Vec::new();
    for name in names {
        let version = candidate(host, &name)?;
        told.extend(version.map(|version| Candidate { name, version }));
    }
    Ok(told)
}

pub(super) fn lists(host: &mut Host<'_, '_>, _: PackageLists) -> Said<ListsAge> {
    let now = host.tx.now.0 / 1000;
    let is_stale = host.get::<bool>(kind::STALE_LISTS, "lists")?.is_some();
    Ok(match host.get::<Lists>(kind::PACKAGE_LISTS, "lists")? {
        None => ListsAge::Never,
        Some(_) if is_stale => ListsAge::Changed,
        Some(Lists::Changed) => ListsAge::Changed,
        Some(Lists::At(second)) => ListsAge::Seconds(now.saturating_sub(second)),
        Some(Lists::Age(age)) => ListsAge::Seconds(age),
    })
}
