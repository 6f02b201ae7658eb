//! `homelab doc`.

use clap::Args;
use runbook::{failure::Failure, nearest};
use world::code;

use crate::{
    exit::{Exit, Stop, refused},
    manual::{self, Function},
    report,
    session::Session,
    settings::Settings,
};

/// Show the functions that a script can call: signature, fields, errors, effect, example; or the page of an error code
///
/// Needs no lab. NAME is a function, a module, the end of a name, or an error's code; without it all functions are
/// listed. `homelab help errors` lists the codes.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DocArgs {
    /// A function, module or error code: proxmox::storage::ensure, proxmox::storage, step, homelab::docs::dangling
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab doc
  homelab doc proxmox::storage::ensure
  homelab doc step --json
  homelab doc homelab::docs::dangling";

/// Runs the command.
///
/// # Errors
/// There is no such function.
pub(crate) fn run(args: &DocArgs, _settings: &Settings) -> Result<Exit, Stop> {
    let functions = all()?;
    let Some(name) = &args.name else {
        report::print(&if args.json {
            lines(functions.iter())
        } else {
            list(&functions)
        });
        return Ok(Exit::Success);
    };
    if let Some(page) = manual::error(name) {
        report::print(&if args.json {
            format!("{}\n", serde_json::json!({ "code": name, "page": page }))
        } else {
            page.to_owned()
        });
        return Ok(Exit::Success);
    }
    let found = find(&functions, name);
    if found.is_empty() {
        return Err(unknown(name, &functions).into());
    }
    let text = if args.json {
        lines(found.into_iter())
    } else {
        found
            .into_iter()
            .map(manual::entry)
            .collect::<Vec<_>>()
            .join("\n")
    };
    report::print(&text);
    Ok(Exit::Success)
}

/// Every documented function.
///
/// # Errors
/// The engine's metadata can't be read.
pub(crate) fn all() -> Result<Vec<Function>, Failure> {
    manual::functions(&Session::engine()).map_err(|error| Failure::of(code::doc::metadata, &error))
}

/// The functions of that name; else those of the module; else those whose name ends so.
fn find<'a>(functions: &'a [Function], name: &str) -> Vec<&'a Function> {
    let by = |fits: &dyn Fn(&Function) -> bool| {
        functions
            .iter()
            .filter(|function| fits(function))
            .collect::<Vec<_>>()
    };
    let inside = format!("{name}::");
    let ending = format!("::{name}");
    let tries: [&dyn Fn(&Function) -> bool; 3] = [
        &|function| function.name == name,
        &|function| function.name.starts_with(&inside),
        &|function| function.name.ends_with(&ending),
    ];
    tries
        .into_iter()
        .map(by)
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn unknown(name: &str, functions: &[Function]) -> Failure {
    let failure = refused(
        code::doc::unknown,
        format!("there is no function, module or error code {name}"),
    );
    failure.help(match nearest_function(name, functions) {
        Some(near) => format!("did you mean {near}?"),
        None => "`homelab doc` lists all functions".to_owned(),
    })
}

/// The function whose name, or its end with as many parts as were given, is most like a name.
fn nearest_function<'a>(name: &str, functions: &'a [Function]) -> Option<&'a str> {
    let parts = name.split("::").count();
    let end = |function: &'a Function| {
        let own = function.name.as_str();
        let start = own.rmatch_indices("::").nth(parts - 1);
        (start.map_or(own, |(at, _)| &own[at + 2..]), own)
    };
    let ends: Vec<(&str, &str)> = functions.iter().map(end).collect();
    let near = nearest::of(name, ends.iter().map(|(end, _)| *end))?;
    ends.iter()
        .find(|(end, _)| *end == near)
        .map(|(_, own)| *own)
}

fn lines<'a>(functions: impl Iterator<Item = &'a Function>) -> String {
    functions
        .map(|function| format!("{}\n", serde_json::json!(function)))
        .collect()
}

fn list(functions: &[Function]) -> String {
    let mut text = String::new();
    let mut module = None;
    for function in functions {
        if module != Some(function.module()) {
            module = Some(function.module());
            let title = if function.module().is_empty() {
                "The language's own words"
            } else {
                function.module()
            };
            text.push_str(&format!(
                "{}{title}\n",
                if text.is_empty() { "" } else { "\n" }
            ));
        }
        let first = function
            .summary
            .split_inclusive(". ")
            .next()
            .unwrap_or_default()
            .trim_end();
        text.push_str(&format!("  {:<52} {first}\n", function.signature));
    }
    text
}
