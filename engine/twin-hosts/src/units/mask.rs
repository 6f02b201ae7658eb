//! Masks: a link to nothing in the place of a unit's file. What was enabled below it is enabled again without it.

use model::{Stop, kind};

use super::{
    file,
    state::read_again,
    unit::{FILE, OWN, Unit, is, set},
};
use crate::{
    Host,
    entry::Entry,
    typed::{Said, fails},
};

/// The properties that a mask hides.
const HIDDEN: &[&str] = &["LoadState", "UnitFileState", "Type", FILE];

/// The name under which a hidden property is kept; it isn't shown.
fn kept(property: &str) -> String {
    format!("Unmasked{property}")
}

pub(super) fn mask(host: &mut Host<'_, '_>, name: &str, mut unit: Unit) -> Said<()> {
    if is(&unit, "LoadState") == "masked" {
        return Ok(());
    }
    let path = format!("{OWN}/{name}");
    if host.entry(&path)?.is_some() {
        let text = format!("Failed to mask unit: File '{path}' already exists");
        return fails(1, text);
    }
    for property in HIDDEN {
        if let Some(value) = unit.get(*property).cloned() {
            unit.insert(kept(property), value);
        }
    }
    let masked = [
        ("LoadState", "masked"),
        ("UnitFileState", "masked"),
        (FILE, path.as_str()),
    ];
    set(&mut unit, &masked);
    if unit.contains_key("Type") {
        set(&mut unit, &[("Type", "")]);
    }
    host.place(&path, Entry::link("/dev/null"))?;
    settle(host, name, &unit)
}

pub(super) fn unmask(host: &mut Host<'_, '_>, name: &str, mut unit: Unit) -> Said<()> {
    if is(&unit, "LoadState") != "masked" {
        return Ok(());
    }
    if unit.contains_key(&kept("LoadState")) {
        for property in HIDDEN {
            match unit.remove(&kept(property)) {
                Some(value) => set(&mut unit, &[(*property, value.as_str())]),
                None => drop(unit.remove(*property)),
            }
        }
    } else {
        uncover(host, name, &mut unit)?;
    }
    host.take_away(&format!("{OWN}/{name}"))?;
    settle(host, name, &unit)
}

/// What is below a mask that is older than the plan: the package's file, and whether a target wants the unit.
fn uncover(host: &mut Host<'_, '_>, name: &str, unit: &mut Unit) -> Result<(), Stop> {
    let path = format!("/usr/lib/systemd/system/{name}");
    let text = host.text(&path)?;
    let state = match text.as_deref().map(file::state) {
        Some("static") => "static",
        _ if is(unit, "WantedBy").is_empty() => "disabled",
        _ => "enabled",
    };
    let uncovered = [
        ("LoadState", "loaded"),
        ("UnitFileState", state),
        (FILE, ""),
    ];
    set(unit, &uncovered);
    if let Some(text) = text {
        set(unit, &[(FILE, path.as_str())]);
        file::describe(unit, &text);
    }
    Ok(())
}

/// Keeps a unit, and lets systemd read its units again.
fn settle(host: &mut Host<'_, '_>, name: &str, unit: &Unit) -> Said<()> {
    host.set_unit(name, unit)?;
    host.delete(kind::STALE_UNIT, name)?;
    Ok(read_again(host)?)
}
