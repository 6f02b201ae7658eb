//! Symbolic links.

use runbook::{
    action::Change,
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::{Write, tells},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    host::verb::{Entry, Stat, Symlink},
};

use super::{fields::FilePath, place};
use crate::{info::Effect, operate::Operate};

/// Ensures a symbolic link. Another link's place is taken, that of anything else never. Answers `path` and `target`.
///
/// Errors: something else than a link is at the path; its folder isn't there.
///
/// ```rhai
/// host::link("pve1", "/usr/local/bin/python", #{ target: "/usr/bin/python3" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkSpec {
    /// The host.
    host: String,
    /// The link's path.
    path: FilePath,
    /// What it points to; it needn't be there.
    target: Option<String>,
    /// Whether it's to be gone. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for LinkSpec {
    const NAME: &str = "host::link";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("link {} on {}", self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let is = match operation.ask(&self.host, Stat::new(&self.path)).await? {
            Entry::Absent => None,
            Entry::Link { target, .. } => Some(target),
            other => return Err(in_the_way(&self, &other).into()),
        };
        if let Some(write) = write(&self, is.as_deref())? {
            operation.write(write).await?;
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        fields.insert("target".to_owned(), json!(self.target));
        Ok(fields)
    }
}

fn in_the_way(spec: &LinkSpec, observed: &Entry) -> Failure {
    let text = format!("{} on {} is {}", spec.path, spec.host, observed.word());
    Failure::new(code::host::not_a_link, text)
        .help("it's left alone: remove it first, or write another path")
}

/// What has to be written; none if nothing has.
fn write(spec: &LinkSpec, is: Option<&str>) -> Result<Option<Write>, Failure> {
    let resource = spec.resource();
    if spec.absent {
        return Ok(is.map(|is| {
            let change = Change::delete(resource, json!({ "target": is }));
            place::remove(&spec.host, &spec.path, change)
        }));
    }
    let is_text = |target: &&String| !target.is_empty() && !target.contains(['\n', '\r']);
    let Some(target) = spec.target.as_ref().filter(is_text) else {
        let text = format!("{}: `target` is missing, or no path", LinkSpec::NAME);
        return Err(Failure::new(code::runbook::argument, text));
    };
    if is == Some(target) {
        return Ok(None);
    }
    let after = json!({ "target": target });
    let change = match is {
        Some(is) => Change::update(resource, json!({ "target": is }), after),
        None => Change::create(resource, after),
    };
    let proof = Entry::Link {
        owner: "root".to_owned(),
        group: "root".to_owned(),
        target: target.clone(),
    };
    let proof = tells(&Stat::new(&spec.path), &proof);
    let call = Symlink::new(&spec.path, target);
    Ok(Some(Write::call(change, &spec.host, call, proof)))
}

#[cfg(test)]
mod tests {
    use runbook::action::Kind;

    use super::*;

    #[test]
    fn writes_only_another_target() {
        let spec = |absent| LinkSpec {
            host: "a".to_owned(),
            path: serde_json::from_value(json!("/x")).unwrap(),
            target: Some("/y".to_owned()),
            absent,
        };
        let kind = |absent, is| {
            write(&spec(absent), is)
                .unwrap()
                .map(|write| write.change.kind)
        };
        assert_eq!(kind(false, None), Some(Kind::Create));
        assert_eq!(kind(false, Some("/z")), Some(Kind::Update));
        assert_eq!(kind(false, Some("/y")), None);
        assert_eq!(kind(true, Some("/y")), Some(Kind::Delete));
        assert_eq!(kind(true, None), None);
    }
}
