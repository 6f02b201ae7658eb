//! Between Rhai's errors and values and homelab's.

use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, FnPtr};
use serde_json::Value;
use world::{
    Secret,
    code::{self, Code},
};

use crate::{
    failure::{self, Class, Failure},
    journal::StepPath,
    run::{Run, interrupted},
    value::{self, Diagnostic, Hidden, NotData, Unknown, as_diagnostic},
};

/// A closure with copies of what it captured: what its body changes stays in the body.
#[must_use]
pub(crate) fn detached(closure: &FnPtr) -> FnPtr {
    let mut copy = closure.clone();
    let captured: Vec<Dynamic> = closure.iter_curry().map(Dynamic::flatten_clone).collect();
    copy.set_curry(captured);
    copy
}

/// An error of a script as a failure with its place and the calls that led there.
#[must_use]
pub(crate) fn failure(run: &Run, error: &EvalAltResult) -> Failure {
    if let Some(diagnostic) = as_diagnostic(error) {
        return diagnosed(run, &diagnostic);
    }
    let mut frames = Vec::new();
    let mut file = run.script.file.clone();
    let mut inner = error;
    loop {
        match inner {
            EvalAltResult::ErrorInFunctionCall(_, source, cause, position) => {
                frames.extend(failure::place(&file, *position));
                if !source.is_empty() {
                    file.clone_from(source);
                }
                inner = cause;
            }
            EvalAltResult::ErrorInModule(module, cause, position) => {
                frames.extend(failure::place(&file, *position));
                file = format!("{}.rhai", module.trim_end_matches(".rhai"));
                inner = cause;
            }
            _ => break,
        }
    }
    frames.reverse();
    let mut failure = match inner {
        EvalAltResult::ErrorRuntime(value, _) | EvalAltResult::ErrorTerminated(value, _) => {
            thrown(run, value)
        }
        other => Failure {
            help: help(other, &run.script.file),
            ..Failure::new(code(other), words(other))
        },
    };
    if failure.place.is_none() {
        failure.place = failure::place(&file, inner.position());
    }
    if failure.frames.is_empty() {
        failure.frames = frames;
    }
    failure
}

/// What a script or a native function threw.
fn thrown(run: &Run, value: &Dynamic) -> Failure {
    if let Some(failure) = value.read_lock::<Arc<Failure>>() {
        return (**failure).clone();
    }
    if run.cancel.is_cancelled() && value.is_unit() {
        return interrupted();
    }
    let secret = value.read_lock::<Secret>();
    let text = secret.map_or_else(|| value.to_string(), |secret| run.redactor.masked(&secret));
    Failure::new(code::runbook::thrown, text)
}

fn code(error: &EvalAltResult) -> Code {
    match error {
        EvalAltResult::ErrorTooManyOperations(_) => code::runbook::endless,
        EvalAltResult::ErrorStackOverflow(_) => code::runbook::recursion,
        EvalAltResult::ErrorDataTooLarge(..) => code::runbook::too_large,
        EvalAltResult::ErrorParsing(..) => code::runbook::syntax,
        EvalAltResult::ErrorFunctionNotFound(..) => code::runbook::function,
        EvalAltResult::ErrorVariableNotFound(..) => code::runbook::variable,
        _ => code::runbook::script,
    }
}

/// What to do; `check` knows what was meant, a running engine doesn't.
fn help(error: &EvalAltResult, file: &str) -> Option<String> {
    match error {
        EvalAltResult::ErrorFunctionNotFound(..) | EvalAltResult::ErrorVariableNotFound(..) => {
            Some(format!(
                "`homelab check {file}` says which name is nearest; nothing is touched by it"
            ))
        }
        EvalAltResult::ErrorDataRace(..) => Some(
            "give the closure a copy (let copy = list;), or go over the list with for".to_owned(),
        ),
        _ => None,
    }
}

/// A call that no function fits, in the words of scripts: Rhai writes `name (&str | ImmutableString | String, i64)`.
fn unfit(call: &str) -> String {
    let Some((name, arguments)) = call.split_once(" (") else {
        return format!("there is no function {call}");
    };
    let arguments = arguments.trim_end_matches(')').split(", ");
    let kinds: Vec<String> = arguments
        .map(kind)
        .filter(|kind| !kind.is_empty())
        .collect();
    format!("there is no function {name}({})", kinds.join(", "))
}

/// A type as scripts call it.
fn kind(name: &str) -> String {
    let own = name
        .rsplit("::")
        .next()
        .unwrap_or(name)
        .trim_start_matches("&mut ");
    let word = match own {
        text if text.contains("str") || text.contains("String") => "text",
        "i64" => "integer",
        "f64" => "float",
        "array" | "Array" => "list",
        "()" => "nothing",
        "Fn" | "FnPtr" => "closure",
        other => return other.to_lowercase(),
    };
    word.to_owned()
}

/// The error's own words, without the position that the report shows.
fn words(error: &EvalAltResult) -> String {
    match error {
        EvalAltResult::ErrorTooManyOperations(_) => {
            "the script does more than it may: a loop that doesn't end?".to_owned()
        }
        EvalAltResult::ErrorStackOverflow(_) => "functions call each other too deeply".to_owned(),
        EvalAltResult::ErrorFunctionNotFound(call, _) => unfit(call),
        EvalAltResult::ErrorDataRace(what, _) => {
            // Rhai names the place of the value: "argument #1 of function 'map'".
            let by = what.split('\'').nth(1).unwrap_or(what);
            format!("a closure uses the value that {by} works on while it calls the closure")
        }
        other => {
            let text = other.to_string();
            text.rsplit_once(" (line ")
                .map_or(text.clone(), |(head, _)| head.to_owned())
        }
    }
}

/// A misuse of an unknown or secret as a failure.
#[must_use]
pub(crate) fn diagnosed(run: &Run, diagnostic: &Diagnostic) -> Failure {
    let (code, class) = match &diagnostic.hidden {
        Hidden::Unknown(_) if run.options.plan => (code::runbook::unknown, Class::Unknown),
        Hidden::Unknown(_) => (code::step::needs, Class::Failed),
        Hidden::Secret(_) => (code::runbook::secret, Class::Failed),
    };
    let mut failure = Failure::new(code, diagnostic.to_string())
        .class(class)
        .help(diagnostic.help());
    if let (Hidden::Unknown(origin), false) = (&diagnostic.hidden, run.options.plan) {
        failure = failure.help(format!("step {} must run first", origin.step));
    }
    let file = diagnostic.source.as_deref().unwrap_or(&run.script.file);
    failure.place = failure::place(file, diagnostic.position);
    failure
}

/// What is recorded of a step's value, and what the script gets. Of a value that a plan can't know nothing is recorded.
///
/// # Errors
/// It isn't data.
pub(crate) fn kept(run: &Run, step: &StepPath, of: &Dynamic) -> Result<(Value, Dynamic), Failure> {
    match value::to_data(of) {
        Ok(data) => {
            let given = value::from_data(&data);
            Ok((data, given))
        }
        Err(NotData::Unknown { origin, .. }) if run.options.plan => {
            Ok((Value::Null, Dynamic::from(Unknown::new(origin))))
        }
        Err(refused) => Err(not_data(step, &refused)),
    }
}

/// A step's value that can't be recorded.
fn not_data(step: &StepPath, refused: &NotData) -> Failure {
    Failure::new(code::step::value, format!("the value of step {step} can't be recorded: {refused}"))
        .help("a step's value is data: numbers, text, lists, maps, sizes, addresses; a secret is kept in .envrc instead")
}
