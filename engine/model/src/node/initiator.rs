//! The iSCSI initiator of a host: what it knows of targets, and which it's logged in to.

use serde::{Deserialize, Serialize};

use super::appliances::{self, portal_host};
use crate::{Key, Stop, Tx, domain_of, kind, stop::known};

/// What the initiator knows of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its record; none if there is none.
    pub record: Option<Record>,
    /// Whether there's a session.
    pub session: bool,
    /// Devices as the host itself showed them.
    #[serde(default)]
    pub devices: Vec<Device>,
    /// When it was last changed by a call: microseconds since 1970.
    #[serde(default)]
    pub at: u64,
}

/// A device of a session: its path and number.
pub type Device = (String, u64);

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// `automatic` if a start of the host logs in, else `manual`.
    pub startup: String,
    /// `CHAP` or `None`.
    pub method: String,
    /// Its user; `-` for none.
    pub user: String,
    /// Whether a password was set: which one is right, only the target knows.
    #[serde(default)]
    pub has_password: bool,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            startup: "manual".to_owned(),
            method: "None".to_owned(),
            user: "-".to_owned(),
            has_password: false,
        }
    }
}

impl Record {
    /// Whether a target lets the record's user in.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_let_in(&self, tx: &mut Tx<'_>, target: &str, portal: &str) -> Result<bool, Stop> {
        let wanted = known(appliances::chap(tx, portal, target))?.flatten();
        Ok(wanted
            .is_none_or(|user| self.method == "CHAP" && self.user == user && self.has_password))
    }
}

impl Target {
    /// The key of what a host's initiator knows of a target at a portal.
    #[must_use]
    pub fn key(host: &str, target: &str, portal: &str) -> Key {
        Key::new(domain_of(host), kind::ISCSI, format!("{target} {portal}"))
    }

    /// What a host's initiator knows of a target at a portal, beside what Proxmox does by itself.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn read(tx: &mut Tx<'_>, host: &str, target: &str, portal: &str) -> Result<Self, Stop> {
        let mut row: Self = tx
            .read(&Self::key(host, target, portal))?
            .unwrap_or_default();
        if row.at < tx.booted(host)? {
            let record = row.record.as_ref();
            row.session = match record.filter(|record| record.startup == "automatic") {
                Some(record) => {
                    is_offered(tx, target, portal)? && record.is_let_in(tx, target, portal)?
                }
                None => false,
            };
        }
        Ok(row)
    }
}

/// Whether a host's own initiator has a session to a target, at a portal with its port or without.
///
/// # Errors
/// The rows' fault.
pub fn has_session(tx: &mut Tx<'_>, host: &str, target: &str, portal: &str) -> Result<bool, Stop> {
    let portal = match portal_host(portal) == portal {
        true => format!("{portal}:3260"),
        false => portal.to_owned(),
    };
    Ok(Target::read(tx, host, target, &portal)?.session)
}

/// Whether a portal offers a target.
///
/// # Errors
/// The rows' fault.
pub fn is_offered(tx: &mut Tx<'_>, target: &str, portal: &str) -> Result<bool, Stop> {
    // What nobody can know is taken for offered.
    Ok(match known(offered(tx, portal))? {
        Some(offered) => offered.is_some_and(|all| all.iter().any(|own| own == target)),
        None => true,
    })
}

/// The targets of a portal; none if it doesn't answer.
///
/// # Errors
/// Nobody knows, for lack of docs, or the rows' fault.
pub fn offered(tx: &mut Tx<'_>, portal: &str) -> Result<Option<Vec<String>>, Stop> {
    let offered = appliances::targets(tx, portal)?;
    if offered.is_none() {
        let what = format!("the targets of {portal}, which docs don't name");
        tx.undocumented(what)?;
    }
    Ok(offered)
}
