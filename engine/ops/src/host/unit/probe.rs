//! What systemd says of a unit.

use formats::civil::micros;
use runbook::{
    failure::{Class, Failure},
    halt::Halt,
    operation::Operation,
};
use world::host::{
    Told as _,
    verb::{Changed, Pairs, UnitJournal, UnitShow},
};

/// How many lines of a unit's journal show why it failed.
const LINES: u64 = 20;

/// A unit as systemd shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    /// `loaded`, `not-found`, `masked`.
    pub(crate) load: String,
    /// `active`, `inactive`, `failed`.
    pub(crate) active: String,
    /// What that means for its kind: `running`, `exited`, `auto-restart`.
    pub(crate) sub: String,
    /// `enabled`, `disabled`, `static`; empty if it has no file.
    pub(crate) file_state: String,
    /// A service's type: `simple`, `oneshot`; empty for other units.
    kind: String,
    /// Whether it counts as active after its program's end.
    remains: bool,
    /// How it ended: `success`, `exit-code`, `signal`.
    result: String,
    /// How often systemd restarted it since it was started.
    pub(crate) restarts: u64,
    /// Whether its files changed since systemd read them.
    pub(crate) needs_reload: bool,
    /// When it was started, in microseconds since 1970; 0 if it never was.
    pub(crate) started: u64,
    /// When its state last changed, which a reload does too; 0 if it never did.
    pub(crate) changed: u64,
    /// All that was shown.
    pub(crate) shown: String,
}

impl Unit {
    /// What systemd tells.
    pub(crate) fn of(told: &Pairs<'='>) -> Self {
        let value = |name: &str| told.get(name).to_owned();
        Self {
            load: value("LoadState"),
            active: value("ActiveState"),
            sub: value("SubState"),
            file_state: value("UnitFileState"),
            kind: value("Type"),
            remains: value("RemainAfterExit") == "yes",
            result: value("Result"),
            restarts: value("NRestarts").parse().unwrap_or_default(),
            needs_reload: value("NeedDaemonReload") == "yes",
            started: micros(&value("ActiveEnterTimestamp")).unwrap_or_default(),
            changed: micros(&value("StateChangeTimestamp")).unwrap_or_default(),
            shown: told.shown(),
        }
    }

    /// Whether there is such a unit.
    pub(crate) fn is_there(&self) -> bool {
        self.load != "not-found"
    }

    /// Whether it's up: one that systemd is about to start again isn't.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.active.as_str(), "active" | "reloading" | "refreshing")
    }

    /// Whether it's down, and nothing starts it again by itself.
    pub(crate) fn is_down(&self) -> bool {
        matches!(self.active.as_str(), "inactive" | "failed")
    }

    /// Whether it failed, or systemd starts it again after it did.
    pub(crate) fn has_failed(&self) -> bool {
        self.active == "failed" || self.is_restarting()
    }

    /// Whether its program ended, and systemd waits before it starts it again.
    pub(crate) fn is_restarting(&self) -> bool {
        self.active == "activating" && self.sub.starts_with("auto-restart")
    }

    /// Whether it's on its way from one state to another.
    pub(crate) fn is_moving(&self) -> bool {
        matches!(self.active.as_str(), "activating" | "deactivating") && !self.is_restarting()
    }

    /// Whether it's a service whose program runs now.
    pub(crate) fn has_program(&self) -> bool {
        !self.kind.is_empty() && self.sub == "running"
    }

    /// Whether it's never up: it runs once, and is down again.
    pub(crate) fn passes(&self) -> bool {
        self.kind == "oneshot" && !self.remains
    }

    /// Whether it ran once and ended well.
    pub(crate) fn has_passed(&self) -> bool {
        self.passes() && self.active == "inactive" && self.result == "success"
    }

    /// Whether it's masked.
    pub(crate) fn is_masked(&self) -> bool {
        self.file_state.starts_with("masked")
    }

    /// Whether the next start of its host finds it masked: `masked-runtime` ends with this one.
    pub(crate) fn stays_masked(&self) -> bool {
        self.file_state == "masked"
    }

    /// Whether it starts with its host: what is `enabled-runtime` doesn't.
    pub(crate) fn is_enabled(&self) -> bool {
        self.file_state == "enabled"
    }

    /// Whether it can be enabled at all.
    pub(crate) fn can_be_enabled(&self) -> bool {
        !matches!(
            self.file_state.as_str(),
            "static" | "indirect" | "alias" | "generated"
        )
    }

    /// Its state as people read it: `active`, `activating (auto-restart)`.
    pub(crate) fn state(&self) -> String {
        match self.active.as_str() {
            "activating" | "deactivating" => format!("{} ({})", self.active, self.sub),
            state => state.to_owned(),
        }
    }

    /// How it ended.
    pub(crate) fn end(&self) -> String {
        let mut text = self.state();
        if self.result != "success" && !self.result.is_empty() {
            text = format!("{text}, with result {}", self.result);
        }
        if self.restarts > 0 {
            text = format!("{text}, restarted {} times by systemd", self.restarts);
        }
        text
    }
}

/// Asks for a unit.
///
/// # Errors
/// No reply came, or systemd doesn't answer.
pub(crate) async fn show(operation: &Operation, host: &str, unit: &str) -> Result<Unit, Halt> {
    let told = operation.ask(host, UnitShow::new(unit)).await?;
    Ok(Unit::of(&told))
}

/// The files that changed since a moment in microseconds; one that isn't there counts as old.
///
/// # Errors
/// No reply came.
pub(crate) async fn changed_since(
    operation: &Operation,
    host: &str,
    files: &[String],
    then: u64,
) -> Result<Vec<String>, Halt> {
    let asks: Vec<Changed> = files.iter().map(Changed::new).collect();
    let times = operation.ask_each(host, &asks).await?;
    let pairs = files.iter().zip(times);
    Ok(pairs
        .filter(|(_, time)| time.0.as_ref().is_some_and(|at| at.0 > then))
        .map(|(file, _)| file.clone())
        .collect())
}

/// A failure with the last lines of a unit's journal as one more cause. It's told without them, too.
pub(crate) async fn explained(
    operation: &Operation,
    host: &str,
    unit: &str,
    failure: Failure,
) -> Halt {
    match last_lines(operation, host, unit).await {
        Ok(lines) => failure.cause(lines).into(),
        Err(Halt::Failed(other)) if other.class != Class::Interrupted => {
            let text = format!("the journal of {unit} can't be read: {other}");
            failure.cause(text).into()
        }
        Err(halt) => halt,
    }
}

/// The last lines of a unit's journal.
///
/// # Errors
/// No reply came.
pub(crate) async fn last_lines(
    operation: &Operation,
    host: &str,
    unit: &str,
) -> Result<String, Halt> {
    let lines = operation.ask(host, UnitJournal::new(unit, LINES)).await?;
    Ok(format!("journal of {unit}: {}", lines.join("\n").trim()))
}

#[cfg(test)]
pub(super) mod tests {
    use world::host::verb::Printed as _;

    use super::*;

    pub(crate) fn parse(text: &str) -> Unit {
        Unit::of(&Pairs::parse(text.trim_end()).unwrap())
    }

    #[test]
    fn reads_what_systemctl_shows() {
        let unit = parse(
            "Id=a.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\
             ActiveEnterTimestamp=Tue 2025-11-25 15:44:07.123456 UTC\nNeedDaemonReload=yes\n",
        );
        assert_eq!(unit.started, 1_764_085_447_123_456);
        assert!(unit.is_there() && unit.is_up() && unit.needs_reload);
        assert_eq!(parse("ActiveEnterTimestamp=\n").started, 0);
    }

    #[test]
    fn a_unit_that_systemd_starts_again_and_again_is_not_up() {
        let unit =
            parse("ActiveState=activating\nSubState=auto-restart\nResult=exit-code\nNRestarts=3\n");
        assert!(!unit.is_up() && !unit.is_down() && !unit.is_moving());
        assert!(unit.is_restarting() && unit.has_failed());
        assert_eq!(
            unit.end(),
            "activating (auto-restart), with result exit-code, restarted 3 times by systemd"
        );
        let starting = parse("ActiveState=activating\nSubState=start\n");
        assert!(starting.is_moving() && !starting.is_up() && !starting.has_failed());
    }

    #[test]
    fn a_oneshot_passes_unless_it_remains() {
        let unit = |rest: &str| {
            parse(&format!(
                "Type=oneshot\nActiveState=inactive\nSubState=dead\n{rest}"
            ))
        };
        assert!(unit("RemainAfterExit=no\nResult=success\n").has_passed());
        assert!(!unit("RemainAfterExit=no\nResult=exit-code\n").has_passed());
        assert!(!unit("RemainAfterExit=yes\nResult=success\n").has_passed());
    }
}
