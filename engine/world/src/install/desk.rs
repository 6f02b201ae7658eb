//! The desk: answer files that are ready, and the one handler that gives them out. A live server, the twin in
//! process and a served twin all go through it.

use std::{
    any::Any,
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use tokio::sync::Notify;

use super::{answer::AnswerFile, machine::Machine};

/// An answer file that is ready for one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The node that the machine becomes.
    pub node: String,
    /// The MAC addresses of its network ports.
    pub macs: Vec<String>,
    /// Its serial number, where docs have one.
    pub serial: Option<String>,
    /// The answer file.
    pub file: AnswerFile,
    /// Whether the machine has got it already: it's given once a run.
    pub given: bool,
}

/// What a machine was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It got its answer file.
    Given {
        /// The node that it becomes.
        node: String,
        /// The machine.
        machine: Machine,
    },
    /// It had got its answer file before, and was given nothing.
    Again {
        /// The node that it is.
        node: String,
        /// The machine.
        machine: Machine,
    },
    /// Nothing is ready for it, and it was given nothing.
    Stranger {
        /// The machine.
        machine: Machine,
    },
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given { node, machine } => write!(f, "{node} got its answer file ({machine})"),
            Self::Again { node, machine } => write!(
                f,
                "{node} asked again ({machine}) and was given nothing: an answer file is given once a run"
            ),
            Self::Stranger { machine } => write!(
                f,
                "a machine for which nothing is ready asked for an answer file and was given nothing: {machine}"
            ),
        }
    }
}

/// Answer files that are ready. Clones are the same desk.
#[derive(Clone, Default)]
pub struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: u64,
    held: BTreeMap<u64, Held>,
}

struct Held {
    offer: Offer,
    asked: VecDeque<Asked>,
    notify: Arc<Notify>,
}

impl Desk {
    /// Lays an answer file ready until the guard is dropped.
    #[must_use]
    pub fn lay(&self, offer: Offer) -> Offered {
        let notify = Arc::new(Notify::new());
        let held = Held {
            offer,
            asked: VecDeque::new(),
            notify: Arc::clone(&notify),
        };
        let mut state = self.state();
        state.next += 1;
        let place = state.next;
        state.held.insert(place, held);
        drop(state);
        Offered {
            desk: self.clone(),
            place,
            notify,
            keeps: None,
        }
    }

    /// Whether nothing is ready.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state().held.is_empty()
    }

    /// Answers an installer's request: `POST` with what the machine is.
    #[must_use]
    pub fn respond(&self, method: &Method, body: &[u8]) -> Response<Bytes> {
        if method != Method::POST {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "an installer sends POST\n");
            let allowed = header::HeaderValue::from_static("POST");
            response.headers_mut().insert(header::ALLOW, allowed);
            return response;
        }
        match Machine::read(body) {
            Ok(machine) => self.answer(&machine),
            Err(why) => plain(StatusCode::BAD_REQUEST, &format!("{why}\n")),
        }
    }

    fn answer(&self, machine: &Machine) -> Response<Bytes> {
        let mut state = self.state();
        let is_its = |held: &&mut Held| machine.is(&held.offer.macs, held.offer.serial.as_deref());
        let Some(held) = state.held.values_mut().find(is_its) else {
            for held in state.held.values_mut() {
                held.tell(Asked::Stranger {
                    machine: machine.clone(),
                });
            }
            return plain(StatusCode::NOT_FOUND, "nothing is ready for this machine\n");
        };
        let (node, machine) = (held.offer.node.clone(), machine.clone());
        if std::mem::replace(&mut held.offer.given, true) {
            held.tell(Asked::Again { node, machine });
            return plain(StatusCode::CONFLICT, "this machine got its answer file\n");
        }
        held.tell(Asked::Given { node, machine });
        let mut response = Response::new(Bytes::from(held.offer.file.text()));
        let toml = header::HeaderValue::from_static("application/toml");
        response.headers_mut().insert(header::CONTENT_TYPE, toml);
        response
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the table whole: each change of it is one insert or remove.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn tell(&mut self, asked: Asked) {
        self.asked.push_back(asked);
        self.notify.notify_one();
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(text.as_bytes()));
    *response.status_mut() = status;
    response
}

/// An answer file that lies ready; it's taken away when this is dropped.
pub struct Offered {
    desk: Desk,
    place: u64,
    notify: Arc<Notify>,
    keeps: Option<Arc<dyn Any + Send + Sync>>,
}

impl Offered {
    /// The same offer, which keeps something alive: the server that gives it.
    #[must_use]
    pub fn keeping(mut self, what: Arc<dyn Any + Send + Sync>) -> Self {
        self.keeps = Some(what);
        self
    }

    /// Waits until a machine has asked.
    pub async fn asked(&self) {
        self.notify.notified().await;
    }

    /// What machines were told since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Asked> {
        let mut state = self.desk.state();
        let held = state.held.get_mut(&self.place);
        held.map(|held| held.asked.drain(..).collect())
            .unwrap_or_default()
    }
}

impl Drop for Offered {
    fn drop(&mut self) {
        self.desk.state().held.remove(&self.place);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::install::answer::tests::file;

    pub(in crate::install) fn offer() -> Offer {
        Offer {
            node: "pve1".to_owned(),
            macs: vec!["bc:24:11:00:00:01".to_owned()],
            serial: Some("SN-7".to_owned()),
            file: file(),
            given: false,
        }
    }

    pub(in crate::install) const PVE1: &str =
        r#"{"network_interfaces":[{"link":"eno1","mac":"BC:24:11:00:00:01"}]}"#;

    fn ask(desk: &Desk, body: &str) -> (u16, String) {
        let response = desk.respond(&Method::POST, body.as_bytes());
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        (response.status().as_u16(), text)
    }

    #[test]
    fn a_machine_gets_its_file_once() {
        let desk = Desk::default();
        let offered = desk.lay(offer());
        let (status, text) = ask(&desk, PVE1);
        assert_eq!((status, AnswerFile::read(&text).unwrap()), (200, file()));
        assert_eq!(ask(&desk, PVE1).0, 409);
        let told: Vec<String> = offered.take().iter().map(ToString::to_string).collect();
        assert_eq!(told[0], "pve1 got its answer file (MAC bc:24:11:00:00:01)");
        assert!(told[1].starts_with("pve1 asked again"), "{told:?}");
        assert!(offered.take().is_empty());
    }

    #[test]
    fn a_machine_is_known_by_its_serial_too() {
        let desk = Desk::default();
        let _offered = desk.lay(offer());
        let asked = r#"{"dmi":{"system":{"serial":"SN-7"}},"network_interfaces":[]}"#;
        assert_eq!(ask(&desk, asked).0, 200);
    }

    #[test]
    fn a_stranger_gets_nothing_and_is_reported() {
        let desk = Desk::default();
        let offered = desk.lay(offer());
        let (status, text) = ask(
            &desk,
            r#"{"network_interfaces":[{"mac":"02:00:00:00:00:09"}]}"#,
        );
        assert_eq!(status, 404);
        assert!(!text.contains("global"), "{text}");
        let told = offered.take();
        let [Asked::Stranger { machine }] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(machine.to_string(), "MAC 02:00:00:00:00:09");
    }

    #[test]
    fn nothing_is_given_to_what_is_no_installer() {
        let desk = Desk::default();
        let _offered = desk.lay(offer());
        assert_eq!(ask(&desk, "hello").0, 400);
        assert_eq!(desk.respond(&Method::GET, b"").status().as_u16(), 405);
    }

    #[test]
    fn an_offer_that_is_dropped_is_gone() {
        let desk = Desk::default();
        drop(desk.lay(offer()));
        assert!(desk.is_empty());
        assert_eq!(ask(&desk, PVE1).0, 404);
    }
}
