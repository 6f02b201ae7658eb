//! What is refused before anything starts: names, versions, plans and arguments that don't fit.

use std::collections::BTreeSet;

use world::code;

use crate::{
    failure::{Class, Failure},
    journal::{Plan, RunId, Selection},
    nearest,
    run::{
        Run,
        listed::{Declared, Listed},
    },
};

/// Every step that the command line names must be there, the first before the last; a typo names the nearest.
pub(crate) fn names(selection: &Selection, steps: &[Listed]) -> Result<(), Failure> {
    let place = |name: &str| steps.iter().position(|step| step.is_called(name));
    let (from, until) = (&selection.from, &selection.until);
    for name in from.iter().chain(until) {
        if place(name).is_none() {
            return Err(no_step(name, steps));
        }
    }
    for name in selection.only.iter().chain(&selection.skip) {
        if !steps.iter().any(|step| step.is_among(name)) {
            return Err(no_step(name, steps));
        }
    }
    if let (Some(from), Some(until)) = (from, until)
        && place(from) > place(until)
    {
        let text = format!("step \"{from}\" comes after \"{until}\", so nothing is between them");
        let failure = Failure::new(code::run::no_step, text).class(Class::Refused);
        return Err(
            failure.help("--from names the first step of those that run, --until the last one")
        );
    }
    Ok(())
}

fn no_step(name: &str, steps: &[Listed]) -> Failure {
    let known = steps
        .iter()
        .flat_map(|step| {
            [
                Some(step.id.as_str()),
                Some(step.title.as_str()),
                step.group.as_deref(),
            ]
        })
        .flatten();
    Failure::new(code::run::no_step, format!("there is no step \"{name}\""))
        .class(Class::Refused)
        .help(match nearest::of(name, known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "`homelab steps` lists them, each by its id".to_owned(),
        })
}

/// A run that is gone on with keeps its selection.
pub(crate) fn selection(given: &Selection, run: RunId, kept: &Selection) -> Result<(), Failure> {
    if given.is_empty() || given == kept {
        return Ok(());
    }
    let kept = if kept.is_empty() {
        "all steps".to_owned()
    } else {
        kept.to_string()
    };
    let text = format!("the unfinished run {run} is of {kept}, not of {given}");
    Err(Failure::new(code::run::selection, text)
        .class(Class::Refused)
        .help("without a selection it goes on with its own; --widen goes on with the new one, --fresh starts over"))
}

/// An unfinished run is continued only by the same major version.
pub(crate) fn version(run: &Run, declared: &Declared) -> Result<(), Failure> {
    let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
    let state = run.state();
    let before = &state.summary.version;
    if major(before) == major(&declared.version) || run.options.accept_version {
        return Ok(());
    }
    Err(Failure::new(
        code::run::version,
        format!(
            "the unfinished run {} is of {} {before}, the runbook is {} now",
            state.continued.map_or(0, |run| run.0),
            declared.name,
            declared.version
        ),
    )
    .class(Class::Refused)
    .help("--accept-version goes on with the new version, --fresh starts over"))
}

/// A plan is kept to only in its world and by its runbook.
pub(crate) fn plan_fits(run: &Run, plan: &Plan, declared: &Declared) -> Result<(), Failure> {
    let wrong = |what: String| {
        Failure::new(code::run::wrong_plan, what)
            .class(Class::Refused)
            .help("make a plan of this runbook in this world with `homelab plan --out FILE`")
    };
    if !plan.is_readable() {
        return Err(wrong(format!(
            "the plan has format {}, which this homelab doesn't read",
            plan.format
        )));
    }
    if plan.world != run.world.id {
        return Err(wrong(format!(
            "the plan is for world {}, this is {}",
            plan.world, run.world.id
        )));
    }
    if plan.runbook != declared.name {
        return Err(wrong(format!(
            "the plan is of {}, this is {}",
            plan.runbook, declared.name
        )));
    }
    Ok(())
}

/// Every argument that the command line gives must be asked for by name; a typo names the nearest.
pub(crate) fn arguments(run: &Run) -> Result<(), Failure> {
    let mut asked = BTreeSet::new();
    run.script.with_files(|_, ast, _| {
        asked.extend(
            crate::script::literal::literals(ast, &["arg"])
                .into_iter()
                .map(|literal| literal.text),
        );
        None::<()>
    });
    let Some(unknown) = run
        .options
        .selection
        .arguments
        .keys()
        .find(|name| !asked.contains(*name))
    else {
        return Ok(());
    };
    let text = format!("{} asks for no argument \"{unknown}\"", run.script.file);
    let failure = Failure::new(code::run::no_argument, text).class(Class::Refused);
    Err(
        match nearest::of(unknown, asked.iter().map(String::as_str)) {
            Some(near) => failure.help(format!("did you mean --arg {near}=…?")),
            None => failure.help("a runbook asks for one with arg(\"name\", default)"),
        },
    )
}
