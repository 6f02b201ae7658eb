//! Making or changing a storage.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use serde_json::{Value, json};
use world::proxmox::{Identity, Request};

use super::{active, base, shape::StorageSpec};
use crate::{
    difference::{Difference, text},
    proxmox::first_node,
};

pub(super) async fn run(operation: &Operation, spec: StorageSpec) -> Result<Fields, Halt> {
    spec.check()?;
    let node = first_node(operation)?;
    let read = Request::get(Request::path(&["storage", &spec.storage]));
    match operation.find(&Identity::Root, &node, &read).await? {
        None => {
            let base = base::find(operation, &node, &spec).await?;
            operation.write(creation(&spec, &node, base, read)).await?;
        }
        Some(observed) => {
            let difference = spec.difference(&observed)?;
            if !difference.is_empty() {
                operation
                    .write(update(&spec, &node, difference, &observed))
                    .await?;
            }
        }
    }
    let nodes = active::wait(operation, &spec).await?;
    let mut fields = Fields::new();
    fields.insert("storage".to_owned(), json!(spec.storage));
    fields.insert("nodes".to_owned(), json!(nodes));
    Ok(fields)
}

fn creation(spec: &StorageSpec, node: &str, base: Option<String>, read: Request) -> Write {
    let request = Request::post("/storage").with("storage", &spec.storage);
    let request = spec
        .created()
        .into_iter()
        .fold(request, |request, (name, value)| request.with(name, value));
    let request = request.with_some("base", base);
    let change = Change::create(format!("storage {}", spec.storage), spec.described());
    Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (read, Condition::Exists),
    )
}

fn update(spec: &StorageSpec, node: &str, difference: Difference, observed: &Value) -> Write {
    let path = Request::path(&["storage", &spec.storage]);
    let mut request = Request::put(&path);
    for (name, value) in &difference.after {
        request = match value {
            Value::Null => request.with("delete", name),
            Value::Bool(flag) => request.with(name, *flag),
            other => request.with(name, other.as_str().unwrap_or_default()),
        };
    }
    let digest = Some(text(observed, "digest")).filter(|digest| !digest.is_empty());
    let request = request.with_some("digest", digest);
    let after = Value::Object(difference.after);
    let change = Change::update(
        format!("storage {}", spec.storage),
        difference.before.into(),
        after.clone(),
    );
    Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (Request::get(path), Condition::Matches(after)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_only_what_differs_and_the_digest() {
        let spec: StorageSpec = serde_json::from_value(
            json!({"storage": "nas", "type": "nfs", "server": "10.0.0.2", "export": "/tank", "content": "iso"}),
        )
        .unwrap();
        let observed = json!({"type": "nfs", "server": "10.0.0.2", "export": "/tank", "content": "iso,backup", "nodes": "a",
            "digest": "abc"});
        let write = update(
            &spec,
            "pve1",
            spec.difference(&observed).unwrap(),
            &observed,
        );
        assert_eq!(
            write.change.before,
            json!({"content": "backup,iso", "nodes": "a"})
        );
        let runbook::write::Send::Request { request, .. } = write.action else {
            panic!("a request");
        };
        assert_eq!(request.form(), "content=iso&delete=nodes&digest=abc");
    }
}
