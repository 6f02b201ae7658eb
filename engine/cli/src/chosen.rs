//! What the flags choose for a runbook, and the files of saved plans that they name.

use std::path::{Path, PathBuf};

use runbook::{
    journal::{Plan, Selection},
    options::Options,
};
use serde::{Deserialize, Serialize};
use world::code;

use crate::{
    exit::{Stop, refused},
    flags::RunFlags,
    session::{Runbook, Session},
};

/// A file of saved plans.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// The plans of a chain, in order.
    pub(crate) plans: Vec<Plan>,
}

/// What the flags choose for a runbook.
///
/// # Errors
/// The saved plan can't be read, or isn't of this runbook.
pub(crate) fn options(
    flags: &RunFlags,
    session: &Session<'_>,
    runbook: &Runbook,
) -> Result<Options, Stop> {
    let steps = flags.steps.clone();
    Ok(Options {
        selection: Selection {
            from: steps.from,
            until: steps.until,
            only: steps.only,
            skip: steps.skip,
            arguments: flags.arguments(),
        },
        widen: flags.widen,
        fresh: flags.fresh,
        accept_version: flags.accept_version,
        keep_to: flags
            .plan
            .as_ref()
            .map(|file| saved_plan(file, session, runbook))
            .transpose()?,
        ..Options::default()
    })
}

/// The plan of a runbook in a file that `plan --out` wrote; a chain's file holds several.
fn saved_plan(file: &PathBuf, session: &Session<'_>, runbook: &Runbook) -> Result<Plan, Stop> {
    let wrong = |cause: String| {
        refused(
            code::run::plan_file,
            format!("{} is no saved plan", file.display()),
        )
        .cause(cause)
        .help("save one with `homelab plan RUNBOOK --out FILE`")
    };
    let text = std::fs::read_to_string(session.settings.folder.join(file))
        .map_err(|error| wrong(error.to_string()))?;
    let plans: Saved = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let name = declared_name(&runbook.source);
    let plan = plans
        .plans
        .into_iter()
        .find(|plan| name.as_ref().is_none_or(|name| plan.runbook == *name));
    Ok(plan.ok_or_else(|| wrong(format!("it holds no plan of {}", runbook.file)))?)
}

/// The name that a runbook declares, if it can be parsed; if it can't be, that is reported when it's compiled.
fn declared_name(source: &str) -> Option<String> {
    let ast = Session::engine().compile(source).ok()?;
    let calls = runbook::literal::literals(&ast, &["runbook"]);
    calls.into_iter().next().map(|call| call.text)
}

/// Writes plans to a file.
///
/// # Errors
/// It can't be written.
pub(crate) fn save(file: &Path, saved: &Saved) -> Result<(), Stop> {
    let failed = |cause: String| {
        refused(
            code::run::plan_file,
            format!("the plan can't be saved to {}", file.display()),
        )
        .cause(cause)
        .help("choose a file in a folder that you may write")
    };
    let text = serde_json::to_string_pretty(saved).map_err(|error| failed(error.to_string()))?;
    std::fs::write(file, format!("{text}\n")).map_err(|error| failed(error.to_string()))?;
    Ok(())
}
