//! Whether a unit that was started comes up, and stays up.

use std::time::Duration;

use runbook::{failure::Failure, halt::Halt, operation::Operation, write::Write};
use world::code;

use super::{
    STAYS, TIMEOUT, UnitSpec,
    act::{Act, renewal},
    probe::{self, Unit},
};
use crate::host::patience::Patience;

/// How often a unit is looked at that is on its way.
const EVERY: Duration = Duration::from_millis(500);

impl UnitSpec {
    /// How long it may take to start.
    pub(super) fn limit(&self) -> Duration {
        self.timeout.map_or(TIMEOUT, |span| span.0)
    }
}

/// A unit that is acted on.
pub(super) struct Steady<'a> {
    pub(super) operation: &'a Operation,
    spec: &'a UnitSpec,
}

impl<'a> Steady<'a> {
    pub(super) const fn of(operation: &'a Operation, spec: &'a UnitSpec) -> Self {
        Self { operation, spec }
    }

    /// Carries out an action; after a start the unit comes up and stays up. Gives the unit as it is then.
    pub(super) async fn act(&self, act: Act, unit: &Unit) -> Result<Unit, Halt> {
        let write = act.write(self.spec, unit);
        if act.is_start() {
            self.started(write, unit).await
        } else {
            self.write(write).await?;
            self.show().await
        }
    }

    /// Restarts the unit, and says why.
    pub(super) async fn renew(&self, reasons: &[String], unit: &Unit) -> Result<Unit, Halt> {
        let write = renewal(self.spec, unit, reasons);
        self.started(write, unit).await
    }

    /// The unit once it's no longer on its way from one state to another.
    pub(super) async fn still(&self, unit: Unit) -> Result<Unit, Halt> {
        if !unit.is_moving() {
            return Ok(unit);
        }
        let patience = Patience {
            limit: self.spec.limit(),
            every: EVERY,
        };
        let look = async || {
            let unit = self.show().await?;
            Ok(if unit.is_moving() {
                Err(self.late(&unit))
            } else {
                Ok(unit)
            })
        };
        match patience.until(self.operation, look).await {
            Err(Halt::Failed(failure)) if failure.code == code::host::unit_late => {
                self.explain(*failure).await
            }
            other => other,
        }
    }

    /// The unit after the time for which its program has to stay up.
    pub(super) async fn stays(&self, unit: Unit) -> Result<Unit, Halt> {
        if !unit.has_program() {
            return Ok(unit);
        }
        let stays = self.spec.stays.map_or(STAYS, |span| span.0);
        self.operation.wait(stays).await?;
        let later = self.still(self.show().await?).await?;
        let is_same = later.started == unit.started && later.restarts == unit.restarts;
        if later.is_up() && is_same {
            return Ok(later);
        }
        self.down(&later).await
    }

    async fn started(&self, write: Write, before: &Unit) -> Result<Unit, Halt> {
        self.write(write).await?;
        let unit = self.still(self.show().await?).await?;
        if unit.has_passed() {
            return Ok(unit);
        }
        if !unit.is_up() || unit.restarts > before.restarts {
            return self.down(&unit).await;
        }
        self.stays(unit).await
    }

    /// Carries out an action. What systemd refuses fails with the unit's last lines.
    async fn write(&self, write: Write) -> Result<(), Halt> {
        match self.operation.write(write).await {
            Err(Halt::Failed(failure)) if failure.code == code::host::failed => {
                self.explain(*failure).await
            }
            other => other.map(drop),
        }
    }

    async fn show(&self) -> Result<Unit, Halt> {
        probe::show(self.operation, &self.spec.host, &self.spec.unit).await
    }

    async fn down<T>(&self, unit: &Unit) -> Result<T, Halt> {
        let text = format!(
            "{} on {} doesn't stay up after its start: it's {}",
            self.spec.unit,
            self.spec.host,
            unit.end()
        );
        let failure = Failure::new(code::host::unit_failed, text);
        self.explain(failure.help("its journal says why; mend it and resume"))
            .await
    }

    fn late(&self, unit: &Unit) -> Failure {
        let text = format!(
            "{} on {} is still {} after {} s",
            self.spec.unit,
            self.spec.host,
            unit.state(),
            self.spec.limit().as_secs()
        );
        Failure::new(code::host::unit_late, text)
            .help("see what it waits for, or give it a longer `timeout`; then resume")
    }

    async fn explain<T>(&self, failure: Failure) -> Result<T, Halt> {
        let (host, unit) = (&self.spec.host, &self.spec.unit);
        Err(probe::explained(self.operation, host, unit, failure).await)
    }
}
