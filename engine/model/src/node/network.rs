//! The rows of a node's interfaces: those in force, and those staged to replace them.

use serde_json::Value;

use crate::{
    HostEffect, Key, Stop, Tx,
    interfaces::{self, Interface, Interfaces},
    kind, node_domain,
};

fn rows(tx: &mut Tx<'_>, kind: &str) -> Result<Interfaces, Stop> {
    let domain = node_domain(&tx.node);
    let rows = tx.scan_in::<Interface>(&domain, kind)?;
    Ok(rows.into_iter().collect())
}

/// The interfaces in force.
///
/// # Errors
/// The rows' fault.
pub fn current(tx: &mut Tx<'_>) -> Result<Interfaces, Stop> {
    rows(tx, kind::INTERFACE)
}

/// The staged interfaces, if any are staged.
///
/// # Errors
/// The rows' fault.
pub fn staged(tx: &mut Tx<'_>) -> Result<Option<Interfaces>, Stop> {
    // The loopback interface is always there, so none at all means that nothing is staged.
    let staged = rows(tx, kind::INTERFACE_NEW)?;
    Ok((!staged.is_empty()).then_some(staged))
}

/// The staged interfaces, else those in force.
///
/// # Errors
/// The rows' fault.
pub fn latest(tx: &mut Tx<'_>) -> Result<Interfaces, Stop> {
    match staged(tx)? {
        Some(staged) => Ok(staged),
        None => current(tx),
    }
}

fn replace(tx: &mut Tx<'_>, kind: &str, next: Interfaces) -> Result<(), Stop> {
    let domain = node_domain(&tx.node);
    let mut before = rows(tx, kind)?;
    for (name, interface) in next {
        if before.remove(&name).as_ref() != Some(&interface) {
            let key = Key::new(&*domain, kind, name);
            tx.rows.put(&key, Value::Object(interface))?;
        }
    }
    for name in before.into_keys() {
        tx.rows.delete(&Key::new(&*domain, kind, name))?;
    }
    Ok(())
}

/// Stages interfaces: writes them as a file, and keeps what is read from it.
///
/// # Errors
/// What keeps them from being written, in the API's words, or the rows' fault.
pub fn stage(tx: &mut Tx<'_>, next: Interfaces) -> Result<(), Stop> {
    let mut links = interfaces::links_of(&current(tx)?);
    if let Some(staged) = staged(tx)? {
        links.extend(interfaces::links_of(&staged));
    }
    let text = interfaces::write(next).map_err(Stop::fail)?;
    replace(tx, kind::INTERFACE_NEW, interfaces::read(&text, &links))
}

/// Forgets what is staged.
///
/// # Errors
/// The rows' fault.
pub fn drop_staged(tx: &mut Tx<'_>) -> Result<(), Stop> {
    replace(tx, kind::INTERFACE_NEW, Interfaces::new())
}

/// Puts what is staged in force.
///
/// # Errors
/// The rows' fault.
pub fn apply_staged(tx: &mut Tx<'_>) -> Result<(), Stop> {
    let Some(mut staged) = staged(tx)? else {
        return Ok(());
    };
    interfaces::bring_up(&mut staged);
    replace(tx, kind::INTERFACE, staged)?;
    let node = tx.node.clone();
    tx.happen(&node, &HostEffect::WriteNetwork)?;
    drop_staged(tx)
}

/// The text of the file: as somebody wrote it, or as Proxmox VE writes what is in force.
///
/// # Errors
/// What keeps it from being written, in the API's words, or the rows' fault.
pub fn text(tx: &mut Tx<'_>) -> Result<Option<String>, Stop> {
    let current = current(tx)?;
    if current.is_empty() {
        return Ok(None);
    }
    interfaces::write(current).map(Some).map_err(Stop::fail)
}

/// Puts the text of a file in force.
///
/// # Errors
/// The rows' fault.
pub fn reload(tx: &mut Tx<'_>, text: &str) -> Result<(), Stop> {
    let links = interfaces::links_of(&current(tx)?);
    let mut next = interfaces::read(text, &links);
    interfaces::bring_up(&mut next);
    replace(tx, kind::INTERFACE, next)
}
