//! The reference of script functions: made from doc comments, schemas and the table of operations.

mod field;
mod function;
mod markdown;
mod pages;

use rhai::Engine;
use serde_json::Value;

pub(crate) use function::Function;
pub(crate) use markdown::{entry, page};
pub(crate) use pages::{TOPICS, error};

/// Every documented function that a script can call, by name.
pub(crate) fn functions(engine: &Engine) -> Result<Vec<Function>, serde_json::Error> {
    let metadata: Value = serde_json::from_str(&engine.gen_fn_metadata_to_json(false)?)?;
    let mut functions = Vec::new();
    collect(&metadata, "", &mut functions);
    functions.sort_by(|a, b| (a.module(), &a.signature).cmp(&(b.module(), &b.signature)));
    functions.dedup_by(|a, b| a.signature == b.signature);
    Ok(functions)
}

fn collect(module: &Value, path: &str, functions: &mut Vec<Function>) {
    let known = module["functions"].as_array().into_iter().flatten();
    functions.extend(known.filter_map(|metadata| Function::of(path, metadata)));
    for (name, module) in module["modules"].as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}::{name}")
        };
        collect(module, &path, functions);
    }
}
