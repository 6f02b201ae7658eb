//! Backup jobs.

use rhai::plugin::*;
use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::proxmox::{Identity, Method, PropertyString, Request, lenient};

use crate::{
    difference::{Difference, text},
    field::Names,
    info::{Effect, OperationInfo},
    proxmox::first_node,
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const ENSURE: &str = "proxmox::backup::ensure";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo {
    name: ENSURE,
    effect: Effect::Change,
    positional: &["job"],
    schema: schema_of::<BackupSpec>,
    needs_root: false,
    requests: &[
        (Method::Get, "/cluster/backup"),
        (Method::Post, "/cluster/backup"),
        (Method::Put, "/cluster/backup/{id}"),
    ],
}];

/// The argument of `proxmox::backup::ensure`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BackupSpec {
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
spec!(BackupSpec, |spec| format!("backup job {}", spec.job));

/// Backup jobs.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, ENSURE, identified};

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
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, job: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("job", job)], spec)?;
        runbook::bridge::call(&context, ENSURE, argument, super::run)
    }
}

/// The three ways in which a job names its guests.
const SELECTIONS: [&str; 3] = ["all", "vmid", "pool"];

async fn run(operation: &Operation, spec: BackupSpec) -> Result<Fields, Halt> {
    let node = first_node(operation)?;
    let list = Request::get("/cluster/backup");
    let jobs = operation.read(&Identity::Root, &node, &list).await?;
    if let Some(write) = write(&spec, &node, jobs.item("id", &spec.job), list)? {
        operation.write(write).await?;
    }
    let mut fields = Fields::new();
    fields.insert("job".to_owned(), json!(spec.job));
    Ok(fields)
}

fn write(
    spec: &BackupSpec,
    node: &str,
    there: Option<&Value>,
    list: Request,
) -> Result<Option<Write>, Failure> {
    let difference = spec.difference(there.unwrap_or(&Value::Null))?;
    if there.is_some() && difference.is_empty() {
        return Ok(None);
    }
    let resource = format!("backup job {}", spec.job);
    let mut wanted = spec.proof(&difference.after)?;
    wanted.insert("id".to_owned(), spec.job.as_str().into());
    let (change, request) = match there {
        None => {
            let after = set_fields(&difference.after);
            (
                Change::create(resource, after.into()),
                Request::post("/cluster/backup").with("id", &spec.job),
            )
        }
        Some(_) => (
            Change::update(
                resource,
                difference.before.into(),
                difference.after.clone().into(),
            ),
            Request::put(Request::path(&["cluster", "backup", &spec.job])),
        ),
    };
    let request =
        sent(&difference.after).fold(request, |request, (name, value)| request.with(name, value));
    Ok(Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (list, Condition::Contains(wanted.into())),
    )))
}

/// The fields that get a value.
fn set_fields(after: &Map<String, Value>) -> Map<String, Value> {
    after
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The parameters of a request. Naming a selection drops the one before it, so nothing is deleted by name.
fn sent(after: &Map<String, Value>) -> impl Iterator<Item = (&str, String)> {
    after
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), lenient::text(value)?)))
}

impl BackupSpec {
    /// The selection as a parameter and its value.
    fn selection(&self) -> Result<(&'static str, String), Failure> {
        let refused = |why: &str| {
            Failure::new(
                "homelab::runbook::argument",
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
                    "homelab::runbook::argument",
                    format!("backup job {}: {error}", self.job),
                )
                .help("write it as keep-last=3,keep-daily=7")
            })
    }

    fn difference(&self, observed: &Value) -> Result<Difference, Failure> {
        let mut difference = Difference::default();
        difference.text(observed, "schedule", Some(&self.schedule));
        difference.text(observed, "storage", Some(&self.storage));
        difference.text(observed, "mode", self.mode.as_deref());
        difference.text(observed, "comment", self.comment.as_deref());
        difference.flag(
            observed,
            "enabled",
            Some(self.enabled.unwrap_or(true)),
            true,
        );
        self.selection_difference(observed, &mut difference)?;
        if let Some(wanted) = self.keeps()? {
            let is = kept(observed.get("prune-backups"));
            if is.as_ref() != Some(&wanted) {
                let before = is.map(|is| Value::from(is.to_string()));
                difference.add("prune-backups", before.as_ref(), wanted.to_string());
            }
        }
        Ok(difference)
    }

    fn selection_difference(
        &self,
        observed: &Value,
        difference: &mut Difference,
    ) -> Result<(), Failure> {
        let (name, value) = self.selection()?;
        let same = match name {
            "vmid" => self.selection.same_as(&text(observed, name)),
            _ => text(observed, name) == value,
        };
        if same {
            return Ok(());
        }
        for other in SELECTIONS.into_iter().filter(|other| *other != name) {
            if !matches!(text(observed, other).as_str(), "" | "0") {
                difference.add(other, observed.get(other), Value::Null);
            }
        }
        difference.add(name, observed.get(name), value);
        Ok(())
    }

    /// What the list of jobs shows afterwards: what is kept comes back as an object.
    fn proof(&self, after: &Map<String, Value>) -> Result<Map<String, Value>, Failure> {
        let mut wanted = after.clone();
        wanted.retain(|name, _| name != "comment");
        if let Some(keeps) = self
            .keeps()?
            .filter(|_| wanted.contains_key("prune-backups"))
        {
            let object: Map<String, Value> = keeps
                .pairs()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            wanted.insert("prune-backups".to_owned(), object.into());
        }
        // On by default, and then not always shown.
        if wanted.get("enabled") == Some(&Value::Bool(true)) {
            wanted.remove("enabled");
        }
        Ok(wanted)
    }
}

/// What is kept, from the object that the API answers or from text.
fn kept(observed: Option<&Value>) -> Option<PropertyString> {
    match observed? {
        Value::Object(object) => {
            let mut keeps = PropertyString::new(None);
            for (name, value) in object {
                keeps.set(name, &lenient::text(value)?);
            }
            Some(keeps)
        }
        other => PropertyString::parse(&lenient::text(other)?, None).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn compares_what_is_kept_as_values() {
        assert!(
            spec(json!("all"))
                .difference(&observed())
                .unwrap()
                .is_empty()
        );
        let mut other = observed();
        other["prune-backups"]["keep-last"] = json!(4);
        let after = spec(json!("all")).difference(&other).unwrap().after;
        assert_eq!(
            Value::Object(after),
            json!({"prune-backups": "keep-daily=7,keep-last=3"})
        );
    }

    #[test]
    fn changes_the_selection() {
        let after = spec(json!([101, 100]))
            .difference(&observed())
            .unwrap()
            .after;
        assert_eq!(
            Value::Object(after.clone()),
            json!({"all": null, "vmid": "100,101"})
        );
        assert_eq!(
            sent(&after).collect::<Vec<_>>(),
            [("vmid", "100,101".to_owned())]
        );
        let pool = spec(json!("pool:web"))
            .difference(&observed())
            .unwrap()
            .after;
        assert_eq!(pool["pool"], "web");
        assert!(spec(json!("some")).difference(&observed()).is_err());
        assert!(spec(json!([])).difference(&observed()).is_err());
    }

    #[test]
    fn proves_by_the_list() {
        let write = write(
            &spec(json!("all")),
            "pve1",
            None,
            Request::get("/cluster/backup"),
        )
        .unwrap()
        .unwrap();
        let runbook::action::Proof::Proxmox { condition, .. } = write.proof else {
            panic!("a read");
        };
        assert!(condition.holds(Some(&json!([observed()]))), "{condition:?}");
        assert!(!condition.holds(Some(&json!([]))));
    }
}
