//! How values become text: interpolation carries unknowns and secrets on, printing masks them.

use std::any::TypeId;

use rhai::{
    Array, Dynamic, Engine, EvalAltResult, FUNC_TO_DEBUG, FUNC_TO_STRING, ImmutableString, Map,
    NativeCallContext,
};
use world::Secret;

use super::{
    argument,
    hidden::{Hidden, Unknown},
    tag::stop,
};

/// The native function that stands for an interpolated string; no script can call it by name.
pub const INTERPOLATE: &str = "interpolate$";

/// Registers interpolation and the conversions to text of values that may hold hidden ones.
pub(super) fn register(engine: &mut Engine) {
    engine.register_raw_fn(INTERPOLATE, [TypeId::of::<Array>()], |context, args| {
        let parts = args[0]
            .read_lock::<Array>()
            .map(|parts| parts.clone())
            .unwrap_or_default();
        interpolate(&context, &parts)
    });
    let list_and_text = [TypeId::of::<Array>(), TypeId::of::<ImmutableString>()];
    engine.register_raw_fn("join", list_and_text, |context, args| {
        let between = args[1].clone();
        let mut parts = Array::new();
        for item in args[0]
            .read_lock::<Array>()
            .iter()
            .flat_map(|items| items.iter())
        {
            if !parts.is_empty() {
                parts.push(between.clone());
            }
            parts.push(item.clone());
        }
        interpolate(&context, &parts)
    });
    for list in [
        TypeId::of::<Array>(),
        TypeId::of::<Map>(),
        TypeId::of::<Dynamic>(),
    ] {
        engine.register_raw_fn("print", [list], |context, args| {
            Ok(shown(&context, args[0], false))
        });
        engine.register_raw_fn("debug", [list], |context, args| {
            Ok(shown(&context, args[0], true))
        });
    }
    for list in [TypeId::of::<Array>(), TypeId::of::<Map>()] {
        for name in [FUNC_TO_STRING, FUNC_TO_DEBUG] {
            engine.register_raw_fn(name, [list], |context, args| {
                open(&context, args[0])?;
                Ok(shown(&context, args[0], true))
            });
        }
    }
    for hidden in [TypeId::of::<Unknown>(), TypeId::of::<Secret>()] {
        for name in [FUNC_TO_STRING, FUNC_TO_DEBUG] {
            engine.register_raw_fn(name, [hidden], |_, args| Ok(args[0].flatten_clone()));
        }
    }
    engine.register_raw_fn("to_json", [TypeId::of::<Map>()], |context, args| {
        open(&context, args[0])?;
        let value = argument::to_argument(args[0]).map_err(|error| error.to_string())?;
        Ok(value.to_string())
    });
}

/// Joins the parts of an interpolated string: text, a secret if one of them is, unknown if one is.
///
/// # Errors
///
/// If a list or map among the parts holds a secret.
pub fn interpolate(
    context: &NativeCallContext,
    parts: &[Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let mut text = String::new();
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        match Hidden::within(part) {
            Some(Hidden::Unknown(origin)) => return Ok(Dynamic::from(Unknown::new(origin))),
            Some(hidden @ Hidden::Secret(_)) => {
                let Some(secret) = part.read_lock::<Secret>() else {
                    return Err(stop(
                        context,
                        hidden,
                        "inside a list or map that becomes text",
                    ));
                };
                if !names.iter().any(|name| name == secret.name()) {
                    names.push(secret.name().to_owned());
                }
                text.push_str(secret.expose());
            }
            None => push(context, part, &mut text),
        }
    }
    if names.is_empty() {
        Ok(Dynamic::from(text))
    } else {
        Ok(Dynamic::from(Secret::new(names.join(", "), text)))
    }
}

fn push(context: &NativeCallContext, part: &Dynamic, text: &mut String) {
    match part.read_lock::<ImmutableString>() {
        Some(string) => text.push_str(&string),
        None => text.push_str(&shown(context, part, false)),
    }
}

fn open(context: &NativeCallContext, value: &Dynamic) -> Result<(), Box<EvalAltResult>> {
    match Hidden::within(value) {
        Some(hidden) => Err(stop(
            context,
            hidden,
            "inside a list or map that becomes text",
        )),
        None => Ok(()),
    }
}

/// The text of a value for a person: secrets are masked, unknowns say where they will come from.
fn shown(context: &NativeCallContext, value: &Dynamic, debug: bool) -> String {
    if let Some(secret) = value.read_lock::<Secret>() {
        return secret.to_string();
    }
    if let Some(unknown) = value.read_lock::<Unknown>() {
        return unknown.to_string();
    }
    if let Some(items) = value.read_lock::<Array>() {
        let items: Vec<String> = items
            .iter()
            .map(|item| shown(context, item, true))
            .collect();
        return format!("[{}]", items.join(", "));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries: Vec<String> = map
            .iter()
            .map(|(key, item)| format!("{key:?}: {}", shown(context, item, true)))
            .collect();
        return format!("#{{{}}}", entries.join(", "));
    }
    if let Some(string) = value.read_lock::<ImmutableString>() {
        return if debug {
            format!("{:?}", string.as_str())
        } else {
            string.to_string()
        };
    }
    let name = if debug { FUNC_TO_DEBUG } else { FUNC_TO_STRING };
    let mut copy = value.flatten_clone();
    match context.call_native_fn_raw(name, true, &mut [&mut copy]) {
        Ok(text) if text.is_string() => text.to_string(),
        _ => context.engine().map_type_name(value.type_name()).to_owned(),
    }
}
