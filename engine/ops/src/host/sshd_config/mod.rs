//! sshd's settings: checked by sshd before they take their place, reloaded, and proved to take effect.

mod effect;
mod settings;

use std::{borrow::Cow, time::Duration};

use formats::{lossless, sshd_config::MAIN};
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
use serde_json::{Map, Value, json};
use world::{
    code,
    host::verb::{Attributes, Entry, Setting, Stat, UnitAction, UnitDo},
};

use self::settings::Settings;
use super::{
    block::Markers,
    edit::in_the_way,
    file::diff,
    guard::{Earlier, Guard},
    place::{self, place},
    probe,
    unit::probe as unit,
};
use crate::{field::Span, info::Effect, operate::Operate};

/// The folder of files that sshd includes.
const FOLDER: &str = "/etc/ssh/sshd_config.d";

/// The unit that serves SSH on Debian.
const UNIT: &str = "ssh.service";

/// Ensures settings of sshd, in a file of their own; where sshd includes no such files, in a block at the beginning of
/// `/etc/ssh/sshd_config`. `sshd -t` checks them first, then `ssh.service` is reloaded; that `sshd -T` shows them is
/// looked at every time. Connections that stand are left alone. Answers `path`.
///
/// Errors: sshd doesn't take them (the cause has its words); another line sets one of them first, in the order in which sshd reads its
/// files; one of them is `Match` or `Include`.
///
/// ```rhai
/// host::sshd_config("pve1", "10-homelab", #{ settings: #{ X11Forwarding: false, MaxAuthTries: 3 } })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SshdSpec {
    /// The host.
    host: String,
    /// The name of the settings: their file is `/etc/ssh/sshd_config.d/NAME.conf`. sshd takes the first value of a setting, so the file that sorts first wins, and what stands in `/etc/ssh/sshd_config` before its `Include` wins over all.
    name: String,
    /// The settings by sshd's own names: `PasswordAuthentication`. A value is text, a number, true or false for yes and no, or a list of them for a setting that stands several times. `Match` and `Include` aren't among them: what follows them depends on the order.
    #[serde(default)]
    settings: Map<String, Value>,
    /// Whether the settings are to be gone. Default: no.
    #[serde(default)]
    absent: bool,
    /// How long the host may take to be reached with the new settings; then it goes back to the former ones by itself.
    /// Default: 1 min.
    guard: Option<Span>,
}

impl Operate for SshdSpec {
    const NAME: &str = "host::sshd_config";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "name"];

    fn resource(&self) -> String {
        format!("sshd settings {} on {}", self.name, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let settings = Settings::of(&self.name, &self.settings, self.absent)?;
        let guard = Guard {
            host: &self.host,
            id: "sshd",
            reload: "sshd",
            paths: &[],
            patience: self.guard.map_or(WITHIN, |span| span.0),
        };
        let earlier = guard.earlier(operation).await?;
        let place = find(operation, &self).await?;
        let paths = [place.path.as_str()];
        let guard = Guard {
            paths: &paths,
            ..guard
        };
        let before = effect::settings(operation, &self.host).await?;
        let text = wanted(&self, &place, &settings)?;
        let write = text.map(|text| write(&self, &place, text, &before, &settings));
        let sshd = Sshd::look(operation, &self.host, &place).await?;
        let is_changed = write.is_some();
        let change = async || apply(operation, &self, write, &sshd).await;
        // Whoever was killed in between may have left sshd without its reload: that can lock out as much as a change.
        if is_changed || (earlier == Earlier::Nothing && sshd.is_behind) {
            guard.around(operation, earlier, change).await?;
        } else if earlier == Earlier::Armed {
            guard.within(operation, change).await?;
        }
        let after = match is_changed {
            true => effect::settings(operation, &self.host).await?,
            false => before,
        };
        effect::check(operation, &self.host, &place.path, &settings, &after).await?;
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(place.path));
        Ok(fields)
    }
}

/// How long the host may take to be reached with its new settings, if nobody says otherwise.
const WITHIN: Duration = Duration::from_secs(60);

/// The file that holds the settings.
struct SettingsFile {
    path: String,
    attributes: Attributes,
    /// Its text, as `formats::lossless` has it; none where there is no file.
    text: Option<String>,
    is_main: bool,
}

/// The file where the settings stand, or are to.
async fn find(operation: &Operation, spec: &SshdSpec) -> Result<SettingsFile, Halt> {
    let main = probe::file(operation, &spec.host, MAIN).await?;
    if !main.is_there() {
        return Err(no_sshd(&spec.host).into());
    }
    let own = format!("{FOLDER}/{}.conf", spec.name);
    let is_main = !effect::includes(main.bytes()?, &own);
    let path = if is_main { MAIN.to_owned() } else { own };
    let attributes = match operation.ask(&spec.host, Stat::new(&path)).await? {
        Entry::File { attributes, .. } => attributes,
        Entry::Absent => Attributes::of_root("644"),
        other => return Err(in_the_way(&spec.host, &path, &other).into()),
    };
    let found = match is_main {
        true => main,
        false => probe::file(operation, &spec.host, &path).await?,
    };
    let text = found
        .is_there()
        .then(|| found.lossless().map(Cow::into_owned));
    let text = text.transpose()?;
    Ok(SettingsFile {
        path,
        attributes,
        text,
        is_main,
    })
}

fn no_sshd(host: &str) -> Failure {
    Failure::new(code::host::no_file, format!("{host} has no file {MAIN}"))
        .help("install sshd in a step before: package openssh-server")
}

/// The text that the file is to have, null inside for none; nothing if it stays as it is.
fn wanted(
    spec: &SshdSpec,
    place: &SettingsFile,
    settings: &Settings,
) -> Result<Option<Option<String>>, Failure> {
    if place.is_main {
        let markers = Markers::of("#", &spec.name).first();
        let content = (!spec.absent).then(|| settings.text());
        let old = place.text.as_deref().unwrap_or_default();
        let edit = markers.edit(old, content.as_deref()).ok_or_else(|| {
            let text = format!(
                "{MAIN} on {} has one of the markers of block {}",
                spec.host, spec.name
            );
            Failure::new(code::host::markers, text)
                .help("put the missing marker where the block ends, or take both away")
        })?;
        return Ok(edit.map(|edit| Some(edit.text)));
    }
    let wanted = (!spec.absent).then(|| settings.text());
    Ok((wanted != place.text).then_some(wanted))
}

fn write(
    spec: &SshdSpec,
    place: &SettingsFile,
    text: Option<String>,
    before: &[Setting],
    settings: &Settings,
) -> Write {
    let resource = spec.resource();
    let bytes = |text: Option<&str>| lossless::bytes(text.unwrap_or_default());
    let (old, new) = (bytes(place.text.as_deref()), bytes(text.as_deref()));
    let shown = diff(&old, &new);
    let is = settings
        .names()
        .map(|name| (name.to_owned(), effect::value(before, name)));
    let is: Map<String, Value> = is.collect();
    let change = if spec.absent {
        Change::delete(resource, json!({ "path": place.path }))
    } else {
        Change::update(resource, is.into(), settings.shown().into())
    };
    let change = change.with_diff(shown);
    match text {
        None => place::remove(&spec.host, &place.path, change),
        Some(_) => self::place(&spec.host, &place.path, &new, &place.attributes)
            .checked("sshd")
            .write(change),
    }
}

/// How sshd stands to its file.
struct Sshd {
    is_active: bool,
    /// Whether the file changed since sshd read it.
    is_behind: bool,
}

impl Sshd {
    async fn look(operation: &Operation, host: &str, place: &SettingsFile) -> Result<Self, Halt> {
        let sshd = unit::show(operation, host, UNIT).await?;
        let files = [place.path.clone()];
        let newer = unit::changed_since(operation, host, &files, sshd.changed).await?;
        Ok(Self {
            is_active: sshd.is_up(),
            is_behind: sshd.is_up() && !newer.is_empty(),
        })
    }
}

/// Writes the settings, if they differ, and lets sshd read them. All that can end a login happens here, so this is what a
/// guard goes around.
async fn apply(
    operation: &Operation,
    spec: &SshdSpec,
    write: Option<Write>,
    sshd: &Sshd,
) -> Result<(), Halt> {
    if let Some(write) = write {
        operation
            .write(write)
            .await
            .map_err(|halt| refused(spec, halt))?;
    }
    if sshd.is_active {
        match operation.write(reload(spec)).await {
            Err(Halt::Failed(failure)) if failure.code == code::host::failed => {
                return Err(unit::explained(operation, &spec.host, UNIT, *failure).await);
            }
            other => drop(other?),
        }
    }
    Ok(())
}

fn reload(spec: &SshdSpec) -> Write {
    let change = Change::new(
        format!("unit {UNIT} on {}", spec.host),
        Kind::Apply,
        Value::Null,
        json!({ "reloaded for": spec.name }),
    );
    Write::repeatable(change, &spec.host, UnitDo::new(UnitAction::Reload, UNIT))
}

/// A refusal with sshd's own words.
fn refused(spec: &SshdSpec, halt: Halt) -> Halt {
    match halt {
        Halt::Failed(failure) if failure.code == code::host::failed => {
            let text = format!(
                "sshd on {} doesn't take the settings {}",
                spec.host, spec.name
            );
            let mut own = Failure::new(code::host::sshd_refused, text)
                .help("nothing was changed: correct what sshd names, and resume");
            own.causes.clone_from(&failure.causes);
            own.into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_a_file_of_its_own_or_a_block_at_the_beginning() {
        let spec: SshdSpec = serde_json::from_value(
            json!({ "host": "a", "name": "x", "settings": { "UseDNS": false } }),
        )
        .unwrap();
        let settings = Settings::of("x", &spec.settings, false).unwrap();
        let place = |text: Option<&str>, is_main| SettingsFile {
            path: "/x".to_owned(),
            attributes: Attributes::of_root("644"),
            text: text.map(str::to_owned),
            is_main,
        };
        let text = |place| wanted(&spec, &place, &settings).unwrap();
        assert_eq!(
            text(place(None, false)),
            Some(Some("UseDNS no\n".to_owned()))
        );
        assert_eq!(text(place(Some("UseDNS no\n"), false)), None);
        let main = text(place(Some("Port 22\n"), true)).flatten().unwrap();
        assert_eq!(
            main,
            "# BEGIN homelab x\nUseDNS no\n# END homelab x\nPort 22\n"
        );
        assert_eq!(text(place(Some(&main), true)), None);
    }
}
