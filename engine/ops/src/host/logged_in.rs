//! Whether a host is logged in to an iSCSI target by somebody else, as Proxmox does for its storages: only looked at,
//! and waited for.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{code, host::verb::Iscsi};

use super::{
    iscsi::{Target, with_port},
    patience::Patience,
};
use crate::{
    field::{HostAddress, Span},
    info::Effect,
    operate::Operate,
};

/// How long is waited, if nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How often it's looked.
const EVERY: Duration = Duration::from_secs(2);

/// Waits until a host has a session to an iSCSI target that somebody else logs in to: Proxmox does for its storages
/// of type `iscsi`. What homelab is to log in to itself is a matter of `host::iscsi`. Answers `target` and `devices`,
/// each with `lun` and `device`.
///
/// Errors: there is no session when the time is up, or not the unit's device.
///
/// ```rhai
/// let target = "iqn.2000-01.com.synology:synology.target-1.7c1b2e9d4f";
/// host::iscsi("pve1", target, #{ portal: "10.10.20.22" });
/// host::logged_in("pve1", target, #{ portal: "10.10.20.22" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionSpec {
    /// The host.
    host: String,
    /// The target's name: `iqn.…`.
    target: String,
    /// The portal's address, with its port if it isn't 3260.
    portal: HostAddress,
    /// The number of a unit whose device has to be there. Default: none.
    lun: Option<i64>,
    /// How long to wait for it. Default: 1 min.
    timeout: Option<Span>,
}

impl Operate for SessionSpec {
    const NAME: &str = "host::logged_in";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "target"];

    fn resource(&self) -> String {
        format!("iSCSI session of {} to {}", self.host, self.target)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let patience = Patience {
            limit: self.timeout.map_or(TIMEOUT, |span| span.0),
            every: EVERY,
        };
        let portal = with_port(&self.portal.0);
        let look = async || {
            let ask = Iscsi::new(&self.target, &*portal);
            let target = Target::of(operation.ask(&self.host, ask).await?);
            Ok(match lack(&self, &target) {
                None => Ok(target),
                Some(lack) => Err(late(&self, lack)),
            })
        };
        let target = patience.until(operation, look).await?;
        let mut fields = Fields::new();
        fields.insert("target".to_owned(), json!(self.target));
        fields.insert("devices".to_owned(), target.shown());
        Ok(fields)
    }
}

/// What is missing.
fn lack(spec: &SessionSpec, target: &Target) -> Option<String> {
    if !target.session {
        return Some("there is no session".to_owned());
    }
    let lun = spec.lun?;
    let has_device = target
        .devices
        .iter()
        .any(|(own, _)| u64::try_from(lun) == Ok(*own));
    (!has_device).then(|| format!("unit {lun} has no device"))
}

fn late(spec: &SessionSpec, lack: String) -> Failure {
    let text = format!(
        "{} isn't logged in to {} at {}",
        spec.host, spec.target, spec.portal
    );
    Failure::new(code::host::no_session, text)
        .cause(lack)
        .help("see that the target lets this host's initiator in (/etc/iscsi/initiatorname.iscsi), with the CHAP that docs say, then resume")
}

#[cfg(test)]
mod tests {
    use world::host::{Reply, Told};

    use super::*;

    fn target(text: &str) -> Target {
        Target::of(Told::of(&Reply::success(text.to_owned())).unwrap())
    }

    #[test]
    fn says_what_is_missing() {
        let spec = |lun: serde_json::Value| -> SessionSpec {
            let spec = json!({ "host": "a", "target": "iqn.x", "portal": "10.0.0.1", "lun": lun });
            serde_json::from_value(spec).unwrap()
        };
        let there = target("session 10.0.0.1:3260\ndevice /dev/disk/by-path/x-lun-1 1\n");
        let none = target("record manual None -\n");
        assert_eq!(lack(&spec(json!(1)), &there), None);
        assert_eq!(lack(&spec(json!(null)), &there), None);
        assert!(lack(&spec(json!(2)), &there).unwrap().contains("unit 2"));
        assert!(lack(&spec(json!(null)), &none).unwrap().contains("session"));
    }
}
