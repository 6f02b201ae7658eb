//! Whether a host's clock is synchronised.

use model::{
    Stop,
    fault::{self, Trouble},
};
use world::host::{
    Verb,
    verb::{Clock, TimeState},
};

use super::{
    Handler, Host,
    typed::{Said, answers},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! { TimeState => time_state };

/// What chrony says while no server has answered it.
const WAITING: &str = "Reference ID    : 00000000 ()\nLeap status     : Not synchronised\n";

/// What is said while it doesn't run.
const OFF: &str = "506 Cannot talk to daemon\n";

impl Host<'_, '_> {
    /// Whether what keeps the time runs.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn keeps_time(&mut self) -> Result<bool, Stop> {
        Ok(self.unit("chrony.service")?["ActiveState"] == "active")
    }

    /// Whether the clock is synchronised.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn is_synchronized(&mut self) -> Result<bool, Stop> {
        let name = self.name().to_owned();
        let troubles = fault::troubles(self.tx, &name)?;
        Ok(!troubles.contains(&Trouble::Unsynchronized) && self.keeps_time()?)
    }
}

/// A flag as `timedatectl` prints it.
pub(super) const fn yes_or_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn time_state(host: &mut Host<'_, '_>, _: TimeState) -> Said<Clock> {
    let is_synchronized = host.is_synchronized()?;
    let said = match is_synchronized {
        true => "",
        false if host.keeps_time()? => WAITING,
        false => OFF,
    };
    Ok(Clock {
        is_synchronized: Some(is_synchronized),
        said: said.to_owned(),
    })
}
