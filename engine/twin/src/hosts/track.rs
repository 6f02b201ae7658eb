//! What a host knows of tracked calls, and its boot id.

use serde_json::{Value, json};
use world::host::{Call, Effect, Reply, Verb};

use super::{Filling, Handler, Host};
use crate::model::{Stop, kind};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::SETTLE, settle),
    (Verb::SAID, said),
    (Verb::BOOT_ID, boot_id),
];

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::BOOT,
    reads: |id, replies| match replies {
        [] if id == "id" => vec![Call::bare(Verb::BOOT_ID)],
        _ => Vec::new(),
    },
    load: |_, replies| match replies {
        [] => Ok(None),
        [reply] if reply.status == 0 => Ok(Some(json!(reply.text().trim()))),
        _ => Err("the boot id can't be read".to_owned()),
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

fn settle(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let token = call.args.first().map_or("", String::as_str);
    let text = match host.get::<i32>(kind::CALL, token)? {
        Some(status) => format!("ended {status}\n"),
        None => "absent\n".to_owned(),
    };
    Ok(Reply::success(text))
}

/// In the model a call ends at once, and nothing is kept of what it printed.
fn said(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let token = call.args.first().map_or("", String::as_str);
    Ok(match host.get::<i32>(kind::CALL, token)? {
        Some(_) => Reply::success(""),
        None => Reply::failed(66, ""),
    })
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

fn boot_id(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    let id = host.boot_id()?;
    Ok(Reply::success(format!("{id}\n")))
}
