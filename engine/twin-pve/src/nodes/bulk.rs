//! Calls for all guests of a node.

use model::{Params, Stop, Tx, Work, kind, permission};
use serde_json::Value;

pub(super) fn start(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    run(tx, params, "startall", "VM.PowerMgmt")
}

pub(super) fn stop(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    run(tx, params, "stopall", "VM.PowerMgmt")
}

pub(super) fn suspend(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    run(tx, params, "suspendall", "VM.PowerMgmt")
}

pub(super) fn migrate(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    allowed(tx, params, "VM.Migrate")?;
    let target = params.required("target");
    if target == tx.node {
        return Err(Stop::invalid_one("target", "target is local node."));
    }
    if !tx.members()?.contains(&target) {
        return Err(Stop::fail(format!("no such cluster node '{target}'")));
    }
    begin(tx, "migrateall")
}

fn run(tx: &mut Tx<'_>, params: &Params, call: &str, privilege: &str) -> Result<Value, Stop> {
    allowed(tx, params, privilege)?;
    begin(tx, call)
}

/// The privilege on all guests is enough, and so is one on each of those that are named.
fn allowed(tx: &mut Tx<'_>, params: &Params, privilege: &str) -> Result<(), Stop> {
    if permission::has_any(tx, "/", &[privilege])? {
        return Ok(());
    }
    let named = params.list("vms");
    if named.is_empty() {
        return Err(Stop::denied("/", privilege));
    }
    named
        .iter()
        .try_for_each(|vmid| permission::require(tx, &format!("/vms/{vmid}"), &[privilege]))
}

/// Guests that aren't there are passed over; what happens to guests that are isn't modelled.
fn begin(tx: &mut Tx<'_>, call: &str) -> Result<Value, Stop> {
    let node = tx.node.clone();
    let guests = tx.scan::<Value>(kind::GUEST)?;
    if guests.iter().any(|(_, guest)| guest["node"] == *node) {
        return Err(Stop::not_implemented(
            "POST",
            &format!("/nodes/{node}/{call}"),
        ));
    }
    Ok(tx.start_task(Work::new(call, ""))?.into())
}
