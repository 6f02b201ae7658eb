//! Mounts: the line in fstab, and what is mounted.

mod wanted;

use formats::fstab;
use runbook::{
    action::{Change, Compared},
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
    host::{
        Ask as _,
        verb::{Attributes, Entry, Mkdir, MountAction, MountDo, Mounts, OrAbsent, Stat},
    },
};

use self::wanted::Line;
pub(super) use self::wanted::Mounted;
use super::{
    fields::FolderPath,
    probe,
    text::{self, Edit},
};
use crate::{info::Effect, operate::Operate};

const FSTAB: &str = "/etc/fstab";

/// How many seconds a mount may take.
const TIMEOUT: u64 = 30;

/// Ensures a mount: its line in `/etc/fstab`, its folder, and that it's mounted. Options are compared as sets. Of a line
/// that is there, the order of checks and what else stands behind the options stays. What is mounted there from elsewhere is left alone and named. Answers `path`, `mounted`, `source`, `fstype` and `options`.
///
/// Errors: something else is mounted there; the server refuses, or doesn't answer in time.
///
/// ```rhai
/// host::mount("pve1", "/mnt/isos", #{ source: "10.10.20.21:/var/nfs/shared/isos", fstype: "nfs", options: ["ro", "soft"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MountSpec {
    /// The host.
    host: String,
    /// Where it's mounted; folders that aren't there are made. A slash at its end says nothing.
    path: FolderPath,
    /// What is mounted: `SERVER:PATH`, `//SERVER/SHARE`, `/dev/…`, `UUID=…`, or the folder of a bind mount.
    #[serde(default)]
    source: String,
    /// `nfs`, `cifs`, `ext4`, `xfs`, `bind` or another type that the host knows.
    #[serde(default)]
    fstype: String,
    /// Its options, in any order. Default: `defaults`.
    #[serde(default)]
    options: Vec<String>,
    /// `mounted`, `fstab` (only the line: the next start mounts it) or `absent`.
    #[serde(default)]
    state: State,
    /// How many seconds mounting may take. Default: 30.
    timeout: Option<u64>,
}

impl Operate for MountSpec {
    const NAME: &str = "host::mount";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("mount {} on {}", self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let line = Line::wanted(&self)?;
        let mut mounted = mounted(operation, &self).await?;
        match (self.state, &mounted) {
            (State::Absent, Some(_)) => {
                act(operation, &self, MountAction::Unmount, mounted.as_ref()).await?;
                mounted = None;
            }
            (State::Mounted, Some(is)) if !line.is_source_of(is) => {
                return Err(elsewhere(&self, is).into());
            }
            _ => {}
        }
        write_line(operation, &self, &line).await?;
        if self.state != State::Absent {
            make_folders(operation, &self).await?;
        }
        if self.state == State::Mounted {
            let action = match &mounted {
                None => Some(MountAction::Mount),
                Some(is) if !line.has_flags_of(is) => Some(MountAction::Remount),
                Some(_) => None,
            };
            if let Some(action) = action {
                act(operation, &self, action, mounted.as_ref()).await?;
                mounted = self::mounted(operation, &self).await?;
            }
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        fields.insert("mounted".to_owned(), json!(mounted.is_some()));
        let is = mounted.as_ref();
        fields.insert("source".to_owned(), json!(is.map(|is| &is.source)));
        fields.insert("fstype".to_owned(), json!(is.map(|is| &is.fstype)));
        fields.insert("options".to_owned(), json!(is.map(|is| &is.options)));
        Ok(fields)
    }
}

/// What is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    /// In fstab, and mounted.
    #[default]
    Mounted,
    /// In fstab.
    Fstab,
    /// Neither.
    Absent,
}

async fn mounted(operation: &Operation, spec: &MountSpec) -> Result<Option<Mounted>, Halt> {
    let told = operation.ask(&spec.host, Mounts::new(&spec.path)).await?;
    Ok(told.0.as_ref().map(Mounted::of))
}

fn elsewhere(spec: &MountSpec, is: &Mounted) -> Failure {
    let text = format!(
        "{} ({}) is mounted at {} on {}, and not {}",
        is.source, is.fstype, spec.path, spec.host, spec.source
    );
    Failure::new(code::host::mounted_elsewhere, text).help(
        "see what uses it; unmount it by hand, or with state: \"absent\", or choose another path",
    )
}

async fn write_line(operation: &Operation, spec: &MountSpec, line: &Line) -> Result<(), Halt> {
    let found = probe::file(operation, &spec.host, FSTAB).await?;
    let old = found.bytes()?;
    let own: Vec<Line> = fstab::entries(old, &spec.path)
        .into_iter()
        .map(Line)
        .collect();
    let is_right = match (spec.state, own.as_slice()) {
        (State::Absent, own) => own.is_empty(),
        (_, [own]) => own.is_like(line),
        _ => false,
    };
    if is_right {
        return Ok(());
    }
    let new = (spec.state != State::Absent).then_some(&line.0);
    let text = fstab::with(old, &spec.path, new);
    let before: Vec<String> = own.iter().map(|own| own.0.line()).collect();
    let before = (!before.is_empty()).then(|| before.join("; "));
    let after = fstab::entries(&*text, &spec.path).pop();
    let change = Change::update(
        format!("mount {} on {}", spec.path, spec.host),
        json!({ "fstab": before }),
        json!({ "fstab": after.as_ref().map(fstab::Entry::line) }),
    );
    let edit = Edit {
        path: FSTAB,
        old,
        new: &text,
        change,
    };
    text::write(operation, &spec.host, edit).await
}

/// Makes the folders down to the mount's own.
async fn make_folders(operation: &Operation, spec: &MountSpec) -> Result<(), Halt> {
    let mut missing = Vec::new();
    let mut path = spec.path.trim_end_matches('/');
    while !path.is_empty() {
        match operation.ask(&spec.host, Stat::new(path)).await? {
            Entry::Absent => missing.push(path),
            Entry::File { .. } | Entry::Other(_) => {
                let text = format!("{path} on {} is no folder", spec.host);
                return Err(Failure::new(code::host::not_a_folder, text)
                    .help("take it away first, or mount at another path")
                    .into());
            }
            _ => break,
        }
        path = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    for path in missing.into_iter().rev() {
        let change = Change::create(
            format!("folder {path} on {}", spec.host),
            json!({ "mode": "755" }),
        );
        let attributes = Attributes::of_root("755");
        let proof = tells(&Stat::new(path), &Entry::Directory(attributes.clone()));
        let call = Mkdir::new(path, attributes);
        operation
            .write(Write::call(change, &spec.host, call, proof))
            .await?;
    }
    Ok(())
}

async fn act(
    operation: &Operation,
    spec: &MountSpec,
    action: MountAction,
    is: Option<&Mounted>,
) -> Result<(), Halt> {
    let call = MountDo::new(action, &spec.path, spec.timeout.unwrap_or(TIMEOUT));
    let resource = format!("mount {} on {}", spec.path, spec.host);
    let before = json!({ "mounted": is.map(Mounted::shown) });
    let read = Mounts::new(&spec.path);
    let (after, proof) = match action {
        MountAction::Unmount => (json!({ "mounted": null }), tells(&read, &OrAbsent(None))),
        MountAction::Mount => (
            json!({ "mounted": spec.source }),
            (read.call(), Compared::Starts, "mounted ".to_owned()),
        ),
        MountAction::Remount => {
            let change = Change::update(resource, before, json!({ "options": spec.options }));
            operation
                .write(Write::repeatable(change, &spec.host, call))
                .await?;
            return Ok(());
        }
    };
    let change = Change::update(resource, before, after);
    operation
        .write(Write::call(change, &spec.host, call, proof))
        .await?;
    Ok(())
}
