//! Logging in: at the node as it is, unless only the plan knows the user.

use bytes::Bytes;
use http::{Request, Response};
use model::{Key, kind, request};
use twin_pve::password_digest;
use world::{Confidence, proxmox::PortError};

use super::{caller::Credential, driver::Preview, reader::Reading};

impl Preview {
    /// Answers `POST /access/ticket`.
    pub(super) async fn login(
        &self,
        address: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, PortError> {
        let user = user_of(&request);
        let node = self.state().known_at(address);
        if let Some(node) = node
            && self.state().would_have_made(&node, &user)
        {
            let ran = self.run(&node, "", &request).await?;
            let answer = Reading::of(&ran.response);
            if let Some(ticket) = answer.data["ticket"].as_str() {
                self.state().callers.made(ticket, &user);
            }
            let mut response = ran.response;
            response.extensions_mut().insert(Confidence::Predicted);
            return Ok(response);
        }
        let password = text_of(&request, "password");
        let response = self.down(address, request).await?;
        let answer = Reading::of(&response);
        if let (Some(user), Some(ticket)) = (
            answer.data["username"].as_str(),
            answer.data["ticket"].as_str(),
        ) && let Some(credential) = Credential::of_ticket(user, ticket)
        {
            let mut state = self.state();
            state.callers.accept(address, &credential);
            // A ticket is taken in a password's place.
            if !password.starts_with("PVE:") {
                let digest = password_digest(&self.config.seed, user, &password);
                state.callers.prove(address, user, digest);
                state.take_passwords();
            }
        }
        Ok(response)
    }
}

/// A parameter of a login; empty if it isn't there.
fn text_of(sent: &Request<Bytes>, name: &str) -> String {
    let params = request::params(sent).unwrap_or_default();
    let text = params.get(name).and_then(serde_json::Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Who logs in.
fn user_of(sent: &Request<Bytes>) -> String {
    let (user, realm) = (text_of(sent, "username"), text_of(sent, "realm"));
    if realm.is_empty() {
        user
    } else {
        format!("{user}@{realm}")
    }
}

impl super::state::State {
    /// Takes the passwords that nodes accepted for the rows that nobody can read.
    pub(super) fn take_passwords(&mut self) {
        for (address, user, digest) in self.callers.proven() {
            let node = self.homes.at(address);
            if let Some(home) = node.and_then(|node| self.homes.of(node)) {
                let key = Key::new(&*home.domain, kind::PASSWORD, user);
                self.rows.add(key, digest.into());
            }
        }
    }

    /// Whether the plan would have changed if, or with which password, a user can log in.
    fn would_have_made(&self, node: &str, user: &str) -> bool {
        let Some(domain) = self.cluster_of(node) else {
            return false;
        };
        let is_predicted = |kind: &str| {
            self.rows
                .predicted(&Key::new(&*domain, kind, user))
                .is_some()
        };
        let is_gone = self.rows.predicted(&Key::new(&*domain, kind::USER, user)) == Some(None);
        is_gone || is_predicted(kind::PASSWORD)
    }
}
