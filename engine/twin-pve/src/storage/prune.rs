//! Which backups on a storage are kept, and which are removed.

use formats::{civil::Civil, property};
use model::{
    Effect, Params, Stop, Tx, Work,
    node::{
        activate::activate,
        storages::{self, Storage, property},
    },
    permission,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

use super::content;

/// How many backups are kept of each kind: `keep-last`, `keep-daily` …
struct Keep(BTreeMap<String, u64>);

impl Keep {
    fn parse(text: &str) -> Self {
        let parts = property::parts(text);
        let counts =
            parts.filter_map(|part| Some((part.key?.to_owned(), part.value.parse().ok()?)));
        Self(counts.collect())
    }

    fn count(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Whether nothing is ever removed.
    fn is_all(&self) -> bool {
        self.count("keep-all") > 0 || self.0.values().all(|count| *count == 0)
    }
}

/// The period in which a moment lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Hour,
    Day,
    /// From Monday.
    Week,
    Month,
    Year,
}

impl Period {
    /// A text that is the same for all moments of a period.
    fn label(self, time: u64) -> String {
        let time = i64::try_from(time).unwrap_or(i64::MAX);
        let at = Civil::at(time);
        match self {
            Self::Hour => format!("{} {}", at.date(), at.hour),
            Self::Day => at.date(),
            Self::Week => format!("week {}", (time.div_euclid(86_400) + 3).div_euclid(7)),
            Self::Month => format!("{}-{}", at.year, at.month),
            Self::Year => at.year.to_string(),
        }
    }
}

/// Which of one guest's backups are kept, newest first.
fn marks(times: &[u64], keep: &Keep) -> Vec<bool> {
    if keep.is_all() {
        return vec![true; times.len()];
    }
    let mut kept = vec![false; times.len()];
    for (name, period) in [
        ("keep-last", None),
        ("keep-hourly", Some(Period::Hour)),
        ("keep-daily", Some(Period::Day)),
        ("keep-weekly", Some(Period::Week)),
        ("keep-monthly", Some(Period::Month)),
        ("keep-yearly", Some(Period::Year)),
    ] {
        let label =
            |time: u64| period.map_or_else(|| time.to_string(), |period| period.label(time));
        // A period for which a backup is kept already isn't kept once more.
        let mut seen: BTreeSet<String> = times
            .iter()
            .zip(&kept)
            .filter(|(_, kept)| **kept && period.is_some())
            .map(|(time, _)| label(*time))
            .collect();
        let mut left = keep.count(name);
        for (place, time) in times.iter().enumerate() {
            if left == 0 {
                break;
            }
            if !kept[place] && seen.insert(label(*time)) {
                kept[place] = true;
                left -= 1;
            }
        }
    }
    kept
}

/// The backups that a call is about, each with its mark.
fn marked(
    tx: &mut Tx<'_>,
    id: &str,
    storage: &Storage,
    params: &Params,
) -> Result<Vec<Map<String, Value>>, Stop> {
    if !storages::holds(storage, "backup") {
        return Err(Stop::fail(format!(
            "storage '{id}' does not support backups"
        )));
    }
    let configured = property(storage, "prune-backups");
    let Some(keep) = params
        .text("prune-backups")
        .or_else(|| Some(configured).filter(|text| !text.is_empty()))
    else {
        return Err(Stop::fail(format!(
            "no prune-backups options configured for storage '{id}'"
        )));
    };
    activate(tx, id, storage)?;
    let keep = Keep::parse(&keep);
    let mut found = Vec::new();
    for (guest, rows) in by_guest(tx, id, storage, params)? {
        let kind = guest.split('/').next().unwrap_or_default();
        found.extend(entries(kind, rows, &keep));
    }
    Ok(found)
}

/// The backups that a call is about, by guest: `qemu/100`.
fn by_guest(
    tx: &mut Tx<'_>,
    id: &str,
    storage: &Storage,
    params: &Params,
) -> Result<BTreeMap<String, Vec<Value>>, Stop> {
    let (vmid, wanted) = (params.integer("vmid"), params.text("type"));
    let mut guests: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in content::rows(tx, id, storage)? {
        let volid = row["volid"].as_str().unwrap_or_default();
        let kind = if volid.contains("vzdump-lxc-") {
            "lxc"
        } else {
            "qemu"
        };
        let fits = row["content"] == "backup"
            && vmid.is_none_or(|vmid| row["vmid"].as_i64() == Some(vmid))
            && wanted.as_ref().is_none_or(|wanted| wanted == kind);
        if fits {
            let guest = format!("{kind}/{}", row["vmid"]);
            guests.entry(guest).or_default().push(row);
        }
    }
    Ok(guests)
}

/// One guest's backups, each with its mark.
fn entries(kind: &str, mut rows: Vec<Value>, keep: &Keep) -> Vec<Map<String, Value>> {
    rows.sort_by_key(|row| std::cmp::Reverse(row["ctime"].as_u64()));
    let times: Vec<u64> = rows
        .iter()
        .filter(|row| row["protected"] != 1)
        .filter_map(|row| row["ctime"].as_u64())
        .collect();
    let mut kept = marks(&times, keep).into_iter();
    let entry = |row: Value| {
        let mark = if row["protected"] == 1 {
            "protected"
        } else if kept.next().unwrap_or(true) {
            "keep"
        } else {
            "remove"
        };
        let entry = json!({
            "volid": row["volid"], "vmid": row["vmid"], "ctime": row["ctime"], "type": kind, "mark": mark,
        });
        entry.as_object().cloned().unwrap_or_default()
    };
    rows.into_iter().map(entry).collect()
}

pub(super) fn dry_run(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("storage");
    let storage = storages::known(tx, &id)?;
    Ok(marked(tx, &id, &storage, params)?
        .into_iter()
        .map(Value::Object)
        .collect())
}

pub(super) fn prune(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("storage");
    let storage = storages::known(tx, &id)?;
    if let Some(vmid) = params.text("vmid") {
        permission::require(tx, &format!("/storage/{id}"), &["Datastore.AllocateSpace"])?;
        permission::require(tx, &format!("/vms/{vmid}"), &["VM.Backup"])?;
    } else {
        permission::require(tx, &format!("/storage/{id}"), &["Datastore.Allocate"])?;
    }
    let mut rows = Vec::new();
    let mut log = Vec::new();
    for entry in marked(tx, &id, &storage, params)? {
        let volid = entry["volid"].as_str().unwrap_or_default().to_owned();
        if entry["mark"] == "remove" {
            log.push(format!("Removed volume '{volid}'"));
            rows.push((content::key(tx, &storage, &volid)?, None));
        }
    }
    let work = Work::new("prunebackups", &id)
        .logging(log)
        .doing(Effect::Rows { rows });
    tx.start_task(work).map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_of_each_period() {
        const DAY: u64 = 86_400;
        let times: Vec<u64> = (0..5)
            .map(|back| 1_767_225_600 + 100 * DAY - back * DAY / 2)
            .collect();
        for (keep, wanted) in [
            ("keep-all=1", [true, true, true, true, true]),
            ("keep-last=2", [true, true, false, false, false]),
            ("keep-daily=2", [true, true, false, false, false]),
            (
                "keep-last=1,keep-daily=1",
                [true, true, false, false, false],
            ),
            ("keep-yearly=1", [true, false, false, false, false]),
        ] {
            assert_eq!(marks(&times, &Keep::parse(keep)), wanted, "{keep}");
        }
    }
}
