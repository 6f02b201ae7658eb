//! The keys that log in as a user.

use formats::{
    authorized_keys::{Key, wrong_option},
    lines::Lines,
};
use runbook::{
    action::Change, bridge::Fields, failure::Failure, halt::Halt, operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    host::verb::{Attributes, Entry, Stat, User},
};

use super::probe;
use crate::{
    host::{
        edit,
        file::diff,
        own_key,
        place::{make_directory, place},
        probe::file,
    },
    info::Effect,
    operate::Operate,
};

const AUTHORIZED_KEY: &str = "host::authorized_key";

/// Ensures keys that log in as a user, in `~/.ssh/authorized_keys`. Keys are compared by type and blob; a comment
/// that is given is written too. `~/.ssh` is made if needed. Answers `user` and `path`.
///
/// Errors: there is no such user; a key is none; sshd doesn't understand its options; the key that homelab logged in with would go, or may do less.
///
/// ```rhai
/// host::authorized_key("pve1", "root", #{ key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEo2cX9yq8lqOhqUsdn0ZS0bVFbv8MlG3s0KxkbWyC0T ops@desk" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeySpec {
    /// The host.
    host: String,
    /// The user that the keys log in as.
    user: String,
    /// A public key, as in a `.pub` file: type, key, comment.
    key: Option<String>,
    /// Several of them.
    #[serde(default)]
    keys: Vec<String>,
    /// What the keys may do, as sshd writes it: `restrict,from="10.0.0.0/8"`. Default: as it is, everything for a new key.
    options: Option<String>,
    /// Whether all other keys of the user are taken away. Default: no.
    #[serde(default)]
    exclusive: bool,
    /// Whether the keys are to be gone. Default: no.
    #[serde(default)]
    absent: bool,
    /// Whether even the key may go that homelab itself logged in with. Default: no.
    #[serde(default)]
    force: bool,
}

impl Operate for KeySpec {
    const NAME: &str = AUTHORIZED_KEY;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "user"];

    fn resource(&self) -> String {
        format!("authorized keys of {} on {}", self.user, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let wanted = wanted(&self)?;
        let user = probe::user(operation, &self.host, &self.user).await?;
        let user = user.ok_or_else(|| no_user(&self))?;
        let folder = format!("{}/.ssh", user.home.trim_end_matches('/'));
        let mut path = format!("{folder}/authorized_keys");
        let mut observed = operation.ask(&self.host, Stat::new(&path)).await?;
        // Of root on a node it's one into the cluster's file system.
        if let Entry::Link { target, .. } = &observed {
            path = match target.starts_with('/') {
                true => target.clone(),
                false => format!("{folder}/{target}"),
            };
            observed = operation.ask(&self.host, Stat::new(&path)).await?;
        }
        let (is_there, attributes) = match observed {
            Entry::Absent => {
                let own = own(&user, &self.user, "600");
                (false, Attributes::fixed(&path, "600").unwrap_or(own))
            }
            Entry::File { attributes, .. } => (true, attributes),
            other => return Err(edit::in_the_way(&self.host, &path, &other).into()),
        };
        let found = file(operation, &self.host, &path).await?;
        let old = found.bytes()?;
        if let Some(edit) = edited(&self, old, &wanted) {
            if !self.force {
                own_key::keep(operation, (&self.host, &path), (old, &edit.content)).await?;
            }
            if !is_there {
                make_folder(operation, &self, &folder, &own(&user, &self.user, "700")).await?;
            }
            operation
                .write(write(&self, &path, &attributes, (old, edit)))
                .await?;
        }
        let mut fields = Fields::new();
        fields.insert("user".to_owned(), json!(self.user));
        fields.insert("path".to_owned(), json!(path));
        Ok(fields)
    }
}

fn own(user: &User, name: &str, mode: &str) -> Attributes {
    Attributes {
        mode: mode.to_owned(),
        owner: name.to_owned(),
        group: user.group.clone(),
    }
}

fn no_user(spec: &KeySpec) -> Failure {
    let text = format!("{} has no user {}", spec.host, spec.user);
    Failure::new(code::host::no_user, text).help("make it in a step before: host::user")
}

/// The keys that the argument gives.
fn wanted(spec: &KeySpec) -> Result<Vec<Key>, Failure> {
    let wrong =
        |text: String| Failure::new(code::runbook::argument, format!("{AUTHORIZED_KEY}: {text}"));
    let mut keys = Vec::new();
    for line in spec.key.iter().chain(&spec.keys) {
        let key = Key::read(&**line).filter(|_| !line.trim().contains(['\n', '\r']));
        let mut key = key.ok_or_else(|| {
            wrong(format!("'{line}' is no public key"))
                .help("a key is one line: type, key, comment; cat ~/.ssh/id_ed25519.pub shows one")
        })?;
        if let Some(options) = &spec.options {
            key.options = options.clone().into();
        }
        let options = String::from_utf8_lossy(&key.options);
        if let Some(option) = wrong_option(&options).filter(|_| !options.is_empty()) {
            return Err(wrong(format!("sshd doesn't understand the options from {option:?} on"))
                .help("it would refuse the key: write them as sshd(8) does, `restrict,from=\"10.0.0.0/8\"`"));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err(wrong("neither `key` nor `keys` gives a key".to_owned()));
    }
    Ok(keys)
}

/// A changed file, and the keys that change.
struct Edit {
    content: Vec<u8>,
    /// Those that are there no longer, also because they look different now.
    before: Vec<Key>,
    after: Vec<Key>,
}

/// What becomes of a file; none if it stays as it is.
fn edited(spec: &KeySpec, old: &[u8], wanted: &[Key]) -> Option<Edit> {
    let mut lines = Lines::of(old);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut found = Vec::<&Key>::new();
    let mut at = 0;
    while at < lines.texts().len() {
        at += 1;
        let place = at - 1..at;
        let Some(is) = Key::read(lines.bytes(place.start)) else {
            continue;
        };
        let own = wanted.iter().find(|key| key.is(&is));
        match own {
            Some(own) if !spec.absent && found.iter().all(|key| !key.is(&is)) => {
                found.push(own);
                let merged = merged(spec, own, &is);
                if merged != is {
                    lines.replace(place, &[merged.line()]);
                    after.push(merged);
                    before.push(is);
                }
            }
            None if spec.absent || !spec.exclusive => {}
            _ => {
                before.push(is);
                lines.remove(place);
                at -= 1;
            }
        }
    }
    let new = wanted.iter().filter(|_| !spec.absent);
    for key in new {
        if found.iter().all(|other| !other.is(key)) {
            lines.replace(at..at, &[key.line()]);
            at += 1;
            after.push(key.clone());
            found.push(key);
        }
    }
    let is_same = before.is_empty() && after.is_empty();
    (!is_same).then(|| Edit {
        content: lines.content(),
        before,
        after,
    })
}

/// A key as it's to be: what isn't given stays.
fn merged(spec: &KeySpec, own: &Key, is: &Key) -> Key {
    let mut key = own.clone();
    if key.comment.is_empty() {
        key.comment.clone_from(&is.comment);
    }
    if spec.options.is_none() && key.options.is_empty() {
        key.options.clone_from(&is.options);
    }
    key
}

async fn make_folder(
    operation: &Operation,
    spec: &KeySpec,
    path: &str,
    attributes: &Attributes,
) -> Result<(), Halt> {
    if operation.ask(&spec.host, Stat::new(path)).await? != Entry::Absent {
        return Ok(());
    }
    operation
        .write(make_directory(&spec.host, path, attributes))
        .await?;
    Ok(())
}

fn write(spec: &KeySpec, path: &str, attributes: &Attributes, (old, edit): (&[u8], Edit)) -> Write {
    let list = |keys: &[Key]| match keys {
        [] => Value::Null,
        keys => json!({ "keys": keys.iter().map(Key::shown).collect::<Vec<_>>() }),
    };
    let resource = spec.resource();
    let (before, after) = (list(&edit.before), list(&edit.after));
    let change = match (before.is_null(), after.is_null()) {
        (true, _) => Change::create(resource, after),
        (_, true) => Change::delete(resource, before),
        _ => Change::update(resource, before, after),
    };
    let change = change.with_diff(diff(old, &edit.content));
    place(&spec.host, path, &edit.content, attributes).write(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(fields: Value) -> KeySpec {
        let mut spec = json!({ "host": "a", "user": "root" });
        let own = spec.as_object_mut().unwrap();
        own.extend(fields.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn changes_the_keys_that_differ_and_leaves_the_others() {
        let old = "# people\nssh-rsa AAAA a\nrestrict ssh-rsa BBBB b\n";
        for (fields, new) in [
            (json!({ "key": "ssh-rsa AAAA" }), None),
            (json!({ "key": "ssh-rsa BBBB b" }), None),
            (
                json!({ "key": "ssh-rsa AAAA c" }),
                Some("# people\nssh-rsa AAAA c\nrestrict ssh-rsa BBBB b\n"),
            ),
            (
                json!({ "key": "ssh-rsa CCCC c" }),
                Some("# people\nssh-rsa AAAA a\nrestrict ssh-rsa BBBB b\nssh-rsa CCCC c\n"),
            ),
            (
                json!({ "key": "ssh-rsa BBBB", "options": "" }),
                Some("# people\nssh-rsa AAAA a\nssh-rsa BBBB b\n"),
            ),
            (
                json!({ "key": "ssh-rsa AAAA", "exclusive": true }),
                Some("# people\nssh-rsa AAAA a\n"),
            ),
            (
                json!({ "key": "ssh-rsa AAAA", "absent": true }),
                Some("# people\nrestrict ssh-rsa BBBB b\n"),
            ),
        ] {
            let spec = spec(fields.clone());
            let edit = edited(&spec, old.as_bytes(), &wanted(&spec).unwrap());
            let edit = edit.map(|edit| String::from_utf8(edit.content).unwrap());
            assert_eq!(edit.as_deref(), new, "{fields}");
        }
        let twice = spec(json!({ "key": "ssh-rsa AAAA" }));
        let edit = edited(
            &twice,
            b"ssh-rsa AAAA a\nssh-rsa AAAA a\n",
            &wanted(&twice).unwrap(),
        )
        .unwrap();
        assert_eq!(edit.content, b"ssh-rsa AAAA a\n");
        assert!(wanted(&spec(json!({ "key": "none" }))).is_err());
        assert!(wanted(&spec(json!({}))).is_err());
        for fields in [
            json!({ "key": "ssh-rsa AAAA", "options": "from=\"1.2.3.4" }),
            json!({ "key": "ssh-rsa AAAA", "options": "restrict\nssh-rsa BBBB" }),
            json!({ "key": "restricted ssh-rsa AAAA" }),
        ] {
            assert!(wanted(&spec(fields.clone())).is_err(), "{fields}");
        }
    }
}
