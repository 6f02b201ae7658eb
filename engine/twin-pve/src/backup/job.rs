//! `/cluster/backup`: the jobs.

use formats::{comment, property};
use model::{
    Params, Stop, Tx,
    declare::Type,
    kind,
    params::{is_true, text_of},
};
use serde_json::{Map, Value};

use super::{
    schedule,
    verify::{self, Job},
};
use crate::published::declaration;

/// Properties that are a text in a call and an object in an answer.
const OBJECTS: &[&str] = &["fleecing", "performance", "prune-backups"];

pub(super) fn known(tx: &mut Tx<'_>, id: &str) -> Result<Job, Stop> {
    tx.get(kind::BACKUP, id)?
        .ok_or_else(|| Stop::invalid_one("id", format!("No such job '{id}'")))
}

/// A job as the API shows it.
fn shown(id: &str, mut job: Job) -> Job {
    job.insert("id".to_owned(), id.into());
    job.insert("type".to_owned(), "vzdump".into());
    job
}

pub(super) fn list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let mut rows = Vec::new();
    for (id, job) in tx.scan::<Job>(kind::BACKUP)? {
        let mut row = shown(&id, job);
        let next = row
            .get("schedule")
            .and_then(Value::as_str)
            .and_then(|text| schedule::next(tx, text));
        if let Some(next) = next {
            row.insert("next-run".to_owned(), next.into());
        }
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("id");
    known(tx, &id).map(|job| Value::Object(shown(&id, job)))
}

/// The properties that a call sets, as they are kept.
fn sent(params: &Params) -> Job {
    params
        .except(&["id", "delete", "dow", "starttime", "schedule"])
        .map(|(name, value)| (name.to_owned(), kept(name, value)))
        .collect()
}

fn kept(name: &str, value: &Value) -> Value {
    let text = text_of(value).unwrap_or_default();
    if OBJECTS.contains(&name) {
        return object(name, &text);
    }
    let text = if name == "comment" {
        comment::kept(&text).to_owned()
    } else {
        text
    };
    match declaration("POST /cluster/backup").params.get(name) {
        Some(param) if param.kind == Type::Array => value.clone(),
        Some(param) => param.typed(text),
        None => text.into(),
    }
}

/// A property string as an object; numbers stay texts.
fn object(name: &str, text: &str) -> Value {
    // The one property whose name may be left out.
    let pairs = property::parts(text).map(|part| {
        let key = part.key.unwrap_or("enabled");
        (key.to_owned(), part.value.to_owned())
    });
    let flags = ["enabled", "keep-all"];
    pairs
        .map(|(key, value)| {
            let value = if flags.contains(&key.as_str()) {
                u8::from(is_true(&value)).to_string()
            } else {
                value
            };
            (key, Value::from(value))
        })
        .filter(|(key, _)| name == "fleecing" || key != "enabled")
        .collect::<Map<_, _>>()
        .into()
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    verify::rights(tx, params)?;
    let schedule = verify::schedule(params, true)?;
    let id = match params.text("id") {
        Some(id) => id,
        None => {
            let number = tx.count("backup jobs")?;
            let uuid = tx.uuid(&format!("backup job/{number}"));
            format!("backup-{}-{}", &uuid[..8], &uuid[9..13])
        }
    };
    if tx.get::<Value>(kind::BACKUP, &id)?.is_some() {
        return Err(Stop::fail(format!("Job '{id}' already exists")));
    }
    let mut job = sent(params);
    job.extend(schedule.map(|schedule| ("schedule".to_owned(), schedule.into())));
    job.entry("enabled").or_insert_with(|| 1.into());
    verify::selection(&mut job)?;
    tx.put(kind::BACKUP, &id, &job)?;
    Ok(Value::Null)
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    verify::rights(tx, params)?;
    let schedule = verify::schedule(params, false)?;
    let id = params.required("id");
    let Some(mut job) = tx.get::<Job>(kind::BACKUP, &id)? else {
        return Err(Stop::fail("no such vzdump job"));
    };
    for name in params.list("delete") {
        let is_option = declaration("POST /cluster/backup")
            .params
            .contains_key(&name)
            && !matches!(
                name.as_str(),
                "id" | "schedule" | "enabled" | "starttime" | "dow"
            );
        if !is_option {
            return Err(Stop::fail("400 Parameter verification failed."));
        }
        job.shift_remove(&name);
    }
    let set = sent(params);
    job.extend(set.clone());
    job.extend(schedule.map(|schedule| ("schedule".to_owned(), schedule.into())));
    reselect(&mut job, &set);
    verify::selection(&mut job)?;
    tx.put(kind::BACKUP, &id, &job)?;
    Ok(Value::Null)
}

/// A new selection replaces the earlier one.
fn reselect(job: &mut Job, set: &Job) {
    if job.contains_key("exclude") && !job.contains_key("pool") {
        job.insert("all".to_owned(), 1.into());
    }
    let gone: &[&str] = if set.contains_key("vmid") {
        &["all", "exclude", "pool"]
    } else if set.get("all").is_some_and(|all| *all == 1) {
        &["vmid", "pool"]
    } else if job.contains_key("pool") {
        &["vmid", "all", "exclude"]
    } else {
        &[]
    };
    for name in gone {
        job.shift_remove(*name);
    }
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("id");
    if tx.get::<Value>(kind::BACKUP, &id)?.is_none() {
        return Err(Stop::fail("400 Parameter verification failed."));
    }
    tx.delete(kind::BACKUP, &id)?;
    Ok(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_what_reads_back() {
        assert_eq!(
            kept("prune-backups", &json!("keep-last=3,keep-daily=7")),
            json!({ "keep-last": "3", "keep-daily": "7" })
        );
        assert_eq!(
            kept("fleecing", &json!("1,storage=local")),
            json!({ "enabled": "1", "storage": "local" })
        );
        assert_eq!(kept("all", &json!(true)), json!(1));
        assert_eq!(kept("mode", &json!("stop")), json!("stop"));
    }

    #[test]
    fn replaces_a_selection() {
        for (before, set, after) in [
            (
                json!({ "all": 1, "exclude": "1" }),
                json!({ "vmid": "100" }),
                json!({ "vmid": "100" }),
            ),
            (
                json!({ "vmid": "100" }),
                json!({ "all": 1 }),
                json!({ "all": 1 }),
            ),
            (
                json!({ "vmid": "100" }),
                json!({ "pool": "web" }),
                json!({ "pool": "web" }),
            ),
            (
                json!({ "pool": "web" }),
                json!({ "all": 1 }),
                json!({ "all": 1 }),
            ),
        ] {
            let mut job = before.as_object().unwrap().clone();
            let set = set.as_object().unwrap();
            job.extend(set.clone());
            reselect(&mut job, set);
            assert_eq!(Value::Object(job), after);
        }
    }
}
