//! Confirm or revert: a change that could cut a host off reverts itself unless the host is reached through it.

use std::time::Duration;

use runbook::{
    action::{Change, Kind},
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::{Write, tells},
};
use serde_json::json;
use world::{
    code,
    host::{
        Call,
        verb::{GuardArm, GuardDisarm, GuardForget, GuardState, ShowGuard},
    },
};

use super::patience::{Patience, is_cut_off};

/// How long one attempt to reach the host may take.
pub(super) const ATTEMPT: Duration = Duration::from_secs(5);

/// How long is waited between two attempts.
pub(super) const PAUSE: Duration = Duration::from_secs(2);

/// How much longer than its time a guard may take until the host is back.
const MARGIN: Duration = Duration::from_secs(120);

/// What a guard keeps, and how long it waits.
pub(crate) struct Guard<'a> {
    /// The host.
    pub(crate) host: &'a str,
    /// Its name: `network`, `sshd`.
    pub(crate) id: &'a str,
    /// What is done after the files are restored: `network`, `sshd`, `none`.
    pub(crate) reload: &'a str,
    /// The files that are restored.
    pub(crate) paths: &'a [&'a str],
    /// How long the host may take to be reached.
    pub(crate) patience: Duration,
}

/// What an earlier run left of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// Nothing.
    Nothing,
    /// It's armed: what it guards was changed, or was about to be.
    Armed,
}

impl Earlier {
    const fn state(self) -> GuardState {
        match self {
            Self::Nothing => GuardState::Absent,
            Self::Armed => GuardState::Armed,
        }
    }
}

impl Guard<'_> {
    fn resource(&self) -> String {
        format!("guard of {} on {}", self.id, self.host)
    }

    fn show(&self) -> ShowGuard {
        ShowGuard::new(self.id)
    }

    async fn state(&self, operation: &Operation) -> Result<GuardState, Halt> {
        operation.ask_within(ATTEMPT, self.host, self.show()).await
    }

    fn write(&self, call: impl Into<Call>, before: GuardState, after: GuardState) -> Write {
        let change = Change::new(
            self.resource(),
            Kind::Apply,
            json!({ "state": before.name() }),
            json!({ "state": after.name() }),
        );
        let (read, compared, output) = tells(&self.show(), &after);
        let proof = (read.within(ATTEMPT), compared, output);
        Write::call(change, self.host, call, proof)
    }

    fn arm(&self, before: GuardState) -> Write {
        let seconds = self.patience.as_secs().max(1);
        let paths: Vec<String> = self.paths.iter().map(ToString::to_string).collect();
        let call = GuardArm::new(self.id, seconds, self.reload, paths);
        self.write(call, before, GuardState::Armed)
    }

    /// Finds out what an earlier run left: what has reverted is told and forgotten.
    ///
    /// # Errors
    /// The host can't be asked. Where an earlier attempt at the step may have cut it off, it has the time that its guard
    /// takes to come back.
    pub(crate) async fn earlier(&self, operation: &Operation) -> Result<Earlier, Halt> {
        match self.settled(operation).await? {
            GuardState::Armed => Ok(Earlier::Armed),
            GuardState::Reverted => {
                operation.remark(format!(
                    "{} took back an unconfirmed change of its {} by itself; it's made again now",
                    self.host, self.id
                ));
                let call = GuardForget::new(self.id);
                let write = self.write(call, GuardState::Reverted, GuardState::Absent);
                operation.write(write).await?;
                Ok(Earlier::Nothing)
            }
            _ => Ok(Earlier::Nothing),
        }
    }

    /// The guard's state, once it isn't reverting any more.
    async fn settled(&self, operation: &Operation) -> Result<GuardState, Halt> {
        let patience = Patience {
            limit: self.patience + MARGIN,
            every: PAUSE,
        };
        let look = async || match self.state(operation).await {
            Ok(GuardState::Reverting) => Ok(Err(self.reverting())),
            Err(Halt::Failed(failure)) if is_cut_off(&failure) && operation.was_carried_out() => {
                operation.run().world.hosts.hang_up(self.host).await;
                Ok(Err(*failure))
            }
            state => state.map(Ok),
        };
        patience.until(operation, look).await
    }

    /// Confirms what an earlier run changed: the host was just reached through it.
    ///
    /// # Errors
    /// It has reverted meanwhile.
    pub(crate) async fn confirm_earlier(
        &self,
        operation: &Operation,
        earlier: Earlier,
    ) -> Result<(), Halt> {
        match earlier {
            Earlier::Nothing => Ok(()),
            Earlier::Armed => self.disarm(operation).await,
        }
    }

    /// Arms the guard, makes a change, and confirms it once the host is reached by a new connection. Where an earlier
    /// run left it armed, what it goes back to is still what was there before that run.
    ///
    /// # Errors
    /// The change failed, or was taken back; the guard stays armed then and restores what was there.
    pub(crate) async fn around<T>(
        &self,
        operation: &Operation,
        earlier: Earlier,
        change: impl AsyncFnOnce() -> Result<T, Halt>,
    ) -> Result<T, Halt> {
        operation.write(self.arm(earlier.state())).await?;
        self.within(operation, change).await
    }

    /// The same where the guard is armed already, by an earlier run that came to its end between change and confirmation.
    ///
    /// # Errors
    /// See [`around`](Self::around).
    pub(crate) async fn within<T>(
        &self,
        operation: &Operation,
        change: impl AsyncFnOnce() -> Result<T, Halt>,
    ) -> Result<T, Halt> {
        let done = match change().await {
            // The change itself may have cut off what was to say how it went.
            Err(Halt::Failed(failure)) if is_cut_off(&failure) => {
                self.reach(operation).await?;
                return Err(Halt::Failed(failure));
            }
            done => done?,
        };
        self.reach(operation).await?;
        self.disarm(operation).await?;
        Ok(done)
    }

    async fn disarm(&self, operation: &Operation) -> Result<(), Halt> {
        let call = GuardDisarm::new(self.id);
        let write = self.write(call, GuardState::Armed, GuardState::Absent);
        match operation.write(write).await {
            Err(Halt::Failed(failure)) if failure.code == code::host::failed => {
                // It may have come just too late.
                match self.settled(operation).await? {
                    GuardState::Reverted => Err(self.reverted(Some(&failure)).into()),
                    _ => Err(Halt::Failed(failure)),
                }
            }
            done => done.map(drop),
        }
    }

    /// Reaches the host through what was changed, or waits until it has taken the change back.
    async fn reach(&self, operation: &Operation) -> Result<(), Halt> {
        let clock = &operation.run().world.clock;
        let until = clock.now().after(self.patience + MARGIN);
        let mut lost = None;
        loop {
            operation.run().world.hosts.hang_up(self.host).await;
            match self.state(operation).await {
                Ok(GuardState::Reverted) => {
                    return Err(self.reverted(lost.as_ref()).into());
                }
                Ok(GuardState::Reverting) => {}
                Ok(_) => return Ok(()),
                Err(Halt::Failed(failure)) if is_cut_off(&failure) => lost = Some(*failure),
                Err(halt) => return Err(halt),
            }
            if clock.now() > until {
                return Err(self.lost(lost.as_ref()).into());
            }
            operation.wait(PAUSE).await?;
        }
    }

    fn lost(&self, why: Option<&Failure>) -> Failure {
        let Some(why) = why else {
            return self.reverting();
        };
        let text = format!(
            "{} didn't come back after its {} changed",
            self.host, self.id
        );
        Failure::new(code::host::lost, text)
            .cause(why.to_string())
            .help("its timer should have restored the former state: look at its screen")
    }

    fn reverted(&self, why: Option<&Failure>) -> Failure {
        let text = format!(
            "{} couldn't be reached through its changed {} within {} s, and took the change back by itself",
            self.host,
            self.id,
            self.patience.as_secs()
        );
        let mut failure = Failure::new(code::host::reverted, text);
        failure.causes.extend(
            why.into_iter()
                .flat_map(|why| std::iter::once(why.to_string()).chain(why.causes.clone())),
        );
        failure.help(
            "nothing is lost: correct docs (or the cabling), then resume; the change is made again",
        )
    }

    fn reverting(&self) -> Failure {
        let text = format!(
            "{} is still taking back a change of its {} that nobody confirmed",
            self.host, self.id
        );
        let help = format!(
            "look at `systemctl status homelab-guard-{}.service` there; when it has ended, resume",
            self.id
        );
        Failure::new(code::host::reverting, text).help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_with_its_time_and_files() {
        let guard = Guard {
            host: "a",
            id: "network",
            reload: "network",
            paths: &["/etc/network/interfaces"],
            patience: Duration::from_secs(120),
        };
        let write = guard.arm(GuardState::Absent);
        let runbook::write::Dispatch::Call(to) = write.action else {
            panic!("it's a call");
        };
        assert_eq!(
            to.call.args,
            ["network", "120", "network", "/etc/network/interfaces"]
        );
        assert_eq!(write.change.before, json!({ "state": "absent" }));
        assert_eq!(write.change.after, json!({ "state": "armed" }));
    }
}
