//! Whether something is mounted by somebody else, as Proxmox mounts its storages: only looked at, and waited for.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{code, host::verb::Mounts};

use super::{fields::FolderPath, mount::Mounted, patience::Patience};
use crate::{field::Span, info::Effect, operate::Operate};

/// How long is waited, if nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How often it's looked.
const EVERY: Duration = Duration::from_secs(2);

/// Waits until something is mounted that somebody else mounts: Proxmox mounts its storages below `/mnt/pve`. What
/// homelab is to mount itself is a matter of `host::mount`. Answers `path`, `source`, `fstype` and `options`.
///
/// Errors: nothing is mounted there when the time is up; something else is.
///
/// ```rhai
/// host::mounted("pve1", "/", #{ timeout: "30 s" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MountedSpec {
    /// The host.
    host: String,
    /// Where it's mounted.
    path: FolderPath,
    /// What is to be mounted: `SERVER:PATH`, `/dev/…`. Default: anything.
    source: Option<String>,
    /// How long to wait for it. Default: 1 min.
    timeout: Option<Span>,
}

impl Operate for MountedSpec {
    const NAME: &str = "host::mounted";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("mount {} on {}", self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let patience = Patience {
            limit: self.timeout.map_or(TIMEOUT, |span| span.0),
            every: EVERY,
        };
        let look = async || {
            let told = operation.ask(&self.host, Mounts::new(&self.path)).await?;
            let mounted = told.0.as_ref().map(Mounted::of);
            Ok(mounted.ok_or_else(|| nothing(&self)))
        };
        let mounted = patience.until(operation, look).await?;
        if !is_wanted(&self, &mounted) {
            return Err(another(&self, &mounted).into());
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        fields.insert("source".to_owned(), json!(mounted.source));
        fields.insert("fstype".to_owned(), json!(mounted.fstype));
        fields.insert("options".to_owned(), json!(mounted.options));
        Ok(fields)
    }
}

fn is_wanted(spec: &MountedSpec, mounted: &Mounted) -> bool {
    let plain = |source: &str| source.trim_end_matches('/').to_owned();
    let wanted = spec.source.as_deref().map(plain);
    wanted.is_none_or(|wanted| wanted == plain(&mounted.source))
}

fn nothing(spec: &MountedSpec) -> Failure {
    let what = spec.source.as_deref().unwrap_or("anything");
    let text = format!("{} doesn't have {what} mounted at {}", spec.host, spec.path);
    Failure::new(code::host::not_mounted, text)
        .help("`journalctl -u pvestatd` there says why Proxmox can't mount a storage; see that its server lets this host in, then resume")
}

fn another(spec: &MountedSpec, is: &Mounted) -> Failure {
    let text = format!(
        "{} is mounted at {} on {}, and not {}",
        is.shown(),
        spec.path,
        spec.host,
        spec.source.as_deref().unwrap_or_default()
    );
    Failure::new(code::host::mounted_elsewhere, text)
        .help("see what uses it and unmount it; a storage that had another server before stays mounted from there")
}

#[cfg(test)]
mod tests {
    use world::host::verb::Printed;

    use super::*;

    #[test]
    fn a_share_is_known_by_its_source() {
        let is = Printed::parse("mounted 10.0.0.1:/a nfs4 rw").unwrap();
        let is = Mounted::of(&is);
        for (source, fits) in [
            (json!("10.0.0.1:/a"), true),
            (json!("10.0.0.1:/a/"), true),
            (json!("10.0.0.1:/b"), false),
            (json!(null), true),
        ] {
            let spec = json!({ "host": "a", "path": "/m", "source": source });
            let spec = serde_json::from_value(spec).unwrap();
            assert_eq!(is_wanted(&spec, &is), fits, "{source}");
        }
    }
}
