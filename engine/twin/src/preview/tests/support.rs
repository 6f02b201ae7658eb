//! A twin of a small lab, a recorder between it and a preview, and requests in short.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use model::order::SETS;
use serde_json::{Value, json};
use world::{
    Confidence, Secret, World,
    proxmox::{Port, PortError, Reason},
};

use super::super::{clock::PreviewClock, driver::Preview, over_lab};
use crate::{
    LabFacts, Options, Start, Twin,
    facts::{Appliance, Disk, NodeFacts, PciDevice, Target},
};

/// Root's password on every node.
pub(super) const PASSWORD: &str = "correct horse";

/// A lab of three nodes that are in no cluster, a NAS and a SAN.
pub(super) fn facts() -> LabFacts {
    let node = |number: u8| NodeFacts {
        name: format!("pve{number}"),
        address: format!("10.77.0.{number}/24"),
        interface: "eno1".to_owned(),
        cores: 16,
        memory: 64 << 30,
        root: "ext4".to_owned(),
        raid: String::new(),
        serial: String::new(),
        disks: vec![disk("/dev/sda", "system"), disk("/dev/sdb", "empty")],
        ports: ["eno1", "eno2"].map(port).to_vec(),
        pci: vec![PciDevice {
            slot: "0000:01:00.0".to_owned(),
            id: "10de:27b2".to_owned(),
            subsystem: "10de:181b".to_owned(),
            class: "0x030000".to_owned(),
            vendor: "NVIDIA Corporation".to_owned(),
            device: "AD104GL".to_owned(),
            iommu_group: 12,
        }],
    };
    LabFacts {
        version: "9.2".to_owned(),
        nodes: (1..=3).map(node).collect(),
        appliances: appliances(),
        search: "example.test".to_owned(),
        ..LabFacts::default()
    }
}

fn disk(device: &str, usage: &str) -> Disk {
    Disk {
        device: device.to_owned(),
        size: 480 << 30,
        model: "SSD".to_owned(),
        serial: format!("S{}", &device[5..]),
        usage: usage.to_owned(),
    }
}

fn port(name: &str) -> crate::facts::Port {
    crate::facts::Port {
        name: name.to_owned(),
        speed: 0,
        mac: "bc:24:11:00:00:01".to_owned(),
    }
}

fn appliances() -> Vec<Appliance> {
    let nas = Appliance {
        name: "nas".to_owned(),
        kind: "nfs".to_owned(),
        address: "10.77.0.50".parse().ok(),
        exports: vec!["/volume/proxmox".to_owned()],
        targets: Vec::new(),
    };
    let san = Appliance {
        name: "san".to_owned(),
        kind: "iscsi".to_owned(),
        address: "10.77.0.60".parse().ok(),
        exports: Vec::new(),
        targets: vec![Target {
            target: "iqn.2000-01.test:lab".to_owned(),
            lun: 1,
            size: 2 << 40,
            ..Target::default()
        }],
    };
    vec![nas, san]
}

/// A twin of the lab at its start.
pub(super) fn twin() -> Twin {
    let options = Options {
        root_passwords: vec![Secret::new("ROOT", PASSWORD)],
    };
    Twin::open(None, facts(), Start::installed(), options).unwrap()
}

/// What passed a port: `METHOD /path`, without queries.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

struct Recorder {
    below: Arc<dyn Port>,
    log: Log,
}

impl Port for Recorder {
    fn send(
        &self,
        address: &str,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, PortError>> {
        let line = format!("{} {}", request.method(), request.uri().path());
        self.log.0.lock().unwrap().push(line);
        let address = address.to_owned();
        Box::pin(async move { self.below.send(&address, request).await })
    }
}

/// A twin's world with a recorder around its API.
pub(super) fn recorded(twin: &Twin) -> (World, Log) {
    let mut world = twin.world().unwrap();
    let log = Log::default();
    world.proxmox = Arc::new(Recorder {
        below: world.proxmox,
        log: log.clone(),
    });
    (world, log)
}

/// A client over a twin itself.
pub(super) fn direct(twin: &Twin) -> Client {
    Client::new(twin.world().unwrap())
}

/// A client over a preview that lies over a twin, and what the twin was asked.
pub(super) fn previewing(twin: &Twin) -> (Client, Log) {
    let (world, log) = recorded(twin);
    (Client::new(over_lab(world, &facts())), log)
}

/// The model over a twin, asked without regard to what the plan would have changed.
pub(super) fn model(twin: &Twin) -> Arc<Preview> {
    let world = twin.world().unwrap();
    let clock = PreviewClock::over(world.clock);
    Preview::over(world.proxmox, clock, &facts())
}

/// An answer with what is compared of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) reason: String,
    pub(super) body: Value,
    pub(super) confidence: Confidence,
}

impl Got {
    pub(super) fn of(response: &Response<Bytes>) -> Self {
        let extensions = response.extensions();
        Self {
            status: response.status().as_u16(),
            reason: extensions
                .get::<Reason>()
                .map(|reason| reason.0.clone())
                .unwrap_or_default(),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
            confidence: extensions.get().cloned().unwrap_or_default(),
        }
    }

    pub(super) fn data(&self) -> &Value {
        &self.body["data"]
    }

    /// What must be the same in a preview and in the run that follows it: no UPIDs, times, secrets, figures.
    pub(super) fn comparable(&self) -> Value {
        json!({ "status": self.status, "reason": plain(&self.reason.clone().into()), "body": plain(&self.body) })
    }
}

/// A value without what differs from run to run.
pub(super) fn plain(value: &Value) -> Value {
    const LEFT_OUT: &[&str] = &[
        "upid",
        "pid",
        "pstart",
        "starttime",
        "endtime",
        "value",
        "ssl_fingerprint",
        "pve_fp",
        "uptime",
        "digest",
        "config_digest",
        "ticket",
        "CSRFPreventionToken",
        "time",
        "localtime",
        "ctime",
        "next-run",
    ];
    match value {
        Value::Object(map) => {
            let kept = map
                .iter()
                .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
            let kept: BTreeMap<_, _> = kept
                .map(|(name, value)| (name.clone(), in_order(name, plain(value))))
                .collect();
            kept.into_iter().collect()
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::String(text) if text.starts_with("UPID:") => "UPID".into(),
        other => other.clone(),
    }
}

/// A field; a set in one order.
fn in_order(name: &str, mut value: Value) -> Value {
    match &mut value {
        _ if !SETS.contains(&name) => {}
        Value::Array(items) => items.sort_by_key(ToString::to_string),
        Value::String(text) => {
            let mut items: Vec<&str> = text.split(',').collect();
            items.sort_unstable();
            *text = items.join(",");
        }
        _ => {}
    }
    value
}

/// Requests in short, as somebody.
pub(super) struct Client {
    pub(super) world: World,
    tickets: Mutex<BTreeMap<String, (String, String)>>,
}

impl Client {
    pub(super) fn new(world: World) -> Self {
        Self {
            world,
            tickets: Mutex::default(),
        }
    }

    /// The address of a node of the lab.
    fn address(node: &str) -> String {
        format!("10.77.0.{}", node.trim_start_matches("pve"))
    }

    /// Sends a request without a credential.
    pub(super) async fn bare(&self, node: &str, line: &str) -> Result<Got, PortError> {
        let request = request(line, &[]);
        let sent = self.world.proxmox.send(&Self::address(node), request);
        Ok(Got::of(&sent.await?))
    }

    /// Logs in.
    pub(super) async fn login(&self, node: &str, user: &str, password: &str) -> Got {
        let request = request(
            &format!("POST /access/ticket username={user}&password={password}"),
            &[],
        );
        let sent = self.world.proxmox.send(&Self::address(node), request);
        let got = Got::of(&sent.await.unwrap());
        if let Some(ticket) = got.data()["ticket"].as_str() {
            let csrf = got.data()["CSRFPreventionToken"].as_str().unwrap();
            let pair = (ticket.to_owned(), csrf.to_owned());
            self.tickets
                .lock()
                .unwrap()
                .insert(format!("{user} {node}"), pair);
        }
        got
    }

    /// Sends `METHOD /path form` as root.
    pub(super) async fn root(&self, node: &str, line: &str) -> Result<Got, PortError> {
        let known = self
            .tickets
            .lock()
            .unwrap()
            .contains_key(&format!("root@pam {node}"));
        if !known {
            self.login(node, "root@pam", PASSWORD).await;
        }
        let got = self.as_user(node, "root@pam", line).await?;
        if got.status != 401 {
            return Ok(got);
        }
        // A join or a new cluster ends the tickets of its node.
        self.login(node, "root@pam", PASSWORD).await;
        self.as_user(node, "root@pam", line).await
    }

    /// Sends a request with a user's ticket.
    pub(super) async fn as_user(
        &self,
        node: &str,
        user: &str,
        line: &str,
    ) -> Result<Got, PortError> {
        let (ticket, csrf) = self
            .tickets
            .lock()
            .unwrap()
            .get(&format!("{user} {node}"))
            .cloned()
            .unwrap_or_default();
        let plain = percent_encoding::NON_ALPHANUMERIC;
        let cookie = percent_encoding::utf8_percent_encode(&ticket, plain);
        let headers = [
            ("cookie", format!("PVEAuthCookie={cookie}")),
            ("csrfpreventiontoken", csrf),
        ];
        let request = request(line, &headers);
        let sent = self.world.proxmox.send(&Self::address(node), request);
        Ok(Got::of(&sent.await?))
    }

    /// Sends a request with a token.
    pub(super) async fn as_token(
        &self,
        node: &str,
        token: &str,
        line: &str,
    ) -> Result<Got, PortError> {
        let headers = [("authorization", format!("PVEAPIToken={token}"))];
        let request = request(line, &headers);
        let sent = self.world.proxmox.send(&Self::address(node), request);
        Ok(Got::of(&sent.await?))
    }

    /// Sends a request as root, and waits for its task if it starts one; the task's end then.
    pub(super) async fn done(&self, node: &str, line: &str) -> Result<Got, PortError> {
        let got = self.root(node, line).await?;
        let Some(upid) = got.data().as_str().filter(|text| text.starts_with("UPID:")) else {
            return Ok(got);
        };
        let on = upid.split(':').nth(1).unwrap();
        for _ in 0..300 {
            let line = format!("GET /nodes/{on}/tasks/{upid}/status");
            let status = self.root(node, &line).await?;
            if status.data()["status"] == "stopped" {
                return Ok(status);
            }
            self.world.clock.sleep(Duration::from_secs(1)).await;
        }
        panic!("{line}: {upid} never ends");
    }
}

/// `METHOD /path form` as a request.
pub(super) fn request(line: &str, headers: &[(&str, String)]) -> Request<Bytes> {
    let mut words = line.splitn(3, ' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let form = words.next().unwrap_or_default().to_owned();
    let path = path.replace('{', "%7B");
    let mut builder = Request::builder().method(method);
    for (name, value) in headers {
        builder = builder.header(*name, value);
    }
    if matches!(method, "POST" | "PUT") {
        let kind = "application/x-www-form-urlencoded";
        let builder = builder.uri(format!("/api2/json{path}"));
        return builder
            .header("content-type", kind)
            .body(form.into())
            .unwrap();
    }
    let mark = if form.is_empty() { "" } else { "?" };
    let uri = format!("/api2/json{path}{mark}{form}");
    builder.uri(uri).body(Bytes::new()).unwrap()
}
