//! What nodes find at the lab's appliances: NFS exports and iSCSI targets.

use serde_json::Value;

use crate::{Stop, Tx, kind};

/// A unit of an iSCSI target.
#[derive(Clone, Debug)]
pub struct Lun {
    /// Its number.
    pub number: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its name below `/dev/disk/by-id`.
    pub device: String,
}

/// The appliance that answers at a server's address or name.
///
/// # Errors
/// The rows' fault.
pub fn at(tx: &mut Tx<'_>, server: &str) -> Result<Option<Value>, Stop> {
    let found = tx.scan_in::<Value>("", kind::APPLIANCE)?;
    let wanted = server.trim_start_matches('[').trim_end_matches(']');
    Ok(found.into_iter().map(|(_, row)| row).find(|row| {
        let is_meant = row["address"] == *wanted || row["name"] == *wanted;
        is_meant && row["offline"] != true
    }))
}

/// The folders that a server exports over NFS; none if no NFS server answers there.
///
/// # Errors
/// The rows' fault.
pub fn exports(tx: &mut Tx<'_>, server: &str) -> Result<Option<Vec<String>>, Stop> {
    let names = |row: Value| texts(&row["exports"]);
    Ok(at(tx, server)?
        .map(names)
        .filter(|exports| !exports.is_empty()))
}

fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The host of a portal, without its port.
pub fn portal_host(portal: &str) -> &str {
    match portal.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !host.ends_with(':') => {
            host
        }
        _ => portal,
    }
}

/// The targets that a portal offers; none if no iSCSI server answers there.
///
/// # Errors
/// The rows' fault.
pub fn targets(tx: &mut Tx<'_>, portal: &str) -> Result<Option<Vec<String>>, Stop> {
    let Some(row) = at(tx, portal_host(portal))? else {
        return Ok(None);
    };
    let units = row["targets"].as_array().into_iter().flatten();
    let mut names: Vec<String> = units
        .filter_map(|unit| unit["target"].as_str().map(str::to_owned))
        .collect();
    names.dedup();
    Ok(Some(names).filter(|names| !names.is_empty()))
}

/// The user that a target wants to know by CHAP; none if it lets everybody in.
///
/// # Errors
/// The rows' fault.
pub fn chap(tx: &mut Tx<'_>, portal: &str, target: &str) -> Result<Option<String>, Stop> {
    let row = at(tx, portal_host(portal))?.unwrap_or_default();
    let mut units = row["targets"].as_array().into_iter().flatten();
    let own = units.find(|unit| unit["target"] == *target);
    let user = own
        .and_then(|unit| unit["chap"].as_str())
        .unwrap_or_default();
    Ok((!user.is_empty()).then(|| user.to_owned()))
}

/// The units of a target behind a portal.
///
/// # Errors
/// The rows' fault.
pub fn luns(tx: &mut Tx<'_>, portal: &str, target: &str) -> Result<Vec<Lun>, Stop> {
    let row = at(tx, portal_host(portal))?.unwrap_or_default();
    let units = row["targets"].as_array().into_iter().flatten();
    Ok(units
        .filter(|unit| unit["target"] == *target)
        .map(|unit| {
            let number = unit["lun"].as_u64().unwrap_or_default();
            Lun {
                number,
                size: unit["size"].as_u64().unwrap_or_default(),
                device: device(tx, target, number),
            }
        })
        .collect())
}

/// The name of a unit's device, the same on every node that sees it.
fn device(tx: &Tx<'_>, target: &str, number: u64) -> String {
    let bytes = tx.derive(&format!("lun/{target}/{number}"));
    format!("scsi-36{}", &hex::encode(bytes)[..31])
}
