//! Commands that a lab brings itself: nobody but their author knows what they do.

use std::{collections::BTreeMap, time::Duration};

use runbook::{
    action::{Change, Compared, Kind, Proof, ToHost},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::{Operation, told::failed},
    write::{Dispatch, Write},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    host::{
        Ask as _, Call, Script, Verb,
        verb::{Entry, Stat},
    },
};

use super::{content::Text, fields::FolderPath};
use crate::{field::Span, info::Effect, operate::Operate};

/// The operation that runs a command of the lab's own.
pub const COMMAND: &str = "host::command";

/// Runs a command on a host. A plan can't know what it does: it's shown as opaque, what it prints is unknown, and
/// what is predicted of this host afterwards is marked. On the twin it answers as the lab's `twin.rhai` declares.
/// Answers `output` and `ran`.
///
/// Errors: it ends with another status than 0; the twin knows nothing of it.
///
/// ```rhai
/// host::command("pve1", "touch /srv/example", #{ creates: "/srv/example" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandSpec {
    /// The host.
    host: String,
    /// The command, in sh. No secret may stand in it: give it by `environment` or `input`.
    run: String,
    /// Whether it only reads: then a plan runs it too, and it's no change. Default: no.
    #[serde(default)]
    reads: bool,
    /// A path that it makes: if something is there, it isn't run.
    creates: Option<FolderPath>,
    /// A command that only reads: if it succeeds, `run` isn't run.
    unless: Option<String>,
    /// Text in its output that tells that it changed something; without that text it counts as no change.
    changed_when: Option<String>,
    /// Its standard input: text or a secret.
    input: Option<Text>,
    /// What is added to its environment: text or secrets, by name.
    #[serde(default)]
    environment: BTreeMap<String, Text>,
    /// Where it runs. Default: root's home.
    directory: Option<FolderPath>,
    /// Who runs it. Default: root.
    user: Option<String>,
    /// The shell. Default: sh.
    shell: Option<String>,
    /// How long it may take. Default: 30 min.
    timeout: Option<Span>,
}

impl Operate for CommandSpec {
    const NAME: &str = COMMAND;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "run"];
    const IS_TEXT: bool = true;

    fn resource(&self) -> String {
        format!("command on {}: {}", self.host, first_line(&self.run))
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let mut paths = self.creates.iter().chain(&self.directory);
        paths.try_for_each(|path| path.on(&self.host))?;
        let script = script(&self);
        let output = if self.reads {
            let call = look(&self, script.call())?;
            let reply = operation.call(&self.host, call).await?;
            match reply.status {
                0 => Some(reply.text()),
                _ => return Err(failed(&self.host, Verb::LOOK, &reply).into()),
            }
        } else if needs_no_run(operation, &self).await? {
            None
        } else {
            Some(act(operation, &self, script.call()).await?)
        };
        let mut fields = Fields::new();
        fields.insert("ran".to_owned(), json!(output.is_some()));
        fields.insert("output".to_owned(), json!(output));
        Ok(fields)
    }
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default()
}

fn script(spec: &CommandSpec) -> Script {
    let open = |(name, text): (&String, &Text)| (name.clone(), text.expose().to_owned());
    Script {
        text: spec.run.clone(),
        shell: spec.shell.clone(),
        user: spec.user.clone(),
        directory: spec.directory.as_deref().map(str::to_owned),
        environment: spec.environment.iter().map(open).collect(),
        input: spec
            .input
            .as_ref()
            .map(|input| input.expose().to_owned().into())
            .unwrap_or_default(),
    }
}

type Scripted = Result<Call, world::host::ScriptError>;

fn refused(error: &world::host::ScriptError) -> Failure {
    Failure::new(code::runbook::argument, format!("{COMMAND}: {error}"))
}

/// The same script as a probe.
fn look(spec: &CommandSpec, call: Scripted) -> Result<Call, Failure> {
    let mut call = call.map_err(|error| refused(&error))?;
    call.verb = Verb::LOOK;
    call.timeout = spec.timeout.map(|span| span.0);
    Ok(call)
}

/// Whether what it makes is there, or its check says that it isn't needed.
async fn needs_no_run(operation: &Operation, spec: &CommandSpec) -> Result<bool, Halt> {
    if let Some(path) = &spec.creates
        && operation.ask(&spec.host, Stat::new(path)).await? != Entry::Absent
    {
        return Ok(true);
    }
    let Some(unless) = &spec.unless else {
        return Ok(false);
    };
    let mut check = script(spec);
    check.text.clone_from(unless);
    let call = look(spec, check.call())?;
    Ok(operation.call(&spec.host, call).await?.status == 0)
}

async fn act(operation: &Operation, spec: &CommandSpec, call: Scripted) -> Result<String, Halt> {
    let mut call = call.map_err(|error| refused(&error))?;
    call.timeout = Some(
        spec.timeout
            .map_or(Duration::from_secs(1800), |span| span.0),
    );
    let change = Change::new(
        format!("command on {}", spec.host),
        Kind::Apply,
        Value::Null,
        json!({ "run": spec.run }),
    );
    let to = |call| ToHost {
        host: spec.host.clone(),
        call,
    };
    // What it makes proves that it was carried out; without that only the host's own record does.
    let proof = match &spec.creates {
        Some(path) => Proof::Host {
            to: to(Stat::new(path).call()),
            output: "absent".to_owned(),
            compared: Compared::Differs,
        },
        None => Proof::Record,
    };
    let write = Write {
        change,
        action: Dispatch::Call(to(call)),
        proof,
    };
    let text = |data: &Value| data.as_str().unwrap_or_default().to_owned();
    let answer = match &spec.changed_when {
        Some(mark) => {
            let is_change = |data: &Value| text(data).contains(mark.as_str());
            operation.write_judged(write, &is_change).await?
        }
        None => operation.write(write).await?,
    };
    Ok(text(&answer.data))
}
