//! A world in use by this process.

use std::sync::Arc;

use tokio::runtime::Runtime;
use world::lease::{self, Claim, LeaseError};

use crate::{
    exit::{Exit, Stop},
    invoke::Stage,
    report,
    served::lease_failure,
    settings::Settings,
};

/// A world in use by this process; it's given back when this is dropped.
pub(crate) struct Tenure<'a> {
    runtime: &'a Runtime,
    lease: Arc<dyn lease::Port>,
}

impl<'a> Tenure<'a> {
    /// Takes a stage's world for what is named.
    ///
    /// # Errors
    /// Another run has it, it's gone, or its lock can't be written.
    pub(crate) fn take(stage: &Stage<'a>, what: &str) -> Result<Self, Stop> {
        let claim = Claim {
            owner: format!("{}, {what}", whoami(stage.session.settings)),
            ..Claim::default()
        };
        let tenure = Self {
            runtime: &stage.session.runtime,
            lease: Arc::clone(&stage.world.lease),
        };
        let taken = tenure.runtime.block_on(tenure.lease.take(&claim));
        taken.map_err(|error| stop(&error))?;
        Ok(tenure)
    }
}

impl Drop for Tenure<'_> {
    fn drop(&mut self) {
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
    if matches!(error, LeaseError::Held(_)) {
        stop.exit = Exit::Locked;
    }
    stop
}
