//! The live port against a TLS server on loopback.

use std::sync::Arc;

use bytes::Bytes;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::proxmox::{
    HttpsPort, Port, PortError, Reason, Route, Routes, Trust, certificate::fingerprint,
};

struct Server {
    listens: String,
    fingerprint: String,
    pem: String,
}

/// Serves `answer` to every request, one a connection, from a certificate for 10.9.8.7.
async fn serve(answer: &'static [u8]) -> Server {
    let made = rcgen::generate_simple_self_signed(["10.9.8.7".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listens = listener.local_addr().unwrap().to_string();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut tls) = acceptor.accept(stream).await else {
                    return;
                };
                let mut request = [0; 4096];
                let _ = tls.read(&mut request).await;
                let _ = tls.write_all(answer).await;
                let _ = tls.shutdown().await;
            });
        }
    });
    Server {
        listens,
        fingerprint: fingerprint(made.cert.der()),
        pem: made.cert.pem(),
    }
}

async fn ask(routes: &Routes) -> Result<http::Response<Bytes>, PortError> {
    let request = http::Request::get("/api2/json/version")
        .body(Bytes::new())
        .unwrap();
    HttpsPort::new(routes.clone())
        .send("10.9.8.7", request)
        .await
}

fn routed(server: &Server, trust: Trust) -> Routes {
    let routes = Routes::default();
    routes.set(
        "10.9.8.7",
        Route {
            listens: Some(server.listens.clone()),
            trust,
        },
    );
    routes
}

#[tokio::test]
async fn keeps_the_reason_of_the_status_line() {
    let server = serve(b"HTTP/1.1 596 no such storage 'x'\r\nContent-Length: 2\r\n\r\n{}").await;
    let response = ask(&routed(
        &server,
        Trust::Fingerprint(server.fingerprint.to_lowercase()),
    ))
    .await
    .unwrap();
    assert_eq!(response.status().as_u16(), 596);
    assert_eq!(
        response.extensions().get::<Reason>(),
        Some(&Reason("no such storage 'x'".to_owned()))
    );
    assert_eq!(&response.body()[..], b"{}");
}

#[tokio::test]
async fn refuses_another_certificate_and_names_both() {
    let server = serve(b"").await;
    let error = ask(&routed(&server, Trust::Fingerprint("AA:BB".to_owned())))
        .await
        .unwrap_err();
    let PortError::Fingerprint {
        address,
        pinned,
        actual,
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        (address.as_str(), pinned.as_str(), actual),
        ("10.9.8.7", "AA:BB", server.fingerprint.clone())
    );
    let error = ask(&routed(&server, Trust::Nothing)).await.unwrap_err();
    assert!(matches!(error, PortError::Fingerprint { pinned, .. } if pinned == "none"));
}

#[tokio::test]
async fn a_new_pin_counts_at_once() {
    let server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let routes = routed(&server, Trust::Nothing);
    let port = HttpsPort::new(routes.clone());
    let request = || {
        http::Request::get("/api2/json/version")
            .body(Bytes::new())
            .unwrap()
    };
    assert!(port.send("10.9.8.7", request()).await.is_err());
    // What a runbook names counts where nothing is pinned, and only there.
    port.pin_first("10.9.8.7", &server.fingerprint);
    port.pin_first("10.9.8.7", "AA:BB");
    assert!(port.send("10.9.8.7", request()).await.is_ok());
    routes.pin("10.9.8.7", "AA:BB");
    assert!(port.send("10.9.8.7", request()).await.is_err());
    routes.pin("10.9.8.7", &server.fingerprint);
    assert_eq!(
        port.send("10.9.8.7", request()).await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn trusts_an_authority_for_the_address_in_the_docs() {
    let server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &server.pem).unwrap();
    let routes = routed(&server, Trust::authority(&file).unwrap());
    assert_eq!(ask(&routes).await.unwrap().status(), 200);
    let other = Routes::default();
    other.set(
        "10.9.8.8",
        Route {
            listens: Some(server.listens),
            trust: Trust::authority(&file).unwrap(),
        },
    );
    let request = http::Request::get("/").body(Bytes::new()).unwrap();
    let error = HttpsPort::new(other)
        .send("10.9.8.8", request)
        .await
        .unwrap_err();
    assert!(matches!(error, PortError::Fingerprint { .. }), "{error:?}");
}

#[tokio::test]
async fn tells_what_is_known_when_no_answer_came() {
    let truncated = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"data\"").await;
    let error = ask(&routed(
        &truncated,
        Trust::Fingerprint(truncated.fingerprint.clone()),
    ))
    .await
    .unwrap_err();
    assert!(matches!(error, PortError::Broken { .. }), "{error:?}");
    let silent = serve(b"").await;
    let error = ask(&routed(
        &silent,
        Trust::Fingerprint(silent.fingerprint.clone()),
    ))
    .await
    .unwrap_err();
    assert!(matches!(error, PortError::Broken { .. }), "{error:?}");
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let routes = Routes::default();
    routes.set(
        "10.9.8.7",
        Route {
            listens: Some(closed),
            trust: Trust::Nothing,
        },
    );
    let error = ask(&routes).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_ends_before_anything_was_sent_counts_as_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let routes = Routes::default();
    let listens = Some(listener.local_addr().unwrap().to_string());
    routes.set(
        "10.9.8.7",
        Route {
            listens,
            trust: Trust::Nothing,
        },
    );
    let restarting = async {
        // A connection that is closed with bytes unread is reset.
        for reset in [false, true] {
            let (connection, _) = listener.accept().await.unwrap();
            if reset {
                connection.readable().await.unwrap();
            }
        }
    };
    let asked = async {
        for _ in 0..2 {
            let error = ask(&routes).await.unwrap_err();
            assert!(matches!(error, PortError::Refused { .. }), "{error:?}");
        }
    };
    tokio::join!(restarting, asked);
}

#[tokio::test]
async fn a_node_that_hangs_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let routes = Routes::default();
    let listens = Some(listener.local_addr().unwrap().to_string());
    routes.set(
        "10.9.8.7",
        Route {
            listens,
            trust: Trust::Nothing,
        },
    );
    let port = HttpsPort::new(routes).with_timeout(std::time::Duration::from_millis(100));
    let request = http::Request::get("/").body(Bytes::new()).unwrap();
    let error = port.send("10.9.8.7", request).await.unwrap_err();
    assert!(error.to_string().contains("10.9.8.7"), "{error:?}");
}
