//! Symbolic links.

use rhai::plugin::*;
use runbook::{
    action::{Change, Compared},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::host::{Call, Verb};

use super::probe::{self, Entry};
use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const LINK: &str = "host::link";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo::on_host(
    LINK,
    Effect::Destroy,
    &["host", "path"],
    schema_of::<LinkSpec>,
)];

/// The argument of `host::link`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LinkSpec {
    /// The host.
    host: String,
    /// The link's path.
    path: String,
    /// What it points to; it needn't be there.
    target: Option<String>,
    /// Whether it's to be gone. Default: no.
    #[serde(default)]
    absent: bool,
}
spec!(LinkSpec, |spec| format!(
    "link {} on {}",
    spec.path, spec.host
));

/// Links.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, LINK, identified};

    /// Ensures a symbolic link. Another link's place is taken, that of anything else never. Answers `path` and `target`.
    ///
    /// Errors: something else than a link is at the path; its folder isn't there.
    ///
    /// ```rhai
    /// host::link("pve1", "/usr/local/bin/python", #{ target: "/usr/bin/python3" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn link(context: NativeCallContext, host: Dynamic, path: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("host", host), ("path", path)], spec)?;
        runbook::bridge::call(&context, LINK, argument, super::run)
    }
}

async fn run(operation: &Operation, spec: LinkSpec) -> Result<Fields, Halt> {
    let is = match probe::stat(operation, &spec.host, &spec.path).await? {
        Entry::Absent => None,
        Entry::Link { target } => Some(target),
        other => return Err(in_the_way(&spec, &other).into()),
    };
    if let Some(write) = write(&spec, is.as_deref())? {
        operation.write(write).await?;
    }
    let mut fields = Fields::new();
    fields.insert("path".to_owned(), json!(spec.path));
    fields.insert("target".to_owned(), json!(spec.target));
    Ok(fields)
}

fn in_the_way(spec: &LinkSpec, observed: &Entry) -> Failure {
    let text = format!("{} on {} is {}", spec.path, spec.host, observed.word());
    Failure::new("homelab::host::not_a_link", text)
        .help("it's left alone: remove it first, or write another path")
}

/// What has to be written; none if nothing has.
fn write(spec: &LinkSpec, is: Option<&str>) -> Result<Option<Write>, Failure> {
    let resource = runbook::bridge::Spec::resource(spec);
    let stat = Call::new(Verb::STAT, [&spec.path]);
    if spec.absent {
        return Ok(is.map(|is| {
            let change = Change::delete(resource, json!({ "target": is }));
            let proof = (stat, Compared::Is, "absent".to_owned());
            Write::call(
                change,
                &spec.host,
                Call::new(Verb::REMOVE, [&spec.path]),
                proof,
            )
        }));
    }
    let Some(target) = &spec.target else {
        let text = format!("{LINK}: `target` is missing");
        return Err(Failure::new("homelab::runbook::argument", text));
    };
    if is == Some(target) {
        return Ok(None);
    }
    let after = json!({ "target": target });
    let change = match is {
        Some(is) => Change::update(resource, json!({ "target": is }), after),
        None => Change::create(resource, after),
    };
    let proof = (stat, Compared::Is, format!("link root root {target}"));
    let call = Call::new(Verb::SYMLINK, [&spec.path, target]);
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
            path: "/x".to_owned(),
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
