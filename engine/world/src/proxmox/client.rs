//! The live port: HTTPS through reqwest and rustls, one client with its connections a node.

use std::{
    collections::HashMap,
    error::Error as _,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use hyper::ext::ReasonPhrase;

use super::{Port, PortError, Reason, Routes, certificate::Verifier, routes::authority};

/// A host that is off answers nothing at all; five seconds are ample in one building.
const CONNECT: Duration = Duration::from_secs(5);

/// A refused login is held back 3 s and a proxied call up to 30 s; this is well above both.
const TOTAL: Duration = Duration::from_secs(65);

/// The Proxmox VE API over HTTPS.
pub struct HttpsPort {
    routes: Routes,
    clients: Mutex<HashMap<String, Client>>,
    timeout: Duration,
}

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    verifier: Arc<Verifier>,
}

impl HttpsPort {
    /// A port that reaches nodes by `routes`; changes made to them later count.
    #[must_use]
    pub fn new(routes: Routes) -> Self {
        Self {
            routes,
            clients: Mutex::default(),
            timeout: TOTAL,
        }
    }

    /// Waits no longer than `timeout` for a whole answer.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn client(&self, authority: &str) -> Result<Client, String> {
        let mut clients = self
            .clients
            .lock()
            .map_err(|_| "the table of clients is broken".to_owned())?;
        if let Some(client) = clients.get(authority) {
            return Ok(client.clone());
        }
        let verifier = Arc::new(Verifier::new(authority, self.routes.clone()));
        let tls = verifier.config().map_err(|error| error.to_string())?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // The node closes a connection that idles for 5 s; a request must not meet that moment.
            .pool_idle_timeout(Duration::from_secs(3))
            .connect_timeout(CONNECT)
            .timeout(self.timeout)
            .build()
            .map_err(chain)?;
        let client = Client { http, verifier };
        clients.insert(authority.to_owned(), client.clone());
        Ok(client)
    }

    async fn exchange(
        &self,
        address: &str,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, PortError> {
        let unreachable = |cause| PortError::Unreachable {
            address: address.to_owned(),
            cause,
        };
        let authority = authority(address);
        let client = self.client(&authority).map_err(unreachable)?;
        let listens = self.routes.get(&authority).listens.unwrap_or(authority);
        let url = format!("https://{listens}{}", request.uri());
        let (parts, body) = request.into_parts();
        let sent = client
            .http
            .request(parts.method, url)
            .headers(parts.headers)
            .body(body)
            .send()
            .await;
        let response = sent.map_err(|error| failure(address, &client, error))?;
        let mut answer = http::Response::builder()
            .status(response.status())
            .body(Bytes::new())
            .map_err(|error| unreachable(error.to_string()))?;
        *answer.headers_mut() = response.headers().clone();
        answer.extensions_mut().insert(reason(&response));
        *answer.body_mut() = response
            .bytes()
            .await
            .map_err(|error| failure(address, &client, error))?;
        Ok(answer)
    }
}

impl Port for HttpsPort {
    fn pin(&self, address: &str, fingerprint: &str) {
        self.routes.pin(address, fingerprint);
    }

    fn pin_first(&self, address: &str, fingerprint: &str) {
        self.routes.pin_first(address, fingerprint);
    }

    fn send(
        &self,
        address: &str,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, PortError>> {
        let address = address.to_owned();
        Box::pin(async move { self.exchange(&address, request).await })
    }
}

/// The reason as it was sent: bytes that aren't UTF-8 are Latin-1.
fn reason(response: &reqwest::Response) -> Reason {
    let text = match response.extensions().get::<ReasonPhrase>() {
        Some(phrase) => match std::str::from_utf8(phrase.as_bytes()) {
            Ok(text) => text.to_owned(),
            Err(_) => phrase
                .as_bytes()
                .iter()
                .map(|byte| char::from(*byte))
                .collect(),
        },
        None => response
            .status()
            .canonical_reason()
            .unwrap_or_default()
            .to_owned(),
    };
    Reason(text)
}

fn failure(address: &str, client: &Client, error: reqwest::Error) -> PortError {
    let never_sent = error.is_connect() || error.is_builder();
    let refused = is_refusal(&error);
    let (address, cause) = (address.to_owned(), chain(error));
    if !never_sent {
        return PortError::Broken { address, cause };
    }
    match client.verifier.take_refused() {
        Some(refused) => PortError::Fingerprint {
            address,
            pinned: refused.pinned,
            actual: refused.actual,
        },
        None if refused => PortError::Refused { address, cause },
        None => PortError::Unreachable { address, cause },
    }
}

/// Whether the machine answered that it takes no connection, or took it and let it go.
fn is_refusal(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(known) = cause {
        let system = known.downcast_ref::<io::Error>();
        if let Some(
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::UnexpectedEof,
        ) = system.map(io::Error::kind)
        {
            return true;
        }
        // An error in an `io::Error` isn't its source, but it in other clothes.
        let inner = system.and_then(io::Error::get_ref);
        cause = inner.map(|inner| inner as _).or_else(|| known.source());
    }
    false
}

/// The causes below reqwest's own text; without the URL, whose query may hold a secret.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.dedup();
    if causes.is_empty() {
        error.to_string()
    } else {
        causes.join(": ")
    }
}
