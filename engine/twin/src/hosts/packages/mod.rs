//! Packages, as dpkg and apt tell of them. What packages need of each other isn't modelled.

mod base;
mod change;
mod sources;
mod table;

use formats::apt::Source;
use serde::{Deserialize, Serialize};
use world::host::{Call, Reply, Verb};

pub(super) use self::base::plant;
use super::{Filling, Handler, Host};
use crate::{
    facts::Offer,
    model::{Fault, Stop, kind},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::PACKAGES, show),
    (Verb::CANDIDATES, candidates),
    (Verb::PACKAGE_LISTS, lists),
    (Verb::PACKAGES_UPDATE, change::update),
    (Verb::PACKAGES_INSTALL, change::install),
    (Verb::PACKAGES_REMOVE, change::remove),
    (Verb::PACKAGES_HOLD, change::hold),
];

pub(super) const FILLINGS: &[Filling] = &[
    Filling {
        kind: kind::PACKAGE,
        reads: |name, replies| match replies {
            [] => vec![Call::new(Verb::PACKAGES, [name])],
            _ => Vec::new(),
        },
        load: |name, replies| {
            let text = text_of(replies)?;
            let row = text.lines().find_map(|line| Package::of_line(name, line));
            row.map(serde_json::to_value)
                .transpose()
                .map_err(|error| error.to_string())
        },
    },
    Filling {
        kind: kind::CANDIDATE,
        reads: |name, replies| match replies {
            [] => vec![Call::new(Verb::CANDIDATES, [name])],
            _ => Vec::new(),
        },
        load: |name, replies| {
            let text = text_of(replies)?;
            let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
            Ok(pairs
                .find(|(own, _)| *own == name)
                .map(|(_, version)| version.into()))
        },
    },
    Filling {
        kind: kind::PACKAGE_LISTS,
        reads: |_, replies| match replies {
            [] => vec![Call::bare(Verb::PACKAGE_LISTS)],
            _ => Vec::new(),
        },
        load: |_, replies| {
            let lists = match text_of(replies)?.trim() {
                "never" => return Ok(None),
                "changed" => Lists::Changed,
                age => Lists::Age(age.parse().map_err(|_| format!("'{age}' is no age"))?),
            };
            serde_json::to_value(lists)
                .map(Some)
                .map_err(|error| error.to_string())
        },
    },
];

fn text_of(replies: &[Reply]) -> Result<String, String> {
    match replies {
        [reply] if reply.status == 0 => Ok(reply.text()),
        [reply] => Err(reply.error.clone()),
        _ => Err("it wasn't read".to_owned()),
    }
}

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

    fn line(&self, name: &str) -> String {
        format!("{name} {} {} {}\n", self.want, self.status, self.version)
    }

    fn of_line(name: &str, line: &str) -> Option<Self> {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            [own, want, status, version] if *own == name => Some(Self {
                want: (*want).to_owned(),
                status: (*status).to_owned(),
                version: (*version).to_owned(),
            }),
            _ => None,
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

fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut names = call.args.clone();
    names.sort();
    names.dedup();
    let mut text = String::new();
    for name in &names {
        if let Some(package) = host.get::<Package>(kind::PACKAGE, name)? {
            text.push_str(&package.line(name));
        }
    }
    Ok(Reply::success(text))
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

fn candidates(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut text = String::new();
    for name in &call.args {
        if let Some(version) = candidate(host, name)? {
            text.push_str(&format!("{name} {version}\n"));
        }
    }
    Ok(Reply::success(text))
}

fn lists(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    let now = host.tx.now.0 / 1000;
    let is_stale = host.get::<bool>(kind::STALE_LISTS, "lists")?.is_some();
    let text = match host.get::<Lists>(kind::PACKAGE_LISTS, "lists")? {
        None => "never".to_owned(),
        Some(_) if is_stale => "changed".to_owned(),
        Some(Lists::Changed) => "changed".to_owned(),
        Some(Lists::At(second)) => now.saturating_sub(second).to_string(),
        Some(Lists::Age(age)) => age.to_string(),
    };
    Ok(Reply::success(text + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_made_it() {
        let package = Package::installed("1:2.3-4+b1");
        let line = package.line("htop");
        assert_eq!(Package::of_line("htop", line.trim_end()), Some(package));
        assert_eq!(Package::of_line("btop", line.trim_end()), None);
    }
}
