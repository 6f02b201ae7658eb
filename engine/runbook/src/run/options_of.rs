//! Options of a step and arguments of the command line, from script values.

use std::time::Duration;

use rhai::{Array, Dynamic, EvalAltResult, Map, NativeCallContext};
use world::{code, units::Timespan};

use crate::{
    failure::Failure,
    nearest,
    run::step::{Retry, StepOptions},
};

type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

const STEP: &[&str] = &["when", "retry", "timeout", "confirm"];
const RETRY: &[&str] = &["times", "wait", "on"];

fn wrong(call: &NativeCallContext, text: String, help: &str) -> Box<EvalAltResult> {
    let failure = Failure::new(code::step::option, text).help(help.to_owned());
    failure.at(call).throw(call.call_position())
}

/// The options of a step.
pub(crate) fn step(call: &NativeCallContext, map: &Map) -> Result<StepOptions> {
    known(call, map, STEP, "a step")?;
    let mut options = StepOptions::default();
    for (name, value) in map {
        match name.as_str() {
            "when" => options.when = Some(flag(call, value)?),
            "retry" => options.retry = retry(call, value)?,
            "timeout" => options.timeout = Some(duration(call, "timeout", value)?),
            _ => options.confirm = Some(value.to_string()),
        }
    }
    Ok(options)
}

fn known(call: &NativeCallContext, map: &Map, names: &[&str], what: &str) -> Result<()> {
    let Some(unknown) = map.keys().find(|name| !names.contains(&name.as_str())) else {
        return Ok(());
    };
    let help = match nearest::of(unknown, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", names.join(", ")),
    };
    Err(wrong(
        call,
        format!("{what} has no option `{unknown}`"),
        &help,
    ))
}

fn flag(call: &NativeCallContext, value: &Dynamic) -> Result<bool> {
    value.as_bool().map_err(|found| {
        wrong(
            call,
            format!("`when` is true or false, not {found}"),
            "write a condition",
        )
    })
}

fn duration(call: &NativeCallContext, name: &str, value: &Dynamic) -> Result<Duration> {
    let parsed = value
        .to_string()
        .parse::<Timespan>()
        .ok()
        .map(|span| span.0);
    parsed.ok_or_else(|| {
        wrong(
            call,
            format!("`{name}` is a duration, not {value}"),
            "write \"30 s\", \"5 min\" or duration(\"1 h\")",
        )
    })
}

fn retry(call: &NativeCallContext, value: &Dynamic) -> Result<Retry> {
    let map = value
        .read_lock::<Map>()
        .map(|map| map.clone())
        .ok_or_else(|| {
            wrong(
                call,
                "`retry` is a map".to_owned(),
                "write retry: #{ times: 3, wait: \"5 s\" }",
            )
        })?;
    known(call, &map, RETRY, "`retry`")?;
    let times = map
        .get("times")
        .and_then(|times| times.as_int().ok())
        .unwrap_or(3);
    let on = map
        .get("on")
        .and_then(|on| on.read_lock::<Array>().map(|list| list.clone()));
    Ok(Retry {
        times: u32::try_from(times).unwrap_or(1),
        wait: map.get("wait").map_or(Ok(Duration::from_secs(1)), |wait| {
            duration(call, "wait", wait)
        })?,
        on: on
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect(),
    })
}

/// An argument's text, as what its default is.
pub(crate) fn argument(
    call: &NativeCallContext,
    name: &str,
    text: &str,
    default: &Dynamic,
) -> Result<Dynamic> {
    let parsed = if default.is_bool() {
        match text {
            "true" | "yes" | "1" => Some(true.into()),
            "false" | "no" | "0" => Some(false.into()),
            _ => None,
        }
    } else if default.is_int() {
        text.parse::<i64>().ok().map(Dynamic::from)
    } else {
        Some(text.to_owned().into())
    };
    parsed.ok_or_else(|| {
        wrong(
            call,
            format!(
                "--arg {name}={text}: {name} is {}",
                if default.is_bool() {
                    "true or false"
                } else {
                    "a number"
                }
            ),
            "see the runbook's call of arg()",
        )
    })
}
