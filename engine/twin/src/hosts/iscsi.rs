//! The iSCSI initiator: records of targets, and sessions.

use serde::{Deserialize, Serialize};
use world::host::{
    Verb,
    verb::{Iscsi, IscsiAction, IscsiDiscover, IscsiDo, IscsiLine, IscsiSet},
};

use super::{
    Filling, Handler, Host, own,
    typed::{Said, answers, fails, filling},
};
use crate::{
    api::storage::remote,
    model::{Stop, kind},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Iscsi => show,
    IscsiDiscover => discover,
    IscsiSet => set,
    IscsiDo => act,
};

pub(super) const FILLINGS: &[Filling] = &[filling!(
    kind::ISCSI,
    |id| {
        let (target, portal) = id.split_once(' ').unwrap_or((id, ""));
        Iscsi::new(target, portal)
    },
    |told| Some(Target::of(told))
)];

/// What the initiator knows of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Target {
    record: Option<Record>,
    session: bool,
    /// Devices as the host itself showed them.
    #[serde(default)]
    devices: Vec<Device>,
    #[serde(default)]
    at: u64,
}

/// A device of a session: its path and number.
type Device = (String, u64);

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    startup: String,
    method: String,
    user: String,
    /// Whether a password was set: which one is right, only the target knows.
    #[serde(default)]
    has_password: bool,
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

impl Target {
    fn of(told: Vec<IscsiLine>) -> Self {
        let mut target = Self::default();
        for line in told {
            match line {
                IscsiLine::Record {
                    startup,
                    method,
                    user,
                } => {
                    target.record = Some(Record {
                        startup,
                        method,
                        has_password: user.is_some(),
                        user: user.unwrap_or_else(|| "-".to_owned()),
                    });
                }
                IscsiLine::Session { .. } => target.session = true,
                IscsiLine::Device { path, lun } => target.devices.push((path, lun)),
            }
        }
        target
    }
}

impl Host<'_, '_> {
    fn target(&mut self, target: &str, portal: &str) -> Result<Target, Stop> {
        let id = format!("{target} {portal}");
        let mut row = self.get::<Target>(kind::ISCSI, &id)?.unwrap_or_default();
        if row.at < self.booted()? {
            let record = row.record.clone();
            row.session = match record.filter(|record| record.startup == "automatic") {
                Some(record) => {
                    self.is_offered(target, portal)? && self.is_let_in(target, portal, &record)?
                }
                None => false,
            };
        }
        if !row.session && self.is_storage(target, portal)? {
            // Proxmox finds the target by itself, and leaves the record as it's then.
            row.record.get_or_insert_default();
            row.session = true;
        }
        Ok(row)
    }

    fn keep(&mut self, target: &str, portal: &str, mut row: Target) -> Result<(), Stop> {
        row.at = self.stamp()?;
        self.put(kind::ISCSI, &format!("{target} {portal}"), &row)
    }

    /// Whether the host's own initiator has a session to a target, at a portal with its port or without.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn has_own_session(&mut self, target: &str, portal: &str) -> Result<bool, Stop> {
        let host = remote::portal_host(portal);
        let portal = if host == portal {
            format!("{portal}:3260")
        } else {
            portal.to_owned()
        };
        Ok(self.target(target, &portal)?.session)
    }

    /// Whether a target lets the record's user in.
    fn is_let_in(&mut self, target: &str, portal: &str, record: &Record) -> Result<bool, Stop> {
        let wanted = own::known(remote::chap(self.tx, portal, target))?.flatten();
        Ok(wanted.is_none_or(|user| {
            record.method == "CHAP" && record.user == user && record.has_password
        }))
    }

    fn is_offered(&mut self, target: &str, portal: &str) -> Result<bool, Stop> {
        // What nobody can know is taken for offered.
        Ok(match own::known(self.offered(portal))? {
            Some(offered) => offered.is_some_and(|all| all.iter().any(|own| own == target)),
            None => true,
        })
    }

    /// The targets of a portal; none if it doesn't answer.
    fn offered(&mut self, portal: &str) -> Result<Option<Vec<String>>, Stop> {
        let offered = remote::targets(self.tx, portal)?;
        if offered.is_none() {
            let what = format!("the targets of {portal}, which docs don't name");
            self.tx.undocumented(what)?;
        }
        Ok(offered)
    }
}

fn show(host: &mut Host<'_, '_>, Iscsi { target, portal }: Iscsi) -> Said<Vec<IscsiLine>> {
    let mut row = host.target(&target, &portal)?;
    let mut lines = Vec::new();
    if let Some(record) = row.record {
        lines.push(IscsiLine::Record {
            startup: record.startup,
            method: record.method,
            user: Some(record.user).filter(|user| user != "-"),
        });
    }
    if !row.session {
        return Ok(lines);
    }
    if row.devices.is_empty() {
        let luns = own::known(remote::luns(host.tx, &portal, &target))?;
        let device = |number| {
            let path = format!("/dev/disk/by-path/ip-{portal}-iscsi-{target}-lun-{number}");
            (path, number)
        };
        let luns = luns.unwrap_or_default();
        row.devices = luns.iter().map(|lun| device(lun.number)).collect();
    }
    lines.push(IscsiLine::Session { portal });
    let devices = row.devices.into_iter();
    lines.extend(devices.map(|(path, lun)| IscsiLine::Device { path, lun }));
    Ok(lines)
}

fn discover(host: &mut Host<'_, '_>, IscsiDiscover { portal }: IscsiDiscover) -> Said<Vec<String>> {
    let portal = portal.as_str();
    let Some(targets) = host.offered(portal)? else {
        let address = remote::portal_host(portal);
        let text = format!(
            "iscsiadm: cannot make connection to {address}: No route to host\n\
             iscsiadm: Could not perform SendTargets discovery: encountered connection failure"
        );
        return fails(4, text);
    };
    let mut lines = Vec::new();
    for target in targets {
        let mut row = host.target(&target, portal)?;
        if row.record.is_none() {
            row.record = Some(Record::default());
            host.keep(&target, portal, row)?;
        }
        lines.push(format!("{portal},1 {target}"));
    }
    Ok(lines)
}

fn set(host: &mut Host<'_, '_>, ask: IscsiSet) -> Said<()> {
    let (target, portal) = (ask.target.as_str(), ask.portal.as_str());
    let mut row = host.target(target, portal)?;
    let Some(record) = &mut row.record else {
        let text = format!("there is no record of {target} at {portal}");
        return fails(66, text);
    };
    let lines = String::from_utf8_lossy(&ask.values).into_owned();
    for (name, value) in lines.lines().filter_map(|line| line.split_once(' ')) {
        let own = match name {
            "node.startup" => &mut record.startup,
            "node.session.auth.authmethod" => &mut record.method,
            "node.session.auth.username" => &mut record.user,
            "node.session.auth.password" => {
                record.has_password = !value.is_empty();
                continue;
            }
            _ => continue,
        };
        value.clone_into(own);
    }
    Ok(host.keep(target, portal, row)?)
}

fn act(host: &mut Host<'_, '_>, ask: IscsiDo) -> Said<()> {
    let (target, portal) = (ask.target.as_str(), ask.portal.as_str());
    let mut row = host.target(target, portal)?;
    let Some(record) = row.record.clone() else {
        return fails(21, "iscsiadm: No records found");
    };
    match (ask.action, row.session) {
        (IscsiAction::Login, true) => {
            let text = format!(
                "iscsiadm: default: 1 session requested, but 1 already present.\niscsiadm: Could not log into all portals ({target})"
            );
            return fails(15, text);
        }
        (IscsiAction::Login, false) if !host.is_offered(target, portal)? => {
            let text = format!(
                "iscsiadm: Could not login to [iface: default, target: {target}, portal: {portal}].\n\
                 iscsiadm: initiator reported error (8 - connection timed out)"
            );
            return fails(8, text);
        }
        (IscsiAction::Login, false) if !host.is_let_in(target, portal, &record)? => {
            let text = format!(
                "iscsiadm: Could not login to [iface: default, target: {target}, portal: {portal}].\n\
                 iscsiadm: initiator reported error (24 - iSCSI login failed due to authorization failure)"
            );
            return fails(24, text);
        }
        (IscsiAction::Logout, false) => {
            return fails(21, "iscsiadm: No matching sessions found");
        }
        _ => {}
    }
    row.session = ask.action == IscsiAction::Login;
    row.devices.clear();
    Ok(host.keep(target, portal, row)?)
}
