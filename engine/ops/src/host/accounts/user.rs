//! Users of a host.

use runbook::{
    action::{Change, Compared},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::{Write, tells},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use world::{
    code,
    host::{
        Ask as _,
        verb::{Named, PasswordSet, User, UserAdd, UserChange, UserRemove, Users},
    },
    secret::MASK,
};

use super::probe;
use crate::{
    host::{
        content::Text,
        difference::Difference,
        fields::{AccountName, FilePath, FolderPath},
    },
    info::Effect,
    operate::Operate,
};

const USER: &str = "host::user";

/// Ensures a user of the host (not one of Proxmox's permissions: that's `proxmox::user`). Answers `name`, `uid` and
/// `home`.
///
/// Errors: a group isn't there; the number is taken; the password isn't a hash.
///
/// ```rhai
/// host::user("pve1", "ops", #{ comment: "Operators", shell: "/bin/bash", groups: ["adm", "systemd-journal"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserSpec {
    /// The host.
    host: String,
    /// The user's name.
    name: AccountName,
    /// Its number. Default: as it is, the next free one for a new user.
    uid: Option<u32>,
    /// The group that is its own. Default: as it is; for a new user a new group with its name.
    group: Option<AccountName>,
    /// The other groups that it's in: all of them, unless `append` says otherwise. Default: as they are.
    groups: Option<Vec<String>>,
    /// Whether it stays in groups that `groups` doesn't name. Default: no.
    #[serde(default)]
    append: bool,
    /// Its name in full, or whatever tells who it is.
    comment: Option<String>,
    /// Its home. Default: as it is, `/home/NAME` for a new user.
    home: Option<FolderPath>,
    /// Whether what is in the old home moves to another `home`. Default: no.
    #[serde(default)]
    move_home: bool,
    /// Whether a new user's home is made. Default: yes, for a system user no.
    create_home: Option<bool>,
    /// Its login shell. Default: as it is, `/bin/sh` for a new user.
    shell: Option<FilePath>,
    /// The hash of its password, a secret, as `mkpasswd` prints it. Default: as it is; a new user has none and can't log in with one.
    password: Option<Text>,
    /// Whether no password logs it in; keys still do. Default: as it is.
    locked: Option<bool>,
    /// Whether a new user gets a number of the system's range. Default: no.
    #[serde(default)]
    system: bool,
    /// Whether it's to be gone. Default: no.
    #[serde(default)]
    absent: bool,
    /// Whether its home and mail go with it. Default: no.
    #[serde(default)]
    remove: bool,
}

impl Operate for UserSpec {
    const NAME: &str = USER;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "name"];

    fn resource(&self) -> String {
        format!("user {} on {}", self.name, self.host)
    }

    async fn run(mut self, operation: &Operation) -> Result<Fields, Halt> {
        check(&self)?;
        if let Some(groups) = &mut self.groups {
            groups.sort();
            groups.dedup();
        }
        let mut is = probe::user(operation, &self.host, &self.name).await?;
        if self.absent {
            if let Some(is) = &is {
                operation.write(removal(&self, is)).await?;
            }
            is = None;
        } else {
            if is.is_none() {
                operation.write(creation(&self)).await?;
                is = probe::user(operation, &self.host, &self.name).await?;
            }
            let known = is.clone().unwrap_or_default();
            if let Some(write) = update(&self, &known) {
                operation.write(write).await?;
            }
            log_in(operation, &self, &known).await?;
        }
        let mut fields = Fields::new();
        fields.insert("name".to_owned(), json!(self.name));
        let uid = self.uid.or(is.as_ref().map(|is| is.uid));
        let is = is.unwrap_or_default();
        fields.insert("uid".to_owned(), json!(uid));
        fields.insert(
            "home".to_owned(),
            json!(self.home.as_deref().unwrap_or(&is.home)),
        );
        Ok(fields)
    }
}

fn check(spec: &UserSpec) -> Result<(), Failure> {
    let wrong = |text: &str| Failure::new(code::runbook::argument, format!("{USER}: {text}"));
    let home = spec
        .home
        .as_ref()
        .map_or(Ok(()), |path| path.on(&spec.host));
    home.and(
        spec.shell
            .as_ref()
            .map_or(Ok(()), |path| path.on(&spec.host)),
    )?;
    let fields = [
        ("comment", spec.comment.as_deref()),
        ("home", spec.home.as_deref()),
        ("shell", spec.shell.as_deref()),
    ];
    let parts = |(_, text): &(&str, Option<&str>)| {
        text.is_some_and(|text| text.contains([':', '\n', '\r']))
    };
    if let Some((name, _)) = fields.into_iter().find(parts) {
        return Err(
            wrong(&format!("`{name}` has a colon or an end of a line in it"))
                .help("these part the fields and lines of /etc/passwd: leave them out"),
        );
    }
    match &spec.password {
        Some(Text::Plain(_)) => Err(wrong("`password` isn't a secret")
            .help("keep the hash in the environment: secret(\"NAME\")")),
        Some(hash) if !is_hash(hash.expose()) => Err(wrong("`password` is no hash of a password")
            .help("mkpasswd makes one: `mkpasswd --method=yescrypt`")),
        _ => Ok(()),
    }
}

/// Whether a text is a hash as crypt(5) has them: no line break or colon, and a method at its start.
fn is_hash(text: &str) -> bool {
    text.starts_with('$') && !text.contains([':', '\n', ' '])
}

fn resource(spec: &UserSpec) -> String {
    spec.resource()
}

fn show(spec: &UserSpec) -> Users {
    Users::new(&spec.name)
}

fn removal(spec: &UserSpec, is: &User) -> Write {
    let mut before = json!({ "uid": is.uid.to_string(), "groups": is.groups });
    let mut options = Vec::new();
    if spec.remove {
        before["home"] = json!(is.home);
        options.push("-r".to_owned());
    }
    let change = Change::delete(resource(spec), before);
    let gone = Named {
        name: (&spec.name).into(),
        known: None,
    };
    let call = UserRemove::new(&spec.name, options);
    Write::call(change, &spec.host, call, tells(&show(spec), &gone))
}

fn creation(spec: &UserSpec) -> Write {
    let mut difference = Difference::default();
    let mut args = Vec::new();
    let uid = spec.uid.map(|uid| uid.to_string());
    let groups = spec.groups.as_ref().filter(|groups| !groups.is_empty());
    let groups = groups.map(|groups| groups.join(","));
    for (field, option, value) in [
        ("uid", "-u", uid.as_deref()),
        ("group", "-g", spec.group.as_deref()),
        ("groups", "-G", groups.as_deref()),
        ("comment", "-c", spec.comment.as_deref()),
        ("home", "-d", spec.home.as_deref()),
        ("shell", "-s", spec.shell.as_deref()),
    ] {
        if let Some(value) = value {
            difference.add(field, json!(null), value);
            args.extend([option.to_owned(), value.to_owned()]);
        }
    }
    if spec.system {
        difference.add("system", json!(null), true);
        args.push("-r".to_owned());
    }
    let creates_home = spec.create_home.unwrap_or(!spec.system);
    difference.add("create_home", json!(null), creates_home);
    args.push(if creates_home { "-m" } else { "-M" }.to_owned());
    let proof = (
        show(spec).call(),
        Compared::Starts,
        format!("{}:", spec.name),
    );
    let change = difference.create(resource(spec));
    Write::call(change, &spec.host, UserAdd::new(&spec.name, args), proof)
}

/// What has to be changed of a user that is there; none if nothing has.
fn update(spec: &UserSpec, is: &User) -> Option<Write> {
    let mut difference = Difference::default();
    let mut args = Vec::new();
    let uid = spec.uid.map(|uid| uid.to_string());
    for (field, option, is, wanted) in [
        ("uid", "-u", &is.uid.to_string(), uid.as_deref()),
        ("group", "-g", &is.group, spec.group.as_deref()),
        ("comment", "-c", &is.comment, spec.comment.as_deref()),
        ("home", "-d", &is.home, spec.home.as_deref()),
        ("shell", "-s", &is.shell, spec.shell.as_deref()),
    ] {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != is) {
            difference.add(field, is.as_str(), wanted);
            args.extend([option.to_owned(), wanted.to_owned()]);
        }
    }
    if difference.has("home") && spec.move_home {
        args.push("-m".to_owned());
    }
    if let Some(groups) = wanted_groups(spec, is) {
        difference.add("groups", is.groups.clone(), groups.clone());
        if difference.has("groups") {
            args.extend(["-G".to_owned(), groups.join(",")]);
        }
    }
    let change = difference.update(resource(spec))?;
    let call = UserChange::new(&spec.name, args);
    Some(Write::repeatable(change, &spec.host, call))
}

/// The groups beside its own, sorted; none if they stay as they are.
fn wanted_groups(spec: &UserSpec, is: &User) -> Option<Vec<String>> {
    let mut groups = spec.groups.clone()?;
    if spec.append {
        groups.extend(is.groups.iter().cloned());
    }
    groups.sort();
    groups.dedup();
    Some(groups)
}

/// The password and whether it logs in.
async fn log_in(operation: &Operation, spec: &UserSpec, is: &User) -> Result<(), Halt> {
    let mut is_locked = is.password.is_locked();
    // A user without a password is locked because it has none: that's nobody's wish.
    let stays_locked = is_locked && is.password.sha256().is_some();
    let mut has_hash = is.password.sha256().is_some();
    if let Some(hash) = &spec.password {
        let sha256 = hex::encode(Sha256::digest(hash.expose()));
        if is.password.sha256() != Some(&sha256) {
            let before = is.password.sha256().map(|_| MASK);
            // What was and what becomes look the same: that it changes is said in words.
            let change = Change::update(
                resource(spec),
                json!({ "password": before }),
                json!({ "password": format!("{MASK} (new)") }),
            );
            let call = PasswordSet::new(&spec.name, hash.expose().to_owned());
            operation
                .write(Write::repeatable(change, &spec.host, call))
                .await?;
            (is_locked, has_hash) = (false, true);
        }
    }
    let wanted = spec.locked.unwrap_or(is_locked || stays_locked);
    if wanted != is_locked && (!wanted || has_hash) {
        operation.write(lock(spec, is_locked, wanted)).await?;
    }
    Ok(())
}

fn lock(spec: &UserSpec, is: bool, wanted: bool) -> Write {
    let change = Change::update(
        resource(spec),
        json!({ "locked": is }),
        json!({ "locked": wanted }),
    );
    let option = if wanted { "-L" } else { "-U" };
    let call = UserChange::new(&spec.name, [option.to_owned()]);
    Write::repeatable(change, &spec.host, call)
}

#[cfg(test)]
mod tests {
    use runbook::write::Dispatch;

    use super::*;

    fn spec(fields: serde_json::Value) -> UserSpec {
        let mut spec = json!({ "host": "a", "name": "ops" });
        let own = spec.as_object_mut().unwrap();
        own.extend(fields.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    }

    fn args(write: &Write) -> Vec<String> {
        match &write.action {
            Dispatch::Call(to) => to.call.args.clone(),
            Dispatch::Request(_) | Dispatch::Install { .. } => Vec::new(),
        }
    }

    #[test]
    fn changes_only_what_differs() {
        let is = User {
            uid: 1000,
            group: "ops".to_owned(),
            groups: vec!["adm".to_owned(), "sudo".to_owned()],
            shell: "/bin/sh".to_owned(),
            ..User::default()
        };
        for (fields, wanted) in [
            (json!({}), None),
            (
                json!({ "uid": 1000, "groups": ["adm", "sudo"], "shell": "/bin/sh" }),
                None,
            ),
            (json!({ "groups": ["adm"], "append": true }), None),
            (json!({ "groups": ["adm"] }), Some(vec!["ops", "-G", "adm"])),
            (
                json!({ "groups": ["x"], "append": true }),
                Some(vec!["ops", "-G", "adm,sudo,x"]),
            ),
            (
                json!({ "shell": "/bin/bash" }),
                Some(vec!["ops", "-s", "/bin/bash"]),
            ),
        ] {
            let write = update(&spec(fields.clone()), &is);
            let wanted = wanted.map(|args| args.iter().map(ToString::to_string).collect());
            assert_eq!(write.as_ref().map(args), wanted, "{fields}");
        }
    }

    #[test]
    fn a_new_user_gets_a_home_unless_it_is_the_systems() {
        let new = |fields| args(&creation(&spec(fields)));
        assert_eq!(new(json!({})), ["ops", "-m"]);
        assert_eq!(new(json!({ "system": true })), ["ops", "-r", "-M"]);
        assert_eq!(new(json!({ "groups": [] })), ["ops", "-m"]);
    }

    #[test]
    fn takes_hashes_and_no_passwords() {
        assert!(is_hash("$y$j9T$a.b$c"));
        assert!(!is_hash("secret") && !is_hash("$y$a\nroot:x"));
    }
}
