//! Who asks: whoever the world below accepts, or somebody whom the plan would have made.

use bytes::Bytes;
use formats::names;
use http::{HeaderMap, Request, Response, header};
use model::{Key, auth, dispatch::respond, kind};
use std::collections::BTreeMap;
use world::{Confidence, proxmox::PortError};

use super::driver::Preview;

/// What proves who asks, without what a write needs beside it.
#[derive(Clone, Debug)]
pub(super) struct Credential {
    /// `NAME@REALM`, with `!TOKEN` for a token.
    pub(super) who: String,
    headers: HeaderMap,
}

impl Credential {
    /// The credential of a request, if it has one.
    pub(super) fn of(request: &Request<Bytes>) -> Option<Self> {
        let who = match auth::cookie(request.headers()) {
            Some(ticket) => user_of(&ticket),
            None => token_of(request.headers())?.0,
        };
        let mut headers = HeaderMap::new();
        for name in [header::COOKIE, header::AUTHORIZATION] {
            if let Some(value) = request.headers().get(&name) {
                headers.insert(name, value.clone());
            }
        }
        Some(Self { who, headers })
    }

    /// A credential by its ticket.
    pub(super) fn of_ticket(user: &str, ticket: &str) -> Option<Self> {
        let plain = percent_encoding::NON_ALPHANUMERIC;
        let cookie = percent_encoding::utf8_percent_encode(ticket, plain);
        let mut value = header::HeaderValue::from_str(&format!("PVEAuthCookie={cookie}")).ok()?;
        value.set_sensitive(true);
        Some(Self {
            who: user.to_owned(),
            headers: HeaderMap::from_iter([(header::COOKIE, value)]),
        })
    }

    /// Puts it on a request.
    pub(super) fn put_on(&self, headers: &mut HeaderMap) {
        headers.extend(self.headers.clone());
    }
}

/// The user in a ticket: `PVE:USER:TIME::SIGNATURE`.
fn user_of(ticket: &str) -> String {
    let plain = ticket.split("::").next().unwrap_or_default();
    let named = plain.strip_prefix("PVE:").unwrap_or_default();
    let user = named.rsplit_once(':').map_or("", |(user, _)| user);
    user.to_owned()
}

/// The id and secret in a token header.
fn token_of(headers: &HeaderMap) -> Option<(String, String)> {
    let value = auth::token_header(headers)?;
    let (id, secret) = value.split_once('=')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Who was met so far.
#[derive(Debug, Default)]
pub(super) struct Callers {
    /// Tickets that the model made, with their users.
    made: BTreeMap<String, String>,
    /// What the world below accepted, with the address; the last one stands last.
    accepted: Vec<(String, Credential)>,
    /// What is kept of passwords that the world below accepted: address, user, digest.
    proven: Vec<(String, String, String)>,
}

impl Callers {
    /// Remembers a ticket that the model made.
    pub(super) fn made(&mut self, ticket: &str, user: &str) {
        self.made.insert(ticket.to_owned(), user.to_owned());
    }

    /// Remembers what is kept of a password that the world below accepted at an address.
    pub(super) fn prove(&mut self, address: &str, user: &str, digest: String) {
        self.proven
            .push((address.to_owned(), user.to_owned(), digest));
    }

    /// What is kept of passwords that the world below accepted: address, user, digest.
    pub(super) fn proven(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.proven
            .iter()
            .map(|(address, user, digest)| (address.as_str(), user.as_str(), digest.as_str()))
    }

    /// Remembers that the world below accepted a credential at an address.
    pub(super) fn accept(&mut self, address: &str, credential: &Credential) {
        self.accepted.retain(|(known, other)| {
            known != address || other.who != credential.who || other.headers == credential.headers
        });
        if !self.is_accepted(address, credential) {
            self.accepted.push((address.to_owned(), credential.clone()));
        }
    }

    /// Whether the world below accepted a credential at an address.
    fn is_accepted(&self, address: &str, credential: &Credential) -> bool {
        self.accepted
            .iter()
            .any(|(known, other)| known == address && other.headers == credential.headers)
    }

    /// The last credential that was accepted at an address.
    pub(super) fn last_at(&self, address: &str) -> Option<Credential> {
        self.best(|known| known == address)
    }

    /// The credential with which most can be read at addresses: root's, else the last one.
    pub(super) fn best(&self, fits: impl Fn(&str) -> bool) -> Option<Credential> {
        let fitting = || self.accepted.iter().filter(|(address, _)| fits(address));
        let root = fitting().rfind(|(_, credential)| credential.who == "root@pam");
        root.or_else(|| fitting().next_back())
            .map(|(_, credential)| credential.clone())
    }
}

/// Who makes a request.
pub(super) enum Asker {
    /// Nobody: there is no credential.
    Nobody,
    /// Somebody whom the world below accepts.
    Below(Credential),
    /// Somebody whom only the model knows.
    Model(String),
    /// Somebody who isn't accepted: the answer to it.
    Refused(Box<Response<Bytes>>),
}

impl Preview {
    /// Who makes a request to a node of the preview.
    pub(super) async fn identify(
        &self,
        address: &str,
        node: &str,
        request: &Request<Bytes>,
    ) -> Result<Asker, PortError> {
        let Some(credential) = Credential::of(request) else {
            return Ok(Asker::Nobody);
        };
        if let Some(ticket) = auth::cookie(request.headers()) {
            let made = self.state().callers.made.get(&ticket).cloned();
            return match made {
                Some(user) => Ok(Asker::Model(user)),
                None => self.ask_below(address, credential).await,
            };
        }
        let Some((id, secret)) = token_of(request.headers()) else {
            return Ok(Asker::Nobody);
        };
        if let Some(is_right) = self.state().judge_token(node, &id, &secret) {
            return Ok(if is_right {
                Asker::Model(id)
            } else {
                let mut response = respond(401, "Authentication failed!", None);
                response.extensions_mut().insert(Confidence::Predicted);
                Asker::Refused(Box::new(response))
            });
        }
        // A token belongs to a cluster: a node that would have joined it doesn't know it yet.
        let home = self.state().home_of_cluster(node);
        let address = home.map_or_else(|| address.to_owned(), |home| home.address);
        self.ask_below(&address, credential).await
    }

    /// Lets the world below say whether it accepts a credential.
    async fn ask_below(&self, address: &str, credential: Credential) -> Result<Asker, PortError> {
        if self.state().callers.is_accepted(address, &credential) {
            return Ok(Asker::Below(credential));
        }
        let response = self.read(address, "/version", &credential).await?;
        Ok(if response.status().as_u16() == 401 {
            Asker::Refused(Box::new(response))
        } else {
            Asker::Below(credential)
        })
    }
}

impl super::state::State {
    /// Whether a token's secret is right, if the plan would have decided that; none if the world below has to.
    fn judge_token(&self, node: &str, id: &str, secret: &str) -> Option<bool> {
        let domain = self.cluster_of(node)?;
        let user = names::token_parts(id).map_or(id, |(user, _)| user);
        if self.rows.predicted(&Key::new(&*domain, kind::USER, user)) == Some(None) {
            return Some(false);
        }
        match self.rows.predicted(&Key::new(domain, kind::TOKEN, id))? {
            None => Some(false),
            // A secret that the plan left alone is the world's, which nobody can read.
            Some(token) => token["secret"].as_str().map(|own| own == secret),
        }
    }
}
