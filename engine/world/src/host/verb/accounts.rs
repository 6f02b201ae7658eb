//! Users and groups.

use serde::{Deserialize, Serialize};

use super::Printed;

super::asks! { ACCOUNTS:
    /// What is known of a user. Of a password only its state is told, and the SHA-256 of its hash.
    USERS = Read(FILES) "users" Users { name } by Lines => Named<User>;
    /// What is known of a group.
    GROUPS = Read(FILES) "groups" Groups { name } by Lines => Named<Group>;
    /// The ids that are taken.
    USED_IDS = Read(FILES) "used_ids" UsedIds {} => Ids;
    /// Makes a user. The options are `useradd`'s.
    USER_ADD = Write(FILES) "user_add" UserAdd { name, options: Vec<String> } => ();
    /// Changes a user. The options are `usermod`'s.
    USER_CHANGE = Write(FILES) "user_change" UserChange { name, options: Vec<String> } => ();
    /// Removes a user. The options are `userdel`'s.
    USER_REMOVE = Write(FILES) "user_remove" UserRemove { name, options: Vec<String> } => ();
    /// Sets the hash of a user's password.
    PASSWORD_SET = Write(FILES) "password_set" PasswordSet { name } < hash => ();
    /// Makes a group. The options are `groupadd`'s.
    GROUP_ADD = Write(FILES) "group_add" GroupAdd { name, options: Vec<String> } => ();
    /// Changes a group. The options are `groupmod`'s.
    GROUP_CHANGE = Write(FILES) "group_change" GroupChange { name, options: Vec<String> } => ();
    /// Says who is in a group beside those whose own group it is: a comma list.
    GROUP_MEMBERS = Write(FILES) "group_members" GroupMembers { name, members } => ();
    /// Removes a group.
    GROUP_REMOVE = Write(FILES) "group_remove" GroupRemove { name } => ();
}

/// What is known of a name: `NAME:…`, or the name alone where there is nothing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T> {
    /// The name.
    pub name: String,
    /// What is known of it; none if it isn't there.
    pub known: Option<T>,
}

impl<T: Printed> Printed for Named<T> {
    fn print(&self) -> String {
        match &self.known {
            Some(known) => format!("{}:{}", self.name, known.print()),
            None => self.name.clone(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, known) = match text.split_once(':') {
            Some((name, rest)) => (name, Some(T::parse(rest)?)),
            None => (text, None),
        };
        Some(Self {
            name: name.to_owned(),
            known,
        })
    }
}

/// A user: `UID:GROUP:GROUPS:COMMENT:HOME:SHELL:PASSWORD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its number.
    pub uid: u32,
    /// The name of the group that is its own.
    pub group: String,
    /// The other groups that it's in.
    pub groups: Vec<String>,
    /// Who it is.
    pub comment: String,
    /// Its home.
    pub home: String,
    /// The shell that it logs in to.
    pub shell: String,
    /// What is known of its password.
    pub password: Password,
}

impl Printed for User {
    fn print(&self) -> String {
        let (groups, password) = (self.groups.join(","), self.password.print());
        let Self {
            uid,
            group,
            comment,
            home,
            shell,
            ..
        } = self;
        format!("{uid}:{group}:{groups}:{comment}:{home}:{shell}:{password}")
    }

    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(':').collect();
        let [uid, group, groups, comment, home, shell, password] = fields[..] else {
            return None;
        };
        Some(Self {
            uid: uid.parse().ok()?,
            group: group.to_owned(),
            groups: list(groups),
            comment: comment.to_owned(),
            home: home.to_owned(),
            shell: shell.to_owned(),
            password: Password::parse(password)?,
        })
    }
}

/// What is known of a password: `set SHA256`, `locked`, `locked SHA256`, `none`, or `-` where it may not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Password {
    /// There is none.
    #[default]
    None,
    /// It logs in; the SHA-256 of its hash.
    Set(String),
    /// Nobody logs in with it; the SHA-256 of its hash, if there is one.
    Locked(Option<String>),
    /// It may not be read.
    Unknown,
}

impl Password {
    /// Whether nobody can log in with it.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        matches!(self, Self::Locked(_))
    }

    /// The SHA-256 of its hash; none if there is none.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        match self {
            Self::Set(sum) | Self::Locked(Some(sum)) => Some(sum),
            Self::Locked(None) | Self::None | Self::Unknown => None,
        }
    }
}

impl Printed for Password {
    fn print(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Set(sum) => format!("set {sum}"),
            Self::Locked(Some(sum)) => format!("locked {sum}"),
            Self::Locked(None) => "locked".to_owned(),
            Self::Unknown => "-".to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text.split_once(' ') {
            Some(("set", sum)) => Self::Set(sum.to_owned()),
            Some(("locked", sum)) => Self::Locked(Some(sum.to_owned())),
            None if text == "locked" => Self::Locked(None),
            None if text == "none" => Self::None,
            None if text == "-" => Self::Unknown,
            _ => return None,
        })
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.print()
    }
}

impl TryFrom<String> for Password {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("'{text}' is no state of a password"))
    }
}

/// A group: `GID:MEMBERS`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its number.
    pub gid: u32,
    /// Who is in it beside those whose own group it is.
    pub members: Vec<String>,
}

impl Printed for Group {
    fn print(&self) -> String {
        format!("{}:{}", self.gid, self.members.join(","))
    }

    fn parse(text: &str) -> Option<Self> {
        let (gid, members) = text.split_once(':')?;
        Some(Self {
            gid: gid.parse().ok()?,
            members: (!members.contains(':')).then(|| list(members))?,
        })
    }
}

/// The ids that are taken: `passwd UID…` and `group GID…`, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    /// Those of users.
    pub users: Vec<u32>,
    /// Those of groups.
    pub groups: Vec<u32>,
}

impl Printed for Ids {
    fn print(&self) -> String {
        let line = |name: &str, ids: &[u32]| {
            let ids = ids.iter().map(|id| format!(" {id}"));
            format!("{name}{}", ids.collect::<String>())
        };
        line("passwd", &self.users) + "\n" + &line("group", &self.groups)
    }

    fn parse(text: &str) -> Option<Self> {
        let (users, groups) = text.split_once('\n')?;
        let ids = |line: &str, name: &str| -> Option<Vec<u32>> {
            let words = line.strip_prefix(name)?.split_whitespace();
            words.map(|word| word.parse().ok()).collect()
        };
        Some(Self {
            users: ids(users, "passwd")?,
            groups: ids(groups, "group")?,
        })
    }
}

fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_line_says_what_made_it() {
        let line = "ops:1000:ops:sudo,adm:A Person:/home/ops:/bin/bash:";
        for (state, is_locked, sha256) in [
            ("locked ab", true, Some("ab")),
            ("locked", true, None),
            ("set ab", false, Some("ab")),
            ("none", false, None),
            ("-", false, None),
        ] {
            let user: Named<User> = same(&format!("{line}{state}"));
            let password = user.known.unwrap().password;
            assert_eq!(
                (password.is_locked(), password.sha256()),
                (is_locked, sha256)
            );
        }
        assert_eq!(same::<Named<User>>("ops").known, None);
        assert_eq!(same::<Named<Group>>("sudo:27:b,a").known.unwrap().gid, 27);
        for line in [
            "ops:1",
            "ops:x:ops::::/bin/sh:none",
            "ops:1:ops::::/bin/sh:odd",
        ] {
            assert_eq!(Named::<User>::parse(line), None, "{line}");
        }
        assert_eq!(Named::<Group>::parse("sudo:27"), None);
        assert_eq!(same::<Ids>("passwd 0 998\ngroup 0").users, [0, 998]);
        assert_eq!(Ids::parse("passwd x\ngroup 1"), None);
    }
}
