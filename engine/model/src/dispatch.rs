//! The way of one request: who calls, may they, is it well-formed, what is the answer.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde_json::{Map, Value, json};
use world::proxmox::Reason;

use super::{
    auth, beat,
    fault::{self, Happens},
    params::Params,
    permission,
    published::Api,
    request,
    rows::{Fault, Pending},
    schema,
    stop::{ApiAnswer, Stop},
    transaction::{Config, Tx, unknown_node},
};

/// Answers a request to an API that was sent to the node of `tx`. Time that has passed is taken into account first;
/// a request that is refused changes nothing.
///
/// # Errors
/// Rows that gave no answer; nothing has been written then, except the ends of tasks.
pub fn answer(
    api: &Api,
    tx: &mut Tx<'_>,
    request: &http::Request<Bytes>,
) -> Result<Response<Bytes>, Fault> {
    tx.advance().or_else(ignore_api)?;
    let mut pending_extra = Map::new();
    let (result, now) = {
        // The borrow of `tx` by the inner transaction ends before the writes are committed.
        let Tx {
            rows,
            now,
            node,
            caller,
            config,
            ..
        } = tx;
        let mut pending = Pending::new(&mut **rows);
        let mut inner = Tx::new(&mut pending, *now, node.clone(), config);
        inner.caller.clone_from(caller);
        let result = run(api, &mut inner, request);
        let now = inner.now;
        pending_extra.append(&mut inner.extra);
        if result.is_ok() {
            pending.commit()?;
        }
        (result, now)
    };
    tx.now = now;
    match result {
        Ok(data) => Ok(success(tx.config, data, pending_extra)),
        Err(Stop::Api(refusal)) => Ok(refused(&refusal)),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

fn ignore_api(stop: Stop) -> Result<(), Fault> {
    match stop {
        Stop::Fault(fault) => Err(fault),
        Stop::Api(answer) => Err(Fault::Store(format!(
            "a task's end failed: {}",
            answer.message
        ))),
    }
}

fn run(api: &Api, tx: &mut Tx<'_>, request: &http::Request<Bytes>) -> Result<Value, Stop> {
    let line = request::line(request)?;
    let sent = request::params(request);
    // A preview knows already who calls: the world below said so.
    let is_known = !tx.caller.id.is_empty();
    if !is_known && !is_open(&line.method, &line.path) {
        tx.caller = auth::identify(tx, &line.method, request.headers())?;
    }
    let sent = sent?;
    let Some((call, mut params)) = api.calls.find(&line.method, &line.parts) else {
        return Err(Stop::not_implemented(&line.method, &line.path));
    };
    for (name, value) in sent {
        if params.contains_key(&name) {
            let words = "duplicate parameter (already defined in URI)";
            return Err(Stop::invalid_one(&name, words));
        }
        params.insert(name, value);
    }
    let declaration = api.calls.read(call);
    if tx.caller.is_token() && declaration.ticket_only {
        let path = &line.path;
        return Err(Stop::forbidden(&format!(
            "URI '{path}' not available with API token, need proper ticket.\n"
        )));
    }
    let params = Params(params);
    permission::check(tx, &declaration.permission, &params)?;
    if let Some(node) = &declaration.proxyto {
        proxy(tx, &params.required(node))?;
    }
    let params = schema::validate(declaration, params.0)?;
    quorum(tx, &line.method, &line.path)?;
    match api.handler(call) {
        Some(handler) => handler(tx, &params),
        None => Err(Stop::not_implemented(&line.method, &line.path)),
    }
}

/// Without quorum `/etc/pve` can only be read; what a node keeps for itself still changes.
fn quorum(tx: &mut Tx<'_>, method: &str, path: &str) -> Result<(), Stop> {
    let is_write = method != "GET" && path != "/access/ticket";
    // A preview doesn't ask: a write to a cluster without quorum isn't predicted to fail.
    let is_asked = fault::is_so(tx.rows, &Happens::NoQuorum)? || beat::is_kept(tx)?;
    if !is_write || !is_asked || tx.is_quorate()? {
        return Ok(());
    }
    let family = path.split('/').nth(1).unwrap_or_default();
    let lock = match family {
        "access" | "pools" => "file-user_cfg",
        "storage" => "file-storage_cfg",
        "cluster" => match path.split('/').nth(2).unwrap_or_default() {
            "backup" | "jobs" => "file-jobs_cfg",
            "ha" => "domain-ha",
            "mapping" => "file-mapping_pci_cfg",
            "options" => "file-datacenter_cfg",
            // What concerns corosync asks for quorum itself.
            _ => return Ok(()),
        },
        _ if path.contains("/qemu") || path.contains("/lxc") => {
            return Err(Stop::fail("cluster not ready - no quorum?"));
        }
        _ => return Ok(()),
    };
    Err(Stop::fail(format!("cfs-lock '{lock}' error: no quorum!")))
}

/// The calls that need no login.
fn is_open(method: &str, path: &str) -> bool {
    match path {
        "/access/domains" => method == "GET",
        "/access/ticket" => matches!(method, "GET" | "POST"),
        "/access/openid" | "/access/openid/login" | "/access/openid/auth-url" => true,
        _ => false,
    }
}

/// Goes to the node that the path names. It has to be in the asked node's cluster and reachable.
///
/// # Errors
/// 500 for an unknown node, 595 for one that can't be reached, 596 for one that joined a moment ago, or the rows' fault.
pub fn proxy(tx: &mut Tx<'_>, node: &str) -> Result<(), Stop> {
    if node == "localhost" || node == tx.node {
        return Ok(());
    }
    let domain = tx.cluster()?;
    match tx.node_row(node)? {
        Some(row) if row["domain"] == *domain => {
            if !tx.is_online(node)? {
                return Err(unproxied(595, "No route to host"));
            }
            // A preview doesn't ask: it has no time in which something comes late.
            if beat::is_kept(tx)? && tx.is_late(node, "clusterjoin")? {
                return Err(unproxied(596, "certificate verify failed"));
            }
            node.clone_into(&mut tx.node);
            Ok(())
        }
        _ => Err(unknown_node(node)),
    }
}

/// A code as the HTTP client between the nodes makes it: without a body.
fn unproxied(status: u16, why: &str) -> Stop {
    Stop::Api(Box::new(ApiAnswer {
        status,
        message: format!("{why}\n"),
        errors: Map::new(),
        body: false,
    }))
}

fn success(config: &Config, data: Value, extra: Map<String, Value>) -> Response<Bytes> {
    let mut body = json!({ "data": data });
    if let Some(object) = body.as_object_mut() {
        object.extend(extra);
    }
    config.answers.order(&config.seed, &mut body);
    respond(200, "OK", Some(&body))
}

fn refused(answer: &ApiAnswer) -> Response<Bytes> {
    // Between the daemons a reason travels in Latin-1; anything else breaks their connection.
    if answer.message.chars().any(|c| u32::from(c) > 0xFF) {
        return respond(596, "Broken pipe", None);
    }
    let reason = answer.message.lines().next().unwrap_or_default();
    let mut body = json!({ "data": null, "message": answer.message });
    if !answer.errors.is_empty() {
        body["errors"] = Value::Object(answer.errors.clone());
    }
    respond(answer.status, reason, answer.body.then_some(&body))
}

/// An answer with a reason phrase of its own.
pub fn respond(status: u16, reason: &str, body: Option<&Value>) -> Response<Bytes> {
    let bytes = body
        .map(|body| Bytes::from(body.to_string()))
        .unwrap_or_default();
    let mut response = Response::new(bytes);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if body.is_some() {
        let json = header::HeaderValue::from_static("application/json;charset=UTF-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    response.extensions_mut().insert(Reason(reason.to_owned()));
    response
}
