//! The login of homelab itself: made anew, and by what it was let in.

use formats::authorized_keys::Key;
use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{code, host::verb::BootId};

use crate::{info::Effect, operate::Operate};

/// Ends homelab's own connection to a host, logs in anew, and tells by what: the proof that a key works, before
/// passwords are refused. Answers `by` (`key`, `other`) and `key`, type and fingerprint; nothing where it was none.
///
/// Errors: the login is refused; it wasn't by a key, and `by` says that it has to be.
///
/// ```rhai
/// if host::login("pve1", #{}).by != "key" { print("root's password still opens pve1") }
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginSpec {
    /// The host.
    host: String,
    /// What has to open the door: `key`. Default: whatever does.
    by: Option<By>,
    /// The public key that has to open it, as a `.pub` file has it. Default: any.
    key: Option<String>,
}

impl Operate for LoginSpec {
    const NAME: &str = "host::login";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("login on {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let hosts = &operation.run().world.hosts;
        hosts.hang_up(&self.host).await;
        operation.ask(&self.host, BootId {}).await?;
        let key = hosts.login_key(&self.host).await;
        if key.is_none() && self.by == Some(By::Key) {
            return Err(no_key(&self.host).into());
        }
        let key = key.as_deref().and_then(Key::read);
        if let Some(wanted) = &self.key {
            let parsed = Key::read(&**wanted);
            let is_it = parsed
                .as_ref()
                .zip(key.as_ref())
                .is_some_and(|(wanted, own)| own.is(wanted));
            if !is_it {
                let wanted = parsed.map_or_else(|| wanted.clone(), |key| key.shown());
                return Err(other_key(&self.host, &wanted, key.as_ref()).into());
            }
        }
        let shown = key.as_ref().map(Key::shown);
        let mut fields = Fields::new();
        let by = if key.is_some() { "key" } else { "other" };
        fields.insert("by".to_owned(), json!(by));
        fields.insert("key".to_owned(), json!(shown));
        Ok(fields)
    }
}

/// By what a login is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    /// A key.
    Key,
}

fn other_key(host: &str, wanted: &str, own: Option<&Key>) -> Failure {
    let own = own.map_or_else(|| "a password".to_owned(), Key::shown);
    let text = format!("homelab logged in to {host} by {own}, and not by {wanted}");
    Failure::new(code::host::no_key, text).help(
        "have ssh offer that key first (IdentityFile and IdentitiesOnly in ~/.ssh/config), or correct docs/SOFTWARE.md, SSH \
         keys; then resume",
    )
}

fn no_key(host: &str) -> Failure {
    let text = format!("homelab logged in to {host} without a key");
    Failure::new(code::host::no_key, text).help(
        "give it one: load it into ssh-agent, or name its file as IdentityFile in ~/.ssh/config, and put its public half \
         into docs/SOFTWARE.md, SSH keys, with the owner homelab; then resume",
    )
}
