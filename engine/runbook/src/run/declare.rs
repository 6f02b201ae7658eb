//! What a runbook declares at its top level, and values that it reads there.

use rhai::{Dynamic, EvalAltResult, FnPtr, NativeCallContext};
use world::code;

use crate::{
    failure::Failure,
    run::{body::Body, convert, listed::Declared},
    value::{ReadKey, recorder},
};

type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

/// `runbook(name, version)`.
pub(crate) fn runbook(call: &NativeCallContext, name: &str, version: &str) -> Result<()> {
    let body = Body::current(call)?;
    let parts: Vec<&str> = version.split('.').collect();
    if parts.len() != 3 || parts.iter().any(|part| part.parse::<u32>().is_err()) {
        let failure = Failure::new(
            code::runbook::version,
            format!("\"{version}\" isn't a version"),
        )
        .help("a version is MAJOR.MINOR.PATCH: \"1.0.0\"");
        return Err(failure.at(call).throw(call.call_position()));
    }
    body.run.state().declared = Declared {
        name: name.to_owned(),
        version: version.to_owned(),
    };
    Ok(())
}

/// `group(title, body)`.
pub(crate) fn group(call: &NativeCallContext, title: &str, closure: &FnPtr) -> Result<Dynamic> {
    let body = Body::current(call)?;
    let nested = body.run.state().group.is_some();
    if nested || body.step.is_some() {
        let failure = Failure::new(
            code::step::group,
            format!("the group \"{title}\" stands inside a group or step"),
        )
        .help("groups are one level deep and hold steps");
        return Err(failure.at(call).throw(call.call_position()));
    }
    body.run.state().group = Some(title.to_owned());
    let result = convert::detached(closure).call_raw(call, None, []);
    body.run.state().group = None;
    result
}

/// The value of an environment name; that it was read is remembered.
pub(crate) fn variable(call: &NativeCallContext, name: &str) -> Result<String> {
    let body = Body::current(call)?;
    let fail = |failure: Failure| failure.at(call).throw(call.call_position());
    let found = body.run.variable(name).map_err(fail)?;
    if let Some(recorder) = recorder(call) {
        let key = ReadKey::Environment {
            name: name.to_owned(),
        };
        recorder.record(key, found.clone().unwrap_or_default());
    }
    found.ok_or_else(|| {
        let kept = body.run.script.kept.contains(name);
        let missing = |text: String| Failure::new(code::environment::missing, text);
        fail(if kept {
            missing(format!("{name} isn't kept yet"))
                .help("a step of the runbook keeps it in .envrc (envrc::set or keep), and must run first; on a twin only what it kept there counts")
        } else {
            missing(format!("{name} isn't set")).help(format!(
                "set it in .envrc: export {name}='…'; `homelab env` lists all names"
            ))
        })
    })
}
