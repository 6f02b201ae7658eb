//! Packages of a Debian host.

mod difference;
mod probe;

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
    host::verb::{
        HoldAction, ListsAge, PackagesHold, PackagesInstall, PackagesRemove, PackagesUpdate,
    },
};

use self::{
    difference::Plan,
    probe::{is_held, is_installed},
};
use crate::{info::Effect, operate::Operate};

const PACKAGES: &str = "host::packages";

/// Ensures packages of a Debian host, with apt. One call for all of them; nothing is asked for on the host, settings
/// that were edited stay, and whoever holds apt's lock is waited for. What packages need comes too, but nothing is
/// removed for them. apt's lists are brought up to date first where they're old, repositories changed, or a package isn't
/// found. On the twin a repository of the lab's own has the packages that the lab's `twin.rhai` declares. Answers
/// `versions`, a map.
///
/// Errors: there is no such package; it's held; the lock stays taken (the cause names by whom).
///
/// ```rhai
/// host::repository("pve1", "pve-enterprise", #{ enabled: false });
/// host::repository("pve1", "ceph", #{ enabled: false });
/// host::packages("pve1", #{ names: ["htop", "tmux"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackagesSpec {
    /// The host.
    host: String,
    /// The packages; `NAME=VERSION` for one version.
    names: Vec<String>,
    /// What they're to be: `present`, `latest` or `absent`. Default: `present`.
    #[serde(default)]
    state: State,
    /// Whether they're held at their version, or not. Default: as they are. A held package isn't changed otherwise: that's an error.
    hold: Option<bool>,
    /// Whether held packages may be changed all the same. Default: no.
    #[serde(default)]
    change_held: bool,
    /// Whether recommended packages come too. Default: yes, as apt does.
    #[serde(default = "yes")]
    recommends: bool,
    /// Whether their settings go with packages that are to be absent. Default: no.
    #[serde(default)]
    purge: bool,
    /// Whether packages that need them go with packages that are to be absent. Default: no; then it's an error.
    #[serde(default)]
    dependents: bool,
    /// After how many hours apt's lists are old and brought up to date, where a package's newest version is asked for. Default: 24.
    #[serde(default = "day")]
    update_after: u64,
}

impl Operate for PackagesSpec {
    const NAME: &str = PACKAGES;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("packages on {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let asked = self
            .names
            .iter()
            .map(|word| Asked::of(word))
            .collect::<Result<Vec<_>, _>>()?;
        let names: Vec<&str> = asked.iter().map(|asked| asked.name.as_str()).collect();
        let mut fields = Fields::new();
        if names.is_empty() {
            return Ok(fields);
        }
        let known = probe::known(operation, &self.host, &names).await?;
        let candidates = candidates(operation, &self, &asked, &known).await?;
        let plan = Plan::of(&self, &asked, &known, &candidates).map_err(Halt::from)?;
        let write = match self.state {
            State::Absent => removal(&self, &plan),
            _ => installation(&self, &plan),
        };
        let is_changed = write.is_some();
        if let Some(write) = write {
            operation.write(write).await?;
        }
        if let Some(hold) = self.hold.filter(|_| self.state != State::Absent) {
            let known = match is_changed {
                true => probe::known(operation, &self.host, &names).await?,
                false => known.clone(),
            };
            keep(operation, &self, (&names, &known), hold).await?;
        }
        let versions = |name: &&str| {
            let planned = plan.after.get(*name).cloned();
            let is = known.get(*name).filter(|known| is_installed(known));
            let version = planned.or_else(|| is.map(|is| json!(is.version)));
            ((*name).to_owned(), version.unwrap_or(Value::Null))
        };
        let versions: Map<String, Value> = names.iter().map(versions).collect();
        fields.insert("versions".to_owned(), versions.into());
        Ok(fields)
    }
}

const fn yes() -> bool {
    true
}

const fn day() -> u64 {
    24
}

/// What packages are to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Installed.
    #[default]
    Present,
    /// Installed, in the newest version that apt knows.
    Latest,
    /// Not installed.
    Absent,
}

/// A package as it's asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    name: String,
    version: Option<String>,
}

impl Asked {
    fn of(word: &str) -> Result<Self, Failure> {
        let (name, version) = match word.split_once('=') {
            Some((name, version)) => (name, Some(version)),
            None => (word, None),
        };
        let fits = |text: &str, more: &str| {
            text.starts_with(|first: char| first.is_ascii_alphanumeric())
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
        };
        let letters = "+.-:~ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let is_right = fits(name, "+.-") && version.is_none_or(|version| fits(version, letters));
        if !is_right {
            let text = format!("{PACKAGES}: '{word}' is no package name");
            return Err(Failure::new(code::runbook::argument, text).help("a name, or NAME=VERSION"));
        }
        Ok(Self {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        })
    }
}

/// Which versions apt would install, where that has to be known; its lists are brought up to date first where they
/// have to be.
async fn candidates(
    operation: &Operation,
    spec: &PackagesSpec,
    asked: &[Asked],
    known: &probe::All,
) -> Result<probe::Candidates, Halt> {
    let needs = |asked: &&Asked| {
        let is = known.get(&asked.name).filter(|known| is_installed(known));
        match spec.state {
            State::Absent => false,
            State::Latest => {
                asked.version.is_none() || is.map(|is| &is.version) != asked.version.as_ref()
            }
            State::Present => {
                is.is_none_or(|is| asked.version.as_ref().is_some_and(|own| *own != is.version))
            }
        }
    };
    let names: Vec<&str> = asked
        .iter()
        .filter(needs)
        .map(|asked| asked.name.as_str())
        .collect();
    if names.is_empty() {
        return Ok(probe::Candidates::new());
    }
    let age = probe::lists(operation, &spec.host).await?;
    let is_old = match age {
        ListsAge::Never | ListsAge::Changed => true,
        ListsAge::Seconds(age) => age >= spec.update_after * 3600,
    };
    if !is_old {
        let found = probe::candidates(operation, &spec.host, &names).await?;
        if names.iter().all(|name| found.contains_key(*name)) {
            return Ok(found);
        }
    }
    operation.write(update(spec, age)).await?;
    probe::candidates(operation, &spec.host, &names).await
}

fn update(spec: &PackagesSpec, age: ListsAge) -> Write {
    let why = match age {
        ListsAge::Never => "they were never read".to_owned(),
        ListsAge::Changed => "repositories changed".to_owned(),
        ListsAge::Seconds(_) => format!(
            "they are older than {} h, or lack a package",
            spec.update_after
        ),
    };
    let change = Change::new(
        format!("package lists on {}", spec.host),
        Kind::Apply,
        Value::Null,
        json!({ "read again": why }),
    );
    Write::repeatable(change, &spec.host, PackagesUpdate {})
}

fn options(all: &[(bool, &'static str)]) -> String {
    let words: Vec<&str> = all
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| *word)
        .collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(",")
    }
}

fn installation(spec: &PackagesSpec, plan: &Plan) -> Option<Write> {
    let options = options(&[(spec.change_held, "held"), (!spec.recommends, "bare")]);
    let change = plan.change(&spec.resource())?;
    let call = PackagesInstall::new(options, plan.words.clone());
    Some(Write::repeatable(change, &spec.host, call))
}

fn removal(spec: &PackagesSpec, plan: &Plan) -> Option<Write> {
    let options = options(&[
        (spec.purge, "purge"),
        (spec.dependents, "dependents"),
        (spec.change_held, "held"),
    ]);
    let change = plan.change(&spec.resource())?;
    let call = PackagesRemove::new(options, plan.words.clone());
    Some(Write::repeatable(change, &spec.host, call))
}

/// Holds packages, or lets them go.
async fn keep(
    operation: &Operation,
    spec: &PackagesSpec,
    (names, known): (&[&str], &probe::All),
    hold: bool,
) -> Result<(), Halt> {
    // In a plan a package that is only predicted counts as not held.
    let is_held = |name: &&&str| known.get(**name).is_some_and(is_held);
    let differ: Vec<&str> = names
        .iter()
        .filter(|name| is_held(name) != hold)
        .copied()
        .collect();
    if differ.is_empty() {
        return Ok(());
    }
    let list = |held: bool| -> Map<String, Value> {
        differ
            .iter()
            .map(|name| {
                (
                    (*name).to_owned(),
                    json!(if held { "held" } else { "not held" }),
                )
            })
            .collect()
    };
    let change = Change::update(spec.resource(), list(!hold).into(), list(hold).into());
    let action = if hold {
        HoldAction::Hold
    } else {
        HoldAction::Unhold
    };
    let names: Vec<String> = differ.iter().map(ToString::to_string).collect();
    let call = PackagesHold::new(action, names);
    operation
        .write(Write::repeatable(change, &spec.host, call))
        .await?;
    Ok(())
}
