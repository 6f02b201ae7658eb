//! The live side: an HTTP server on an address of the operator, as long as an answer file lies ready.

use std::{
    any::Any,
    convert::Infallible,
    io::ErrorKind,
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
    task::{JoinHandle, JoinSet},
};

use super::{Desk, InstallError, Installer, Offer, Offered};
use crate::{Clock as _, clock::RealClock};

/// What an installer sends is far smaller.
const LARGEST: usize = 1 << 20;

/// The pauses in which an address that is in use may become free.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
];

/// Gives answer files over HTTP.
pub struct HttpInstaller {
    listen: Option<SocketAddr>,
    desk: Desk,
    server: Mutex<Weak<Server>>,
}

impl HttpInstaller {
    /// Listens on an address while something lies ready; without one nothing can be given.
    #[must_use]
    pub fn new(listen: Option<SocketAddr>) -> Self {
        Self {
            listen,
            desk: Desk::default(),
            server: Mutex::default(),
        }
    }

    /// The server, which several offers share.
    async fn server(&self) -> Result<Arc<Server>, InstallError> {
        let address = self.listen.ok_or(InstallError::NoAddress)?;
        let mut known = self.server.lock().await;
        if let Some(server) = known.upgrade() {
            return Ok(server);
        }
        let listener = listen(address).await?;
        let server = Arc::new(Server(tokio::spawn(accept(listener, self.desk.clone()))));
        *known = Arc::downgrade(&server);
        Ok(server)
    }
}

impl Installer for HttpInstaller {
    fn offer(&self, offer: Offer) -> BoxFuture<'_, Result<Offered, InstallError>> {
        Box::pin(async move {
            let server = self.server().await?;
            let kept: Arc<dyn Any + Send + Sync> = server;
            Ok(self.desk.lay(offer).keeping(kept))
        })
    }
}

/// Listens on an address; a server that has just ended may hold it for a moment.
async fn listen(address: SocketAddr) -> Result<TcpListener, InstallError> {
    let mut pauses = PAUSES.iter();
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) => match pauses.next() {
                Some(pause) if error.kind() == ErrorKind::AddrInUse => {
                    RealClock.sleep(*pause).await;
                }
                _ => {
                    return Err(InstallError::Listen {
                        address: address.to_string(),
                        cause: error.to_string(),
                    });
                }
            },
        }
    }
}

/// A listener with its connections; they end when it's dropped.
struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept(listener: TcpListener, desk: Desk) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(stream, desk.clone()));
    }
}

/// Serves one connection. A connection that breaks concerns the machine alone: it asks again.
async fn connection(stream: TcpStream, desk: Desk) {
    let service = service_fn(move |request| {
        let desk = desk.clone();
        async move { Ok::<_, Infallible>(answer(&desk, request).await) }
    });
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

async fn answer(desk: &Desk, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    match Limited::new(body, LARGEST).collect().await {
        Ok(body) => desk.respond(&head.method, &body.to_bytes()).map(Full::new),
        Err(_) => {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::{
        AnswerFile,
        desk::tests::{PVE1, offer},
    };

    #[tokio::test]
    async fn gives_an_answer_file_over_http_and_closes_with_the_last_offer() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let installer = HttpInstaller::new(Some(address));
        let offered = installer.offer(offer()).await.unwrap();
        // The client insists on a provider for TLS, which isn't used; another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{address}/answer");
        let answer = client.post(&url).body(PVE1).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        AnswerFile::read(&answer.text().await.unwrap()).unwrap();
        let again = client.post(&url).body(PVE1).send().await.unwrap();
        assert_eq!(again.status().as_u16(), 409);
        drop(client);
        drop(offered);
        let second = installer.offer(offer()).await;
        assert!(second.is_ok(), "the address is free again");
    }

    #[tokio::test]
    async fn says_that_an_address_is_missing_or_taken() {
        let none = HttpInstaller::new(None).offer(offer()).await;
        assert!(matches!(none.err(), Some(InstallError::NoAddress)));
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = HttpInstaller::new(held.local_addr().ok())
            .offer(offer())
            .await;
        assert!(matches!(taken.err(), Some(InstallError::Listen { .. })));
    }
}
