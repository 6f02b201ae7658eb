//! What is done to a unit.

use runbook::{
    action::{Change, Compared, Kind},
    write::Write,
};
use serde_json::{Value, json};
use world::host::{
    Ask as _,
    verb::{UnitAction, UnitDo, UnitShow, UnitsReload},
};

use super::{UnitSpec, probe::Unit};

/// An action on a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Unmask,
    Stop,
    Enable,
    Disable,
    Mask,
    Start,
    /// For one that systemd would start again by itself later.
    Restart,
}

impl Act {
    /// The next action that a unit needs, of those that weren't done yet.
    pub(super) fn next(spec: &UnitSpec, unit: &Unit, done: &[Self]) -> Option<Self> {
        let needed = Self::needed(spec, unit);
        needed.into_iter().find(|act| !done.contains(act))
    }

    /// The actions that a unit needs, in their order, as far as can be seen now.
    fn needed(spec: &UnitSpec, unit: &Unit) -> Vec<Self> {
        let mut needed = Vec::new();
        if spec.masked == Some(false) && unit.is_masked() {
            // Nothing else of it can be seen.
            return vec![Self::Unmask];
        }
        if spec.running == Some(false) && !unit.is_down() {
            needed.push(Self::Stop);
        }
        match spec.enabled {
            Some(true) if !unit.is_enabled() && unit.can_be_enabled() => needed.push(Self::Enable),
            Some(false) if unit.is_enabled() => needed.push(Self::Disable),
            _ => {}
        }
        if spec.masked == Some(true) && !unit.stays_masked() {
            needed.push(Self::Mask);
        }
        if spec.running == Some(true) && !unit.is_up() {
            needed.push(if unit.is_restarting() {
                Self::Restart
            } else {
                Self::Start
            });
        }
        needed
    }

    /// What systemd is told.
    const fn action(self) -> UnitAction {
        match self {
            Self::Unmask => UnitAction::Unmask,
            Self::Stop => UnitAction::Stop,
            Self::Enable => UnitAction::Enable,
            Self::Disable => UnitAction::Disable,
            Self::Mask => UnitAction::Mask,
            Self::Start => UnitAction::Start,
            Self::Restart => UnitAction::Restart,
        }
    }

    /// Whether the unit runs after it.
    pub(super) const fn is_start(self) -> bool {
        matches!(self, Self::Start | Self::Restart)
    }

    /// The action on a unit as it is now.
    pub(super) fn write(self, spec: &UnitSpec, unit: &Unit) -> Write {
        let (property, shown, before, after) = match self {
            Self::Start | Self::Restart => ("ActiveState", "active", unit.state(), "active"),
            Self::Stop => ("ActiveState", "active", unit.state(), "inactive"),
            Self::Enable => (
                "UnitFileState",
                "enabled",
                unit.file_state.clone(),
                "enabled",
            ),
            Self::Disable => (
                "UnitFileState",
                "enabled",
                unit.file_state.clone(),
                "disabled",
            ),
            Self::Mask => ("UnitFileState", "masked", unit.load.clone(), "masked"),
            Self::Unmask => ("LoadState", "masked", unit.load.clone(), "loaded"),
        };
        let resource = format!("unit {} on {}", spec.unit, spec.host);
        let change = if self == Self::Start && unit.passes() {
            Change::new(resource, Kind::Apply, Value::Null, json!({ "run": "once" }))
        } else {
            Change::update(resource, json!({ shown: before }), json!({ shown: after }))
        };
        let proof = if self == Self::Start && unit.passes() {
            (Compared::Differs, unit.shown.clone())
        } else {
            (Compared::HasLine, format!("{property}={after}"))
        };
        call(spec, self.action(), change, proof)
    }
}

/// The restart of a unit, and why.
pub(super) fn renewal(spec: &UnitSpec, unit: &Unit, reasons: &[String]) -> Write {
    let resource = format!("unit {} on {}", spec.unit, spec.host);
    let after = json!({ "restarted for": reasons });
    let change = Change::new(resource, Kind::Apply, Value::Null, after);
    let proof = (Compared::Differs, unit.shown.clone());
    call(spec, UnitAction::Restart, change, proof)
}

fn call(spec: &UnitSpec, action: UnitAction, change: Change, proof: (Compared, String)) -> Write {
    let call = UnitDo::new(action, &spec.unit).call().within(spec.limit());
    let (compared, shown) = proof;
    let show = UnitShow::new(&spec.unit).call();
    Write::call(change, &spec.host, call, (show, compared, shown))
}

pub(super) fn reload(spec: &UnitSpec) -> Write {
    read_again(&spec.host, &spec.unit)
}

/// Lets systemd read its units again.
pub(in crate::host) fn read_again(host: &str, unit: &str) -> Write {
    let change = Change::new(
        format!("units on {host}"),
        Kind::Apply,
        Value::Null,
        json!({ "read again for": unit }),
    );
    let proof = (
        UnitShow::new(unit).call(),
        Compared::HasLine,
        "NeedDaemonReload=no".to_owned(),
    );
    Write::call(change, host, UnitsReload {}, proof)
}

#[cfg(test)]
mod tests {
    use super::{super::probe::tests::parse, *};

    fn unit(file_state: &str, active: &str, sub: &str) -> Unit {
        parse(&format!(
            "LoadState=loaded\nActiveState={active}\nSubState={sub}\nUnitFileState={file_state}\nNeedDaemonReload=no\n"
        ))
    }

    fn wanted(fields: Value) -> UnitSpec {
        let mut spec = json!({ "host": "a", "unit": "b.service" });
        let own = spec.as_object_mut().unwrap();
        own.extend(fields.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn acts_only_where_something_differs() {
        let on = wanted(json!({ "enabled": true, "running": true }));
        let needed = |spec, unit| Act::needed(spec, &unit);
        assert_eq!(
            needed(&on, unit("disabled", "inactive", "dead")),
            [Act::Enable, Act::Start]
        );
        assert_eq!(needed(&on, unit("enabled", "active", "running")), []);
        assert_eq!(
            needed(&on, unit("static", "failed", "failed")),
            [Act::Start]
        );
        assert_eq!(
            needed(&on, unit("enabled", "activating", "auto-restart")),
            [Act::Restart],
            "one that systemd starts again and again doesn't run"
        );
        let off = wanted(json!({ "enabled": false, "running": false, "masked": true }));
        assert_eq!(
            needed(&off, unit("enabled", "active", "running")),
            [Act::Stop, Act::Disable, Act::Mask]
        );
        assert_eq!(
            needed(&off, unit("disabled", "activating", "auto-restart"))[0],
            Act::Stop
        );
    }

    #[test]
    fn what_ends_with_this_start_of_the_host_is_not_what_lasts() {
        let needed =
            |fields, state: &str| Act::needed(&wanted(fields), &unit(state, "active", "running"));
        let runtime = "enabled-runtime";
        assert_eq!(needed(json!({ "enabled": true }), runtime), [Act::Enable]);
        assert_eq!(needed(json!({ "enabled": false }), runtime), []);
        assert_eq!(
            needed(json!({ "masked": true }), "masked-runtime"),
            [Act::Mask]
        );
        assert_eq!(needed(json!({ "masked": true }), "masked"), []);
        assert_eq!(
            needed(json!({ "masked": false }), "masked-runtime"),
            [Act::Unmask]
        );
    }

    #[test]
    fn a_mask_is_taken_off_before_anything_else_is_judged() {
        let spec = wanted(json!({ "enabled": true, "running": true, "masked": false }));
        let masked = parse("LoadState=masked\nUnitFileState=masked\nActiveState=inactive\n");
        assert_eq!(Act::needed(&spec, &masked), [Act::Unmask]);
        let seen = unit("enabled", "inactive", "dead");
        assert_eq!(Act::next(&spec, &seen, &[Act::Unmask]), Some(Act::Start));
        assert_eq!(Act::next(&spec, &seen, &[Act::Unmask, Act::Start]), None);
    }
}
