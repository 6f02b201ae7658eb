//! How a run ended: the lab, the steps' values, and what was created.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use formats::envrc::Envrc;
use runbook::{
    failure::Failure,
    journal::{Head, Journal as _, SqliteJournal, Summary},
};
use serde_json::Value;
use twin::Twin;

use super::{Link, Tasks};
use crate::{lab_world::twin_failure, session::journal_failure};

/// The end of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    /// All that the lab shows.
    pub(crate) export: Value,
    /// The value of every step.
    pub(crate) values: BTreeMap<String, Value>,
    /// How often each path was asked to create something.
    pub(crate) created: BTreeMap<String, u64>,
    /// The operator's files; of `.envrc` its names, since a secret that was lost on the way is made anew.
    pub(crate) files: BTreeMap<String, BTreeSet<String>>,
    /// How many changes the run made in all.
    pub(crate) changes: u64,
    /// Whether nothing is left to do.
    pub(crate) complete: bool,
}

impl End {
    /// Reads how the newest run of a runbook in a lab ended.
    ///
    /// # Errors
    /// The twin or the journal can't be read.
    pub(crate) fn read(twin: &Twin, state: &Path, runbook: &Link) -> Result<Self, Failure> {
        let failed = |error: &twin::TwinError| twin_failure(error);
        let journal = SqliteJournal::open(&state.join("journal.db"))
            .map_err(|error| journal_failure(&error))?;
        let heads = journal
            .runs(None)
            .map_err(|error| journal_failure(&error))?;
        let is_its = |head: &&Head| {
            runbook
                .name
                .as_ref()
                .is_none_or(|name| head.runbook == *name)
        };
        let entries = heads
            .iter()
            .find(is_its)
            .map(|head| journal.load(head.run))
            .transpose();
        let summary = Summary::of(
            &entries
                .map_err(|error| journal_failure(&error))?
                .unwrap_or_default(),
        );
        let world = twin.id().map_err(|error| failed(&error))?;
        Ok(Self {
            export: twin.export().map_err(|error| failed(&error))?,
            values: summary
                .steps
                .iter()
                .map(|(step, recorded)| (step.0.clone(), recorded.value.clone()))
                .collect(),
            created: twin.creations().map_err(|error| failed(&error))?,
            files: files(&state.join("via").join(world.0)),
            complete: summary.is_complete(),
            changes: summary.changes,
        })
    }

    /// The first way in which another end differs from this one.
    pub(crate) fn divergence(&self, other: &Self, tasks: Tasks) -> Option<String> {
        first_difference("lab", &self.export, &other.export)
            .or_else(|| {
                let (a, b) = (
                    self.values.keys().collect::<Vec<_>>(),
                    other.values.keys().collect::<Vec<_>>(),
                );
                (a != b).then(|| format!("steps: {a:?} became {b:?}"))
            })
            .or_else(|| {
                self.values.iter().find_map(|(step, value)| {
                    first_difference(
                        &format!("value of step {step}"),
                        value,
                        other.values.get(step)?,
                    )
                })
            })
            .or_else(|| {
                (self.files != other.files)
                    .then(|| format!("files: {:?} became {:?}", self.files, other.files))
            })
            .or_else(|| self.created_otherwise(other, tasks))
    }

    /// A path that was asked to create more often. One more is right where a task failed on the way.
    fn created_otherwise(&self, other: &Self, tasks: Tasks) -> Option<String> {
        let allowed = u64::from(tasks == Tasks::Fail);
        let paths: BTreeSet<&String> = self.created.keys().chain(other.created.keys()).collect();
        let mut spare = allowed;
        for path in paths {
            let count = |end: &Self| end.created.get(path).copied().unwrap_or_default();
            let (before, after) = (count(self), count(other));
            if after == before {
                continue;
            }
            if after > before && after - before <= spare {
                spare -= after - before;
                continue;
            }
            return Some(format!(
                "created: POST {path} was carried out {before} times, then {after} times"
            ));
        }
        None
    }
}

/// The first place at which two values differ.
fn first_difference(place: &str, a: &Value, b: &Value) -> Option<String> {
    if a == b {
        return None;
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| {
                let null = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&null), b.get(key).unwrap_or(&null));
                first_difference(&format!("{place} / {key}"), a, b)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(at, (a, b))| first_difference(&format!("{place} / {at}"), a, b))
        }
        _ => Some(format!("{place}: {a} became {b}")),
    }
}

fn files(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let names = Envrc::parse(&text).names().map(str::to_owned).collect();
            (entry.file_name().to_string_lossy().into_owned(), names)
        })
        .collect()
}
