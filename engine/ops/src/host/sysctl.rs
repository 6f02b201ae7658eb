//! Kernel parameters: running and configured.

use formats::sysctl::{self, dotted, slashed, words};
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
    host::verb::{OrAbsent, Sysctl, SysctlSet, Value},
};

use super::{
    content::Text,
    later::{self, Folders, Which},
    probe,
    text::{self, Edit},
};
use crate::{info::Effect, operate::Operate};

const SYSCTL: &str = "host::sysctl";

/// Where the files lie that a start reads.
const FOLDERS: Folders = ["/etc/sysctl.d", "/usr/lib/sysctl.d"];

/// Ensures a kernel parameter: its running value, and the line in `/etc/sysctl.d` that sets it at each start. Other
/// lines of the file stay. Answers `name` and `value`.
///
/// Errors: the running kernel has no such parameter; it doesn't take the value; a file that is read later
/// sets another one.
///
/// ```rhai
/// host::sysctl("pve1", "net.ipv4.ip_forward", #{ value: 1 })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SysctlSpec {
    /// The host.
    host: String,
    /// The parameter, with dots or slashes: `net.ipv4.ip_forward`.
    name: String,
    /// Its value. Default: whatever runs, with `absent`.
    value: Option<Text>,
    /// The file below `/etc/sysctl.d` that holds it, without `.conf`. Default: the parameter's name with dots.
    file: Option<String>,
    /// Whether it's to be out of the file; the running value stays. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for SysctlSpec {
    const NAME: &str = SYSCTL;
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["host", "name"];

    fn resource(&self) -> String {
        format!("sysctl {} on {}", self.name, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let name = slashed(&self.name);
        let shown = dotted(&name);
        let file = self.file.clone().unwrap_or_else(|| shown.replace('/', "-"));
        let path = format!("/etc/sysctl.d/{file}.conf");
        let value = wanted(&self)?;
        let running = running(operation, &self, &name).await?;
        check_empty(&shown, value.as_deref(), &running)?;
        if let Some(value) = &value {
            let overrides = |content: &[u8]| {
                let other = sysctl::value(content, &name).filter(|other| words(other) != *value);
                other.map(|other| format!("{shown} = {other}"))
            };
            let later = (FOLDERS, Which::Later);
            later::check(operation, (&self.host, &path), later, overrides).await?;
        }
        let found = probe::file(operation, &self.host, &path).await?;
        let old = found.bytes()?;
        let resource = format!("sysctl {shown} on {}", self.host);
        let configured = sysctl::value(old, &name);
        if configured.as_deref().map(words) != value {
            let new = sysctl::with(old, &name, value.as_deref());
            let change = Change::update(
                &*resource,
                json!({ "configured": configured }),
                json!({ "configured": value }),
            );
            let edit = Edit {
                path: &path,
                old,
                new: &new,
                change,
            };
            text::keep(operation, &self.host, edit).await?;
        }
        if let Some(value) = value.as_ref().filter(|value| **value != running) {
            let change = Change::update(
                &*resource,
                json!({ "running": running }),
                json!({ "running": value }),
            );
            let proof = OrAbsent(Some(Value(value.clone())));
            let proof = tells(&Sysctl::new(&*name), &proof);
            let call = SysctlSet::new(&*name, value);
            operation
                .write(Write::call(change, &self.host, call, proof))
                .await?;
        }
        let mut fields = Fields::new();
        fields.insert("name".to_owned(), json!(shown));
        fields.insert("value".to_owned(), json!(value.unwrap_or(running)));
        Ok(fields)
    }
}

/// The value that is wanted; none where it's to be out of the file.
fn wanted(spec: &SysctlSpec) -> Result<Option<String>, Failure> {
    match (&spec.value, spec.absent) {
        (Some(value), false) => Ok(Some(words(value.expose()))),
        (None, true) => Ok(None),
        _ => {
            let text = format!("{SYSCTL}: either `value` or `absent` is needed");
            Err(Failure::new(code::runbook::argument, text))
        }
    }
}

/// Needs a number to become no empty text.
fn check_empty(name: &str, wanted: Option<&str>, running: &str) -> Result<(), Failure> {
    if wanted == Some("") && is_number(running) {
        let text = format!("{SYSCTL}: `value` is empty, and {name} is a number: {running}");
        return Err(Failure::new(code::runbook::argument, text));
    }
    Ok(())
}

/// Whether a value is made of numbers.
fn is_number(value: &str) -> bool {
    let mut words = value.split_whitespace().peekable();
    words.peek().is_some() && words.all(|word| word.parse::<i64>().is_ok())
}

async fn running(operation: &Operation, spec: &SysctlSpec, name: &str) -> Result<String, Halt> {
    let told = operation.ask(&spec.host, Sysctl::new(name)).await?;
    match told.0 {
        Some(value) => Ok(value.0),
        None => {
            let text = format!("{} has no kernel parameter {}", spec.host, spec.name);
            Err(Failure::new(code::host::no_parameter, text)
                .cause(format!("there is no /proc/sys/{name}"))
                .help("correct the name, or load the module that brings it first: host::kernel_module")
                .into())
        }
    }
}
