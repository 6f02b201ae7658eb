//! Plan and run of phase 1 on a new twin, as whole programs.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{
    Arguments, Failed,
    measure::{Goal, Measured, median},
    process::{Lab, bare_start},
};

const ROUNDS: usize = 5;
const RUNBOOK: &str = "runbooks/phase1.rhai";

/// Plan and run.
pub(crate) fn all(arguments: &Arguments) -> Result<Vec<Measured>, Failed> {
    let lab = Lab::new(arguments)?;
    let bare = bare_start(&lab)?;
    let measured = |verb: &'static str, limit: u64| {
        Ok::<_, Failed>(Measured {
            what: format!("{verb} of phase 1 on the twin"),
            goal: Goal::Under(Duration::from_millis(limit)),
            value: took(&lab, verb)?,
            beside: ("start and end of the program", bare),
        })
    };
    Ok(vec![measured("plan", 500)?, measured("run", 1_500)?])
}

/// The median time on a twin that is new each time.
fn took(lab: &Lab, verb: &str) -> Result<Duration, Failed> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let state = lab.path(".homelab");
        if state.exists() {
            fs::remove_dir_all(state)?;
        }
        let begin = Instant::now();
        lab.run(&[verb, RUNBOOK, "--twin"])?;
        rounds.push(begin.elapsed());
    }
    Ok(median(rounds))
}
