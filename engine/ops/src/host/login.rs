//! The login of homelab itself: made anew, and by what it was let in.

use formats::authorized_keys::Key;
use rhai::plugin::*;
use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::host::verb::BootId;

use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const LOGIN: &str = "host::login";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo::on_host(
    LOGIN,
    Effect::Read,
    &["host"],
    schema_of::<LoginSpec>,
)];

/// The argument of `host::login`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LoginSpec {
    /// The host.
    host: String,
    /// What has to open the door: `key`. Default: whatever does.
    by: Option<By>,
    /// The public key that has to open it, as a `.pub` file has it. Default: any.
    key: Option<String>,
}
spec!(LoginSpec, |spec| format!("login on {}", spec.host));

/// By what a login is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    /// A key.
    Key,
}

/// Logins.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, LOGIN, identified};

    /// Ends homelab's own connection to a host, logs in anew, and tells by what: the proof that a key works, before
    /// passwords are refused. Answers `by` (`key`, `other`) and `key`, type and fingerprint; nothing where it was none.
    ///
    /// Errors: the login is refused; it wasn't by a key, and `by` says that it has to be.
    ///
    /// ```rhai
    /// if host::login("pve1", #{}).by != "key" { print("root's password still opens pve1") }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn login(context: NativeCallContext, host: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("host", host)], spec)?;
        runbook::bridge::call(&context, LOGIN, argument, super::run)
    }
}

async fn run(operation: &Operation, spec: LoginSpec) -> Result<Fields, Halt> {
    let hosts = &operation.run().world.hosts;
    hosts.hang_up(&spec.host).await;
    operation.ask(&spec.host, BootId {}).await?;
    let key = hosts.login_key(&spec.host).await;
    if key.is_none() && spec.by == Some(By::Key) {
        return Err(no_key(&spec.host).into());
    }
    let key = key.as_deref().and_then(Key::read);
    if let Some(wanted) = &spec.key {
        let parsed = Key::read(&**wanted);
        let is_it = parsed
            .as_ref()
            .zip(key.as_ref())
            .is_some_and(|(wanted, own)| own.is(wanted));
        if !is_it {
            let wanted = parsed.map_or_else(|| wanted.clone(), |key| key.shown());
            return Err(other_key(&spec.host, &wanted, key.as_ref()).into());
        }
    }
    let shown = key.as_ref().map(Key::shown);
    let mut fields = Fields::new();
    let by = if key.is_some() { "key" } else { "other" };
    fields.insert("by".to_owned(), json!(by));
    fields.insert("key".to_owned(), json!(shown));
    Ok(fields)
}

fn other_key(host: &str, wanted: &str, own: Option<&Key>) -> Failure {
    let own = own.map_or_else(|| "a password".to_owned(), Key::shown);
    let text = format!("homelab logged in to {host} by {own}, and not by {wanted}");
    Failure::new("homelab::host::no_key", text).help(
        "have ssh offer that key first (IdentityFile and IdentitiesOnly in ~/.ssh/config), or correct docs/SOFTWARE.md, SSH \
         keys; then resume",
    )
}

fn no_key(host: &str) -> Failure {
    let text = format!("homelab logged in to {host} without a key");
    Failure::new("homelab::host::no_key", text).help(
        "give it one: load it into ssh-agent, or name its file as IdentityFile in ~/.ssh/config, and put its public half \
         into docs/SOFTWARE.md, SSH keys, with the owner homelab; then resume",
    )
}
