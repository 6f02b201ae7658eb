//! What a host says of a user or a group.

use runbook::{halt::Halt, operation::Operation};
use world::host::verb::{Group, Groups, User, Users};

/// A user, if there is one.
///
/// # Errors
/// No reply came, or it can't be read.
pub(super) async fn user(
    operation: &Operation,
    host: &str,
    name: &str,
) -> Result<Option<User>, Halt> {
    let mut told = operation.ask(host, Users::new(name)).await?;
    if let Some(user) = &mut told.known {
        user.groups.sort();
    }
    Ok(told.known)
}

/// A group, if there is one.
///
/// # Errors
/// No reply came, or it can't be read.
pub(super) async fn group(
    operation: &Operation,
    host: &str,
    name: &str,
) -> Result<Option<Group>, Halt> {
    let mut told = operation.ask(host, Groups::new(name)).await?;
    if let Some(group) = &mut told.known {
        group.members.sort();
    }
    Ok(told.known)
}
