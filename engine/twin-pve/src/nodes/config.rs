//! `/nodes/{node}/config`: a node's own options.

use model::{Key, Params, Stop, Tx, kind, node_domain, params::text_of};
use serde_json::{Map, Value};
use sha1::{Digest as _, Sha1};

fn key(tx: &Tx<'_>) -> Key {
    Key::new(node_domain(&tx.node), kind::NODE_CONFIG, "config")
}

fn options(tx: &mut Tx<'_>) -> Result<Map<String, Value>, Stop> {
    let key = key(tx);
    Ok(tx.read(&key)?.unwrap_or_default())
}

fn digest(options: &Map<String, Value>) -> String {
    let mut lines: Vec<String> = options
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", text_of(value).unwrap_or_default()))
        .collect();
    lines.sort();
    hex::encode(Sha1::digest(lines.concat()))
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut options = options(tx)?;
    let digest = digest(&options);
    if let Some(wanted) = params.text("property").filter(|wanted| wanted != "all") {
        options.retain(|name, _| *name == wanted);
    }
    options.insert("digest".to_owned(), digest.into());
    Ok(Value::Object(options))
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut options = options(tx)?;
    if params
        .text("digest")
        .is_some_and(|expected| !expected.is_empty() && expected != digest(&options))
    {
        return Err(Stop::fail(
            "detected modified configuration - file changed by other user? Try again.",
        ));
    }
    for (name, value) in params.except(&["node", "delete", "digest"]) {
        if let Some(mut text) = text_of(value) {
            // It's kept as lines of comments, each of which ends.
            if name == "description" && !text.ends_with('\n') {
                text.push('\n');
            }
            options.insert(name.to_owned(), text.into());
        }
    }
    for name in params.list("delete") {
        options.shift_remove(&name);
    }
    let key = key(tx);
    tx.write(&key, &options)?;
    Ok(Value::Null)
}
