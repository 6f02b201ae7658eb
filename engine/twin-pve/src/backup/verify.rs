//! What is checked of a backup job.

use model::{
    Params, Stop, Tx,
    params::{split_list, text_of},
    permission,
};
use serde_json::{Map, Value};

/// A job, as the API names its properties.
pub(super) type Job = Map<String, Value>;

/// Needs the rights that single options need besides the right to make jobs.
///
/// # Errors
/// 400 or 403 in the API's words, or the rows' fault.
pub(super) fn rights(tx: &mut Tx<'_>, params: &Params) -> Result<(), Stop> {
    let is_root = tx.caller.is_root();
    let dangerous = ["tmpdir", "dumpdir", "script"];
    if let Some(name) = dangerous
        .into_iter()
        .find(|name| params.has(name) && !is_root)
    {
        return Err(Stop::invalid_one(name, "Only root may set this option."));
    }
    if let Some(fleecing) = params.text("fleecing") {
        let storage = split_list(&fleecing)
            .into_iter()
            .find_map(|pair| Some(pair.strip_prefix("storage=")?.to_owned()));
        if let Some(storage) = storage {
            permission::require(
                tx,
                &format!("/storage/{storage}"),
                &["Datastore.AllocateSpace"],
            )?;
        }
    }
    if let Some(pool) = params.text("pool").filter(|pool| !pool.is_empty()) {
        if tx.get::<Value>(model::kind::POOL, &pool)?.is_none() {
            return Err(Stop::forbidden(&format!("pool '{pool}' does not exist")));
        }
        permission::require(tx, &format!("/pool/{pool}"), &["VM.Backup"])?;
    }
    Ok(())
}

/// The schedule of a call: given, or made of the old parameters for it.
///
/// # Errors
/// 400 where both are given, or neither where one is needed.
pub(super) fn schedule(params: &Params, needed: bool) -> Result<Option<String>, Stop> {
    match (params.text("schedule"), params.text("starttime")) {
        (Some(_), Some(_)) => Err(Stop::invalid_one(
            "starttime",
            "'starttime' and 'schedule' cannot both be set",
        )),
        (None, None) if needed => Err(Stop::invalid_one(
            "schedule",
            "neither 'starttime' nor 'schedule' were set",
        )),
        (Some(schedule), None) => Ok(Some(schedule)),
        (None, Some(start)) => {
            let days = params.list("dow").join(",");
            let is_any = days.is_empty();
            Ok(Some(if is_any {
                start
            } else {
                format!("{days} {start}")
            }))
        }
        (None, None) => Ok(None),
    }
}

fn is_true(job: &Job, name: &str) -> bool {
    job.get(name)
        .and_then(text_of)
        .is_some_and(|text| text == "1")
}

fn is_given(job: &Job, name: &str) -> bool {
    job.get(name)
        .and_then(text_of)
        .is_some_and(|text| !text.is_empty() && text != "0")
}

/// Checks what a job saves. Its caller's lock turns what is wrong with a parameter into a plain text.
///
/// # Errors
/// 500 that says `400 Parameter verification failed.`
pub(super) fn selection(job: &mut Job) -> Result<(), Stop> {
    let failed = || Stop::fail("400 Parameter verification failed.");
    let has_list = is_given(job, "vmid");
    if has_list && (is_true(job, "all") || is_given(job, "exclude") || is_given(job, "pool")) {
        return Err(failed());
    }
    if let Some(template) = job.get("notes-template").and_then(Value::as_str)
        && !is_template(template)
    {
        return Err(failed());
    }
    if job.contains_key("exclude") && !job.contains_key("pool") {
        job.insert("all".to_owned(), 1.into());
    }
    let selects = ["all", "stop", "pool"]
        .iter()
        .any(|name| is_given(job, name));
    if selects || has_list {
        Ok(())
    } else {
        Err(failed())
    }
}

/// Whether notes name only what can be filled in, and escape only what can be escaped.
fn is_template(text: &str) -> bool {
    let is_known = |name: &str| {
        // What holds blanks or braces isn't taken for a name.
        name.contains(|c: char| c.is_whitespace() || "{}".contains(c))
            || matches!(name, "" | "cluster" | "guestname" | "node" | "vmid")
    };
    let names = text
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"));
    !text.contains('\n') && names.map(|(name, _)| name).all(is_known) && only_known_escapes(text)
}

fn only_known_escapes(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' && !matches!(letters.next(), Some('\\' | 'n')) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wants_one_selection() {
        for (job, fits) in [
            (json!({ "all": 1 }), true),
            (json!({ "vmid": "100" }), true),
            (json!({ "pool": "web" }), true),
            (json!({ "exclude": "100" }), true),
            (json!({ "all": 0 }), false),
            (json!({}), false),
            (json!({ "all": 1, "vmid": "100" }), false),
            (json!({ "pool": "web", "vmid": "100" }), false),
            (
                json!({ "all": 1, "notes-template": "{{guestname}} {{nope}}" }),
                false,
            ),
            (
                json!({ "all": 1, "notes-template": "{{guestname}}\\n{{vmid}}" }),
                true,
            ),
        ] {
            let mut made = job.as_object().unwrap().clone();
            assert_eq!(selection(&mut made).is_ok(), fits, "{job}");
        }
    }

    #[test]
    fn makes_schedules_of_old_parameters() {
        let schedule =
            |params: Value| super::schedule(&Params(params.as_object().unwrap().clone()), true);
        let old = schedule(json!({ "starttime": "03:15", "dow": "sat;sun" }));
        assert_eq!(old.unwrap().unwrap(), "sat,sun 03:15");
        assert!(schedule(json!({ "starttime": "03:15", "schedule": "daily" })).is_err());
        assert!(schedule(json!({})).is_err());
    }
}
