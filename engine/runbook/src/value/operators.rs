//! What operators do with an unknown or a secret: concatenation carries it on, all else stops.

use std::any::TypeId;

use rhai::{
    Array, Blob, Dynamic, Engine, EvalAltResult, FLOAT, INT, ImmutableString, Map,
    NativeCallContext,
};
use world::Secret;

use super::{
    hidden::{Hidden, Unknown},
    tag::stop,
    text,
};

/// Operators with two operands that need the value itself.
pub(super) const BINARY: &[&str] = &[
    "==", "!=", "<", "<=", ">", ">=", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^", "&&",
    "||", "??", "..", "..=", "contains",
];

/// Assignments that compute with the value first.
pub(super) const ASSIGNMENTS: &[&str] = &[
    "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^=",
];

/// Operators with one operand.
pub(super) const UNARY: &[&str] = &["!", "-", "+"];

/// Registers what each operator does when one of its operands is hidden.
pub(super) fn register(engine: &mut Engine) {
    let any = TypeId::of::<Dynamic>();
    for hidden in [TypeId::of::<Unknown>(), TypeId::of::<Secret>()] {
        for operator in BINARY.iter().chain(ASSIGNMENTS) {
            engine.register_raw_fn(*operator, [hidden, any], refuse);
            engine.register_raw_fn(*operator, [any, hidden], refuse);
        }
        for operator in UNARY {
            engine.register_raw_fn(*operator, [hidden], refuse);
        }
        for other in concatenated() {
            engine.register_raw_fn("+", [hidden, other], add);
            engine.register_raw_fn("+", [other, hidden], add);
            engine.register_raw_fn("+=", [hidden, other], add_assign);
            // A list takes a secret as an item; whether an unknown is an item or a list can't be told.
            if other != TypeId::of::<Array>() || hidden == TypeId::of::<Unknown>() {
                engine.register_raw_fn("+=", [other, hidden], add_assign);
            }
        }
    }
    indexers(engine);
}

/// The types for which `+` has overloads of its own, which would be found before a general one.
fn concatenated() -> Vec<TypeId> {
    vec![
        TypeId::of::<ImmutableString>(),
        TypeId::of::<char>(),
        TypeId::of::<Array>(),
        TypeId::of::<Map>(),
        TypeId::of::<Blob>(),
        TypeId::of::<INT>(),
        TypeId::of::<FLOAT>(),
        TypeId::of::<bool>(),
        TypeId::of::<()>(),
        TypeId::of::<Unknown>(),
        TypeId::of::<Secret>(),
        TypeId::of::<Dynamic>(),
    ]
}

/// A property or item of an unknown is unknown; a secret has none.
fn indexers(engine: &mut Engine) {
    // Rhai gives every value a property `tag`, which would be asked before the indexer.
    engine.register_get("tag", |unknown: &mut Unknown| unknown.clone());
    engine.register_raw_fn("get$tag", [TypeId::of::<Secret>()], refuse);
    for hidden in [TypeId::of::<Unknown>(), TypeId::of::<Secret>()] {
        engine.register_raw_fn("set$tag", [hidden, TypeId::of::<INT>()], refuse);
    }
    engine.register_indexer_get(|unknown: &mut Unknown, _: Dynamic| unknown.clone());
    engine.register_indexer_get(
        |context: NativeCallContext,
         secret: &mut Secret,
         _: Dynamic|
         -> Result<Dynamic, Box<EvalAltResult>> {
            Err(stop(
                &context,
                Hidden::Secret(secret.name().to_owned()),
                "with a property",
            ))
        },
    );
    engine.register_indexer_set(
        |context: NativeCallContext,
         unknown: &mut Unknown,
         _: Dynamic,
         _: Dynamic|
         -> Result<(), Box<EvalAltResult>> {
            let hidden = Hidden::Unknown((*unknown.origin).clone());
            Err(stop(&context, hidden, "to set a property of it"))
        },
    );
    engine.register_indexer_set(
        |context: NativeCallContext,
         secret: &mut Secret,
         _: Dynamic,
         _: Dynamic|
         -> Result<(), Box<EvalAltResult>> {
            Err(stop(
                &context,
                Hidden::Secret(secret.name().to_owned()),
                "to set a property of it",
            ))
        },
    );
}

/// Stops, naming the operator or function and the first hidden argument.
///
/// # Errors
///
/// Always: it's registered where a hidden value must not go.
pub(super) fn refuse(
    context: NativeCallContext,
    args: &mut [&mut Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let hidden = args.iter().find_map(|arg| Hidden::within(arg));
    let Some(hidden) = hidden else {
        let text = format!(
            "'{}' is registered for hidden values only",
            context.fn_name()
        );
        return Err(text.into());
    };
    let name = context.fn_name();
    let used = if name.contains('$') {
        "with a property".to_owned()
    } else if name.starts_with(|c: char| c.is_alphabetic()) {
        format!("by the function '{name}'")
    } else {
        format!("by the operator '{name}'")
    };
    Err(stop(&context, hidden, used))
}

fn add(
    context: NativeCallContext,
    args: &mut [&mut Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    if args.iter().any(|arg| arg.is::<Unknown>()) {
        // A number could be added to as well as appended, which is computing.
        let carries = args.iter().all(|arg| {
            arg.is_string()
                || arg.is_char()
                || arg.is_array()
                || arg.is_map()
                || arg.is_blob()
                || Hidden::of(arg).is_some()
        });
        let unknown = args
            .iter()
            .find_map(|arg| arg.read_lock::<Unknown>().map(|u| u.clone()));
        return match unknown {
            Some(unknown) if carries => Ok(Dynamic::from(unknown)),
            _ => refuse(context, args),
        };
    }
    if args
        .iter()
        .any(|arg| arg.is_array() || arg.is_map() || arg.is_blob() || arg.is_fnptr())
    {
        return refuse(context, args);
    }
    let parts: Vec<Dynamic> = args.iter().map(|arg| (**arg).clone()).collect();
    text::interpolate(&context, &parts)
}

fn add_assign(
    context: NativeCallContext,
    args: &mut [&mut Dynamic],
) -> Result<(), Box<EvalAltResult>> {
    let sum = add(context, args)?;
    *args[0] = sum;
    Ok(())
}
