//! A request to a served twin, beside one to a server that does nothing else than answer.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_rustls::{TlsAcceptor, rustls};
use twin::{LabFacts, Manner, Start, Twin};
use world::{
    Secret,
    clock::RealClock,
    docs::Docs,
    proxmox::{Api, HttpsPort, Identity, Node, Port as _, Request, Route, Routes, Trust},
};

use crate::{
    Arguments, Failed,
    measure::{Goal, Measured, time},
};

const REQUESTS: u32 = 200;
const PASSWORD: &str = "a-password-of-the-benchmark";

/// A read of the cluster's groups, over one connection that stays open.
pub(crate) fn all(arguments: &Arguments) -> Result<Vec<Measured>, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    Ok(vec![Measured {
        what: "request to the served twin".to_owned(),
        goal: Goal::Under(Duration::from_millis(1)),
        value: twin(&runtime, arguments)?,
        beside: ("one to a bare hyper server", bare(&runtime)?),
    }])
}

fn twin(runtime: &Runtime, arguments: &Arguments) -> Result<Duration, Failed> {
    let docs =
        Docs::load(&arguments.lab.join("docs")).map_err(|errors| format!("docs: {errors:?}"))?;
    let options = twin::Options {
        root_passwords: vec![Secret::new("PASSWORD", PASSWORD)],
    };
    let facts = LabFacts::from_docs(&docs)?;
    let twin = Twin::open(None, facts, Start::installed(), options)?;
    let served = runtime.block_on(twin::serve::serve(&twin, Manner::default()))?;
    let node = served.nodes.first().ok_or("the lab has no nodes")?;
    let port = HttpsPort::new(route(&node.address, &node.api, &node.fingerprint));
    let api = Api::new(Arc::new(port), Arc::new(RealClock));
    api.set_nodes(vec![Node {
        name: node.name.clone(),
        address: node.address.clone(),
        fingerprint: None,
    }]);
    api.set_root(
        served.user,
        Secret::new("PASSWORD", served.password.clone()),
    );
    let groups = Request::get("/access/groups");
    requests(|| {
        runtime.block_on(api.call(&Identity::Root, &node.name, &groups))?;
        Ok(())
    })
}

/// The same client, and a server that gives one answer.
fn bare(runtime: &Runtime) -> Result<Duration, Failed> {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let listens = listener.local_addr()?.to_string();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let certificate = made.cert.der().clone();
    let digest = Sha256::digest(&certificate);
    let fingerprint: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    let key = made.signing_key.serialize_der();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.try_into()?)?;
    runtime.spawn(answer_all(listener, TlsAcceptor::from(Arc::new(config))));
    let port = HttpsPort::new(route("bare", &listens, &fingerprint.join(":")));
    requests(|| {
        let request = http::Request::get("/").body(Bytes::new())?;
        runtime.block_on(port.send("bare", request))?;
        Ok(())
    })
}

async fn answer_all(listener: TcpListener, acceptor: TlsAcceptor) {
    let answer = async |_: hyper::Request<Incoming>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(
            b"{\"data\":[]}",
        ))))
    };
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(stream) = acceptor.accept(stream).await else {
            continue;
        };
        // One client, one connection: nobody waits meanwhile.
        let served =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
        if served.await.is_err() {
            return;
        }
    }
}

fn route(address: &str, listens: &str, fingerprint: &str) -> Routes {
    let routes = Routes::default();
    let listens = Some(listens.trim_start_matches("https://").to_owned());
    let trust = Trust::Fingerprint(fingerprint.to_owned());
    routes.set(address, Route { listens, trust });
    routes
}

fn requests(mut one: impl FnMut() -> Result<(), Failed>) -> Result<Duration, Failed> {
    time(5, || {
        for _ in 0..REQUESTS {
            one()?;
        }
        Ok(())
    })
    .map(|all| all / REQUESTS)
}
