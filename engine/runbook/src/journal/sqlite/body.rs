//! An entry as it stands in a row.

use world::clock::Moment;

use super::super::{Sealed, Stored};

/// An entry as a body: its time, its sealed form if it has one, the entry as JSON, with blanks between.
pub(super) fn written(stored: &Stored) -> serde_json::Result<String> {
    let entry = serde_json::to_string(&stored.entry)?;
    let sealed = stored.sealed.as_ref().map(Sealed::as_str);
    let gap = if sealed.is_some() { " " } else { "" };
    Ok(format!(
        "{}{gap}{} {entry}",
        stored.at.0,
        sealed.unwrap_or_default()
    ))
}

/// Reads a body; up to format 2 it's one JSON object.
pub(super) fn read(body: &str) -> Result<Stored, String> {
    if body.starts_with('{') {
        return serde_json::from_str(body).map_err(|error| error.to_string());
    }
    let (at, rest) = body.split_once(' ').ok_or("it has no time")?;
    let (sealed, entry) = match rest.split_once(' ') {
        Some((sealed, entry)) if !rest.starts_with('{') => (Some(sealed.into()), entry),
        _ => (None, rest),
    };
    Ok(Stored {
        sealed,
        at: Moment(at.parse().map_err(|error| format!("its time: {error}"))?),
        entry: serde_json::from_str(entry).map_err(|error| error.to_string())?,
    })
}
