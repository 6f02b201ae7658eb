//! Backup jobs.

use std::collections::BTreeMap;

use formats::property::PropertyString;
use runbook::failure::Failure;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use world::{code, proxmox::lenient};

use crate::{
    difference::text,
    field::Names,
    proxmox::object::{At, Object, Wanted},
};

/// Ensures a backup job of the cluster. Answers `job`.
///
/// Errors: the schedule isn't a calendar event; `prune-backups` can't be read.
///
/// ```rhai
/// proxmox::backup::ensure("weekly", #{
///     schedule: "sun 04:15",
///     storage: "local",
///     selection: "all",
///     "prune-backups": "keep-last=4"
/// })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupSpec {
    /// The job's id.
    job: String,
    /// When it runs, as a calendar event: `02:30`, `sun 04:15`.
    schedule: String,
    /// Where the backups go.
    storage: String,
    /// Which guests: `all`, a list of their ids, or `pool:NAME`.
    selection: Names,
    /// How many are kept, as in `keep-last=3,keep-daily=7`. Default: as it is.
    #[serde(rename = "prune-backups")]
    prune: Option<String>,
    /// `snapshot`, `suspend` or `stop`. Default: as it is, on a new job `snapshot`.
    mode: Option<String>,
    /// Whether it runs. Default: yes.
    enabled: Option<bool>,
    /// A comment. Default: as it is.
    comment: Option<String>,
}

impl Object for BackupSpec {
    const NAME: &str = "proxmox::backup::ensure";
    const NOUN: &str = "backup job";
    const ID: &str = "job";
    const AT: At = At::List("/cluster/backup/{id}");

    fn id(&self) -> &str {
        &self.job
    }

    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        wanted.text("schedule", Some(&self.schedule));
        wanted.text("storage", Some(&self.storage));
        wanted.text("mode", self.mode.as_deref());
        wanted.comment(self.comment.as_deref());
        wanted.prove_nothing("comment");
        wanted.flag("enabled", Some(self.enabled.unwrap_or(true)), true);
        // On by default, and then not always shown.
        if self.enabled.unwrap_or(true) {
            wanted.prove_nothing("enabled");
        }
        self.want_selection(wanted)?;
        self.want_keeps(wanted)
    }
}

/// The three ways in which a job names its guests.
const SELECTIONS: [&str; 3] = ["all", "vmid", "pool"];

impl BackupSpec {
    /// The selection as a parameter and its value.
    fn selection(&self) -> Result<(&'static str, String), Failure> {
        let refused = |why: &str| {
            Failure::new(
                code::runbook::argument,
                format!("backup job {}: {why}", self.job),
            )
            .help("a selection is `all`, a list of guests' ids, or `pool:NAME`")
        };
        match self.selection.0.as_slice() {
            [] => Err(refused("it selects nothing")),
            [one] if one == "all" => Ok(("all", "1".to_owned())),
            [one] if one.starts_with("pool:") => Ok(("pool", one["pool:".len()..].to_owned())),
            ids if ids.iter().all(|id| id.parse::<u32>().is_ok()) => {
                Ok(("vmid", self.selection.sorted().join(",")))
            }
            _ => Err(refused(&format!(
                "'{}' isn't a selection",
                self.selection.commas()
            ))),
        }
    }

    fn keeps(&self) -> Result<Option<PropertyString>, Failure> {
        let Some(prune) = &self.prune else {
            return Ok(None);
        };
        PropertyString::parse(prune, None)
            .map(Some)
            .map_err(|error| {
                Failure::new(
                    code::runbook::argument,
                    format!("backup job {}: {error}", self.job),
                )
                .help("write it as keep-last=3,keep-daily=7")
            })
    }

    fn want_selection(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        let (name, value) = self.selection()?;
        let is = wanted.there();
        let same = match name {
            "vmid" => self.selection.same_as(&text(is, name)),
            _ => text(is, name) == value,
        };
        if same {
            return Ok(());
        }
        for other in SELECTIONS.into_iter().filter(|other| *other != name) {
            if !matches!(text(is, other).as_str(), "" | "0") {
                wanted.set(other, is.get(other), Value::Null);
                // Naming a selection drops the one before it.
                wanted.send_nothing(other);
            }
        }
        wanted.set(name, is.get(name), value);
        Ok(())
    }

    fn want_keeps(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        let is = kept(wanted.there().get("prune-backups"));
        let Some(keeps) = self.keeps()?.filter(|keeps| is.as_ref() != Some(keeps)) else {
            return Ok(());
        };
        let before = is.map(|is| Value::from(is.to_string()));
        wanted.set("prune-backups", before.as_ref(), keeps.to_string());
        // It comes back as an object.
        let object: Map<String, Value> = keeps
            .pairs()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        wanted.prove("prune-backups", object);
        Ok(())
    }
}

/// What is kept, from the object that the API answers, in whatever order, or from text.
fn kept(observed: Option<&Value>) -> Option<PropertyString> {
    match observed? {
        Value::Object(object) => {
            let mut keeps = PropertyString::new(None);
            let fields: BTreeMap<&String, &Value> = object.iter().collect();
            for (name, value) in fields {
                keeps.set(name, &lenient::text(value)?);
            }
            Some(keeps)
        }
        other => PropertyString::parse(&lenient::text(other)?, None).ok(),
    }
}

#[cfg(test)]
mod tests {
    use runbook::{
        action::Proof,
        write::{Dispatch, Write},
    };
    use serde_json::json;

    use super::*;
    use crate::proxmox::object::write;

    fn spec(selection: Value) -> BackupSpec {
        serde_json::from_value(
            json!({"job": "n", "schedule": "02:30", "storage": "nas", "selection": selection,
            "prune-backups": "keep-daily=7,keep-last=3", "mode": "snapshot"}),
        )
        .unwrap()
    }

    fn observed() -> Value {
        json!({"id": "n", "schedule": "02:30", "storage": "nas", "all": 1, "mode": "snapshot", "enabled": 1, "type": "vzdump",
            "prune-backups": {"keep-last": "3", "keep-daily": "7"}})
    }

    fn wanted(selection: Value, there: Option<&Value>) -> Option<Write> {
        write(&spec(selection), "pve1", there).unwrap()
    }

    #[test]
    fn compares_what_is_kept_as_values() {
        assert!(wanted(json!("all"), Some(&observed())).is_none());
        let mut other = observed();
        other["prune-backups"]["keep-last"] = json!(4);
        let write = wanted(json!("all"), Some(&other)).unwrap();
        assert_eq!(
            write.change.after,
            json!({"prune-backups": "keep-daily=7,keep-last=3"})
        );
    }

    #[test]
    fn the_order_of_what_is_kept_changes_neither_plan_nor_proof() {
        let shown = |keeps: &str| {
            let mut there = observed();
            there["prune-backups"] = serde_json::from_str(keeps).unwrap();
            wanted(json!("all"), Some(&there)).unwrap().change.before
        };
        assert_eq!(
            shown(r#"{"keep-weekly": "4", "keep-daily": "2"}"#),
            shown(r#"{"keep-daily": "2", "keep-weekly": "4"}"#)
        );
    }

    #[test]
    fn changes_the_selection() {
        let guests = wanted(json!([101, 100]), Some(&observed())).unwrap();
        assert_eq!(guests.change.after, json!({"all": null, "vmid": "100,101"}));
        let Dispatch::Request(to) = guests.action else {
            panic!("a request");
        };
        assert_eq!(to.request.form(), "vmid=100%2C101");
        let pool = wanted(json!("pool:web"), Some(&observed())).unwrap();
        assert_eq!(pool.change.after["pool"], "web");
        for refused in [json!("some"), json!([])] {
            assert!(write(&spec(refused), "pve1", Some(&observed())).is_err());
        }
    }

    #[test]
    fn proves_by_the_list() {
        let write = wanted(json!("all"), None).unwrap();
        let Proof::Proxmox { condition, .. } = write.proof else {
            panic!("a read");
        };
        assert!(condition.holds(Some(&json!([observed()]))), "{condition:?}");
        assert!(!condition.holds(Some(&json!([]))));
    }
}
