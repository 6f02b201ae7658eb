//! `/nodes/{node}/tasks` and `/cluster/tasks`.

use formats::names;
use model::{Params, Passing, Stop, Task, Tx, kind, node_domain, permission, published::Endpoint};
use serde_json::{Map, Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /nodes/{node}/tasks", list),
    Endpoint::new("GET /nodes/{node}/tasks/{upid}", index),
    Endpoint::new("DELETE /nodes/{node}/tasks/{upid}", stop),
    Endpoint::new("GET /nodes/{node}/tasks/{upid}/status", status),
    Endpoint::new("GET /nodes/{node}/tasks/{upid}/log", log),
    Endpoint::new("GET /cluster/tasks", cluster_list),
];

/// A task as it is named: the parts of a UPID.
struct Upid {
    node: String,
    pid: u64,
    pstart: u64,
    start: u64,
    kind: String,
    id: String,
    user: String,
}

fn parse(upid: &str) -> Option<Upid> {
    let parts: Vec<&str> = upid.split(':').collect();
    let [scheme, node, pid, pstart, start, kind, id, user, end] = parts.as_slice() else {
        return None;
    };
    let hex = |text: &str, most: usize| {
        let fits = (8..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        u64::from_str_radix(text, 16).ok().filter(|_| fits)
    };
    let plain = !node.is_empty() && !kind.is_empty() && !user.is_empty() && end.is_empty();
    Some(Upid {
        node: (*node).to_owned(),
        pid: hex(pid, 8)?,
        pstart: hex(pstart, 9)?,
        start: hex(start, 8)?,
        kind: (*kind).to_owned(),
        id: (*id).to_owned(),
        user: (*user).to_owned(),
    })
    .filter(|_| plain && *scheme == "UPID")
}

fn parsed(params: &Params) -> Result<Upid, Stop> {
    parse(&params.required("upid"))
        .ok_or_else(|| Stop::invalid_one("upid", "unable to parse worker upid"))
}

/// A task's row, if the task is one of the asked node.
fn find(tx: &mut Tx<'_>, params: &Params, upid: &Upid) -> Result<Option<Task>, Stop> {
    if upid.node != tx.node {
        return Ok(None);
    }
    tx.read(&Task::key(&params.required("upid")))
}

fn found(tx: &mut Tx<'_>, params: &Params, upid: &Upid) -> Result<Task, Stop> {
    find(tx, params, upid)?.ok_or_else(|| Stop::invalid_one("upid", "no such task"))
}

/// A task's owner may see and stop it, its user a token's too; others need a privilege on the node.
fn check_owner(tx: &mut Tx<'_>, user: &str, privilege: &str) -> Result<(), Stop> {
    if tx.caller.owns(user) {
        return Ok(());
    }
    let path = format!("/nodes/{}", tx.node);
    permission::require(tx, &path, &[privilege])
}

/// Lets a polled world's task come to its next event.
fn poll(tx: &mut Tx<'_>, task: Task) -> Result<Task, Stop> {
    if tx.config.passing != Passing::Polled || task.exitstatus.is_some() {
        return Ok(task);
    }
    tx.now = tx.now.max(task.next_event(tx.now));
    tx.advance()?;
    Ok(tx.read(&Task::key(&task.upid))?.unwrap_or(task))
}

fn index(_: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    parsed(params)?;
    Ok(crate::index("name", &["log", "status"]))
}

fn stop(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let upid = parsed(params)?;
    let task = found(tx, params, &upid)?;
    check_owner(tx, &task.user, "Sys.Modify")?;
    if task.exitstatus.is_none() {
        tx.end_task(&task.upid, Some("unexpected status"))?;
    }
    Ok(Value::Null)
}

fn status(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let upid = parsed(params)?;
    let task = found(tx, params, &upid)?;
    check_owner(tx, &task.user, "Sys.Audit")?;
    let task = poll(tx, task)?;
    let mut row = Map::new();
    row.insert("upid".to_owned(), task.upid.into());
    describe(&mut row, &upid);
    let (user, token) = names::token_parts(&upid.user)
        .map_or((upid.user.as_str(), None), |(user, token)| {
            (user, Some(token))
        });
    row.insert("user".to_owned(), user.into());
    if let Some(token) = token {
        row.insert("tokenid".to_owned(), token.into());
    }
    match task.exitstatus {
        Some(exit) => {
            row.insert("status".to_owned(), "stopped".into());
            row.insert("exitstatus".to_owned(), exit.into());
        }
        None => {
            row.insert("status".to_owned(), "running".into());
        }
    }
    Ok(Value::Object(row))
}

fn describe(row: &mut Map<String, Value>, upid: &Upid) {
    row.insert("node".to_owned(), upid.node.as_str().into());
    row.insert("pid".to_owned(), upid.pid.into());
    row.insert("pstart".to_owned(), upid.pstart.into());
    row.insert("starttime".to_owned(), upid.start.into());
    row.insert("type".to_owned(), upid.kind.as_str().into());
    row.insert("id".to_owned(), upid.id.as_str().into());
    row.insert("user".to_owned(), upid.user.as_str().into());
}

fn log(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let upid = parsed(params)?;
    check_owner(tx, &upid.user, "Sys.Audit")?;
    let mut lines = match find(tx, params, &upid)? {
        Some(task) => {
            let task = poll(tx, task)?;
            task.lines(tx.now)
        }
        None => vec!["unable to open file - No such file or directory".to_owned()],
    };
    if lines.is_empty() {
        // Proxmox's web page can't show an empty list.
        lines.push("no content".to_owned());
    }
    tx.extra.insert("total".to_owned(), lines.len().into());
    let start = usize::try_from(params.integer("start").unwrap_or_default()).unwrap_or_default();
    let limit = usize::try_from(params.integer("limit").unwrap_or(50)).unwrap_or_default();
    let limit = if limit == 0 { usize::MAX } else { limit };
    let shown = lines.into_iter().zip(1_u64..).skip(start).take(limit);
    Ok(shown
        .map(|(text, number)| json!({ "n": number, "t": text }))
        .collect())
}

/// A task as lists show it.
fn entry(task: &Task) -> Value {
    let mut row = Map::new();
    row.insert("upid".to_owned(), task.upid.as_str().into());
    if let Some(upid) = parse(&task.upid) {
        describe(&mut row, &upid);
    }
    if let Some(exit) = &task.exitstatus {
        row.insert("endtime".to_owned(), task.end.seconds().into());
        row.insert("status".to_owned(), exit.as_str().into());
    }
    Value::Object(row)
}

/// A node's tasks, the newest first.
fn of_node(tx: &mut Tx<'_>, node: &str) -> Result<Vec<Task>, Stop> {
    let mut tasks: Vec<Task> = tx
        .scan_in(&node_domain(node), kind::TASK)?
        .into_iter()
        .map(|(_, task)| task)
        .collect();
    tasks.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| b.upid.cmp(&a.upid)));
    Ok(tasks)
}

fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let node = tx.node.clone();
    let audit = permission::has_any(tx, &format!("/nodes/{node}"), &["Sys.Audit"])?;
    let caller = tx.caller.clone();
    let own = |task: &Task| caller.owns(&task.user);
    let tasks: Vec<Task> = of_node(tx, &node)?
        .into_iter()
        .filter(|task| (audit || own(task)) && wanted(task, params))
        .collect();
    tx.extra.insert("total".to_owned(), tasks.len().into());
    let start = usize::try_from(params.integer("start").unwrap_or_default()).unwrap_or_default();
    let limit = usize::try_from(params.integer("limit").unwrap_or(50)).unwrap_or_default();
    Ok(tasks.iter().skip(start).take(limit).map(entry).collect())
}

/// Whether a task passes the filters of a list.
fn wanted(task: &Task, params: &Params) -> bool {
    let source = params
        .text("source")
        .unwrap_or_else(|| "archive".to_owned());
    let in_source = match source.as_str() {
        "active" => task.exitstatus.is_none(),
        "archive" => task.exitstatus.is_some(),
        _ => true,
    };
    let at = i64::try_from(task.start.seconds()).unwrap_or(i64::MAX);
    let exit = task.exitstatus.as_deref().unwrap_or_default();
    let failed = !exit.is_empty() && !Task::is_ok(exit);
    let statuses = params.list("statusfilter");
    in_source
        && params.text("vmid").is_none_or(|vmid| task.id == vmid)
        && params
            .text("userfilter")
            .is_none_or(|user| task.user.contains(&user))
        && params
            .text("typefilter")
            .is_none_or(|kind| task.kind == kind)
        && params.integer("since").is_none_or(|since| at >= since)
        && params.integer("until").is_none_or(|until| at <= until)
        && (!params.is_set("errors") || failed)
        && (statuses.is_empty() || statuses.iter().any(|wanted| wanted == class(exit)))
}

/// How a task ended, in the words of the status filter.
fn class(exit: &str) -> &'static str {
    match exit {
        "OK" => "ok",
        "" | "unexpected status" => "unknown",
        text if text.starts_with("WARNINGS: ") => "warning",
        _ => "error",
    }
}

fn cluster_list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let caller = tx.caller.clone();
    let mut rows = Vec::new();
    for node in tx.members()? {
        let audit = permission::has_any(tx, &format!("/nodes/{node}"), &["Sys.Audit"])?;
        let own = |task: &Task| caller.owns(&task.user);
        rows.extend(
            of_node(tx, &node)?
                .iter()
                .filter(|task| audit || own(task))
                .take(25)
                .map(entry),
        );
    }
    Ok(Value::Array(rows))
}
