//! Users and groups, as `getent` tells of them and `useradd` and its kin change them.

mod base;
mod group;
mod ids;
mod options;
mod user;

use serde::{Deserialize, Serialize};
use world::host::{Call, Reply, Verb};

pub(super) use self::base::plant;
use super::{Filling, Handler, Host, Loaded};
use crate::model::{Stop, kind};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::USERS, user::show),
    (Verb::USER_ADD, user::add),
    (Verb::USER_CHANGE, user::change),
    (Verb::USER_REMOVE, user::remove),
    (Verb::PASSWORD_SET, user::set_password),
    (Verb::GROUPS, group::show),
    (Verb::GROUP_ADD, group::add),
    (Verb::GROUP_CHANGE, group::change),
    (Verb::GROUP_MEMBERS, group::set_members),
    (Verb::GROUP_REMOVE, group::remove),
    (Verb::USED_IDS, ids::show),
];

pub(super) const FILLINGS: &[Filling] = &[
    Filling {
        kind: kind::ACCOUNT,
        reads: |name, replies| match replies {
            [] => vec![Call::new(Verb::USERS, [name])],
            _ => Vec::new(),
        },
        load: |_, replies| loaded(replies, Account::of_line),
    },
    Filling {
        kind: kind::UNIX_GROUP,
        reads: |name, replies| match replies {
            [] => vec![Call::new(Verb::GROUPS, [name])],
            _ => Vec::new(),
        },
        load: |_, replies| loaded(replies, Group::of_line),
    },
    ids::FILLING,
];

/// The row in a reply; `read` gives none for what is no line of its verb.
fn loaded<T: Serialize>(replies: &[Reply], read: fn(&str) -> Option<Option<T>>) -> Loaded {
    let [reply] = replies else {
        return Err("it wasn't read".to_owned());
    };
    if reply.status != 0 {
        return Err(reply.error.clone());
    }
    let text = reply.text();
    let line = text.trim_end_matches('\n');
    let row = read(line).ok_or_else(|| format!("'{line}' isn't understood"))?;
    let row = row.map(serde_json::to_value).transpose();
    row.map_err(|error| error.to_string())
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    uid: u32,
    /// The name of the group that is its own.
    group: String,
    /// The other groups that it's in.
    groups: Vec<String>,
    comment: String,
    home: String,
    shell: String,
    /// `set SHA256`, `locked`, `locked SHA256`, `none`, or `-` where it isn't known.
    password: String,
}

impl Host<'_, '_> {
    /// A user's home; none if there is no such user.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn home(&mut self, user: &str) -> Result<Option<String>, Stop> {
        let account = self.get::<Account>(kind::ACCOUNT, user)?;
        Ok(account.map(|account| account.home))
    }

    /// Whether a user is in a group.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn is_in_group(&mut self, user: &str, group: &str) -> Result<bool, Stop> {
        let account = self.get::<Account>(kind::ACCOUNT, user)?;
        Ok(account.is_some_and(|account| account.groups.iter().any(|own| own == group)))
    }
}

impl Account {
    /// Its line as `users` prints it.
    fn line(&self, name: &str) -> String {
        let groups = self.groups.join(",");
        let (comment, home, shell) = (&self.comment, &self.home, &self.shell);
        format!(
            "{name}:{}:{}:{groups}:{comment}:{home}:{shell}:{}",
            self.uid, self.group, self.password
        )
    }

    fn of_line(line: &str) -> Option<Option<Self>> {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [_] => Some(None),
            [_, uid, group, groups, comment, home, shell, password] => Some(Some(Self {
                uid: uid.parse().ok()?,
                group: (*group).to_owned(),
                groups: list(groups),
                comment: (*comment).to_owned(),
                home: (*home).to_owned(),
                shell: (*shell).to_owned(),
                password: (*password).to_owned(),
            })),
            _ => None,
        }
    }
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Group {
    gid: u32,
    members: Vec<String>,
}

impl Group {
    /// Its line as `groups` prints it.
    fn line(&self, name: &str) -> String {
        format!("{name}:{}:{}", self.gid, self.members.join(","))
    }

    fn of_line(line: &str) -> Option<Option<Self>> {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [_] => Some(None),
            [_, gid, members] => Some(Some(Self {
                gid: gid.parse().ok()?,
                members: list(members),
            })),
            _ => None,
        }
    }
}

fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_made_it() {
        let account = Account {
            uid: 1000,
            group: "ops".to_owned(),
            groups: vec!["adm".to_owned(), "sudo".to_owned()],
            comment: "A Person".to_owned(),
            home: "/home/ops".to_owned(),
            shell: "/bin/bash".to_owned(),
            password: "set 01ab".to_owned(),
        };
        assert_eq!(Account::of_line(&account.line("ops")), Some(Some(account)));
        assert_eq!(Account::of_line("ops"), Some(None));
        assert_eq!(Account::of_line("a:b"), None);
        let group = Group {
            gid: 27,
            members: vec!["ops".to_owned()],
        };
        assert_eq!(Group::of_line(&group.line("sudo")), Some(Some(group)));
    }
}
