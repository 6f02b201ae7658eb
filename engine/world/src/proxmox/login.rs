//! Logging in: tickets on demand, renewed before they die.

use super::{
    Answer, Api, ApiError, Asked, Identity, Node, Request,
    session::{DEAD_AFTER, Proof, RENEW_AFTER, Ticket},
};
use crate::{Confidence, Secret};

impl Api {
    /// What proves `identity` to `node`.
    pub(super) async fn proof(
        &self,
        identity: &Identity,
        node: &Node,
        asked: &Asked,
    ) -> Result<Proof, ApiError> {
        match identity {
            Identity::Root => self.ticket(node, asked).await.map(Proof::Ticket),
            Identity::Token { id, secret } if secret.expose().is_empty() => {
                let kept = self.state().tokens.get(id).cloned();
                let secret = kept.ok_or_else(|| ApiError::NoCredentials {
                    asked: asked.clone(),
                    what: format!("the secret of the token {id}"),
                })?;
                Ok(Proof::Token {
                    id: id.clone(),
                    secret,
                })
            }
            Identity::Token { id, secret } => Ok(Proof::Token {
                id: id.clone(),
                secret: secret.clone(),
            }),
        }
    }

    /// The node's ticket: the kept one, renewed if it's old.
    async fn ticket(&self, node: &Node, asked: &Asked) -> Result<Ticket, ApiError> {
        let kept = self.state().tickets.get(&node.name).cloned();
        let Some(ticket) = kept else {
            return self.login(node, asked, true).await;
        };
        let age = self.clock().now().since(ticket.since);
        if age < RENEW_AFTER {
            return Ok(ticket);
        }
        if age < DEAD_AFTER {
            let renewed = self.request_ticket(node, asked, &ticket.value, true).await;
            if let Ok(renewed) = renewed {
                return Ok(renewed);
            }
        }
        self.login(node, asked, true).await
    }

    /// Logs in with root's password.
    pub(super) async fn login(
        &self,
        node: &Node,
        asked: &Asked,
        vouch: bool,
    ) -> Result<Ticket, ApiError> {
        let password = self
            .state()
            .root
            .as_ref()
            .map(|(_, password)| password.clone());
        let password = password.ok_or_else(|| ApiError::NoCredentials {
            asked: asked.clone(),
            what: "root's password".to_owned(),
        })?;
        self.request_ticket(node, asked, &password, vouch).await
    }

    /// Asks for a ticket; `vouch` is off while a node is asked to vouch for another.
    async fn request_ticket(
        &self,
        node: &Node,
        asked: &Asked,
        password: &Secret,
        vouch: bool,
    ) -> Result<Ticket, ApiError> {
        let user = self
            .state()
            .root
            .as_ref()
            .map(|(user, _)| user.clone())
            .unwrap_or_default();
        let request = Request::post("/access/ticket")
            .with("username", user.as_str())
            .with("password", password.clone());
        let here = Asked::new(&node.name, &request);
        let answer = if vouch {
            self.exchange(&here, node, &request, &Proof::None).await
        } else {
            self.exchange_once(&here, node, &request, &Proof::None)
                .await
        };
        let answer = answer.map_err(|error| match error {
            ApiError::Ticket { words, .. } => ApiError::Login {
                asked: asked.clone(),
                user,
                words,
            },
            other => other,
        })?;
        let ticket = self.read_ticket(&here, &answer)?;
        self.state()
            .tickets
            .insert(node.name.clone(), ticket.clone());
        Ok(ticket)
    }

    fn read_ticket(&self, asked: &Asked, answer: &Answer) -> Result<Ticket, ApiError> {
        if answer.field_bool("NeedTFA") == Some(true) {
            return Err(ApiError::Login {
                asked: asked.clone(),
                user: answer.field_text("username").unwrap_or_default(),
                words: "a second factor is asked for, which an unattended login can't give"
                    .to_owned(),
            });
        }
        match (
            answer.field_text("ticket"),
            answer.field_text("CSRFPreventionToken"),
        ) {
            (Some(value), Some(csrf)) => Ok(Ticket {
                value: Secret::new("ticket", value),
                csrf: Secret::new("csrf token", csrf),
                since: self.clock().now(),
            }),
            // A preview that can't log in must say so, not invent a ticket.
            _ if answer.confidence != Confidence::Read => Err(ApiError::NoCredentials {
                asked: asked.clone(),
                what: "the ticket".to_owned(),
            }),
            _ => Err(ApiError::Malformed {
                asked: asked.clone(),
                what: "no ticket and CSRF token in it".to_owned(),
                truncated: false,
            }),
        }
    }
}
