//! Flags that several commands share.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;

/// Where a runbook runs.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WorldFlags {
    /// Use the twin of the lab instead of the lab itself
    ///
    /// The twin is built from the tables in docs/. It lives in .homelab/twin.db until `homelab twin reset`.
    #[arg(long, conflicts_with = "via")]
    pub(crate) twin: bool,

    /// Use a served twin: FILE holds the first line that `homelab twin serve --json` printed
    #[arg(long, value_name = "FILE")]
    pub(crate) via: Option<PathBuf>,
}

/// How hosts are reached.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct HostFlags {
    /// Take a host's key that isn't known yet, and keep it in known_hosts; a changed one stops all the same
    #[arg(long)]
    pub(crate) accept_new: bool,

    /// How many hosts are worked on at the same time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = at_once)]
    pub(crate) at_once: usize,
}

impl HostFlags {
    /// For commands that reach no host.
    pub(crate) fn few() -> Self {
        Self {
            accept_new: false,
            at_once: 1,
        }
    }
}

/// Reads a number of hosts.
fn at_once(text: &str) -> Result<usize, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| "it's a number from 1 to 1000".to_owned())
}

/// Who answers questions, and how is printed.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TalkFlags {
    /// Answer yes to every question; HOMELAB_YES=1 does the same
    #[arg(long, short, conflicts_with = "ask")]
    pub(crate) yes: bool,

    /// Ask also on the twin and in a plan, where questions are otherwise answered yes
    #[arg(long)]
    pub(crate) ask: bool,

    /// Print one JSON object a line, the last one is run_finished
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which steps run.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StepFlags {
    /// Begin with this step (id or title); recorded values stand in for the steps before it
    #[arg(long, value_name = "STEP", value_parser = step)]
    pub(crate) from: Option<String>,

    /// End after this step
    #[arg(long, value_name = "STEP", value_parser = step)]
    pub(crate) until: Option<String>,

    /// Run only this step, or the steps of this group; may be given several times
    #[arg(long, value_name = "STEP", value_parser = step)]
    pub(crate) only: Vec<String>,

    /// Leave out this step, or the steps of this group; may be given several times
    #[arg(long, value_name = "STEP", value_parser = step)]
    pub(crate) skip: Vec<String>,
}

/// Reads the name of a step.
fn step(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it's the id or the title of a step".to_owned());
    }
    Ok(text.to_owned())
}

/// The flags of `run` and `plan`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RunFlags {
    #[command(flatten)]
    pub(crate) world: WorldFlags,

    #[command(flatten)]
    pub(crate) hosts: HostFlags,

    #[command(flatten)]
    pub(crate) steps: StepFlags,

    #[command(flatten)]
    pub(crate) talk: TalkFlags,

    /// Keep to a plan that `homelab plan --out FILE` saved: stop before the first action that it doesn't contain
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,

    /// Go on with the last run, but with this choice of steps and arguments instead of its own
    #[arg(long, conflicts_with = "fresh")]
    pub(crate) widen: bool,

    /// Start over instead of going on with the unfinished run
    #[arg(long)]
    pub(crate) fresh: bool,

    /// Go on with the unfinished run although the runbook has a new major version
    #[arg(long)]
    pub(crate) accept_version: bool,

    /// Stop at every kill point until SOCKET lets the run on: for `homelab test`
    #[arg(long, value_name = "SOCKET", hide = true)]
    pub(crate) gate: Option<PathBuf>,

    /// Give the runbook an argument; may be given several times. In a chain each runbook gets those that it asks for
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = argument)]
    pub(crate) arguments: Vec<Argument>,
}

/// `NAME=VALUE`.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    name: String,
    value: String,
}

impl RunFlags {
    /// The arguments by name; the last of two counts.
    pub(crate) fn arguments(&self) -> BTreeMap<String, String> {
        self.arguments
            .iter()
            .map(|argument| (argument.name.clone(), argument.value.clone()))
            .collect()
    }
}

/// Reads `NAME=VALUE`.
///
/// # Errors
/// There is no `=`, or no name.
pub(crate) fn argument(text: &str) -> Result<Argument, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Argument {
            name: name.to_owned(),
            value: value.to_owned(),
        }),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
