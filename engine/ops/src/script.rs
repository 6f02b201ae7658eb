//! Between the arguments of a script function and the one map that an operation decodes.

use rhai::{Dynamic, EvalAltResult, Map, NativeCallContext};
use runbook::failure::Failure;
use world::code;

/// What a script function answers.
pub(crate) type ScriptResult = Result<Dynamic, Box<EvalAltResult>>;

/// The map of an operation with its positional arguments put in under their field's names.
pub(crate) fn identified(
    context: &NativeCallContext,
    identity: &[(&str, Dynamic)],
    shape: Dynamic,
) -> ScriptResult {
    // What isn't a map is refused where arguments are decoded; an unknown makes the operation one.
    let Some(mut map) = shape.read_lock::<Map>().map(|map| map.clone()) else {
        return Ok(shape);
    };
    for (name, value) in identity {
        if map.contains_key(*name) {
            let failure = Failure::new(
                code::runbook::field,
                format!("`{name}` stands twice: it's the argument before the map"),
            );
            return Err(failure
                .help("take it out of the map")
                .at(context)
                .throw(context.call_position()));
        }
        map.insert((*name).into(), value.clone());
    }
    Ok(Dynamic::from_map(map))
}
