//! `homelab twin show`.

use clap::Args;
use runbook::{failure::Failure, nearest};
use world::code;

use crate::{
    exit::{Exit, Stop, refused},
    lab_world::twin_failure,
    report,
    settings::Settings,
};

/// Show the twin's state as a tree
///
/// Without a name it's all but the system's accounts and groups on each host. The lab's secrets are masked.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowArgs {
    /// Only what is of this node, of this cluster, or of this kind
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  homelab twin show pve1           a node
  homelab twin show storage        the storages of all clusters
  homelab twin show unix_group     the groups of all hosts";

/// Runs the command.
///
/// # Errors
/// The twin can't be read, or has nothing of that name.
pub(crate) fn run(args: &ShowArgs, settings: &Settings) -> Result<Exit, Stop> {
    let twin = super::open(settings)?;
    let redactor = super::redactor(settings)?;
    let shown = twin.show(&redactor, args.name.as_deref());
    match (shown.map_err(|error| twin_failure(&error))?, &args.name) {
        (Some(text), _) => report::print(&text),
        (None, name) => {
            let known = twin.shown().map_err(|error| twin_failure(&error))?;
            return Err(unknown(name.as_deref().unwrap_or_default(), &known).into());
        }
    }
    Ok(Exit::Success)
}

fn unknown(name: &str, known: &[String]) -> Failure {
    let failure = refused(
        code::twin::nothing,
        format!("the twin has no node, cluster or kind '{name}'"),
    );
    failure.help(match nearest::of(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", known.join(", ")),
    })
}
