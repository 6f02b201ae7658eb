//! The kernel's command line, through the boot loader that the host has.

mod edit;
mod loader;

use runbook::{
    action::{Change, Kind},
    bridge::Fields,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::host::verb::{BootUpdate, Cmdline};

use self::{edit::Parameters, loader::Loader};
use super::{
    probe,
    text::{self, Edit},
};
use crate::{info::Effect, operate::Operate};

/// Ensures parameters of the kernel's command line; others stay. Which boot loader the host has is found out: GRUB
/// (`/etc/default/grub`) or systemd-boot (`/etc/kernel/cmdline`, through `proxmox-boot-tool`). Its configuration is
/// made anew whenever it's older than its source. Answers `loader`, `configured`, `running` and `reboot_needed`: the
/// running kernel was started with something else.
///
/// Errors: no boot loader that it knows; another file overrides the line; only a shell could tell what GRUB's line is;
/// the loader's tool failed.
///
/// ```rhai
/// host::kernel_cmdline("pve1", #{ present: ["intel_iommu=on", "iommu=pt"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CmdlineSpec {
    /// The host.
    host: String,
    /// Parameters that are to be there: `"iommu=pt"`. One with a value replaces those of its name.
    #[serde(default)]
    present: Vec<String>,
    /// Parameters that aren't: a name takes away every value, `NAME=VALUE` only that one.
    #[serde(default)]
    absent: Vec<String>,
}

impl Operate for CmdlineSpec {
    const NAME: &str = "host::kernel_cmdline";
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("kernel command line of {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let loader = Loader::find(operation, &self.host).await?;
        loader.check_overrides(operation, &self.host).await?;
        let found = probe::file(operation, &self.host, &loader.source).await?;
        let old = found.text()?;
        let is = loader.line_in(&self.host, old)?;
        let wanted = Parameters {
            present: &self.present,
            absent: &self.absent,
        };
        let configured = wanted.applied_to(&is);
        if configured != is {
            let new = loader.with_line(&self.host, old, &configured)?;
            let change = Change::update(
                format!("kernel command line of {}", self.host),
                json!({ "configured": is }),
                json!({ "configured": configured }),
            );
            let edit = Edit {
                path: &loader.source,
                old: old.as_bytes(),
                new: new.as_bytes(),
                change,
            };
            text::write(operation, &self.host, edit).await?;
        }
        bring_up_to_date(operation, &self.host).await?;
        let running = operation.ask(&self.host, Cmdline {}).await?;
        let running = running.trim().to_owned();
        let mut fields = Fields::new();
        fields.insert("loader".to_owned(), json!(loader.loader));
        fields.insert(
            "reboot_needed".to_owned(),
            json!(!wanted.hold_for(&running)),
        );
        fields.insert("configured".to_owned(), json!(configured));
        fields.insert("running".to_owned(), json!(running));
        Ok(fields)
    }
}

/// Makes the loader's configuration anew if a source changed since.
async fn bring_up_to_date(operation: &Operation, host: &str) -> Result<(), Halt> {
    let loader = Loader::find(operation, host).await?;
    if loader.older.is_empty() {
        return Ok(());
    }
    let change = Change::new(
        format!("boot loader of {host}"),
        Kind::Apply,
        Value::Null,
        json!({ &*loader.tool: loader.older }),
    );
    let call = BootUpdate::new(&loader.tool);
    operation
        .write(Write::repeatable(change, host, call))
        .await?;
    Ok(())
}
