//! What `apt-get` does, with its words.

use world::host::{Call, Reply};

use super::{Lists, Package, candidate, sources, table};
use crate::{
    hosts::{Host, units},
    model::{Stop, kind},
};

/// apt-get's status for what fails.
const FAILED: i32 = 100;

pub(super) fn update(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    let all = sources::enabled(host)?;
    // The twin's nodes have no subscription.
    if let Some(source) = all.iter().find(|source| sources::is_enterprise(source)) {
        let (uri, suite) = (source.uris.join(" "), source.suites.join(" "));
        let text = format!(
            "E: Failed to fetch {uri}/dists/{suite}/InRelease  401  Unauthorized\n\
             E: The repository '{uri} {suite} InRelease' is not signed."
        );
        return Ok(Reply::failed(FAILED, text));
    }
    let now = host.tx.now.0 / 1000;
    host.put(kind::PACKAGE_LISTS, "lists", &Lists::At(now))?;
    host.delete(kind::STALE_LISTS, "lists")?;
    Ok(Reply::success(""))
}

pub(super) fn install(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (options, names) = split(call);
    let mut found = Vec::new();
    for word in names {
        let (name, wanted) = match word.split_once('=') {
            Some((name, version)) => (name, Some(version)),
            None => (word.as_str(), None),
        };
        let Some(version) = candidate(host, name)? else {
            return Ok(not_located(name));
        };
        if let Some(wanted) = wanted.filter(|wanted| *wanted != version) {
            let text = format!("E: Version '{wanted}' for '{name}' was not found");
            return Ok(Reply::failed(FAILED, text));
        }
        let is = host.get::<Package>(kind::PACKAGE, name)?;
        let is_changed = is.as_ref().is_none_or(|is| is.version != version);
        if is_changed && is.is_some_and(|is| is.is_held()) && !options.contains(&"held") {
            let text = "E: Held packages were changed and -y was used without --allow-change-held-packages.";
            return Ok(Reply::failed(FAILED, text));
        }
        found.push((name.to_owned(), version));
    }
    for (name, version) in found {
        put_in(host, &name, &version)?;
    }
    Ok(Reply::success(""))
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

pub(super) fn remove(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (options, names) = split(call);
    for name in names {
        let Some(mut package) = host.get::<Package>(kind::PACKAGE, name)? else {
            if candidate(host, name)?.is_none() {
                return Ok(not_located(name));
            }
            continue;
        };
        if package.is_held() && !options.contains(&"held") {
            let text = "E: Held packages were changed and -y was used without --allow-change-held-packages.";
            return Ok(Reply::failed(FAILED, text));
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
    Ok(Reply::success(""))
}

pub(super) fn hold(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (action, names) = split(call);
    let want = if action == ["hold"] {
        "hold"
    } else {
        "install"
    };
    for name in names {
        let Some(mut package) = host.get::<Package>(kind::PACKAGE, name)? else {
            return Ok(not_located(name));
        };
        want.clone_into(&mut package.want);
        host.put(kind::PACKAGE, name, &package)?;
    }
    Ok(Reply::success(""))
}

fn not_located(name: &str) -> Reply {
    Reply::failed(FAILED, format!("E: Unable to locate package {name}"))
}

/// The options of a call, and the names behind them.
fn split(call: &Call) -> (Vec<&str>, &[String]) {
    match call.args.split_first() {
        Some((options, names)) => (options.split(',').collect(), names),
        None => (Vec::new(), &[]),
    }
}
