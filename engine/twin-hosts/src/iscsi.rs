//! The iSCSI initiator: records of targets, and sessions.

use model::{
    Stop, kind,
    node::{
        appliances,
        initiator::{self, Record, Target},
        kept,
    },
    stop::known,
};
use world::host::{
    Verb,
    verb::{Iscsi, IscsiAction, IscsiDiscover, IscsiDo, IscsiLine, IscsiSet},
};

use super::{
    Filling, Handler, Host,
    typed::{Said, answers, fails, filling},
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
    |told| Some(target_of(told))
)];

/// What a host tells of a target.
fn target_of(told: Vec<IscsiLine>) -> Target {
    let mut target = Target::default();
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

impl Host<'_, '_> {
    fn target(&mut self, target: &str, portal: &str) -> Result<Target, Stop> {
        let name = self.name().to_owned();
        let mut row = Target::read(self.tx, &name, target, portal)?;
        if !row.session && kept::has_session(self.tx, target, portal)? {
            // Proxmox finds the target by itself, and leaves the record as it's then.
            row.record.get_or_insert_default();
            row.session = true;
        }
        Ok(row)
    }

    /// Whether the host has a session to a target at a portal with its port.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn has_session(&mut self, target: &str, portal: &str) -> Result<bool, Stop> {
        Ok(self.target(target, portal)?.session)
    }

    fn keep(&mut self, target: &str, portal: &str, mut row: Target) -> Result<(), Stop> {
        row.at = self.stamp()?;
        self.tx
            .write(&Target::key(self.name(), target, portal), &row)
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
        let luns = known(appliances::luns(host.tx, &portal, &target))?;
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
    let Some(targets) = initiator::offered(host.tx, portal)? else {
        let address = appliances::portal_host(portal);
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
        (IscsiAction::Login, false) if !initiator::is_offered(host.tx, target, portal)? => {
            let text = format!(
                "iscsiadm: Could not login to [iface: default, target: {target}, portal: {portal}].\n\
                 iscsiadm: initiator reported error (8 - connection timed out)"
            );
            return fails(8, text);
        }
        (IscsiAction::Login, false) if !record.is_let_in(host.tx, target, portal)? => {
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
