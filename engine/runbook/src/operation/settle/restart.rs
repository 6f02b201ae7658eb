//! Asking a host that may be on its way down, away, or coming up again.

use std::time::Duration;

use world::host::{Call, HostError, Reply};

use crate::{operation::halt::Halt, run::Run};

/// How often it's asked.
const EVERY: Duration = Duration::from_secs(2);

/// How often a host that goes on answering as before is asked, until it's sure that it isn't on its way down.
const SAME: u32 = 15;

/// How often a host that doesn't answer is asked: ten minutes of short refusals.
const AWAY: u32 = 300;

/// The reply of a host that may be away: the first one that fits, else what it answers after all.
///
/// # Errors
/// It can't be asked, or it doesn't come back.
pub(super) async fn answer(
    run: &Run,
    host: &str,
    call: &Call,
    fits: &(impl Fn(&str) -> bool + Sync),
) -> Result<Reply, Halt> {
    let (mut same, mut away) = (0, 0);
    loop {
        match run.foresight.hosts().call(host, call.clone()).await {
            Ok(reply) if same == SAME || fits(reply.text().trim_end()) => return Ok(reply),
            Ok(_) => same += 1,
            Err(error) if away < AWAY && is_away(&error) => away += 1,
            Err(error) => return Err(error.into()),
        }
        run.world.clock.sleep(EVERY).await;
    }
}

/// Whether an error may be that of a host that goes down or comes up.
const fn is_away(error: &HostError) -> bool {
    matches!(
        error,
        HostError::Unreachable { .. }
            | HostError::Broken { .. }
            | HostError::Timeout { .. }
            | HostError::NoShell { .. }
    )
}
