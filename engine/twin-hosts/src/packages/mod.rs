//! Packages, as dpkg and apt tell of them. What packages need of each other isn't modelled.

mod base;
mod change;
mod sources;
mod table;

use formats::apt::Source;
use serde::{Deserialize, Serialize};
use world::host::{
    Verb,
    verb::{self, Candidate, Candidates, ListsAge, PackageLists, Packages},
};

pub(super) use self::base::plant;
use model::{Fault, Stop, kind, lab::Offer};

use super::{
    Filling, Handler, Host,
    typed::{Said, answers, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Packages => show,
    Candidates => candidates,
    PackageLists => lists,
    PackagesUpdate => |host, _| change::update(host),
    PackagesInstall => change::install,
    PackagesRemove => change::remove,
    PackagesHold => change::hold,
};

pub(super) const FILLINGS: &[Filling] = &[
    filling!(
        kind::PACKAGE,
        |name| Packages {
            names: vec![name.to_owned()]
        },
        |told| {
            let own = told.into_iter().find(|package| package.name == name);
            own.map(Package::of)
        }
    ),
    filling!(
        kind::CANDIDATE,
        |name| Candidates {
            names: vec![name.to_owned()]
        },
        |told| {
            let own = told.into_iter().find(|candidate| candidate.name == name);
            own.map(|candidate| candidate.version)
        }
    ),
    filling!(
        kind::PACKAGE_LISTS,
        |_id| PackageLists {},
        |told| match told {
            ListsAge::Never => None,
            ListsAge::Changed => Some(Lists::Changed),
            ListsAge::Seconds(age) => Some(Lists::Age(age)),
        }
    ),
];

/// A package that dpkg knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Package {
    /// `install`, `hold`, `deinstall`.
    want: String,
    /// `installed`, `config-files`.
    status: String,
    version: String,
}

impl Package {
    fn installed(version: &str) -> Self {
        Self {
            want: "install".to_owned(),
            status: "installed".to_owned(),
            version: version.to_owned(),
        }
    }

    fn is_installed(&self) -> bool {
        self.status == "installed"
    }

    fn is_held(&self) -> bool {
        self.want == "hold"
    }

    fn of(told: verb::Package) -> Self {
        Self {
            want: told.want,
            status: told.status,
            version: told.version,
        }
    }

    fn told(self, name: String) -> verb::Package {
        let Self {
            want,
            status,
            version,
        } = self;
        verb::Package {
            name,
            want,
            status,
            version,
        }
    }
}

/// How old apt's lists are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Lists {
    /// They were read at this second since 1970.
    At(u64),
    /// They were this old when a preview asked.
    Age(u64),
    /// Repositories changed before a preview asked.
    Changed,
}

/// Notes that a file changed: where it tells of repositories, apt's lists are old.
///
/// # Errors
/// The rows' fault.
pub(super) fn touched(host: &mut Host<'_, '_>, path: &str) -> Result<(), Stop> {
    let folders = ["/etc/apt/sources.list", "/etc/apt/keyrings/"];
    if !host.is_operator() && folders.iter().any(|folder| path.starts_with(folder)) {
        host.put(kind::STALE_LISTS, "lists", &true)?;
    }
    Ok(())
}

fn show(host: &mut Host<'_, '_>, Packages { mut names }: Packages) -> Said<Vec<verb::Package>> {
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
fn candidate(host: &mut Host<'_, '_>, name: &str) -> Result<Option<String>, Stop> {
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

pub(super) fn installed_version(
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

fn candidates(host: &mut Host<'_, '_>, Candidates { names }: Candidates) -> Said<Vec<Candidate>> {
    let mut told = Vec::new();
    for name in names {
        let version = candidate(host, &name)?;
        told.extend(version.map(|version| Candidate { name, version }));
    }
    Ok(told)
}

fn lists(host: &mut Host<'_, '_>, _: PackageLists) -> Said<ListsAge> {
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
