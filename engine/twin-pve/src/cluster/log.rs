//! `GET /cluster/log`: what the daemons said of tasks, the newest first.

use model::{Params, Stop, Task, Tx, kind, node_domain, permission};
use serde_json::{Value, json};
use world::clock::Moment;

/// How many entries are shown where the call doesn't say.
const SHOWN: i64 = 50;
/// The syslog's levels of errors and of information.
const ERROR: u8 = 3;
const INFO: u8 = 6;

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let all = permission::has_any(tx, "/", &["Sys.Syslog"])?;
    let caller = tx.caller.id.clone();
    let mut entries: Vec<(Moment, Value)> = Vec::new();
    for node in tx.members()? {
        for (upid, task) in tx.scan_in::<Task>(&node_domain(&node), kind::TASK)? {
            if !all && task.user != caller {
                continue;
            }
            entries.push((
                task.start,
                entry(&task, task.start, format!("starting task {upid}")),
            ));
            if let Some(exit) = &task.exitstatus {
                entries.push((
                    task.end,
                    entry(&task, task.end, format!("end task {upid} {exit}")),
                ));
            }
        }
    }
    entries.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let most = params.integer("max").unwrap_or(SHOWN);
    let most = usize::try_from(most).unwrap_or_default();
    let shown = entries.into_iter().take(most);
    Ok(shown
        .zip(1_u64..)
        .map(|((_, mut entry), uid)| {
            entry["uid"] = uid.into();
            entry["id"] = format!("{uid}:{}", entry["node"].as_str().unwrap_or_default()).into();
            entry
        })
        .collect())
}

fn entry(task: &Task, at: Moment, message: String) -> Value {
    let failed = at == task.end
        && task
            .exitstatus
            .as_deref()
            .is_some_and(|exit| !Task::is_ok(exit));
    let pid = task.upid.split(':').nth(2).unwrap_or_default();
    json!({
        "time": at.seconds(), "msg": message, "node": task.node, "user": task.user,
        "tag": "pvedaemon", "pri": if failed { ERROR } else { INFO },
        "pid": u64::from_str_radix(pid, 16).unwrap_or_default(),
    })
}
