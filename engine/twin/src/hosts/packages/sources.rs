//! The repositories that a host declares: `/etc/apt/sources.list.d/*.sources`.

use crate::{hosts::Host, model::Stop};

/// Where they stand.
pub(super) const FOLDER: &str = "/etc/apt/sources.list.d";

/// One stanza of a `.sources` file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// Its URIs.
    pub(super) uris: Vec<String>,
    /// Its suites.
    pub(super) suites: Vec<String>,
    /// Its components.
    pub(super) components: Vec<String>,
    is_disabled: bool,
}

impl Source {
    /// The stanzas of a file that are enabled.
    fn of_text(text: &str) -> Vec<Self> {
        let stanzas = text.split("\n\n").map(Self::of_stanza);
        let used = stanzas.filter(|source| !source.uris.is_empty() && !source.is_disabled);
        used.collect()
    }

    fn of_stanza(text: &str) -> Self {
        let mut source = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let words = || value.split_whitespace().map(str::to_owned).collect();
            match name.to_ascii_lowercase().as_str() {
                "uris" => source.uris = words(),
                "suites" => source.suites = words(),
                "components" => source.components = words(),
                "enabled" => {
                    source.is_disabled = matches!(
                        value.trim(),
                        "no" | "false" | "without" | "off" | "disable" | "0"
                    );
                }
                _ => {}
            }
        }
        source
    }

    /// Whether it's Debian's own.
    pub(super) fn is_debian(&self) -> bool {
        self.has_host(&["deb.debian.org", "security.debian.org", "ftp.debian.org"])
    }

    /// Whether it's one of Proxmox's.
    pub(super) fn is_proxmox(&self) -> bool {
        self.has_host(&["download.proxmox.com", "enterprise.proxmox.com"])
    }

    /// Whether it wants a subscription.
    pub(super) fn is_enterprise(&self) -> bool {
        self.has_host(&["enterprise.proxmox.com"])
    }

    fn has_host(&self, hosts: &[&str]) -> bool {
        self.uris.iter().any(|uri| {
            let rest = uri.split_once("://").map_or(uri.as_str(), |(_, rest)| rest);
            hosts.contains(&rest.split('/').next().unwrap_or_default())
        })
    }
}

/// The repositories that are enabled.
///
/// # Errors
/// The rows' fault.
pub(super) fn enabled(host: &mut Host<'_, '_>) -> Result<Vec<Source>, Stop> {
    let mut found = Vec::new();
    for name in host.names_in(FOLDER)? {
        if name.ends_with(".sources")
            && let Some(text) = host.text(&format!("{FOLDER}/{name}"))?
        {
            found.extend(Source::of_text(&text));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stanzas_that_are_enabled() {
        let text = "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: trixie a\nComponents: main\n\n\
                    URIs: https://enterprise.proxmox.com/debian/pve\nEnabled: no\n";
        let [source] = Source::of_text(text).try_into().unwrap();
        assert!(source.is_debian() && !source.is_proxmox());
        assert_eq!((source.suites.len(), source.components.len()), (2, 1));
    }
}
