//! The kept secret of a token.

use formats::envrc::Envrc;
use runbook::{halt::Halt, operation::Operation};
use world::{
    Secret,
    proxmox::{ApiError, Identity, Request},
};

use crate::envrc;

/// A token as itself, with the secret that is kept under `keep`; nothing if none is kept.
pub(super) async fn identity(
    operation: &Operation,
    id: &str,
    keep: &str,
) -> Result<Option<Identity>, Halt> {
    let text = envrc::read(operation).await?;
    let kept = Envrc::parse(&text)
        .get(keep)
        .filter(|value| !value.is_empty())
        .map(str::to_owned);
    Ok(kept.map(|value| {
        let secret = Secret::new(keep, value);
        operation.run().redactor.register(&secret);
        Identity::Token {
            id: id.to_owned(),
            secret,
        }
    }))
}

/// Whether the API accepts a token's secret.
pub(super) async fn is_accepted(
    operation: &Operation,
    token: &Identity,
    node: &str,
) -> Result<bool, Halt> {
    match operation
        .try_read(token, node, &Request::get("/version"))
        .await?
    {
        Ok(_) => Ok(true),
        Err(ApiError::Ticket { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
