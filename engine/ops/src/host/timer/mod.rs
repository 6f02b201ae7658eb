//! Timers: a unit that starts another one when the time comes.

mod text;

use formats::unit as unit_file;
use runbook::{
    action::Change,
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::{Operation, told::told},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    host::{
        Ask as _,
        verb::{Attributes, Calendar, Entry, Stat},
    },
};

use super::{
    edit::in_the_way,
    file::diff,
    place::{self, place},
    probe,
    unit::{self, Runs, UnitSpec},
};
use crate::{info::Effect, operate::Operate};

const TIMER: &str = "host::timer";

/// Where the files of a host's own units lie.
const FOLDER: &str = "/etc/systemd/system";

/// Ensures a timer of systemd and, for a command, the service that it starts: `NAME.timer`, `NAME.service`. systemd
/// checks both before they take their place. The timer is enabled and started. Answers `timer`.
///
/// Errors: systemd doesn't take the calendar event or the command (the cause has its words).
///
/// ```rhai
/// host::timer("pve1", "tidy", #{ calendar: "Sun 04:00", command: "/usr/bin/journalctl --vacuum-time=30d", persistent: true })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimerSpec {
    /// The host.
    host: String,
    /// Its name, without `.timer`.
    name: String,
    /// When, as a calendar event of systemd: `daily`, `Mon..Fri 03:30`.
    calendar: Option<String>,
    /// What is run: a command with its full path. It becomes the service NAME. No shell reads it, and `%` and `$` mean
    /// themselves: what needs a shell is `/bin/sh -c '…'`.
    command: Option<String>,
    /// What is started instead of a command: a unit that is there.
    unit: Option<String>,
    /// Who runs the command. Default: `root`.
    user: Option<String>,
    /// What it's for. Default: its name.
    description: Option<String>,
    /// Whether a time that passed while the host was off is made up for. Default: no.
    #[serde(default)]
    persistent: bool,
    /// By how much it may be late, each time another time: `10min`. Default: not at all.
    random_delay: Option<String>,
    /// Whether it's to be gone, with its service. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for TimerSpec {
    const NAME: &str = TIMER;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "name"];

    fn resource(&self) -> String {
        format!("timer {} on {}", self.name, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let timer = format!("{}.timer", self.name);
        if self.absent {
            remove(operation, &self, &timer).await?;
        } else {
            check(operation, &self).await?;
            if let Some(command) = &self.command {
                place_unit(operation, &self, "service", &text::service(&self, command)).await?;
            }
            place_unit(operation, &self, "timer", &text::timer(&self)).await?;
            read_service(operation, &self).await?;
            let wanted = UnitSpec::new(&self.host, &timer, Runs::Yes);
            unit::run(operation, wanted.reading(vec![self.file("timer")])).await?;
        }
        let mut fields = Fields::new();
        fields.insert("timer".to_owned(), json!(timer));
        Ok(fields)
    }
}

impl TimerSpec {
    fn file(&self, kind: &str) -> String {
        format!("{FOLDER}/{}.{kind}", self.name)
    }
}

/// Looks at the fields, and lets systemd look at the calendar event.
async fn check(operation: &Operation, spec: &TimerSpec) -> Result<(), Halt> {
    let wrong = |text: &str| Failure::new(code::runbook::argument, format!("{TIMER}: {text}"));
    let Some(calendar) = &spec.calendar else {
        return Err(wrong("`calendar` is missing").into());
    };
    if spec.command.is_some() == spec.unit.is_some() {
        return Err(wrong("either `command` or `unit` is needed").into());
    }
    let fields = [
        &spec.calendar,
        &spec.command,
        &spec.unit,
        &spec.user,
        &spec.description,
        &spec.random_delay,
    ];
    if fields
        .iter()
        .any(|field| field.as_ref().is_some_and(|text| text.contains('\n')))
    {
        return Err(wrong("a field has several lines").into());
    }
    if let Some(word) = spec.command.as_deref().and_then(unit_file::for_shell) {
        let text = format!(
            "`{word}` in the command is read by no shell: systemd starts the program itself"
        );
        return Err(wrong(&text)
            .help("let a shell read it: `/bin/sh -c 'COMMAND'`")
            .into());
    }
    let ask = Calendar::new(calendar);
    let reply = operation.call(&spec.host, ask.call()).await?;
    match reply.status {
        1 => {
            let text = format!(
                "systemd on {} doesn't take the calendar event '{calendar}'",
                spec.host
            );
            Err(Failure::new(code::host::calendar, text)
                .cause(reply.error.trim().to_owned())
                .help("`systemd-analyze calendar EVENT` tries one; man systemd.time has them all")
                .into())
        }
        _ => Ok(told::<Calendar>(&spec.host, &reply)?),
    }
}

/// Puts a unit's file in place, if it differs.
async fn place_unit(
    operation: &Operation,
    spec: &TimerSpec,
    kind: &str,
    text: &str,
) -> Result<(), Halt> {
    let path = spec.file(kind);
    let is_there = match operation.ask(&spec.host, Stat::new(&path)).await? {
        Entry::Absent => false,
        Entry::File { .. } => true,
        other => return Err(in_the_way(&spec.host, &path, &other).into()),
    };
    let found = probe::file(operation, &spec.host, &path).await?;
    let old = found.bytes()?;
    if is_there && old == text.as_bytes() {
        return Ok(());
    }
    let resource = format!("{kind} {} on {}", spec.name, spec.host);
    let after = text::shown(spec, kind);
    let change = match is_there {
        true => Change::update(resource, Value::Null, after),
        false => Change::create(resource, after),
    };
    let change = change.with_diff(diff(old, text.as_bytes()));
    let attributes = Attributes::of_root("644");
    let placing = place(&spec.host, &path, text.as_bytes(), &attributes).checked("unit");
    let write = placing.write(change);
    operation.write(write).await?;
    Ok(())
}

/// Lets systemd read the service again if its file changed; the timer's is looked at with the timer.
async fn read_service(operation: &Operation, spec: &TimerSpec) -> Result<(), Halt> {
    let service = format!("{}.service", spec.name);
    if spec.command.is_some()
        && unit::probe::show(operation, &spec.host, &service)
            .await?
            .needs_reload
    {
        operation
            .write(unit::read_again(&spec.host, &service))
            .await?;
    }
    Ok(())
}

/// Stops the timer and removes its files.
async fn remove(operation: &Operation, spec: &TimerSpec, timer: &str) -> Result<(), Halt> {
    if unit::probe::show(operation, &spec.host, timer)
        .await?
        .is_there()
    {
        unit::run(operation, UnitSpec::new(&spec.host, timer, Runs::No)).await?;
    }
    let mut is_removed = false;
    for kind in ["timer", "service"] {
        let path = spec.file(kind);
        if operation.ask(&spec.host, Stat::new(&path)).await? == Entry::Absent {
            continue;
        }
        let change = Change::delete(
            format!("{kind} {} on {}", spec.name, spec.host),
            json!({ "path": path }),
        );
        operation
            .write(place::remove(&spec.host, &path, change))
            .await?;
        is_removed = true;
    }
    let needs_reload = unit::probe::show(operation, &spec.host, timer)
        .await?
        .needs_reload;
    if is_removed && needs_reload {
        operation.write(unit::read_again(&spec.host, timer)).await?;
    }
    Ok(())
}
