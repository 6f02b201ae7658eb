//! An HTTPS server that answers as a test tells it, for what no sound Proxmox would say.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Data, as the API gives it.
    Data(Value),
    /// A status with its reason, and a body.
    Status(u16, &'static str, &'static str),
    /// The status 200 with this body, and a length that it should have.
    Body(&'static str, usize),
}

/// Answers a request, `GET /version`, that was asked so often before.
type Script = dyn Fn(&str, usize) -> Reply + Send + Sync;

/// A server that listens until the tests end.
pub(crate) struct Scripted {
    /// The line of a served twin whose nodes all listen here.
    pub(crate) line: Value,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Listens for all nodes of the example lab.
    pub(crate) fn start(script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let (config, fingerprint) = identity();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = format!("https://{}", listener.local_addr().unwrap());
        let node =
            |name| json!({ "name": name, "api": api, "fingerprint": fingerprint, "ssh": null });
        let nodes = ["pve1", "pve2", "pve3"].map(node);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (script, kept): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, script, asked) = (config.clone(), script.clone(), kept.clone());
                // A client that hangs up is no concern of the server.
                thread::spawn(move || drop(answer(stream, config, &*script, &asked)));
            }
        });
        Self {
            line: json!({ "world": "scripted", "door": door(), "nodes": nodes, "user": "root@pam" }),
            asked,
        }
    }

    /// The requests so far: `GET /version`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A ticket for whoever asks, and else what `other` answers.
pub(crate) fn with_login(
    other: impl Fn(&str, usize) -> Reply + Send + Sync + 'static,
) -> impl Fn(&str, usize) -> Reply + Send + Sync + 'static {
    move |request, before| match request {
        "POST /access/ticket" => Reply::Data(json!({
            "username": "root@pam",
            "ticket": "PVE:root@pam:00000000::c2lnbmVk",
            "CSRFPreventionToken": "00000000:c2lnbmVk",
            "cap": {},
        })),
        _ => other(request, before),
    }
}

/// A door that leads to one world, whoever asks for it; its address.
fn door() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || -> std::io::Result<()> {
                let world = json!({ "world": { "id": "scripted", "owner": null } });
                let mut to = stream.try_clone()?;
                for _question in BufReader::new(stream).lines().map_while(Result::ok) {
                    writeln!(to, "{world}")?;
                }
                Ok(())
            });
        }
    });
    address
}

fn identity() -> (Arc<ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed(vec!["pve1".to_owned()]).unwrap();
    let chain = made.cert.der().clone();
    let pairs: Vec<String> = Sha256::digest(&chain)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    (Arc::new(config), pairs.join(":"))
}

fn answer(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    script: &Script,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    let request = read_request(&mut reader)?;
    let before = {
        let mut asked = asked.lock().unwrap();
        asked.push(request.clone());
        asked.iter().filter(|other| **other == request).count() - 1
    };
    let (head, body) = match script(&request, before) {
        Reply::Data(data) => {
            let body = json!({ "data": data }).to_string();
            (format!("200 OK\r\nContent-Length: {}", body.len()), body)
        }
        Reply::Status(status, reason, body) => {
            let head = format!("{status} {reason}\r\nContent-Length: {}", body.len());
            (head, body.to_owned())
        }
        Reply::Body(body, length) => (
            format!("200 OK\r\nContent-Length: {length}"),
            body.to_owned(),
        ),
    };
    let mut stream = reader.into_inner();
    write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}")?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Reads a request to its end: `GET /version`.
fn read_request(reader: &mut impl std::io::BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, uri) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let path = uri.split('?').next().unwrap_or_default();
    let request = format!("{method} {}", path.trim_start_matches("/api2/json"));
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(request)
}
