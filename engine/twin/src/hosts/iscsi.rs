//! The iSCSI initiator: records of targets, and sessions.

use serde::{Deserialize, Serialize};
use world::host::{Call, Reply, Verb};

use super::{Filling, Handler, Host, own};
use crate::{
    api::storage::remote,
    model::{Stop, kind},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::ISCSI, show),
    (Verb::ISCSI_DISCOVER, discover),
    (Verb::ISCSI_SET, set),
    (Verb::ISCSI_DO, act),
];

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::ISCSI,
    reads: |id, replies| match replies {
        [] => vec![Call::new(Verb::ISCSI, id.split(' '))],
        _ => Vec::new(),
    },
    load: |_, replies| match replies {
        [reply] if reply.status == 0 => serde_json::to_value(Target::read(&reply.text()))
            .map(Some)
            .map_err(|error| error.to_string()),
        [reply] => Err(reply.error.clone()),
        _ => Err("it wasn't read".to_owned()),
    },
}];

/// What the initiator knows of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Target {
    record: Option<Record>,
    session: bool,
    /// Devices as the host itself showed them.
    #[serde(default)]
    devices: Vec<String>,
    #[serde(default)]
    at: u64,
}

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
    fn read(text: &str) -> Self {
        let mut target = Self::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["record", startup, method, user] => {
                    target.record = Some(Record {
                        startup: startup.to_owned(),
                        method: method.to_owned(),
                        user: user.to_owned(),
                        has_password: user != "-",
                    });
                }
                ["session", _] => target.session = true,
                ["device", ..] => target.devices.push(line.to_owned()),
                _ => {}
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

fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (target, portal) = (call.argument(0), call.argument(1));
    let row = host.target(target, portal)?;
    let mut text = String::new();
    if let Some(record) = &row.record {
        let Record {
            startup,
            method,
            user,
            ..
        } = record;
        text.push_str(&format!("record {startup} {method} {user}\n"));
    }
    if !row.session {
        return Ok(Reply::success(text));
    }
    text.push_str(&format!("session {portal}\n"));
    if row.devices.is_empty() {
        let luns = own::known(remote::luns(host.tx, portal, target))?;
        for lun in luns.unwrap_or_default() {
            text.push_str(&format!(
                "device /dev/disk/by-path/ip-{portal}-iscsi-{target}-lun-{0} {0}\n",
                lun.number
            ));
        }
    }
    for device in row.devices {
        text.push_str(&device);
        text.push('\n');
    }
    Ok(Reply::success(text))
}

fn discover(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let portal = call.argument(0);
    let Some(targets) = host.offered(portal)? else {
        let address = remote::portal_host(portal);
        let text = format!(
            "iscsiadm: cannot make connection to {address}: No route to host\n\
             iscsiadm: Could not perform SendTargets discovery: encountered connection failure"
        );
        return Ok(Reply::failed(4, text));
    };
    let mut text = String::new();
    for target in targets {
        let mut row = host.target(&target, portal)?;
        if row.record.is_none() {
            row.record = Some(Record::default());
            host.keep(&target, portal, row)?;
        }
        text.push_str(&format!("{portal},1 {target}\n"));
    }
    Ok(Reply::success(text))
}

fn set(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (target, portal) = (call.argument(0), call.argument(1));
    let mut row = host.target(target, portal)?;
    let Some(record) = &mut row.record else {
        let text = format!("there is no record of {target} at {portal}");
        return Ok(Reply::failed(66, text));
    };
    let lines = String::from_utf8_lossy(&call.input).into_owned();
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
    host.keep(target, portal, row)?;
    Ok(Reply::success(""))
}

fn act(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (action, target, portal) = (call.argument(0), call.argument(1), call.argument(2));
    let mut row = host.target(target, portal)?;
    let Some(record) = row.record.clone() else {
        return Ok(Reply::failed(21, "iscsiadm: No records found"));
    };
    match (action, row.session) {
        ("login", true) => {
            let text = format!(
                "iscsiadm: default: 1 session requested, but 1 already present.\niscsiadm: Could not log into all portals ({target})"
            );
            return Ok(Reply::failed(15, text));
        }
        ("login", false) if !host.is_offered(target, portal)? => {
            let text = format!(
                "iscsiadm: Could not login to [iface: default, target: {target}, portal: {portal}].\n\
                 iscsiadm: initiator reported error (8 - connection timed out)"
            );
            return Ok(Reply::failed(8, text));
        }
        ("login", false) if !host.is_let_in(target, portal, &record)? => {
            let text = format!(
                "iscsiadm: Could not login to [iface: default, target: {target}, portal: {portal}].\n\
                 iscsiadm: initiator reported error (24 - iSCSI login failed due to authorization failure)"
            );
            return Ok(Reply::failed(24, text));
        }
        ("logout", false) => {
            return Ok(Reply::failed(21, "iscsiadm: No matching sessions found"));
        }
        _ => {}
    }
    row.session = action == "login";
    row.devices.clear();
    host.keep(target, portal, row)?;
    Ok(Reply::success(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_verb_prints() {
        let target = Target::read(
            "record automatic CHAP lab\nsession 10.0.0.1:3260\ndevice /dev/disk/by-path/x-lun-1 1\n",
        );
        assert!(target.session && target.devices.len() == 1);
        assert_eq!(target.record.unwrap().startup, "automatic");
        assert_eq!(Target::read(""), Target::default());
    }
}
