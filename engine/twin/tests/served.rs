//! A served twin, asked through the client that asks real nodes.

#![expect(
    clippy::unwrap_used,
    reason = "what a test can't set up is a failed test"
)]

use std::time::Duration;

use homelab_twin as twin;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use twin::{
    LabFacts, Options, Served, Start, Twin,
    facts::NodeFacts,
    fault::{Fault, Happens},
};
use world::proxmox::{HttpsPort, Port as _, PortError, Route, Routes, Trust};

const ADDRESSES: [&str; 2] = ["10.77.0.1", "10.77.0.2"];

fn facts() -> LabFacts {
    let node = |(address, number): (&str, u8)| NodeFacts {
        name: format!("pve{number}"),
        address: format!("{address}/24"),
        interface: "eno1".to_owned(),
        cores: 4,
        memory: 8 << 30,
        root: "ext4".to_owned(),
        raid: String::new(),
        serial: String::new(),
        ports: vec![twin::facts::Port {
            name: "eno1".to_owned(),
            speed: 0,
            mac: "bc:24:11:00:00:01".to_owned(),
        }],
        ..NodeFacts::default()
    };
    LabFacts {
        version: "9.2".to_owned(),
        nodes: ADDRESSES.into_iter().zip(1..).map(node).collect(),
        ..LabFacts::default()
    }
}

fn open(folder: &tempfile::TempDir) -> Twin {
    let file = folder.path().join("twin.db");
    Twin::open(Some(&file), facts(), Start::installed(), Options::default()).unwrap()
}

/// A client that trusts each node by its fingerprint alone.
fn client(served: &Served) -> HttpsPort {
    let routes = Routes::default();
    for node in &served.nodes {
        let route = Route {
            listens: Some(node.api.trim_start_matches("https://").to_owned()),
            trust: Trust::Fingerprint(node.fingerprint.clone()),
        };
        routes.set(&node.address, route);
    }
    HttpsPort::new(routes)
}

fn request(method: &str, path: &str, form: &str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(format!("/api2/json{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form.to_owned()))
        .unwrap()
}

/// Logs in as root; what stands in the ticket's place on every later request.
async fn login(port: &HttpsPort, address: &str, password: &str) -> [(String, String); 2] {
    login_as(
        port,
        address,
        &format!("username=root@pam&password={password}"),
    )
    .await
}

async fn login_as(port: &HttpsPort, address: &str, form: &str) -> [(String, String); 2] {
    let sent = port.send(address, request("POST", "/access/ticket", form));
    let data = data(&sent.await.unwrap());
    let text = |name: &str| data[name].as_str().unwrap().to_owned();
    let ticket: String = form_urlencoded(&text("ticket"));
    [
        ("cookie".to_owned(), format!("PVEAuthCookie={ticket}")),
        (
            "csrfpreventiontoken".to_owned(),
            text("CSRFPreventionToken"),
        ),
    ]
}

fn form_urlencoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn data(response: &Response<Bytes>) -> Value {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    body["data"].clone()
}

fn with(mut request: Request<Bytes>, ticket: &[(String, String)]) -> Request<Bytes> {
    for (name, value) in ticket {
        let name: http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_certificate_is_trusted_by_its_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let served = twin::serve::serve(&open(&folder), twin::Manner::default())
        .await
        .unwrap();
    let port = client(&served);
    let answer = port
        .send(ADDRESSES[0], request("GET", "/version", ""))
        .await;
    assert_eq!(answer.unwrap().status(), 401, "it answers, to nobody");

    let routes = Routes::default();
    for (node, other) in served.nodes.iter().zip(served.nodes.iter().rev()) {
        let route = Route {
            listens: Some(node.api.trim_start_matches("https://").to_owned()),
            trust: Trust::Fingerprint(other.fingerprint.clone()),
        };
        routes.set(&node.address, route);
    }
    let error = HttpsPort::new(routes)
        .send(ADDRESSES[0], request("GET", "/version", ""))
        .await
        .unwrap_err();
    match error {
        PortError::Fingerprint { pinned, actual, .. } => {
            assert_eq!(pinned, served.nodes[1].fingerprint);
            assert_eq!(actual, served.nodes[0].fingerprint);
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_reset_beside_it_ends_tickets_and_keeps_ports_and_password() {
    let folder = tempfile::tempdir().unwrap();
    let twin = open(&folder);
    let served = twin::serve::serve(&twin, twin::Manner::default())
        .await
        .unwrap();
    let port = client(&served);
    let ticket = login(&port, ADDRESSES[0], &served.password).await;
    let made = request("POST", "/access/groups", "groupid=one");
    let made = port.send(ADDRESSES[0], with(made, &ticket)).await.unwrap();
    assert_eq!(made.status(), 200);
    let before = twin.id().unwrap();

    // Another process resets it through its own connection to the store.
    open(&folder).reset().unwrap();
    assert_ne!(twin.id().unwrap(), before);
    let read = || with(request("GET", "/access/groups", ""), &ticket);
    let refused = port.send(ADDRESSES[0], read()).await.unwrap();
    assert_eq!(refused.status(), 401, "its ticket is of another world");
    let ticket = login(&port, ADDRESSES[0], &served.password).await;
    let listed = with(request("GET", "/access/groups", ""), &ticket);
    let listed = port.send(ADDRESSES[0], listed).await.unwrap();
    assert_eq!(data(&listed), serde_json::json!([]));

    let (ports, password) = (served.nodes.clone(), served.password.clone());
    drop(served);
    let again = twin::serve::serve(&twin, twin::Manner::default())
        .await
        .unwrap();
    assert_eq!(again.password, password);
    let names = |nodes: &[twin::ServedNode]| {
        nodes
            .iter()
            .map(|node| node.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&again.nodes), names(&ports));
}

#[tokio::test]
async fn faults_happen_on_the_wire() {
    let folder = tempfile::tempdir().unwrap();
    let twin = open(&folder);
    let served = twin::serve::serve(&twin, twin::Manner::default())
        .await
        .unwrap();
    let port = client(&served);
    let ticket = login(&port, ADDRESSES[0], &served.password).await;
    let send = |method: &str, path: &str, form: &str| {
        let request = with(request(method, path, form), &ticket);
        port.send(ADDRESSES[0], request)
    };
    let answer = Happens::Answer {
        status: 596,
        reason: "Connection timed out".to_owned(),
    };
    twin.add_fault(&Fault::at_call("GET /pools", 1, answer))
        .unwrap();
    let failed = send("GET", "/pools", "").await.unwrap();
    assert_eq!((failed.status().as_u16(), failed.body().len()), (596, 0));
    assert_eq!(send("GET", "/pools", "").await.unwrap().status(), 200);

    let dropped = Happens::Drop { carried_out: true };
    twin.add_fault(&Fault::at_call("POST /pools", 1, dropped))
        .unwrap();
    let error = send("POST", "/pools", "poolid=one").await.unwrap_err();
    assert!(matches!(error, PortError::Broken { .. }), "{error}");
    let pools = data(&send("GET", "/pools", "").await.unwrap());
    assert_eq!(pools[0]["poolid"], "one", "it was carried out all the same");

    twin.add_fault(&Fault::always(Happens::NoQuorum)).unwrap();
    let refused = send("POST", "/pools", "poolid=two").await.unwrap();
    assert_eq!(refused.status(), 500);
    twin.clear_faults().unwrap();
    assert_eq!(
        send("POST", "/pools", "poolid=two").await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn a_jump_of_the_clock_is_stored_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let twin = open(&folder);
    let clock = twin.world().unwrap().clock;
    let start = clock.now();
    clock.sleep(Duration::from_secs(90)).await;
    let other = open(&folder).world().unwrap().clock;
    assert_eq!(other.now().since(start), Duration::from_secs(90));
}

#[tokio::test]
async fn an_export_has_no_secrets_and_sorted_keys() {
    let folder = tempfile::tempdir().unwrap();
    let twin = open(&folder);
    let served = twin::serve::serve(&twin, twin::Manner::default())
        .await
        .unwrap();
    let port = client(&served);
    let ticket = login(&port, ADDRESSES[0], &served.password).await;
    let mut secret = String::new();
    for (path, form) in [
        ("/access/users", "userid=u@pve&password=hunter2-long"),
        ("/access/users/u@pve/token/run", ""),
    ] {
        let request = with(request("POST", path, form), &ticket);
        let made = data(&port.send(ADDRESSES[0], request).await.unwrap());
        secret = made["value"].as_str().unwrap_or_default().to_owned();
    }
    assert!(!secret.is_empty());
    let export = twin.export().unwrap();
    let text = export.to_string();
    assert!(text.contains("u@pve!run"));
    for hidden in [secret.as_str(), "hunter2", served.password.as_str()] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    sorted(&export);
}

fn sorted(value: &Value) {
    if let Value::Object(map) = value {
        let keys: Vec<&String> = map.keys().collect();
        assert!(keys.is_sorted(), "{keys:?}");
        map.values().for_each(sorted);
    }
    if let Value::Array(items) = value {
        items.iter().for_each(sorted);
    }
}

/// Who makes a call that isn't modelled, path and form, and its answer: the status, and which parameters are wrong.
const NOT_MODELLED: &[(&str, &str, &str, u16, &str)] = &[
    ("nobody", "/nodes/pve1/qemu", "vmid=100", 401, ""),
    ("user", "/nodes/pve1/qemu/100/status/start", "", 403, ""),
    (
        "root",
        "/nodes/pve1/qemu",
        "vmid=9&cores=x",
        400,
        "cores vmid",
    ),
    (
        "root",
        "/nodes/pve1/qemu",
        "vmid=100&scsi0=a:1,no=1",
        400,
        "scsi0",
    ),
    (
        "root",
        "/nodes/pve1/qemu",
        "vmid=100&scsi31=a:1",
        400,
        "scsi31",
    ),
    (
        "root",
        "/nodes/pve1/qemu",
        "vmid=100&scsi0=local:1,discard=on",
        501,
        "",
    ),
    (
        "root",
        "/cluster/ha/rules",
        "rule=one&type=node-affinity&resources=vm:1",
        400,
        "nodes",
    ),
    (
        "root",
        "/cluster/ha/rules",
        "rule=one&type=resource-affinity&resources=vm:1&affinity=negative",
        501,
        "",
    ),
    ("root", "/nodes/pve1/nothing", "", 501, ""),
];

#[tokio::test]
async fn a_call_that_is_not_modelled_is_refused_as_the_real_one_before_its_501() {
    let folder = tempfile::tempdir().unwrap();
    let served = twin::serve::serve(&open(&folder), twin::Manner::default())
        .await
        .unwrap();
    let port = client(&served);
    let root = login(&port, ADDRESSES[0], &served.password).await;
    let made = request(
        "POST",
        "/access/users",
        "userid=u@pve&password=hunter2-long",
    );
    assert!(port.send(ADDRESSES[0], with(made, &root)).await.is_ok());
    let user = login_as(&port, ADDRESSES[0], "username=u@pve&password=hunter2-long").await;
    for (who, path, form, status, wrong) in NOT_MODELLED.iter().copied() {
        let sent = match who {
            "root" => with(request("POST", path, form), &root),
            "user" => with(request("POST", path, form), &user),
            _ => request("POST", path, form),
        };
        let answer = port.send(ADDRESSES[0], sent).await.unwrap();
        assert_eq!(answer.status(), status, "{path} {form}");
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let found = body["errors"].as_object().cloned().unwrap_or_default();
        let mut found: Vec<_> = found.keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), wrong, "{path} {form}");
    }
}
