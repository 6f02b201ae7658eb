//! What real nodes answered reads back from the model.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use model::dispatch::respond;
use serde_json::{Value, json};
use std::sync::Arc;
use world::proxmox::{Port, PortError};

use super::{
    super::{
        cells::{self, Vantage},
        clock::PreviewClock,
        driver::Preview,
    },
    support::{Got, facts, plain, request},
};

/// A node that gives one recorded answer, and next to nothing else.
struct Recorded {
    path: String,
    data: Value,
}

impl Port for Recorded {
    fn send(
        &self,
        _: &str,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, PortError>> {
        let uri = request.uri().path_and_query().unwrap().as_str();
        let path = uri.trim_start_matches("/api2/json").to_owned();
        Box::pin(async move {
            let data = match path.as_str() {
                path if path == self.path => self.data.clone(),
                "/nodes" => json!([{ "node": "pve1", "status": "online" }]),
                "/cluster/status" => {
                    json!([{ "type": "node", "name": "pve1", "local": 1, "ip": "10.77.0.1", "nodeid": 0 }])
                }
                "/access/ticket" => {
                    json!({ "username": "root@pam", "ticket": "PVE:root@pam:1::x", "CSRFPreventionToken": "y" })
                }
                "/version" | "/cluster/config/totem" => json!({}),
                "/access/users?full=1"
                | "/pools"
                | "/access/domains"
                | "/access/acl"
                | "/access/groups"
                | "/cluster/resources?type=vm" => json!([]),
                _ => return Ok(respond(501, "not recorded", None)),
            };
            Ok(respond(200, "OK", Some(&json!({ "data": data }))))
        })
    }
}

/// Whether an answer has all that was recorded: an object may have more, a list may stand in any order.
fn has(got: &Value, recorded: &Value) -> bool {
    match (got, recorded) {
        (Value::Object(got), Value::Object(recorded)) => recorded
            .iter()
            .all(|(name, value)| got.get(name).is_some_and(|got| has(got, value))),
        (Value::Array(got), Value::Array(recorded)) => {
            got.len() == recorded.len()
                && recorded
                    .iter()
                    .all(|item| got.iter().any(|got| has(got, item)))
        }
        (got, recorded) => {
            got == recorded
                || world::proxmox::lenient::text(got) == world::proxmox::lenient::text(recorded)
        }
    }
}

/// The recorded answers of reads that a cell makes: path and data.
fn recorded() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/recorded");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let scenario: Value = serde_json::from_str(&text).unwrap();
        for step in scenario["steps"].as_array().into_iter().flatten() {
            let data = &step["expect"]["data"];
            let path = step["path"].as_str().unwrap().replace("{{node}}", "pve1");
            // What was filtered is a part of a list.
            let is_literal = !data.is_null()
                && step["params"].is_null()
                && !format!("{path}{data}").contains("{{")
                && !data.to_string().contains("\"~");
            // Others may see less of a list than there is.
            let is_roots = step["auth"].is_null() || step["auth"] == "root-ticket";
            if step["method"] == "GET" && step["expect"]["status"] == 200 && is_literal && is_roots
            {
                found.push((path, data.clone()));
            }
        }
    }
    found
}

#[tokio::test]
async fn what_real_nodes_answered_reads_back_from_the_model() {
    let place = Vantage {
        node: "pve1".to_owned(),
        appliances: Vec::new(),
    };
    let first: Vec<String> = cells::all()
        .flat_map(|cell| (cell.reads)(&place, &[]))
        .collect();
    let mut compared = 0;
    for (path, data) in recorded() {
        // Users are read with their tokens, disks with their partitions: a plain list has less.
        if !first.contains(&path) {
            continue;
        }
        let port = Recorded {
            path: path.clone(),
            data: data.clone(),
        };
        let clock = PreviewClock::over(Arc::new(crate::clock::TwinClock::default()));
        let model = Preview::over(Arc::new(port), clock, &facts());
        let login = request("POST /access/ticket username=root@pam&password=x", &[]);
        model.answer("10.77.0.1", login).await.unwrap();
        let cookie = [("cookie", "PVEAuthCookie=PVE:root@pam:1::x".to_owned())];
        let version = request("GET /version", &cookie);
        model.answer("10.77.0.1", version).await.unwrap();
        let line = format!("GET {}", path.replacen('?', " ", 1));
        let ran = model.run("pve1", "root@pam", &request(&line, &[])).await;
        // An answer that needs other rows too, which weren't recorded with it.
        let Ok(ran) = ran else {
            continue;
        };
        let got = Got::of(&ran.response);
        let (got, mut recorded) = (plain(got.data()), plain(&data));
        if let Some(recorded) = recorded.as_object_mut() {
            // Guests' tags are among them, and no guests were recorded with it.
            recorded.shift_remove("allowed-tags");
        }
        assert!(
            has(&got, &recorded),
            "{line}\n{got:#}\nrecorded:\n{recorded:#}"
        );
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} recorded answers compared");
}
