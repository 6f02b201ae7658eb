//! What `apt-get` does, with its words.

use model::{Stop, kind};
use world::host::{
    Reply,
    verb::{HoldAction, PackagesHold, PackagesInstall, PackagesRemove},
};

use super::{
    look::candidate,
    package::{Lists, Package},
    sources, table,
};
use crate::{
    Host,
    typed::{Said, fails, unless},
    units,
};

/// apt-get's status for what fails.
pub(super) const FAILED: i32 = 100;

pub(super) fn update(host: &mut Host<'_, '_>) -> Said<()> {
    unless(sources::refused(host)?)?;
    let all = sources::enabled(host)?;
    // The twin's nodes have no subscription.
    if let Some(source) = all.iter().find(|source| sources::is_enterprise(source)) {
        let (uri, suite) = (source.uris.join(" "), source.suites.join(" "));
        let text = format!(
            "E: Failed to fetch {uri}/dists/{suite}/InRelease  401  Unauthorized\n\
             E: The repository '{uri} {suite} InRelease' is not signed."
        );
        return fails(FAILED, text);
    }
    let now = host.tx.now.0 / 1000;
    host.put(kind::PACKAGE_LISTS, "lists", &Lists::At(now))?;
    Ok(host.delete(kind::STALE_LISTS, "lists")?)
}

pub(super) fn install(host: &mut Host<'_, '_>, ask: PackagesInstall) -> Said<String> {
    unless(sources::refused(host)?)?;
    let options: Vec<&str> = ask.options.split(',').collect();
    let mut found = Vec::new();
    for word in &ask.names {
        let (name, wanted) = match word.split_once('=') {
            Some((name, version)) => (name, Some(version)),
            None => (word.as_str(), None),
        };
        let Some(version) = candidate(host, name)? else {
            return Err(not_located(name).into());
        };
        if let Some(wanted) = wanted.filter(|wanted| *wanted != version) {
            let text = format!("E: Version '{wanted}' for '{name}' was not found");
            return fails(FAILED, text);
        }
        let is = host.get::<Package>(kind::PACKAGE, name)?;
        let is_changed = is.as_ref().is_none_or(|is| is.version != version);
        if is_changed && is.is_some_and(|is| is.is_held()) && !options.contains(&"held") {
            let text = "E: Held packages were changed and -y was used without --allow-change-held-packages.";
            return fails(FAILED, text);
        }
        found.push((name.to_owned(), version));
    }
    for (name, version) in found {
        put_in(host, &name, &version)?;
    }
    Ok(String::new())
}

fn put_in(host: &mut Host<'_, '_>, name: &str, version: &str) -> Result<(), Stop> {
    let mut package = Package::installed(version);
    let is = host.get::<Package>(kind::PACKAGE, name)?;
    if is.as_ref().is_some_and(Package::is_held) {
        package.want = "hold".to_owned();
    }
    host.put(kind::PACKAGE, name, &package)?;
    if is.is_none_or(|is| !is.is_installed()) {
        for unit in units_of(name) {
            units::bring(host, unit)?;
        }
    }
    Ok(())
}

fn units_of(name: &str) -> &'static [&'static str] {
    table::find(name).map_or(&[], |known| known.units)
}

pub(super) fn remove(host: &mut Host<'_, '_>, ask: PackagesRemove) -> Said<String> {
    let options: Vec<&str> = ask.options.split(',').collect();
    for name in &ask.names {
        let Some(mut package) = host.get::<Package>(kind::PACKAGE, name)? else {
            if candidate(host, name)?.is_none() {
                return Err(not_located(name).into());
            }
            continue;
        };
        if package.is_held() && !options.contains(&"held") {
            let text = "E: Held packages were changed and -y was used without --allow-change-held-packages.";
            return fails(FAILED, text);
        }
        for unit in units_of(name) {
            units::take_out(host, unit)?;
        }
        let is_kept = table::find(name).is_some_and(|known| known.has_settings);
        if is_kept && !options.contains(&"purge") {
            "deinstall".clone_into(&mut package.want);
            "config-files".clone_into(&mut package.status);
            host.put(kind::PACKAGE, name, &package)?;
        } else {
            host.delete(kind::PACKAGE, name)?;
        }
    }
    Ok(String::new())
}

pub(super) fn hold(host: &mut Host<'_, '_>, ask: PackagesHold) -> Said<()> {
    let want = match ask.action {
        HoldAction::Hold => "hold",
        HoldAction::Unhold => "install",
    };
    for name in &ask.names {
        let Some(mut package) = host.get::<Package>(kind::PACKAGE, name)? else {
            return Err(not_located(name).into());
        };
        want.clone_into(&mut package.want);
        host.put(kind::PACKAGE, name, &package)?;
    }
    Ok(())
}

fn not_located(name: &str) -> Reply {
    Reply::failed(FAILED, format!("E: Unable to locate package {name}"))
}
