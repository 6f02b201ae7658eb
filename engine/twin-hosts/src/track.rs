//! What a host knows of tracked calls, and its boot id.

use model::{Stop, kind};
use serde_json::Value;
use world::host::{
    Ask as _, Call, Effect, Reply, Verb,
    verb::{BootId, Record, Said as WhatWasSaid, Settle},
};

use super::{
    Filling, Handler, Host,
    typed::{Said, answers, filled},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Settle => settle,
    Said => said,
    BootId => |host, _| Ok(host.boot_id()?),
};

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::BOOT,
    reads: |id, replies| match replies {
        [] if id == "id" => vec![BootId {}.call()],
        _ => Vec::new(),
    },
    load: |_, replies| match replies {
        [] => Ok(None),
        replies => filled(&BootId {}, replies, Some),
    },
}];

/// Keeps the record of a tracked call that has ended: in the model it ends at once.
///
/// # Errors
/// The rows' fault.
pub(super) fn record(host: &mut Host<'_, '_>, call: &Call, reply: &Reply) -> Result<(), Stop> {
    match (&call.token, call.verb.effect()) {
        (Some(token), Effect::Tracked) => host.put(kind::CALL, token, &reply.status),
        _ => Ok(()),
    }
}

fn settle(host: &mut Host<'_, '_>, Settle { token }: Settle) -> Said<Record> {
    let status = host.get::<i32>(kind::CALL, &token)?;
    Ok(status.map_or(Record::Absent, Record::Ended))
}

/// In the model a call ends at once, and nothing is kept of what it printed.
fn said(host: &mut Host<'_, '_>, WhatWasSaid { token }: WhatWasSaid) -> Said<Option<String>> {
    let status = host.get::<i32>(kind::CALL, &token)?;
    Ok(status.map(|_| String::new()))
}

impl Host<'_, '_> {
    /// The boot id.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn boot_id(&mut self) -> Result<String, Stop> {
        Ok(match self.get::<Value>(kind::BOOT, "id")? {
            Some(id) => id.as_str().unwrap_or_default().to_owned(),
            None => self.tx.uuid(&format!("boot {}", self.name())),
        })
    }
}
