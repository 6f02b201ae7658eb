//! The native functions that a rewritten script passes a value through where it must be known.

use std::any::TypeId;

use rhai::{Dynamic, Engine, Map};

use super::{hidden::Hidden, poison::named, table::Table, tag::stop};

/// Lets a value through that is neither unknown nor secret: before a condition, a loop, an index.
pub const KNOWN: &str = "known$";
/// Lets through what a loop goes over, as [`KNOWN`] does; a fact table becomes the list of its rows.
pub const EACH: &str = "each$";
/// Lets a value through that is known, a secret too: before `??`, which looks only whether it's there.
pub const SETTLED: &str = "settled$";
/// Lets a value through that holds nothing hidden at any depth: before `switch`.
pub const PLAIN: &str = "plain$";
/// Lets the second value through, to be added with `+=` to the first: an unknown can't be added to a list,
/// since whether it's an item or a list can't be told.
pub const ADDED: &str = "added$";
/// Ends the script again if what was caught is a misuse that the engine itself refused.
pub const CAUGHT: &str = "caught$";

/// Registers the guards.
pub(super) fn register(engine: &mut Engine) {
    let any = [TypeId::of::<Dynamic>()];
    engine.register_raw_fn(KNOWN, any, |context, args| match Hidden::of(args[0]) {
        Some(hidden) => Err(stop(&context, hidden, "where the script decides by it")),
        None => Ok(args[0].clone()),
    });
    engine.register_raw_fn(EACH, any, |context, args| match Hidden::of(args[0]) {
        Some(hidden) => Err(stop(&context, hidden, "to loop over")),
        // An iterator of Rhai couldn't record that the rows were read.
        None => Ok(match args[0].read_lock::<Table>() {
            Some(table) => Dynamic::from_array(table.rows(&context)),
            None => args[0].clone(),
        }),
    });
    engine.register_raw_fn(SETTLED, any, |context, args| match Hidden::of(args[0]) {
        Some(hidden @ Hidden::Unknown(_)) => {
            Err(stop(&context, hidden, "where the script decides by it"))
        }
        _ => Ok(args[0].clone()),
    });
    engine.register_raw_fn(ADDED, [any[0], any[0]], |context, args| {
        match Hidden::of(args[1]) {
            Some(hidden @ Hidden::Unknown(_)) if args[0].is_array() => {
                Err(stop(&context, hidden, "to add to a list with '+='"))
            }
            _ => Ok(args[1].clone()),
        }
    });
    engine.register_raw_fn(PLAIN, any, |context, args| match Hidden::within(args[0]) {
        Some(hidden) => Err(stop(&context, hidden, "by 'switch'")),
        None => Ok(args[0].clone()),
    });
    engine.register_raw_fn(CAUGHT, any, |context, args| {
        let Some(caught) = args[0].read_lock::<Map>() else {
            return Ok(());
        };
        for field in ["function", "actual", "type", "property"] {
            let text = caught
                .get(field)
                .and_then(|text| text.clone().into_string().ok());
            let types = text
                .as_deref()
                .map(|text| text.split_once(" (").map_or(text, |(_, types)| types));
            // A map that the script itself threw has no kind of error.
            if let (Some(hidden), true) = (types.and_then(named), caught.contains_key("error")) {
                return Err(stop(
                    &context,
                    hidden,
                    "there, and the error can't be caught",
                ));
            }
        }
        Ok(())
    });
}
