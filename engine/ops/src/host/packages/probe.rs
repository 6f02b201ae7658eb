//! What dpkg and apt say of packages.

use std::collections::BTreeMap;

use runbook::{halt::Halt, operation::Operation};
use world::host::verb::{self, ListsAge, Package, PackageLists};

/// Whether a package is installed.
pub(super) fn is_installed(package: &Package) -> bool {
    package.status == "installed"
}

/// Whether it's held at its version.
pub(super) fn is_held(package: &Package) -> bool {
    package.want == "hold"
}

/// Packages by name. Of one that is there for several architectures an installed one counts.
pub(super) fn by_name(packages: Vec<Package>) -> All {
    let mut all = All::new();
    for package in packages {
        let is_known = all.get(&package.name).is_some_and(is_installed);
        if package.status != "not-installed" && !is_known {
            all.insert(package.name.clone(), package);
        }
    }
    all
}

/// Packages by name.
pub(super) type All = BTreeMap<String, Package>;

/// The versions that apt would install, by name.
pub(super) type Candidates = BTreeMap<String, String>;

/// The packages of these names that dpkg knows.
///
/// # Errors
/// No reply came; there is no dpkg.
pub(super) async fn known(operation: &Operation, host: &str, names: &[&str]) -> Result<All, Halt> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let told = operation.ask(host, verb::Packages { names }).await?;
    Ok(by_name(told))
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
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let told = operation.ask(host, verb::Candidates { names }).await?;
    let pairs = told.into_iter().map(|told| (told.name, told.version));
    Ok(pairs.collect())
}

/// How old apt's lists are.
///
/// # Errors
/// No reply came; there is no apt.
pub(super) async fn lists(operation: &Operation, host: &str) -> Result<ListsAge, Halt> {
    operation.ask(host, PackageLists {}).await
}
