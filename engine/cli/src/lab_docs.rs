//! What docs say of a lab before a world of it is open: its nodes, and where installers find this machine.

use std::net::SocketAddr;

use runbook::failure::Failure;
use world::{code, docs::Docs};

use crate::{exit::refused, session::Session};

/// The variable that names the address on which installers get their answer files.
pub(crate) const LISTEN: &str = "HOMELAB_LISTEN";

/// Where installers find this machine: `HOMELAB_LISTEN`, else the setting in docs.
///
/// # Errors
/// It's no address with a port.
pub(crate) fn listen(session: &Session<'_>, docs: &Docs) -> Result<Option<SocketAddr>, Failure> {
    let settings = docs.table("NETWORK", "Settings").ok();
    let row = settings.and_then(|table| table.row("Answer server"));
    let documented = row
        .and_then(|row| row.get("value"))
        .filter(|cell| !cell.value.is_missing());
    let given = session
        .settings
        .variable(LISTEN)
        .or_else(|| documented.map(|cell| cell.text.as_str()));
    given.map(|text| address(text, GIVEN)).transpose()
}

/// Where an address is given but for an option.
const GIVEN: &str = "in docs/NETWORK.md, Settings, Answer server, or in HOMELAB_LISTEN";

/// An address with a port; `given` says where it's given.
///
/// # Errors
/// It's none.
pub(crate) fn address(text: &str, given: &str) -> Result<SocketAddr, Failure> {
    text.parse().map_err(|_| {
        let what = format!("'{text}' is no address with a port");
        refused(code::install::address, what).help(format!(
            "write ADDRESS:PORT of this machine, as 10.0.0.5:8100: {given}"
        ))
    })
}

/// A node, as docs name it.
pub(crate) struct DocsNode {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) fingerprint: Option<String>,
}

/// The nodes of the lab, as docs name them.
pub(crate) fn nodes(docs: &Docs) -> Result<Vec<DocsNode>, Failure> {
    let missing = |error: &world::docs::DocsError| {
        refused(error.code(), error.to_string()).help(error.help())
    };
    let table = docs
        .table("HARDWARE", "Nodes")
        .map_err(|error| missing(&error))?;
    table.column("address").map_err(|error| missing(&error))?;
    let text = |row: &world::docs::Row, column: &str| row.get(column).map(|cell| cell.text.clone());
    let node = |row: &world::docs::Row| DocsNode {
        name: row.key.clone(),
        address: text(row, "address")
            .unwrap_or_default()
            .split('/')
            .next()
            .unwrap_or_default()
            .to_owned(),
        fingerprint: text(row, "fingerprint").filter(|text| text.len() > 1),
    };
    Ok(table.rows.iter().map(node).collect())
}
