//! What the flags choose for a runbook, and the files of saved plans that they name.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use runbook::{
    failure::Failure,
    journal::{Plan, Selection},
    nearest,
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

/// What the flags choose for each runbook of a chain, which gets the arguments that it asks for.
///
/// # Errors
/// Nobody asks for an argument, or a saved plan can't be read or isn't of these runbooks.
pub(crate) fn of_chain(
    flags: &RunFlags,
    session: &Session<'_>,
    runbooks: &[Runbook],
) -> Result<Vec<Options>, Stop> {
    let mut all = runbooks
        .iter()
        .map(|runbook| options(flags, session, runbook))
        .collect::<Result<Vec<_>, _>>()?;
    // The one runbook that doesn't ask for an argument refuses it by itself.
    if let [_, _, ..] = runbooks {
        let asked = runbooks
            .iter()
            .map(|runbook| Ok(session.names(std::slice::from_ref(runbook))?.arguments))
            .collect::<Result<Vec<_>, Stop>>()?;
        for name in flags.arguments().keys() {
            if !asked.iter().any(|asked| asked.contains(name)) {
                return Err(unasked(name, &asked).into());
            }
        }
        for (options, asked) in all.iter_mut().zip(&asked) {
            let arguments = &mut options.selection.arguments;
            arguments.retain(|name, _| asked.contains(name));
        }
    }
    Ok(all)
}

fn unasked(name: &str, asked: &[BTreeSet<String>]) -> Failure {
    let text = format!("no runbook of the chain asks for an argument \"{name}\"");
    let known = asked.iter().flatten().map(String::as_str);
    refused(code::run::no_argument, text).help(match nearest::of(name, known) {
        Some(near) => format!("did you mean --arg {near}=…?"),
        None => "a runbook asks for one with arg(\"name\", default)".to_owned(),
    })
}

/// What the flags choose for a runbook.
///
/// # Errors
/// The saved plan can't be read, or isn't of this runbook.
fn options(flags: &RunFlags, session: &Session<'_>, runbook: &Runbook) -> Result<Options, Stop> {
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
pub(crate) fn declared_name(source: &str) -> Option<String> {
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
