//! Packages, as dpkg and apt tell of them and change them.

use super::Printed;

super::asks! { PACKAGES:
    /// What dpkg knows of packages, sorted.
    PACKAGES = Read(PACKAGES) "packages" Packages { names: Vec<String> } by Names => Vec<Package>;
    /// Which version of packages apt would install: nothing of those that it doesn't know.
    CANDIDATES = Read(FILES | PACKAGES) "package_candidates" Candidates { names: Vec<String> } by Names => Vec<Candidate>;
    /// How old apt's lists are.
    PACKAGE_LISTS = Read(FILES) "package_lists" PackageLists {} => ListsAge;
    /// Brings apt's lists up to date. Like every verb here it waits for whoever holds the lock, and names him if it waited in vain.
    PACKAGES_UPDATE = Tracked(FILES) "packages_update" PackagesUpdate {} => ();
    /// Installs packages, each `NAME` or `NAME=VERSION`, and prints what apt-get said. The options are a comma list: `held`
    /// changes held ones too, `bare` leaves recommended ones out; `-` for none.
    PACKAGES_INSTALL = Tracked(ALL) "packages_install" PackagesInstall { options, names: Vec<String> } => String;
    /// Removes packages, and prints what apt-get said. The options are a comma list: `purge` takes their settings too,
    /// `dependents` the packages that need them, `held` held ones; `-` for none.
    PACKAGES_REMOVE = Tracked(ALL) "packages_remove" PackagesRemove { options, names: Vec<String> } => String;
    /// Holds packages at their version, or lets them go.
    PACKAGES_HOLD = Write(FILES | PACKAGES) "packages_hold" PackagesHold { action: HoldAction, names: Vec<String> } => ();
}

super::line! {
    /// A package that dpkg knows: `NAME WANT STATUS VERSION`.
    Package {
        /// Its name.
        name: String,
        /// What is wanted of it: `install`, `hold`, `deinstall` or `purge`.
        want: String,
        /// What it is: `installed`, `config-files`, `not-installed`.
        status: String,
        /// Its version; empty where there is none.
        version: String,
    }
}

super::line! {
    /// What apt would install: `NAME VERSION`.
    Candidate {
        /// The package.
        name: String,
        /// The version.
        version: String,
    }
}

/// How old apt's lists are: seconds, `changed` if repositories changed since, or `never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListsAge {
    /// So many seconds.
    Seconds(u64),
    /// Repositories changed since.
    Changed,
    /// There are none.
    Never,
}

impl Printed for ListsAge {
    fn print(&self) -> String {
        match self {
            Self::Seconds(age) => age.to_string(),
            Self::Changed => "changed".to_owned(),
            Self::Never => "never".to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "changed" => Some(Self::Changed),
            "never" => Some(Self::Never),
            // A clock that was set back makes them younger than nothing.
            age => age
                .parse()
                .ok()
                .map(|age: i64| Self::Seconds(age.max(0).unsigned_abs())),
        }
    }
}

super::words! {
    /// What is done about the version of packages.
    HoldAction {
        /// They are held at it.
        Hold = "hold",
        /// They may change.
        Unhold = "unhold",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_line_says_what_made_it() {
        assert_eq!(
            same::<Package>("htop install installed 1:2.3-4+b1").version,
            "1:2.3-4+b1"
        );
        assert_eq!(
            Package::parse("htop unknown not-installed ")
                .unwrap()
                .version,
            ""
        );
        assert_eq!(Package::parse("htop"), None);
        assert_eq!(same::<Candidate>("htop 3.4").version, "3.4");
        assert_eq!(same::<ListsAge>("120"), ListsAge::Seconds(120));
        assert_eq!(ListsAge::parse("-3"), Some(ListsAge::Seconds(0)));
        assert_eq!(same::<ListsAge>("never"), ListsAge::Never);
        assert_eq!(ListsAge::parse("old"), None);
    }
}
