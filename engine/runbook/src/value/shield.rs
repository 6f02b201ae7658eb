//! Refuses an unknown or a secret in every argument place of every built-in function.
//!
//! Rhai finds a function by the types of its arguments, and a parameter of type `Dynamic` takes
//! anything. So for each function that is registered, overloads are added that are found first.

use std::{
    any::TypeId,
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use rhai::{Array, Dynamic, Engine, FuncRegistration, Map, Module, Shared, plugin::RhaiFunc};
use world::Secret;

use super::{hidden::Unknown, operators};

/// Functions whose `Dynamic` parameter is put, unseen, into a list or map, or given back.
const CARRIERS: &[&str] = &[
    "push",
    "insert",
    "pad",
    "set",
    "reduce",
    "reduce_rev",
    "take",
];

/// Functions with overloads of their own for hidden values.
const HANDLED: &[&str] = &["+", "+=", "print", "debug", "to_string", "to_debug"];

/// Name and parameter types of a function.
type Signature = (String, Vec<TypeId>);

/// Adds the overloads for the functions of the standard library and for those registered so far.
///
/// The functions named in `takers` are left to deal with hidden values in their `Dynamic` parameters
/// themselves. Call it last: what is registered later isn't covered.
pub fn shield(engine: &mut Engine, takers: &[&str]) {
    static STANDARD: LazyLock<Shared<Module>> =
        LazyLock::new(|| Arc::new(overloads(&signatures(&Engine::new(), true), &[])));
    let own = overloads(&signatures(engine, false), takers);
    engine.register_global_module(Arc::clone(&STANDARD));
    engine.register_global_module(own.into());
}

/// The functions of a namespace with the overloads added.
///
/// For modules that are registered as a static module: their functions are called by qualified name.
#[must_use]
pub fn shield_module(module: Module, takers: &[&str]) -> Module {
    let mut probe = Engine::new_raw();
    probe.register_global_module(module.clone().into());
    let mut guarded = overloads(&signatures(&probe, true), takers);
    // The module's own functions win over an overload of the same types.
    guarded.combine(module);
    guarded
}

fn signatures(engine: &Engine, standard: bool) -> Vec<Signature> {
    engine.collect_fn_metadata(
        None,
        |info| {
            let metadata = info.metadata;
            (info.namespace.is_empty() && info.script.is_none())
                .then(|| (metadata.name.to_string(), metadata.param_types.to_vec()))
        },
        standard,
    )
}

fn overloads(signatures: &[Signature], takers: &[&str]) -> Module {
    let mut module = Module::new();
    let both = [TypeId::of::<Unknown>(), TypeId::of::<Secret>()];
    let mut done: HashSet<Signature> = signatures.iter().cloned().collect();
    for (name, types) in signatures {
        let is_done =
            types.iter().any(|t| both.contains(t)) && operators::BINARY.contains(&name.as_str());
        if is_done || HANDLED.contains(&name.as_str()) || name.contains('$') {
            continue;
        }
        let takes = takers.contains(&name.as_str()) || carries(name, types);
        for hidden in both {
            for place in 0..types.len() {
                let Some(guarded) = overload(types, place, hidden, takes) else {
                    continue;
                };
                if done.insert((name.clone(), guarded.clone())) {
                    add(&mut module, name, &guarded);
                }
            }
        }
    }
    module.build_index();
    module
}

/// Whether the function only keeps or returns what its `Dynamic` parameter gets.
fn carries(name: &str, types: &[TypeId]) -> bool {
    let kept = [
        TypeId::of::<Array>(),
        TypeId::of::<Map>(),
        TypeId::of::<Dynamic>(),
    ];
    CARRIERS.contains(&name) && types.first().is_some_and(|first| kept.contains(first))
}

/// The parameter types that refuse `hidden` at `place`, unless the function takes it there.
fn overload(types: &[TypeId], place: usize, hidden: TypeId, takes: bool) -> Option<Vec<TypeId>> {
    let any = TypeId::of::<Dynamic>();
    if types[place] == hidden || (types[place] == any && takes) {
        return None;
    }
    let mut guarded = if types[place] == any {
        types.to_vec()
    } else {
        vec![any; types.len()]
    };
    guarded[place] = hidden;
    Some(guarded)
}

fn add(module: &mut Module, name: &str, types: &[TypeId]) {
    FuncRegistration::new(name)
        .in_global_namespace()
        .set_into_module_raw(
            module,
            types,
            RhaiFunc::Pure {
                func: Shared::new(
                    |context: Option<rhai::NativeCallContext>, args: &mut [&mut Dynamic]| {
                        let context = context.expect("registered with a context");
                        operators::refuse(context, args)
                    },
                ),
                has_context: true,
                is_pure: true,
                is_volatile: true,
            },
        );
}

#[cfg(test)]
mod tests {
    use rhai::Dynamic;
    use world::Origin;

    use super::*;
    use crate::value::{Hidden, as_diagnostic};

    #[test]
    fn leaves_own_functions_that_take_hidden_values() {
        let mut engine = Engine::new();
        crate::value::register(&mut engine);
        engine.register_fn("keep", |secret: Secret| secret.name().to_owned());
        engine.register_fn("keep", |text: &str| text.to_owned());
        engine.register_fn("hold", |value: Dynamic| vec![value]);
        engine.register_fn("look", |_: Dynamic| 1_i64);
        shield(&mut engine, &["hold"]);
        let mut scope = rhai::Scope::new();
        scope.push(
            "u",
            Unknown::new(Origin {
                step: "1".into(),
                what: "x".into(),
            }),
        );
        scope.push("s", Secret::new("S", "v"));
        let mut run = |script: &str| engine.eval_with_scope::<Dynamic>(&mut scope, script);
        assert_eq!(run("keep(s)").unwrap().into_string().unwrap(), "S");
        assert_eq!(run("keep(`a`)").unwrap().into_string().unwrap(), "a");
        assert!(Hidden::within(&run("hold(u)").unwrap()).is_some());
        for script in ["keep(u)", "look(u)", "look(s)"] {
            assert!(
                as_diagnostic(&run(script).unwrap_err()).is_some(),
                "{script}"
            );
        }
    }

    #[test]
    fn guards_the_functions_of_a_namespace() {
        let mut module = Module::new();
        module.set_native_fn("look", |_: Dynamic| Ok(1_i64));
        module.set_native_fn("text", |_: &str| Ok(1_i64));
        let mut engine = Engine::new();
        crate::value::register(&mut engine);
        engine.register_static_module("space", shield_module(module, &[]).into());
        let mut scope = rhai::Scope::new();
        scope.push("s", Secret::new("S", "v"));
        for script in ["space::look(s)", "space::text(s)"] {
            let error = engine
                .eval_with_scope::<Dynamic>(&mut scope, script)
                .unwrap_err();
            assert!(as_diagnostic(&error).is_some(), "{script}: {error}");
        }
        assert_eq!(
            engine
                .eval::<i64>("space::look(1) + space::text(`a`)")
                .unwrap(),
            2
        );
    }
}
