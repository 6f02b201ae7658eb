//! Logging in: at the node as it is, unless only the plan knows the user.

use bytes::Bytes;
use http::{Request, Response};
use world::{Confidence, proxmox::PortError};

use super::{caller::Credential, driver::Preview, reader::Answer};
use crate::model::{Key, kind, request};

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
            let answer = Answer::of(&ran.response);
            if let Some(ticket) = answer.data["ticket"].as_str() {
                self.state().callers.made(ticket, &user);
            }
            let mut response = ran.response;
            response.extensions_mut().insert(Confidence::Predicted);
            return Ok(response);
        }
        let response = self.down(address, request).await?;
        let answer = Answer::of(&response);
        if let (Some(user), Some(ticket)) = (
            answer.data["username"].as_str(),
            answer.data["ticket"].as_str(),
        ) && let Some(credential) = Credential::of_ticket(user, ticket)
        {
            self.state().callers.accept(address, &credential);
        }
        Ok(response)
    }
}

/// Who logs in.
fn user_of(sent: &Request<Bytes>) -> String {
    let params = request::params(sent).unwrap_or_default();
    let text = |name: &str| params.get(name).and_then(serde_json::Value::as_str);
    let user = text("username").unwrap_or_default();
    text("realm").map_or_else(|| user.to_owned(), |realm| format!("{user}@{realm}"))
}

impl super::driver::State {
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
