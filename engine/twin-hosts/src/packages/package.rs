//! A package that dpkg knows, and apt's lists, as their rows have them.

use serde::{Deserialize, Serialize};
use world::host::verb;

/// A package that dpkg knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Package {
    /// `install`, `hold`, `deinstall`.
    pub(super) want: String,
    /// `installed`, `config-files`.
    pub(super) status: String,
    pub(super) version: String,
}

impl Package {
    pub(super) fn installed(version: &str) -> Self {
        Self {
            want: "install".to_owned(),
            status: "installed".to_owned(),
            version: version.to_owned(),
        }
    }

    pub(super) fn is_installed(&self) -> bool {
        self.status == "installed"
    }

    pub(super) fn is_held(&self) -> bool {
        self.want == "hold"
    }

    pub(super) fn of(told: verb::Package) -> Self {
        Self {
            want: told.want,
            status: told.status,
            version: told.version,
        }
    }

    pub(super) fn told(self, name: String) -> verb::Package {
        verb::Package {
            name,
            want: self.want,
            status: self.status,
            version: self.version,
        }
    }
}

/// How old apt's lists are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lists {
    /// They were read at this second since 1970.
    At(u64),
    /// They were this old when a preview asked.
    Age(u64),
    /// Repositories changed before a preview asked.
    Changed,
}
