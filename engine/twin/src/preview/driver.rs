//! How a request is answered: by the model where the plan would have changed what it touches, else by the world
//! below.

use bytes::Bytes;
use http::{Method, Request, Response};
use model::{Caller, Config, Fault, Passing, Tx, rows::Pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use world::{
    Clock as _, Confidence, Origin,
    proxmox::{Port, PortError},
};

use super::{
    caller::{Asker, Credential},
    clock::PreviewClock,
    homes::Located,
    observed,
    reader::{is_login, summary},
    state::State,
    unseen::Unseen,
};
use crate::facts::LabFacts;

/// How many cells one request may need. It's far beyond any real one; a model that asks for a cell again and
/// again is stopped by it.
const CELLS: usize = 500;

/// The model laid over a world.
pub(super) struct Preview {
    pub(super) below: Arc<dyn Port>,
    pub(super) clock: PreviewClock,
    pub(super) facts: LabFacts,
    pub(super) config: Config,
    state: Mutex<State>,
}

/// What the model answered.
pub(super) struct Ran {
    pub(super) response: Response<Bytes>,
    /// Whether it touched what the plan would have changed.
    pub(super) is_touched: bool,
}

impl Preview {
    /// Lays a preview over a port.
    pub(super) fn over(below: Arc<dyn Port>, clock: PreviewClock, facts: &LabFacts) -> Arc<Self> {
        let now = clock.now();
        Arc::new(Self {
            below,
            clock,
            facts: facts.clone(),
            config: Config {
                id: super::PREVIEW.to_owned(),
                seed: "twin".to_owned(),
                root_passwords: Vec::new(),
                passing: Passing::Jumping,
                reality: &Unseen,
                effects: twin_pve::apply,
                answers: model::order::Answers::default(),
            },
            state: Mutex::new(State::of(facts, now)),
        })
    }

    /// What it knows; what was read before the world below was waited for is known no longer.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget_before(self.clock.waits());
        state
    }

    /// The present second.
    pub(super) fn clock_seconds(&self) -> u64 {
        self.clock.now().seconds()
    }

    /// Answers a request.
    pub(super) async fn answer(
        &self,
        address: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, PortError> {
        if is_login(&request) {
            return self.login(address, request).await;
        }
        let credential = Credential::of(&request);
        if credential.is_none() && request.method() == Method::GET {
            // Nobody sees what a plan changes.
            return self.down(address, request).await;
        }
        let node = match self.locate(address, credential.as_ref()).await? {
            Located::Node(node) => node,
            Located::Refused(response) => return Ok(*response),
        };
        let asker = match self.identify(address, &node, &request).await? {
            Asker::Refused(response) => return Ok(*response),
            asker => asker,
        };
        if request.method() == Method::GET {
            self.answer_read(address, &node, &asker, &request).await
        } else {
            self.answer_write(&node, &asker, &request).await
        }
    }

    async fn answer_write(
        &self,
        node: &str,
        asker: &Asker,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, PortError> {
        let stripped = self.state().digests.strip(request);
        let ran = self.run(node, asker.id(), &stripped).await?;
        self.clock.begin();
        if ran.response.status().as_u16() == 501 {
            let what = format!("what {} does, which isn't modelled", summary(request));
            return Err(unknown(what));
        }
        Ok(predicted(ran.response))
    }

    async fn answer_read(
        &self,
        address: &str,
        node: &str,
        asker: &Asker,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, PortError> {
        let path = path_of(request);
        let parts = parts_of(&path);
        if let Some((on, upid)) = observed::task_of(&parts)
            && !self.state().is_own_task(upid)
        {
            return self.observe(on, asker, request).await;
        }
        let is_moved = self.state().is_moved(node) || self.state().is_named_moved(&parts);
        if let Asker::Below(credential) = asker
            && !is_moved
            && !self.state().is_changed(node)
        {
            return self.pass(address, credential, request).await;
        }
        let ran = self.run(node, asker.id(), request).await?;
        let is_modelled = ran.response.status().as_u16() != 501;
        let is_refused = is_modelled && !ran.response.status().is_success();
        let observed = match observed::node_of(&parts) {
            Some(named) => Some(named.unwrap_or(node)),
            None if is_modelled => None,
            None => parts
                .strip_prefix(&["nodes"])
                .and_then(|rest| rest.first().copied()),
        };
        let observed = observed.map(|on| if on == "localhost" { node } else { on });
        // A machine that the plan would have installed says nothing of itself yet.
        let observed = observed.filter(|on| !self.state().is_installed_by_plan(on));
        match (observed, asker) {
            (Some(on), _) if !is_refused => self.observe(on, asker, request).await,
            (_, Asker::Below(credential)) if !ran.is_touched && !is_moved => {
                self.pass(address, credential, request).await
            }
            _ if is_modelled => {
                let ran = self.measured(&parts, ran).await?;
                Ok(predicted(ran.response))
            }
            _ => Err(unknown(format!(
                "what {} says once the plan's changes are made",
                summary(request)
            ))),
        }
    }

    /// Passes a read on as it came.
    async fn pass(
        &self,
        address: &str,
        credential: &Credential,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, PortError> {
        let uri = request
            .uri()
            .path_and_query()
            .map_or("", |uri| uri.as_str());
        match uri.strip_prefix("/api2/json") {
            Some(path) => self.read(address, path, credential).await,
            None => self.down(address, request.clone()).await,
        }
    }

    /// Asks a node as it is now, also one that the plan moves elsewhere.
    async fn observe(
        &self,
        node: &str,
        asker: &Asker,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, PortError> {
        let (home, credential) = {
            let state = self.state();
            let home = state.homes.of(node).cloned();
            let home = home.ok_or_else(|| unknown(format!("what node {node} says of itself")))?;
            let credential = state.credential_for(&home.domain);
            (home, credential)
        };
        let Some(credential) = credential else {
            return Err(unknown(format!(
                "what node {node} says of itself: nobody has logged in there"
            )));
        };
        let mut response = self.pass(&home.address, &credential, request).await?;
        if matches!(asker, Asker::Model(_)) {
            response.extensions_mut().insert(Confidence::Predicted);
        }
        Ok(response)
    }

    /// Lets the model answer, with every cell filled that it needs.
    pub(super) async fn run(
        &self,
        node: &str,
        who: &str,
        request: &Request<Bytes>,
    ) -> Result<Ran, PortError> {
        for _ in 0..CELLS {
            let missing = match self.try_run(node, who, request) {
                Ok(ran) => return Ok(ran),
                Err(Fault::Missing(cell)) => cell,
                Err(Fault::Unknown(origin)) => return Err(PortError::Unknown(origin)),
                Err(fault @ Fault::Store(_)) => {
                    return Err(unknown(format!(
                        "what {} answers: {fault}",
                        summary(request)
                    )));
                }
            };
            self.fill(&missing, node).await?;
        }
        Err(unknown(format!(
            "what {} answers: it needs too much of the world",
            summary(request)
        )))
    }

    /// One attempt, which leaves no trace if it needs a cell that isn't filled.
    fn try_run(&self, node: &str, who: &str, request: &Request<Bytes>) -> Result<Ran, Fault> {
        let mut state = self.state();
        let rows = &mut state.rows;
        let now = self.clock.now();
        let mut trial = Pending::new(rows);
        let mut tx = Tx::new(&mut trial, now, node, &self.config);
        tx.advance().map_err(Fault::from)?;
        trial.commit()?;

        rows.watch();
        let mut trial = Pending::new(rows);
        let mut tx = Tx::new(&mut trial, now, node, &self.config);
        tx.caller = Caller { id: who.to_owned() };
        let response = model::answer(twin_pve::api(), &mut tx, request)?;
        let now = tx.now;
        trial.commit()?;
        self.clock.reach(now);
        Ok(Ran {
            response,
            is_touched: rows.is_touched(),
        })
    }
}

impl Asker {
    /// Who it is, for the model.
    const fn id(&self) -> &str {
        match self {
            Self::Below(credential) => credential.who.as_str(),
            Self::Model(who) => who.as_str(),
            Self::Nobody | Self::Refused(_) => "",
        }
    }
}

/// The path of a request below `/api2/json`, decoded.
fn path_of(request: &Request<Bytes>) -> String {
    let path = request.uri().path().trim_start_matches("/api2/json");
    percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned()
}

fn parts_of(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

fn predicted(mut response: Response<Bytes>) -> Response<Bytes> {
    response.extensions_mut().insert(Confidence::Predicted);
    response
}

/// What a preview can't know.
pub(super) const fn unknown(what: String) -> PortError {
    PortError::Unknown(Origin {
        step: String::new(),
        what,
    })
}
