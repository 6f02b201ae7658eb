//! Between a script function and its operation: decodes the argument, starts and finishes the operation,
//! adds the place in the script to a failure.

use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, NativeCallContext};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use world::{Confidence, code};

use crate::{
    failure::Failure,
    journal::entry::{OperationFinished, OperationStarted, Unclear},
    nearest,
    operation::{Operation, given::Given, halt::Halt},
    run::{Run, body::Body},
    value::{self, NotArgument, Unknown},
};

/// The argument of an operation. Its type decodes no other field than it names.
pub trait Spec: DeserializeOwned {
    /// Whether the resource is told in text of the script's own, which is masked where it holds a secret.
    const IS_TEXT: bool = false;

    /// The fields that it takes; for the nearest one to a misspelt name.
    fn fields() -> Vec<String>;

    /// The resource that the operation is about: `storage nas`.
    fn resource(&self) -> String;
}

/// What an operation answers: a map, to which `changed` is added.
pub type Fields = Map<String, Value>;

/// Runs an operation from a script.
///
/// An argument that holds an `Unknown` makes the whole operation one: a plan says what it waits for.
///
/// # Errors
/// Outside a step, on a wrong argument, or if the operation fails.
pub fn call<S: Spec>(
    context: &NativeCallContext,
    function: &str,
    argument: Dynamic,
    operate: impl AsyncFnOnce(&Operation, S) -> Result<Fields, Halt>,
) -> Result<Dynamic, Box<EvalAltResult>> {
    let body = Body::current(context)?;
    let fail = |failure: Failure| throw(context, function, failure);
    if body.step.is_none() {
        return Err(fail(
            Failure::new(
                code::runbook::outside_step,
                format!("{function} stands outside a step"),
            )
            .help("operations run in steps only: step(\"id\", \"title\", || { … })"),
        ));
    }
    let argument = match value::to_argument(&argument) {
        Ok(argument) => argument,
        Err(NotArgument::Unknown { origin, .. }) => {
            return unknown(context, &body, function, origin);
        }
        Err(refused) => {
            return Err(fail(Failure::new(
                code::runbook::argument,
                format!("{function}: {refused}"),
            )));
        }
    };
    let spec: S = decode(function, argument).map_err(fail)?;
    let run = Arc::clone(&body.run);
    let mut resource = spec.resource();
    if S::IS_TEXT {
        resource = run.redact(resource);
    }
    let key = body.key(function, &resource);
    run.check_interrupted().map_err(fail)?;
    run.note_entry(OperationStarted {
        operation: key.clone(),
    });
    let operation = Operation::new(body, key.clone());
    let result = run.handle.block_on(operate(&operation, spec));
    finish(context, &run, &operation, result)
}

fn finish(
    context: &NativeCallContext,
    run: &Run,
    operation: &Operation,
    result: Result<Fields, Halt>,
) -> Result<Dynamic, Box<EvalAltResult>> {
    let key = operation.key();
    match result {
        Ok(mut fields) => {
            run.note_entry(OperationFinished {
                operation: key.clone(),
                changes: operation.changes(),
            });
            // What an earlier invocation changed counts too, so that a resumed run gives the same value.
            let changed = run.state().summary.changed.contains(key);
            fields.insert("changed".to_owned(), changed.into());
            Ok(value::from_json(&Value::Object(fields)))
        }
        Err(Halt::Unknown(origin)) => {
            run.note_entry(Unclear {
                operation: key.clone(),
                confidence: Confidence::Unknown(origin.clone()),
            });
            Ok(Dynamic::from(Unknown::new(origin)))
        }
        Err(Halt::Failed(failure)) => Err(match run.gone(&failure) {
            // No script can catch that.
            Some(gone) => gone.at(context).end(context.call_position()),
            None => throw(context, &key.function, *failure),
        }),
    }
}

/// An operation whose argument isn't known yet.
fn unknown(
    context: &NativeCallContext,
    body: &Arc<Body>,
    function: &str,
    origin: world::Origin,
) -> Result<Dynamic, Box<EvalAltResult>> {
    if !body.run.options.plan {
        let failure = Failure::new(code::step::needs, format!("{function} needs {origin}"))
            .help(format!("step {} must run first", origin.step));
        return Err(throw(context, function, failure));
    }
    let key = body.key(function, "?");
    body.run.note_entry(Unclear {
        operation: key,
        confidence: Confidence::Unknown(origin.clone()),
    });
    Ok(Dynamic::from(Unknown::new(origin)))
}

fn throw(context: &NativeCallContext, function: &str, mut failure: Failure) -> Box<EvalAltResult> {
    failure.operation.get_or_insert_with(|| function.to_owned());
    failure.at(context).throw(context.call_position())
}

/// Decodes an argument; an unknown field is answered with the nearest known one.
fn decode<S: Spec>(function: &str, argument: Value) -> Result<S, Failure> {
    if !argument.is_object() {
        let text = format!("{function} takes a map of fields, not {argument}");
        return Err(Failure::new(code::runbook::argument, text).help(format!(
            "write {function}(#{{ … }}); `homelab doc {function}` shows the fields"
        )));
    }
    S::deserialize(Given(argument.clone())).map_err(|error| {
        if let Some(failure) = unknown_field::<S>(function, &argument) {
            return failure;
        }
        let text = error.to_string();
        let place = wrong_field::<S>(&argument, &text)
            .map(|field| format!("`{field}`: "))
            .unwrap_or_default();
        let message = format!("{function}: {place}{text}");
        Failure::new(code::runbook::argument, message)
            .help(format!("`homelab doc {function}` shows its fields"))
    })
}

/// The failure of an argument with a field that the operation doesn't have; it's said before anything else that is wrong.
fn unknown_field<S: Spec>(function: &str, argument: &Value) -> Option<Failure> {
    let known = S::fields();
    let unknown = argument
        .as_object()?
        .keys()
        .find(|field| !known.contains(field))?;
    let text = format!("{function} has no field `{unknown}`");
    let failure = Failure::new(code::runbook::field, text);
    let all = known.join(", ");
    Some(
        match nearest::of(unknown, known.iter().map(String::as_str)) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help(format!("it has {all}; see `homelab doc {function}`")),
        },
    )
}

/// The field that an error is about: without it the error is another one, or gone.
fn wrong_field<S: Spec>(argument: &Value, error: &str) -> Option<String> {
    let fields = argument.as_object()?;
    if error.starts_with("missing field") {
        return None;
    }
    let is_wrong = |field: &&String| {
        let mut others = fields.clone();
        others.remove(*field);
        S::deserialize(Given(Value::Object(others)))
            .err()
            .is_none_or(|other| other.to_string() != error)
    };
    fields.keys().find(is_wrong).cloned()
}
