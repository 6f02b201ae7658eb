//! How a connection logs in: keys, then what a password opens.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use russh::{
    MethodKind, MethodSet,
    client::{AuthResult, Handle},
    keys::{Algorithm, HashAlg, PublicKey},
};

use super::{
    Settings,
    hop::Hop,
    keyring::Keyring,
    offers::{self, Holder, Offer},
    signer::{Agent, SignError, Signs},
    watcher::Watcher,
    words,
};
use crate::host::HostError;

/// How long a login may take: as long as sshd waits.
const LIMIT: Duration = Duration::from_secs(120);

/// How many things a host may want in a row: a key and a password.
const FACTORS: usize = 3;

/// What a try led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    In,
    /// It was right, and the host wants something else, too.
    Further,
    Refused,
}

/// A login that goes on.
pub(super) struct Login<'a> {
    pub(super) handle: &'a mut Handle<Watcher>,
    pub(super) hop: &'a Hop,
    keyring: &'a Arc<Keyring>,
    agent: Option<Agent>,
    offers: VecDeque<Offer>,
    pub(super) tried: Vec<String>,
    /// The key that was right.
    taken: Option<PublicKey>,
    /// What the host takes, as soon as it has said so.
    takes: Option<MethodSet>,
}

/// Logs in; gives the key that the host took, if it took one.
///
/// # Errors
/// The host takes nothing that there is, or gives no answer.
pub(super) async fn log_in(
    handle: &mut Handle<Watcher>,
    hop: &Hop,
    settings: &Settings,
    keyring: &Arc<Keyring>,
) -> Result<Option<PublicKey>, HostError> {
    let (agent, keys) = match offers::agent(settings, &hop.config, handle).await {
        Some((agent, keys)) => (Some(agent), keys),
        None => (None, Vec::new()),
    };
    let offers = offers::offers(&hop.config, keyring, &keys).await.into();
    let mut login = Login {
        handle,
        hop,
        keyring,
        agent,
        offers,
        tried: Vec::new(),
        taken: None,
        takes: None,
    };
    match tokio::time::timeout(LIMIT, login.all()).await {
        Ok(Ok(true)) => Ok(login.taken),
        Ok(Ok(false)) => Err(login.refused()),
        Ok(Err(error)) => {
            Err(hop.unreachable(format!("it hung up in the login: {}", words::ssh(&error))))
        }
        Err(_) => {
            let cause = format!(
                "it gave no answer to the login within {} s",
                LIMIT.as_secs()
            );
            Err(hop.unreachable(cause))
        }
    }
}

impl Login<'_> {
    /// Whether the login succeeds.
    async fn all(&mut self) -> Result<bool, russh::Error> {
        for _ in 0..FACTORS {
            match self.round().await? {
                Step::In => return Ok(true),
                Step::Further => {}
                Step::Refused => break,
            }
        }
        Ok(false)
    }

    /// Tries everything that the host takes until something is right.
    async fn round(&mut self) -> Result<Step, russh::Error> {
        if self.offers.is_empty() && self.takes.is_none() {
            let result = self.handle.authenticate_none(&self.hop.config.user).await?;
            if let step @ (Step::In | Step::Further) = self.step(result) {
                return Ok(step);
            }
        }
        while self.takes(MethodKind::PublicKey)
            && let Some(offer) = self.offers.pop_front()
        {
            match self.offer(offer).await? {
                Step::Refused => {}
                step => return Ok(step),
            }
        }
        match self.hop.password.clone() {
            Some(password) => self.password(&password).await,
            None => Ok(Step::Refused),
        }
    }

    pub(super) fn takes(&self, kind: MethodKind) -> bool {
        !self.handle.is_closed()
            && self
                .takes
                .as_ref()
                .is_none_or(|methods| methods.contains(&kind))
    }

    pub(super) fn step(&mut self, result: AuthResult) -> Step {
        match result {
            AuthResult::Success => Step::In,
            AuthResult::Failure {
                remaining_methods,
                partial_success,
            } => self.failed(remaining_methods, partial_success),
        }
    }

    pub(super) fn failed(&mut self, left: MethodSet, was_right: bool) -> Step {
        // An empty set is what russh says when the connection ended.
        if !left.is_empty() {
            self.takes = Some(left);
        }
        if was_right {
            Step::Further
        } else {
            Step::Refused
        }
    }

    async fn offer(&mut self, offer: Offer) -> Result<Step, russh::Error> {
        let hash = self.hash(&offer).await?;
        let user = &self.hop.config.user;
        let mut signs = match (&offer.holder, &mut self.agent) {
            (Holder::Agent(key), Some(agent)) => Signs::Agent(agent, key.clone()),
            (Holder::File(path), _) => Signs::File(Arc::clone(self.keyring), path.clone()),
            (Holder::Agent(_), None) => return Ok(Step::Refused),
        };
        let public = offer.public.clone();
        let result = match offer.certificate {
            Some(certificate) => {
                self.handle
                    .authenticate_certificate_with(user, certificate, hash, &mut signs)
                    .await
            }
            None => {
                self.handle
                    .authenticate_publickey_with(user, offer.public, hash, &mut signs)
                    .await
            }
        };
        match result {
            Ok(result) => {
                self.tried.push(offer.label);
                let step = self.step(result);
                if step != Step::Refused {
                    self.taken = Some(public);
                }
                Ok(step)
            }
            Err(SignError::Ended) => Err(russh::Error::Disconnect),
            Err(error) => {
                self.tried.push(format!("{} ({error})", offer.label));
                Ok(Step::Refused)
            }
        }
    }

    /// Which hash an RSA key signs with: the best one that the host names.
    async fn hash(&self, offer: &Offer) -> Result<Option<HashAlg>, russh::Error> {
        if !matches!(offer.public.algorithm(), Algorithm::Rsa { .. }) {
            return Ok(None);
        }
        let named = self.handle.best_supported_rsa_hash().await?;
        Ok(named.unwrap_or(Some(HashAlg::Sha512)))
    }

    fn refused(&self) -> HostError {
        let listed = |methods: &MethodSet| {
            methods
                .iter()
                .map(Into::into)
                .collect::<Vec<&str>>()
                .join(", ")
        };
        let takes = self
            .takes
            .as_ref()
            .map_or("nothing that it names".to_owned(), listed);
        let tried = match &self.tried[..] {
            [] => "nothing, as there is no key".to_owned(),
            tried => tried.join(", "),
        };
        let remark = self.hop.config.remark.as_ref();
        HostError::Login {
            host: self.hop.name.clone(),
            user: self.hop.config.user.clone(),
            tried: remark.map_or(tried.clone(), |remark| format!("{tried} ({remark})")),
            takes: if self.handle.is_closed() {
                format!(
                    "{takes}, and hung up after so many tries (IdentitiesOnly offers fewer keys)"
                )
            } else {
                takes
            },
        }
    }
}
