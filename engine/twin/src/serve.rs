//! The twin served: each node's HTTPS API on loopback, with the node's own certificate.

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, ext::ReasonPhrase, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use model::{Fault, Rows as _, kind};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, convert::Infallible, net::Ipv4Addr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use twin_pve::certificate;
use world::{Clock as _, WorldId, clock::RealClock, proxmox::Reason};

use crate::{
    door,
    install::{Machine, Url},
    port::Outcome,
    request_log::RequestLog,
    ssh,
    twin::{Twin, TwinError, random_hex},
};

/// The header in which every answer of a served twin names its world: a reset makes it another one, and clients
/// that were told the old one notice.
pub const WORLD: http::HeaderName = http::HeaderName::from_static("x-homelab-world");

/// Under what the door's port is kept.
const DOOR: &str = "door";

/// How long the daemon holds back a 401.
const HELD_BACK: Duration = Duration::from_secs(3);

/// A node as it's served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedNode {
    /// Its name.
    pub name: String,
    /// `https://127.0.0.1:PORT`.
    pub api: String,
    /// The SHA-256 fingerprint of its present certificate.
    pub fingerprint: String,
    /// The address that the docs name, without its prefix.
    pub address: String,
    /// Where its SSH is: `127.0.0.1:PORT`.
    pub ssh: String,
    /// The SHA-256 fingerprint of its host key, as OpenSSH prints it.
    pub host_key: String,
}

/// A twin that is served; it ends when this is dropped.
pub struct Served {
    /// The twin's id.
    pub world: WorldId,
    /// Its door: `127.0.0.1:PORT`.
    pub door: String,
    /// The nodes.
    pub nodes: Vec<ServedNode>,
    /// The user that can log in.
    pub user: &'static str,
    /// That user's password.
    pub password: String,
    /// The private key that stands for homelab's own, as OpenSSH keeps it.
    pub login_key: String,
    /// The public key that it stands for; empty if docs name none.
    pub stands_for: String,
    tasks: JoinSet<()>,
}

impl Served {
    /// Waits as long as the twin is served: for ever, unless a listener fails.
    pub async fn wait(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// How a twin is served.
#[derive(Clone, Default)]
pub struct Manner {
    /// The first node's port; the others follow. Without it the ports of the last time, or free ones.
    pub base_port: Option<u16>,
    /// How many times as fast as real time the twin's passes. Without it, asking about a running task moves that
    /// task to its next event.
    pub time_scale: Option<f64>,
    /// Where a line is written for every request.
    pub log: Option<RequestLog>,
    /// Where bare machines ask for their answer files, whenever somebody looks for them. Without it they stay bare.
    pub answers: Option<Url>,
    /// How often bare machines ask by themselves, too.
    pub asks: Option<Duration>,
}

/// Serves a twin. Ports and password are kept in it and used again.
///
/// # Errors
/// The store failed, or a port can't be listened on.
pub async fn serve(twin: &Twin, manner: Manner) -> Result<Served, TwinError> {
    twin.set_pace(manner.time_scale);
    let password = password(twin)?;
    let mut ports = known_ports(twin)?;
    let mut tasks = JoinSet::new();
    let mut nodes = Vec::new();
    for (place, (name, row)) in (0_u16..).zip(twin.rows(|rows| rows.scan("", kind::NODE))?) {
        let based = manner.base_port.map(|base| base + place);
        let wanted = based.or_else(|| ports.get(&name).copied());
        let (listener, port) = listen(wanted, based.is_some()).await?;
        let known = ports.get(&ssh_name(&name)).copied();
        let (ssh_listener, ssh_port) = listen(known, false).await?;
        ports.insert(name.clone(), port);
        ports.insert(ssh_name(&name), ssh_port);
        let (certificate, _) = current(twin, &name)?;
        let address = address_of(twin, &name, &row);
        nodes.push(ServedNode {
            name: name.clone(),
            api: format!("https://127.0.0.1:{port}"),
            fingerprint: certificate::fingerprint(&certificate.chain),
            address: address.split('/').next().unwrap_or_default().to_owned(),
            ssh: format!("127.0.0.1:{ssh_port}"),
            host_key: ssh::fingerprint(&ssh::key_of(twin, &name, ssh::KeyTurn::Own)?),
        });
        let ssh_node = ssh::SshNode::of(twin, &name, manner.log.clone());
        tasks.spawn(ssh::accept(ssh_listener, Arc::new(ssh_node)));
        let node = Arc::new(Node {
            twin: twin.clone(),
            name,
            time_scale: manner.time_scale,
            log: manner.log.clone(),
            answers: manner.answers.clone(),
            asking: tokio::sync::Mutex::default(),
        });
        if let Some(asks) = manner.asks {
            tasks.spawn(ask_on(Arc::clone(&node), asks));
        }
        tasks.spawn(accept(listener, node));
    }
    let (listener, door) = listen(ports.get(DOOR).copied(), false).await?;
    ports.insert(DOOR.to_owned(), door);
    tasks.spawn(door::accept(listener, twin.clone()));
    keep_ports(twin, &ports)?;
    Ok(Served {
        world: twin.id()?,
        door: format!("127.0.0.1:{door}"),
        nodes,
        user: "root@pam",
        password,
        login_key: ssh::login_key_text(twin)?,
        stands_for: twin.inner.facts.login_key.clone(),
        tasks,
    })
}

/// The address that a node has or, by docs, will have.
fn address_of(twin: &Twin, name: &str, row: &serde_json::Value) -> String {
    let own = row["address"].as_str().map(str::to_owned);
    let documented = || {
        let mut nodes = twin.inner.facts.nodes.iter();
        nodes
            .find(|node| node.name == name)
            .map(|node| node.address.clone())
    };
    own.or_else(documented).unwrap_or_default()
}

fn password(twin: &Twin) -> Result<String, TwinError> {
    let fresh = random_hex(12)?;
    let kept = twin.rows(|rows| match rows.meta("password")? {
        Some(password) => Ok::<_, Fault>(password),
        None => {
            rows.set_meta("password", &fresh)?;
            Ok(fresh)
        }
    })?;
    Ok(kept)
}

fn keep_ports(twin: &Twin, ports: &BTreeMap<String, u16>) -> Result<(), TwinError> {
    let text = serde_json::to_string(ports).map_err(|error| Fault::Store(error.to_string()))?;
    Ok(twin.rows(|rows| rows.set_meta("ports", &text))?)
}

fn known_ports(twin: &Twin) -> Result<BTreeMap<String, u16>, TwinError> {
    let text = twin.rows(|rows| rows.meta("ports"))?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

/// Under what the port of a node's SSH is kept.
fn ssh_name(node: &str) -> String {
    format!("ssh {node}")
}

/// Listens on a port; one that was used before but is taken now is replaced by a free one.
async fn listen(wanted: Option<u16>, must: bool) -> Result<(TcpListener, u16), TwinError> {
    let port = wanted.unwrap_or(0);
    let failed = |port: u16| {
        move |error: std::io::Error| TwinError::Listen {
            port,
            cause: error.to_string(),
        }
    };
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match bind(port).await {
        Ok(listener) => listener,
        Err(_) if !must && port != 0 => bind(0).await.map_err(failed(0))?,
        Err(error) => return Err(failed(port)(error)),
    };
    let port = listener.local_addr().map_err(failed(port))?.port();
    Ok((listener, port))
}

struct Node {
    twin: Twin,
    name: String,
    time_scale: Option<f64>,
    log: Option<RequestLog>,
    answers: Option<Url>,
    /// One machine asks once at a time.
    asking: tokio::sync::Mutex<()>,
}

impl Node {
    /// Whether the node answers. A machine that has no system yet goes on with its installation instead: nothing
    /// tells it that time passes but those who look for it.
    async fn is_up(&self) -> Result<bool, Fault> {
        if self.twin.machine(&self.name)? == Machine::Installed {
            return Ok(true);
        }
        let _asking = self.asking.lock().await;
        match self.twin.machine(&self.name)? {
            Machine::Installed | Machine::Stopped => {}
            Machine::Bare => {
                if let Some(url) = &self.answers
                    && let Some(answer) = url.post(self.twin.posts(&self.name)).await
                {
                    self.twin.begin(&self.name, &answer)?;
                }
            }
            Machine::Installing(_) => self.twin.finish(&self.name)?,
        }
        Ok(false)
    }
}

/// Lets a machine ask for its answer file until it's a node. A reset makes it bare again.
async fn ask_on(node: Arc<Node>, every: Duration) {
    loop {
        RealClock.sleep(every).await;
        // A store that fails fails the next request too, and that one can say so.
        drop(node.is_up().await);
    }
}

/// A node's present certificate and its generation.
fn current(twin: &Twin, node: &str) -> Result<(certificate::Certificate, u64), TwinError> {
    let (seed, generation) = twin.rows(|rows| {
        let seed = rows.meta("seed")?.unwrap_or_default();
        let row = rows
            .get(&model::Key::new("", kind::NODE, node))?
            .unwrap_or_default();
        Ok::<_, Fault>((seed, row["certificate"].as_u64().unwrap_or_default()))
    })?;
    let made =
        certificate::make(&seed, node, generation).map_err(|error| TwinError::Certificate {
            node: node.to_owned(),
            cause: error.to_string(),
        })?;
    Ok((made, generation))
}

fn acceptor(twin: &Twin, node: &str) -> Result<TlsAcceptor, TwinError> {
    let (made, _) = current(twin, node)?;
    let failed = |error: rustls::Error| TwinError::Certificate {
        node: node.to_owned(),
        cause: error.to_string(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(vec![made.chain], made.key)
        .map_err(failed)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Takes connections until the listener fails. Each new one gets the node's present certificate.
async fn accept(listener: TcpListener, node: Arc<Node>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(stream, Arc::clone(&node)));
    }
}

/// Serves one connection. A connection that breaks concerns the client alone.
async fn connection(stream: TcpStream, node: Arc<Node>) {
    let mut first = [0_u8; 1];
    if !matches!(stream.peek(&mut first).await, Ok(1)) {
        return;
    }
    if !node.is_up().await.is_ok_and(|is_up| is_up) {
        return;
    }
    // A TLS handshake starts with record type 22.
    if first[0] != 22 {
        let service = service_fn(|request: Request<Incoming>| async move { to_https(&request) });
        drop(
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await,
        );
        return;
    }
    let Ok(acceptor) = acceptor(&node.twin, &node.name) else {
        return;
    };
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let service = service_fn(move |request| {
        let node = Arc::clone(&node);
        async move { answer(&node, request).await }
    });
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

fn to_https(request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let place = format!("https://{}{}", host.unwrap_or("127.0.0.1"), request.uri());
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    if let Ok(value) = place.parse() {
        response.headers_mut().insert(header::LOCATION, value);
    }
    Ok(response)
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped")]
struct Dropped;

async fn answer(node: &Node, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Dropped> {
    let (head, body) = request.into_parts();
    if let Some(log) = &node.log {
        // A request that can't be logged isn't answered: the log is complete.
        let logged = log.write(&node.name, &head.method, &head.uri);
        logged.map_err(|_| Dropped)?;
    }
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    let request = Request::from_parts(head, body);
    match node.twin.call(&node.name, &request).map_err(|_| Dropped)? {
        Outcome::Answered(response) => {
            if response.status() == StatusCode::UNAUTHORIZED
                && let Some(scale) = node.time_scale.filter(|scale| *scale > 0.0)
            {
                RealClock.sleep(HELD_BACK.div_f64(scale)).await;
            }
            let mut response = on_the_wire(*response);
            let world = node.twin.id().map_err(|_| Dropped)?;
            if let Ok(id) = http::HeaderValue::from_str(&world.0) {
                response.headers_mut().insert(WORLD, id);
            }
            Ok(response)
        }
        Outcome::Dropped | Outcome::Refused => Err(Dropped),
        Outcome::Hanging => std::future::pending().await,
    }
}

/// The answer with its reason phrase, in Latin-1 as the daemon sends it.
fn on_the_wire(response: Response<Bytes>) -> Response<Full<Bytes>> {
    let mut response = response.map(Full::new);
    let reason = response.extensions_mut().remove::<Reason>();
    let bytes: Option<Vec<u8>> = reason.and_then(|Reason(text)| {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect()
    });
    if let Some(phrase) = bytes.and_then(|bytes| ReasonPhrase::try_from(bytes).ok()) {
        response.extensions_mut().insert(phrase);
    }
    response
}
