//! iSCSI targets: known, logged in to, and logged in to at each start.

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
use serde_json::{Map, Value, json};
use world::{
    code,
    host::{
        Ask as _,
        verb::{Iscsi, IscsiAction, IscsiDiscover, IscsiDo, IscsiLine, IscsiSet},
    },
    secret::MASK,
};

use super::content::Text;
use crate::{info::Effect, operate::Operate};

/// Ensures the session to an iSCSI target: asks the portal for its targets where the host has no record of it, sets
/// `node.startup` and CHAP in the record, and logs in; or logs out. Answers `target`, `logged_in` and `devices`, each
/// with `lun` and `device`, its path below `/dev/disk/by-path`.
///
/// Errors: open-iscsi isn't installed; the portal doesn't answer or has no such target; the login is refused.
///
/// ```rhai
/// host::iscsi("pve1", "iqn.2000-01.com.synology:synology.target-1.7c1b2e9d4f", #{ portal: "10.10.20.22" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IscsiSpec {
    /// The host.
    host: String,
    /// The target's name: `iqn.…`.
    target: String,
    /// The portal's address, with its port if it isn't 3260.
    portal: String,
    /// Whether the host is logged in. Default: yes.
    logged_in: Option<bool>,
    /// `automatic` (each start logs in) or `manual`. Default: `automatic`, `manual` where it isn't logged in.
    startup: Option<String>,
    /// The user's name for CHAP.
    username: Option<String>,
    /// The secret for CHAP. It's written where the user's name differs, or the target has no session.
    password: Option<Text>,
}

impl Operate for IscsiSpec {
    const NAME: &str = "host::iscsi";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "target"];

    fn resource(&self) -> String {
        format!("iSCSI target {} on {}", self.target, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let portal = with_port(&self.portal);
        let is_wanted = self.logged_in != Some(false);
        let mut target = show(operation, &self, &portal).await?;
        if target.record.is_none() && is_wanted {
            discover(operation, &self, &portal).await?;
            target = show(operation, &self, &portal).await?;
            if target.record.is_none() {
                return Err(no_target(&self).into());
            }
        }
        if target.record.is_some() {
            let values = lacks(&self, &target);
            if !values.is_empty() {
                set(operation, &self, &portal, &values).await?;
            }
        }
        if target.session != is_wanted {
            log(operation, &self, &portal, is_wanted).await?;
            target = show(operation, &self, &portal).await?;
        }
        let mut fields = Fields::new();
        fields.insert("target".to_owned(), json!(self.target));
        fields.insert("logged_in".to_owned(), json!(target.session));
        fields.insert("devices".to_owned(), target.shown());
        Ok(fields)
    }
}

/// What the initiator knows of a target.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    record: Option<[String; 3]>,
    pub(super) session: bool,
    /// Number and path.
    pub(super) devices: Vec<(u64, String)>,
}

impl Target {
    /// What a host tells.
    pub(super) fn of(told: Vec<IscsiLine>) -> Self {
        let mut target = Self::default();
        for line in told {
            match line {
                IscsiLine::Record {
                    startup,
                    method,
                    user,
                } => {
                    let user = user.unwrap_or_else(|| "-".to_owned());
                    target.record = Some([startup, method, user]);
                }
                IscsiLine::Session { .. } => target.session = true,
                IscsiLine::Device { path, lun } => target.devices.push((lun, path)),
            }
        }
        target
    }

    /// The devices as operations answer them.
    pub(super) fn shown(&self) -> Value {
        let devices = self.devices.iter();
        devices
            .map(|(lun, path)| json!({ "lun": lun, "device": path }))
            .collect()
    }
}

/// The address of a portal with its port.
pub(super) fn with_port(portal: &str) -> String {
    let has_port = portal.rsplit_once(':').is_some_and(|(host, port)| {
        port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']'))
    });
    if has_port {
        portal.to_owned()
    } else {
        format!("{portal}:3260")
    }
}

/// The values that a record lacks, as the record calls them.
fn lacks(spec: &IscsiSpec, target: &Target) -> Vec<(&'static str, String, String)> {
    let none = ["-", "-", "-"].map(str::to_owned);
    let [startup, method, user] = target.record.as_ref().unwrap_or(&none);
    let is_in = spec.logged_in != Some(false);
    let usual = if is_in { "automatic" } else { "manual" };
    let mut values = Vec::new();
    let mut want = |name, is: &str, wanted: &str| {
        if is != wanted {
            values.push((name, is.to_owned(), wanted.to_owned()));
        }
    };
    want(
        "node.startup",
        startup,
        spec.startup.as_deref().unwrap_or(usual),
    );
    if let Some(wanted) = &spec.username {
        want("node.session.auth.authmethod", method, "CHAP");
        want("node.session.auth.username", user, wanted);
        let is_new = user != wanted || (is_in && !target.session);
        if let Some(password) = spec.password.as_ref().filter(|_| is_new) {
            want("node.session.auth.password", "", password.expose());
        }
    }
    values
}

fn ask(spec: &IscsiSpec, portal: &str) -> Iscsi {
    Iscsi::new(&spec.target, portal)
}

async fn show(operation: &Operation, spec: &IscsiSpec, portal: &str) -> Result<Target, Halt> {
    let told = operation.ask(&spec.host, ask(spec, portal)).await?;
    Ok(Target::of(told))
}

fn no_target(spec: &IscsiSpec) -> Failure {
    let text = format!(
        "{} offers {} no target {}",
        spec.portal, spec.host, spec.target
    );
    Failure::new(code::host::no_target, text)
        .help("compare the name with the one that the storage shows, and whether it lets this initiator in")
}

fn resource(spec: &IscsiSpec) -> String {
    format!("iSCSI target {} on {}", spec.target, spec.host)
}

async fn discover(operation: &Operation, spec: &IscsiSpec, portal: &str) -> Result<(), Halt> {
    let change = Change::update(
        resource(spec),
        json!({ "record": null }),
        json!({ "record": portal }),
    );
    let call = IscsiDiscover::new(portal);
    let proof = (
        ask(spec, portal).call(),
        Compared::Starts,
        "record ".to_owned(),
    );
    operation
        .write(Write::call(change, &spec.host, call, proof))
        .await?;
    Ok(())
}

async fn set(
    operation: &Operation,
    spec: &IscsiSpec,
    portal: &str,
    values: &[(&'static str, String, String)],
) -> Result<(), Halt> {
    let shown = |name: &str, value: &str| {
        let value = if name.ends_with("password") && !value.is_empty() {
            MASK
        } else {
            value
        };
        json!((!matches!(value, "" | "-")).then_some(value))
    };
    let (mut before, mut after, mut input) = (Map::new(), Map::new(), String::new());
    for (name, is, wanted) in values {
        before.insert((*name).to_owned(), shown(name, is));
        after.insert((*name).to_owned(), shown(name, wanted));
        input.push_str(&format!("{name} {wanted}\n"));
    }
    let change = Change::update(resource(spec), Value::Object(before), Value::Object(after));
    let call = IscsiSet::new(&spec.target, portal, input);
    operation
        .write(Write::repeatable(change, &spec.host, call))
        .await?;
    Ok(())
}

async fn log(
    operation: &Operation,
    spec: &IscsiSpec,
    portal: &str,
    is_in: bool,
) -> Result<(), Halt> {
    let change = Change::update(
        resource(spec),
        json!({ "logged_in": !is_in }),
        json!({ "logged_in": is_in }),
    );
    let action = if is_in {
        IscsiAction::Login
    } else {
        IscsiAction::Logout
    };
    let call = IscsiDo::new(action, &spec.target, portal);
    // A repeated login or logout is refused by the initiator, and does no harm.
    operation
        .write(Write::repeatable(change, &spec.host, call))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use world::host::{Reply, Told};

    use super::*;

    fn spec(fields: Value) -> IscsiSpec {
        let mut spec = json!({ "host": "a", "target": "iqn.x", "portal": "10.0.0.1" });
        spec.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    }

    fn target(text: &str) -> Target {
        Target::of(Told::of(&Reply::success(text.to_owned())).unwrap())
    }

    #[test]
    fn sets_what_the_record_lacks() {
        let names = |fields: Value, text: &str| {
            let values = lacks(&spec(fields), &target(text));
            values
                .into_iter()
                .map(|(name, ..)| name.rsplit('.').next().unwrap())
                .collect::<Vec<_>>()
        };
        let none = [] as [&str; 0];
        assert_eq!(names(json!({}), "record manual None -\n"), ["startup"]);
        assert_eq!(names(json!({}), "record automatic None -\n"), none);
        assert_eq!(
            names(json!({ "logged_in": false }), "record automatic None -\n"),
            ["startup"]
        );
        let chap = json!({ "username": "lab", "password": "hidden" });
        let text = "record automatic CHAP lab\nsession 10.0.0.1:3260\n";
        assert_eq!(names(chap.clone(), text), none);
        assert_eq!(
            names(chap.clone(), "record automatic CHAP lab\n"),
            ["password"]
        );
        assert_eq!(
            names(chap, "record automatic None -\n"),
            ["authmethod", "username", "password"]
        );
    }

    #[test]
    fn a_portal_has_a_port() {
        assert_eq!(with_port("10.0.0.1"), "10.0.0.1:3260");
        assert_eq!(with_port("10.0.0.1:860"), "10.0.0.1:860");
        assert_eq!(with_port("[fd00::1]"), "[fd00::1]:3260");
    }
}
