//! Fetching an answer file as the installer does: a POST over plain HTTP.

use std::{fmt, str::FromStr, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use world::{Clock as _, clock::RealClock};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where answer files are fetched: `http://HOST:PORT/PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    authority: String,
    path: String,
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
        let port = uri.port_u16().unwrap_or(80);
        match (uri.scheme_str(), uri.host()) {
            (Some("http"), Some(host)) => Ok(Self {
                authority: format!("{host}:{port}"),
                path: uri
                    .path_and_query()
                    .map_or("/", |path| path.as_str())
                    .to_owned(),
            }),
            _ => Err("write http://HOST:PORT/".to_owned()),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

impl Url {
    /// Posts what a machine is; its answer file, if it gets one.
    pub(crate) async fn post(&self, body: Vec<u8>) -> Option<String> {
        tokio::select! {
            answer = self.exchange(body) => answer,
            () = RealClock.sleep(PATIENCE) => None,
        }
    }

    async fn exchange(&self, body: Vec<u8>) -> Option<String> {
        let stream = TcpStream::connect(&self.authority).await.ok()?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        let driven = tokio::spawn(connection);
        let request = Request::post(&self.path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .ok()?;
        let response = sender.send_request(request).await.ok()?;
        let status = response.status();
        let body = response.into_body().collect().await.ok()?.to_bytes();
        driven.abort();
        (status == StatusCode::OK).then(|| String::from_utf8_lossy(&body).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_http() {
        let url: Url = "http://10.0.0.5:8100/answer".parse().unwrap();
        assert_eq!(url.to_string(), "http://10.0.0.5:8100/answer");
        assert_eq!("http://host".parse::<Url>().unwrap().authority, "host:80");
        for wrong in ["https://host/", "host:80", ""] {
            assert!(wrong.parse::<Url>().is_err(), "{wrong}");
        }
    }
}
