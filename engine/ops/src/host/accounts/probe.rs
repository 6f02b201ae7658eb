//! What a host says of a user or a group.

use runbook::{halt::Halt, operation::Operation};
use world::host::{Call, Verb};

use crate::host::probe::{ask, failed};

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    pub(super) uid: String,
    /// The group that is its own.
    pub(super) group: String,
    /// The other groups, sorted.
    pub(super) groups: Vec<String>,
    pub(super) comment: String,
    pub(super) home: String,
    pub(super) shell: String,
    pub(super) password: Password,
}

/// What is known of a password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Password {
    /// Whether nobody can log in with it.
    pub(super) is_locked: bool,
    /// The SHA-256 of its hash; none if there is none.
    pub(super) sha256: Option<String>,
}

impl User {
    /// What a line of `users` says; none if there is no such user.
    fn parse(line: &str) -> Option<Option<Self>> {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [_] => Some(None),
            [_, uid, group, groups, comment, home, shell, password] => Some(Some(Self {
                uid: (*uid).to_owned(),
                group: (*group).to_owned(),
                groups: sorted(groups),
                comment: (*comment).to_owned(),
                home: (*home).to_owned(),
                shell: (*shell).to_owned(),
                password: Password {
                    is_locked: password.starts_with("locked"),
                    sha256: password.split_once(' ').map(|(_, sum)| sum.to_owned()),
                },
            })),
            _ => None,
        }
    }
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) gid: String,
    /// Who is in it beside those whose own group it is, sorted.
    pub(super) members: Vec<String>,
}

impl Group {
    /// What a line of `groups` says; none if there is no such group.
    fn parse(line: &str) -> Option<Option<Self>> {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [_] => Some(None),
            [_, gid, members] => Some(Some(Self {
                gid: (*gid).to_owned(),
                members: sorted(members),
            })),
            _ => None,
        }
    }
}

fn sorted(list: &str) -> Vec<String> {
    let parts = list.split(',').filter(|part| !part.is_empty());
    let mut parts: Vec<String> = parts.map(str::to_owned).collect();
    parts.sort();
    parts
}

/// A user, if there is one.
///
/// # Errors
/// No reply came, or it can't be read.
pub(super) async fn user(
    operation: &Operation,
    host: &str,
    name: &str,
) -> Result<Option<User>, Halt> {
    asked(operation, host, Call::new(Verb::USERS, [name]), User::parse).await
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
    asked(
        operation,
        host,
        Call::new(Verb::GROUPS, [name]),
        Group::parse,
    )
    .await
}

async fn asked<T>(
    operation: &Operation,
    host: &str,
    call: Call,
    parse: fn(&str) -> Option<T>,
) -> Result<T, Halt> {
    let verb = call.verb;
    let reply = ask(operation, host, call).await?;
    let text = reply.text();
    parse(text.trim_end_matches('\n')).ok_or_else(|| failed(host, verb, &reply).cause(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_users_and_groups() {
        let user = User::parse("ops:1000:ops:sudo,adm:A Person:/home/ops:/bin/bash:locked ab");
        let user = user.unwrap().unwrap();
        assert_eq!(user.groups, ["adm", "sudo"]);
        assert!(user.password.is_locked);
        assert_eq!(user.password.sha256.as_deref(), Some("ab"));
        assert_eq!(User::parse("ops"), Some(None));
        assert_eq!(User::parse("ops:1"), None);
        let group = Group::parse("sudo:27:b,a").unwrap().unwrap();
        assert_eq!((group.gid.as_str(), group.members.len()), ("27", 2));
    }
}
