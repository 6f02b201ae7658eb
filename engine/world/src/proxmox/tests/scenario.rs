//! A port that plays a scenario: requests in order, each with its answer.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::{
    Clock, Secret,
    clock::Moment,
    proxmox::{Api, Identity, Node, Port, PortError, Reason},
};

/// An answer: status, reason and body, or none.
pub(super) type Given = Result<(u16, &'static str, String), PortError>;

/// The scenario: expected lines `ADDRESS METHOD URI [PROOF] [BODY]`, each with its answer.
#[derive(Default)]
pub(super) struct Scenario {
    steps: Mutex<VecDeque<(String, Given)>>,
    clock: Arc<JumpingClock>,
}

/// A clock whose waits end at once and are remembered.
#[derive(Default)]
pub(super) struct JumpingClock {
    pub(super) now: Mutex<u64>,
    pub(super) slept: Mutex<Vec<u64>>,
}

impl Clock for JumpingClock {
    fn now(&self) -> Moment {
        Moment(*self.now.lock().unwrap())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let ms = u64::try_from(duration.as_millis()).unwrap();
        *self.now.lock().unwrap() += ms;
        self.slept.lock().unwrap().push(ms);
        Box::pin(std::future::ready(()))
    }
}

impl Port for Scenario {
    fn send(
        &self,
        address: &str,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, PortError>> {
        let line = line(address, &request);
        let next = self.steps.lock().unwrap().pop_front();
        let (expected, given) =
            next.unwrap_or_else(|| panic!("nothing more was expected, came: {line}"));
        assert_eq!(line, expected);
        let answer = given.map(|(status, reason, body)| {
            let mut response = http::Response::builder()
                .status(status)
                .body(Bytes::from(body))
                .unwrap();
            response.extensions_mut().insert(Reason(reason.to_owned()));
            response
        });
        Box::pin(std::future::ready(answer))
    }
}

fn line(address: &str, request: &http::Request<Bytes>) -> String {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let mut parts = vec![address.to_owned(), request.method().to_string()];
    parts.push(request.uri().to_string().replace("/api2/json", ""));
    parts.extend(header("cookie"));
    parts.extend(header("csrfpreventiontoken"));
    parts.extend(header("authorization"));
    if !request.body().is_empty() {
        assert_eq!(
            header("content-type").as_deref(),
            Some("application/x-www-form-urlencoded")
        );
        parts.push(String::from_utf8(request.body().to_vec()).unwrap());
    }
    parts.join(" ")
}

/// The line of a login at the first node.
pub(super) const LOGIN: &str = "10.0.0.1 POST /access/ticket username=root%40pam&password=p%26w";

/// Data as a whole answer.
pub(super) fn data(json: &str) -> Given {
    Ok((200, "OK", format!("{{\"data\":{json}}}")))
}

/// A refusal with an empty body.
pub(super) fn refused(status: u16, reason: &'static str) -> Given {
    Ok((status, reason, String::new()))
}

/// A ticket called `name`.
pub(super) fn ticket(name: &str) -> Given {
    data(&format!(
        "{{\"ticket\":\"{name}:=\",\"CSRFPreventionToken\":\"csrf-{name}\"}}"
    ))
}

/// The answer that never came.
pub(super) fn broken() -> Given {
    Err(PortError::Broken {
        address: "10.0.0.1".to_owned(),
        cause: "reset".to_owned(),
    })
}

/// The API over a scenario, with its clock.
pub(super) struct Stage {
    pub(super) api: Api,
    pub(super) clock: Arc<JumpingClock>,
    scenario: Arc<Scenario>,
}

impl Stage {
    pub(super) fn new(steps: Vec<(&str, Given)>) -> Self {
        let stage = Self::without_root(steps);
        stage
            .api
            .set_root("root@pam", Secret::new("PROXMOX_PASSWORD", "p&w"));
        stage
    }

    pub(super) fn without_root(steps: Vec<(&str, Given)>) -> Self {
        let scenario = Arc::new(Scenario {
            steps: Mutex::new(
                steps
                    .into_iter()
                    .map(|(line, given)| (line.to_owned(), given))
                    .collect(),
            ),
            ..Scenario::default()
        });
        let clock = scenario.clock.clone();
        let api = Api::new(scenario.clone(), clock.clone());
        let node = |name: &str, address: &str| Node {
            name: name.to_owned(),
            address: address.to_owned(),
            fingerprint: None,
        };
        api.set_nodes(vec![node("pve1", "10.0.0.1"), node("pve2", "10.0.0.2")]);
        Self {
            api,
            clock,
            scenario,
        }
    }

    /// Checks that every expected request came.
    pub(super) fn done(&self) {
        let left = self.scenario.steps.lock().unwrap();
        assert!(
            left.is_empty(),
            "never asked: {:?}",
            left.iter().map(|step| &step.0).collect::<Vec<_>>()
        );
    }
}

/// A token's identity.
pub(super) fn token() -> Identity {
    Identity::Token {
        id: "run@pve!homelab".to_owned(),
        secret: Secret::new("TOKEN", "0-1"),
    }
}
