//! What makes a type an operation of scripts: all else that is said of one, its script function and help, follows.

use std::{any::TypeId, mem};

use rhai::{Dynamic, FuncRegistration, Map, Module, NativeCallContext, RhaiFunc, Shared};
use runbook::{
    bridge::{self, Fields},
    halt::Halt,
    operation::Operation,
};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    info::{Effect, OperationInfo, Sent},
    script::{ScriptResult, identified},
    spec::{fields_of, schema_of},
};

/// An operation of scripts, implemented by the map of fields that it takes.
///
/// The doc comment of the type is the function's help: what it does and answers, a paragraph `Errors: …`, and an example
/// between "```rhai" and "```", which a test runs. The doc comments of the fields are theirs.
pub(crate) trait Operate: DeserializeOwned + JsonSchema {
    /// The name in scripts: `proxmox::storage::ensure`.
    const NAME: &'static str;
    /// What it can do.
    const EFFECT: Effect;
    /// The fields that are arguments of their own. A map with the others follows them, if there are others.
    const POSITIONAL: &'static [&'static str] = &[];
    /// Whether only the literal `root@pam` with its password may do it.
    const NEEDS_ROOT: bool = false;
    /// Whether the resource is told in text of the script's own, and not by names.
    const IS_TEXT: bool = false;

    /// Every call of the API that it may send.
    fn requests() -> Vec<Sent> {
        Vec::new()
    }

    /// The resource that it's about: `storage nas`.
    fn resource(&self) -> String;

    /// Probes, computes the difference, and hands actions to its world.
    async fn run(self, operation: &Operation) -> Result<Fields, Halt>;
}

/// An operation in the one list of them.
#[derive(Clone, Copy)]
pub(crate) struct Registered {
    /// Its name.
    pub(crate) name: &'static str,
    /// What is known of it.
    pub(crate) info: fn() -> OperationInfo,
    /// Puts its function into the module of its name.
    pub(crate) set: fn(&mut Module),
}

impl Registered {
    /// The operation of a type.
    pub(crate) const fn of<T: Operate>() -> Self {
        Self {
            name: T::NAME,
            info: info::<T>,
            set: set::<T>,
        }
    }
}

/// Lists operations by their types: `operations![proxmox::{access::group::Group}, host::{link::Link}]`.
macro_rules! operations {
    ($($family:ident::{$($($step:ident)::+),* $(,)?}),* $(,)?) => {
        &[$($($crate::operate::Registered::of::<$crate::$family::$($step)::+>(),)*)*]
    };
}
pub(crate) use operations;

/// What an operation answers: values by their names.
pub(crate) fn answered<const N: usize>(values: [(&str, Value); N]) -> Fields {
    let named = values.into_iter();
    named
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The map of fields as the bridge decodes it.
#[derive(Deserialize)]
#[serde(transparent)]
struct Argument<T>(T);

impl<T: Operate> bridge::Spec for Argument<T> {
    const IS_TEXT: bool = T::IS_TEXT;

    fn fields() -> Vec<String> {
        fields_of::<T>()
    }

    fn resource(&self) -> String {
        self.0.resource()
    }
}

fn info<T: Operate>() -> OperationInfo {
    OperationInfo {
        name: T::NAME,
        effect: T::EFFECT,
        positional: T::POSITIONAL,
        schema: schema_of::<T>,
        needs_root: T::NEEDS_ROOT,
        requests: T::requests(),
    }
}

fn set<T: Operate>(module: &mut Module) {
    let has_map = fields_of::<T>().len() > T::POSITIONAL.len();
    let names = T::POSITIONAL.iter().copied();
    let names: Vec<&str> = names.chain(has_map.then_some("spec")).collect();
    let types = vec![TypeId::of::<Dynamic>(); names.len()];
    FuncRegistration::new(T::NAME.rsplit("::").next().unwrap_or_default())
        .with_params_info(names.iter().map(|name| format!("{name}: Dynamic")))
        .with_comments([help::<T>()])
        .set_into_module_raw(
            module,
            types,
            RhaiFunc::Pure {
                func: Shared::new(|context, arguments| {
                    let context = context.expect("a function that has a context is given one");
                    call::<T>(
                        &context,
                        arguments.iter_mut().map(|argument| mem::take(*argument)),
                    )
                }),
                has_context: true,
                is_pure: true,
                is_volatile: false,
            },
        );
}

/// Calls an operation with the arguments of its script function.
fn call<T: Operate>(
    context: &NativeCallContext<'_>,
    mut arguments: impl Iterator<Item = Dynamic>,
) -> ScriptResult {
    let names = T::POSITIONAL.iter().copied();
    let identity: Vec<(&str, Dynamic)> = names.zip(arguments.by_ref()).collect();
    let map = arguments
        .next()
        .unwrap_or_else(|| Dynamic::from_map(Map::new()));
    let argument = identified(context, &identity, map)?;
    bridge::call(
        context,
        T::NAME,
        argument,
        async |operation, Argument(spec): Argument<T>| spec.run(operation).await,
    )
}

/// The doc comment of a type as a script's: each line after three slashes.
fn help<T: JsonSchema>() -> String {
    let schema = schema_of::<T>();
    let text = schema.get("description").and_then(Value::as_str);
    let lines = text.unwrap_or_default().lines();
    let lines = lines.map(|line| format!("/// {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}
