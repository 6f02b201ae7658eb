//! What hands have to set in a node's firmware: it's looked for, said, and waited for.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    proxmox::{Identity, Method, Request, lenient},
};

use crate::{
    field::Span,
    host::patience::Patience,
    info::{Effect, Sent},
    operate::Operate,
};

/// Sees that a node's firmware has virtualisation on and, if it's asked for, the IOMMU.
///
/// Only hands can set that: what is missing is said, and waited for. Answers `node`, `virtualisation`, and
/// `iommu` if it was asked for.
///
/// Errors: it's still missing when the time is up.
///
/// ```rhai
/// proxmox::node::firmware(#{ node: "pve1", iommu: true })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirmwareSpec {
    /// The node's name.
    node: String,
    /// Whether its devices must have IOMMU groups (VT-d, AMD-Vi).
    #[serde(default)]
    iommu: bool,
    /// How long to wait for somebody who sets it. Default: `30 min`.
    timeout: Option<Span>,
}

impl Operate for FirmwareSpec {
    const NAME: &str = "proxmox::node::firmware";
    const EFFECT: Effect = Effect::Read;

    fn requests() -> Vec<Sent> {
        vec![
            (Method::Get, "/nodes/{node}/status"),
            (Method::Get, "/nodes/{node}/hardware/pci"),
        ]
    }

    fn resource(&self) -> String {
        format!("firmware of {}", self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let patience = Patience {
            limit: self.timeout.map_or(PATIENCE, |timeout| timeout.0),
            every: PAUSE,
        };
        let look = async || {
            Ok(match lack(operation, &self).await? {
                None => Ok(()),
                Some(lack) => {
                    operation.remark(format!("{} waits for hands: {lack}", self.node));
                    Err(missing(&self.node, lack))
                }
            })
        };
        patience.until(operation, look).await?;
        let mut fields = Fields::new();
        fields.insert("node".to_owned(), json!(self.node));
        fields.insert("virtualisation".to_owned(), json!(true));
        if self.iommu {
            fields.insert("iommu".to_owned(), json!(true));
        }
        Ok(fields)
    }
}

const PAUSE: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(30 * 60);

fn missing(node: &str, lack: &str) -> Failure {
    Failure::new(
        code::node::firmware,
        format!("the firmware of {node} isn't set up: {lack}"),
    )
    .help("set it in the machine's firmware, save, and start it; then `homelab resume`")
}

/// What hands have to do; nothing if all is set. A node that is being restarted says nothing for a while.
async fn lack(operation: &Operation, spec: &FirmwareSpec) -> Result<Option<&'static str>, Halt> {
    let status = Request::get(Request::path(&["nodes", &spec.node, "status"]));
    let Some(status) = look(operation, &spec.node, &status).await? else {
        return Ok(Some("it doesn't answer while it's restarted"));
    };
    if !is_virtual(&status) {
        return Ok(Some("turn virtualisation on (Intel VT-x, AMD SVM)"));
    }
    if !spec.iommu {
        return Ok(None);
    }
    let devices = Request::get(Request::path(&["nodes", &spec.node, "hardware", "pci"]));
    let devices = look(operation, &spec.node, &devices).await?;
    let grouped = devices.as_ref().is_some_and(has_groups);
    Ok((!grouped).then_some("turn the IOMMU on (Intel VT-d, AMD-Vi)"))
}

async fn look(operation: &Operation, node: &str, request: &Request) -> Result<Option<Value>, Halt> {
    match operation.try_read(&Identity::Root, node, request).await? {
        Ok(answer) => Ok(Some(answer.data)),
        Err(error) if error.is_silence() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn is_virtual(status: &Value) -> bool {
    let hvm = status["cpuinfo"].get("hvm").and_then(lenient::text);
    hvm.as_deref() == Some("1")
}

fn has_groups(devices: &Value) -> bool {
    let group = |device: &Value| device.get("iommugroup").and_then(lenient::integer);
    let devices = devices.as_array();
    devices.is_some_and(|all| all.iter().filter_map(group).any(|group| group >= 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_node_says_of_its_firmware() {
        assert!(is_virtual(&json!({ "cpuinfo": { "hvm": "1" } })));
        assert!(is_virtual(&json!({ "cpuinfo": { "hvm": 1 } })));
        assert!(!is_virtual(&json!({ "cpuinfo": { "hvm": "0" } })));
        assert!(!is_virtual(&json!({})));
        assert!(has_groups(
            &json!([{ "iommugroup": -1 }, { "iommugroup": 14 }])
        ));
        assert!(!has_groups(&json!([{ "iommugroup": -1 }, {}])));
    }
}
