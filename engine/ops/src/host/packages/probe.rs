//! What dpkg and apt say of packages.

use std::collections::BTreeMap;

use runbook::{halt::Halt, operation::Operation};
use world::host::{Call, Verb};

use crate::host::probe::ask;

/// A package that dpkg knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    want: String,
    pub(super) status: String,
    pub(super) version: String,
}

impl Known {
    /// Whether it's installed.
    pub(super) fn is_installed(&self) -> bool {
        self.status == "installed"
    }

    /// Whether it's held at its version.
    pub(super) fn is_held(&self) -> bool {
        self.want == "hold"
    }

    /// What lines of `packages` say. Of a package that is there for several architectures an installed one counts.
    pub(super) fn parse(text: &str) -> All {
        let mut all = All::new();
        for line in text.lines() {
            if let [name, want, status, version @ ..] =
                line.split(' ').collect::<Vec<_>>().as_slice()
            {
                let known = Self {
                    want: (*want).to_owned(),
                    status: (*status).to_owned(),
                    version: version.join(" "),
                };
                if *status != "not-installed" && !all.get(*name).is_some_and(Self::is_installed) {
                    all.insert((*name).to_owned(), known);
                }
            }
        }
        all
    }
}

/// Packages by name.
pub(super) type All = BTreeMap<String, Known>;

/// The versions that apt would install, by name.
pub(super) type Candidates = BTreeMap<String, String>;

/// The packages of these names that dpkg knows.
///
/// # Errors
/// No reply came; there is no dpkg.
pub(super) async fn known(operation: &Operation, host: &str, names: &[&str]) -> Result<All, Halt> {
    let call = Call::new(Verb::PACKAGES, names.iter().copied());
    Ok(Known::parse(&ask(operation, host, call).await?.text()))
}

/// The versions of these packages that apt would install.
///
/// # Errors
/// No reply came; there is no apt.
pub(super) async fn candidates(
    operation: &Operation,
    host: &str,
    names: &[&str],
) -> Result<Candidates, Halt> {
    let call = Call::new(Verb::CANDIDATES, names.iter().copied());
    let text = ask(operation, host, call).await?.text();
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    Ok(pairs
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect())
}

/// How old apt's lists are: seconds, `changed` or `never`.
///
/// # Errors
/// No reply came; there is no apt.
pub(super) async fn lists(operation: &Operation, host: &str) -> Result<String, Halt> {
    let call = Call::bare(Verb::PACKAGE_LISTS);
    Ok(ask(operation, host, call).await?.text().trim().to_owned())
}
