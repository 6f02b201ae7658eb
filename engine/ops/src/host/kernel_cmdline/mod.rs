//! The kernel's command line, through the boot loader that the host has.

mod edit;
mod loader;

use formats::lossless;
use runbook::{
    action::{Change, Kind},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    host::verb::{BootUpdate, Cmdline},
};

use self::{edit::Parameters, loader::Loader};
use super::{
    difference::Difference,
    probe,
    text::{self, Edit},
};
use crate::{info::Effect, operate::Operate};

/// Ensures parameters of the kernel's command line; others stay. Which boot loader the host has is found out: GRUB
/// (`/etc/default/grub`) or systemd-boot (`/etc/kernel/cmdline`, through `proxmox-boot-tool`). Its configuration is
/// made anew whenever it's older than its source. Answers `loader`, `configured`, `running` and `reboot_needed`: the
/// running kernel was started with something else. Without a line in `/etc/kernel/cmdline` it begins with the running
/// kernel's, as `proxmox-boot-tool` does.
///
/// Errors: two wishes contradict each other; no boot loader that it knows; another file overrides the line, or something
/// adds what is to be gone; only a shell could tell what GRUB's line is; nothing says `root=`; the loader's tool failed.
///
/// ```rhai
/// host::kernel_cmdline("pve1", #{ present: ["intel_iommu=on", "iommu=pt"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CmdlineSpec {
    /// The host.
    host: String,
    /// Parameters that are to be there: `"iommu=pt"`. One with a value replaces those of its name, but for `video`, `pci`,
    /// `console` and others of which every one counts.
    #[serde(default)]
    present: Vec<String>,
    /// Parameters that aren't: a name takes away every value, `NAME=VALUE` only that one. They go from
    /// `GRUB_CMDLINE_LINUX`, too.
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
        let wanted = Parameters {
            present: &self.present,
            absent: &self.absent,
        };
        wanted.check()?;
        let loader = Loader::find(operation, &self.host).await?;
        loader
            .check_overrides(operation, &self.host, &wanted)
            .await?;
        let running = operation.ask(&self.host, Cmdline {}).await?;
        let running = running.trim().to_owned();
        let found = probe::file(operation, &self.host, &loader.source).await?;
        let old = found.lossless()?;
        let is = loader.line_in(&self.host, &old, &running)?;
        let configured = wanted.applied_to(&is);
        let mut difference = Difference::default();
        difference.add("configured", &*is, &*configured);
        let mut new = old.into_owned();
        if configured != is {
            new = loader.with_line(&self.host, &new, &configured)?;
        }
        if let Some(always) = loader.always(&self.host, &new, &wanted)? {
            new = loader.without(&self.host, &new, &always)?;
            difference.add("always", always.is, always.left);
        }
        if let Some(change) = difference.update(self.resource()) {
            let edit = Edit {
                path: &loader.source,
                old: found.bytes()?,
                new: &lossless::bytes(&new),
                change,
            };
            text::write(operation, &self.host, edit).await?;
        }
        let next = bring_up_to_date(operation, &self.host).await?;
        if let Some(unmet) = wanted.unmet_by(&next).filter(|_| !next.is_empty()) {
            return Err(unmet_still(&self.host, unmet, next.clone()).into());
        }
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

/// A wish that the next start doesn't fulfil either: to restart for it would help nothing.
fn unmet_still(host: &str, unmet: &str, next: String) -> Failure {
    let text = format!("the next start of {host} isn't as wanted of '{unmet}' either");
    Failure::new(code::host::overridden, text)
        .cause(format!("its boot loader's configuration says: {next}"))
        .help("something else adds it or takes it away, such as a script in /etc/grub.d: change it there, or leave it out here")
}

/// Makes the loader's configuration anew if a source changed since. Gives the line that it starts the next kernel with,
/// empty where nobody knows.
async fn bring_up_to_date(operation: &Operation, host: &str) -> Result<String, Halt> {
    let loader = Loader::find(operation, host).await?;
    if loader.older.is_empty() {
        return Ok(loader.next);
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
    Ok(Loader::find(operation, host).await?.next)
}
