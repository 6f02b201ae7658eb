//! A world in use by this process.

use std::{sync::Arc, time::Duration};

use runbook::options::Questions as _;
use tokio::{runtime::Runtime, task::JoinHandle};
use world::{
    Clock as _,
    clock::RealClock,
    lease::{self, Claim, LeaseError},
};

use crate::{
    exit::{Exit, Stop},
    invoke::Stage,
    questions::Answers,
    report,
    served::lease_failure,
    settings::Settings,
};

/// A world in use by this process; it's given back when this is dropped.
pub(crate) struct Tenure<'a> {
    runtime: &'a Runtime,
    lease: Arc<dyn lease::Port>,
    renewing: JoinHandle<()>,
}

/// How often the owner of a lease says that he is alive.
const RENEWED: Duration = Duration::from_secs(60);

impl<'a> Tenure<'a> {
    /// Takes a stage's world for what is named.
    ///
    /// # Errors
    /// Another run has it, it's gone, or its lock can't be written.
    pub(crate) fn take(stage: &Stage<'a>, what: &str, answers: &Answers) -> Result<Self, Stop> {
        let mut claim = Claim {
            owner: format!("{}, {what}", whoami(stage.session.settings)),
            ..Claim::default()
        };
        let (runtime, lease) = (&stage.session.runtime, Arc::clone(&stage.world.lease));
        let notes = loop {
            let error = match runtime.block_on(lease.take(&claim)) {
                Ok(notes) => break notes,
                Err(error) => error,
            };
            match error.question() {
                Some((question, key)) if answers.ask(&question).is_some_and(|(yes, _)| yes) => {
                    claim.agreed.push(key.to_owned());
                }
                _ => return Err(stop(&error)),
            }
        };
        for note in notes {
            report::complain(&format!("note: {note}\n"));
        }
        let renewed = Arc::clone(&lease);
        let renewing = runtime.spawn(async move {
            loop {
                RealClock.sleep(RENEWED).await;
                renewed.renew().await;
            }
        });
        Ok(Self {
            runtime,
            lease,
            renewing,
        })
    }
}

impl Drop for Tenure<'_> {
    fn drop(&mut self) {
        self.renewing.abort();
        if let Err(error) = self.runtime.block_on(self.lease.release()) {
            report::complain(&format!("note: {error}\n"));
        }
    }
}

/// Who this is, as others are told: `ann@desk, process 4711`.
fn whoami(settings: &Settings) -> String {
    let user = settings
        .variable("USER")
        .or_else(|| settings.variable("LOGNAME"));
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!(
        "{}@{}, process {}",
        user.unwrap_or("somebody"),
        machine.trim(),
        std::process::id()
    )
}

fn stop(error: &LeaseError) -> Stop {
    let mut stop = Stop::refused(vec![lease_failure(error)]);
    if matches!(
        error,
        LeaseError::Held(_) | LeaseError::Dead { .. } | LeaseError::NoQuorum(_)
    ) {
        stop.exit = Exit::Locked;
    }
    stop
}
