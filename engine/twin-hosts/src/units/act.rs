//! What `systemctl` does with a unit.

use model::HostEffect;
use world::host::{
    Reply,
    verb::{UnitAction, UnitDo},
};

use super::{
    course::Course,
    mask,
    state::read_again,
    unit::{OWN, Unit, is, set, stop, timestamp, want},
};
use crate::{
    Host,
    typed::{Said, fails},
};

/// The names of sshd's unit.
const SSHD: &[&str] = &["ssh.service", "sshd.service", "ssh", "sshd"];

pub(super) fn act(host: &mut Host<'_, '_>, UnitDo { action, unit: name }: UnitDo) -> Said<()> {
    let name = name.as_str();
    let mut unit = host.unit(name)?;
    let state = is(&unit, "LoadState");
    if state == "not-found" && action != UnitAction::Mask {
        return Err(not_found(action, name).into());
    }
    match action {
        UnitAction::Start | UnitAction::Restart if state == "masked" => {
            let text = format!("Failed to {} {name}: Unit {name} is masked.", action.name());
            fails(1, text)
        }
        UnitAction::Start if is(&unit, "ActiveState") == "active" => Ok(()),
        UnitAction::Start | UnitAction::Restart => run(host, name, unit),
        UnitAction::Stop => {
            stop(&mut unit);
            Ok(host.set_unit(name, &unit)?)
        }
        UnitAction::Reload => renew(host, name, unit),
        UnitAction::Mask => mask::mask(host, name, unit),
        UnitAction::Unmask => mask::unmask(host, name, unit),
        UnitAction::Enable | UnitAction::Disable => enable(host, (action, name), unit),
    }
}

/// Starts a unit. One of type `oneshot` is waited for until it has ended.
fn run(host: &mut Host<'_, '_>, name: &str, mut unit: Unit) -> Said<()> {
    let is_oneshot = is(&unit, "Type") == "oneshot";
    if is(&unit, "SubState") != "start" {
        let stamp = host.stamp()?;
        host.begin(&mut unit, stamp)?;
        host.set_unit(name, &unit)?;
    }
    if let Some(course) = Course::of(&unit).filter(|_| is_oneshot) {
        host.tx.now = host.tx.now.max(course.end());
    }
    let after = host.unit(name)?;
    if is_oneshot && is(&after, "Result") != "success" {
        let text = format!(
            "Job for {name} failed because the control process exited with error code.\n\
             See \"systemctl status {name}\" and \"journalctl -xeu {name}\" for details."
        );
        return fails(1, text);
    }
    if SSHD.contains(&name) {
        host.happen(&HostEffect::ReadSshd)?;
    }
    Ok(())
}

/// A unit that runs reads its own files again.
fn renew(host: &mut Host<'_, '_>, name: &str, mut unit: Unit) -> Said<()> {
    if is(&unit, "ActiveState") != "active" {
        let text = format!("{name} is not active, cannot reload.");
        return fails(1, text);
    }
    let since = timestamp(host.stamp()?);
    set(&mut unit, &[("StateChangeTimestamp", since.as_str())]);
    host.set_unit(name, &unit)?;
    if SSHD.contains(&name) {
        host.happen(&HostEffect::ReadSshd)?;
    }
    Ok(())
}

/// Enables or disables a unit, after which systemd reads its units again.
fn enable(host: &mut Host<'_, '_>, (action, name): (UnitAction, &str), mut unit: Unit) -> Said<()> {
    let state = is(&unit, "UnitFileState").to_owned();
    if state == "masked" && action == UnitAction::Enable {
        let text = format!("Failed to enable unit: Unit {OWN}/{name} is masked");
        return fails(1, text);
    }
    // Without an [Install] section there's nothing to enable; what is masked is left alone.
    if !matches!(state.as_str(), "static" | "masked") {
        if action == UnitAction::Enable {
            set(&mut unit, &[("UnitFileState", "enabled")]);
            want(&mut unit);
        } else {
            set(
                &mut unit,
                &[("UnitFileState", "disabled"), ("WantedBy", "")],
            );
        }
        host.set_unit(name, &unit)?;
    }
    Ok(read_again(host)?)
}

fn not_found(action: UnitAction, name: &str) -> Reply {
    let word = action.name();
    match action {
        UnitAction::Enable | UnitAction::Disable | UnitAction::Unmask => {
            let text = format!("Failed to {word} unit: Unit {name} does not exist");
            Reply::failed(1, text)
        }
        _ => Reply::failed(
            5,
            format!("Failed to {word} {name}: Unit {name} not found."),
        ),
    }
}
