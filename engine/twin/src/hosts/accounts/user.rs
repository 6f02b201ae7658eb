//! Users.

use sha2::{Digest as _, Sha256};
use world::host::{Call, Reply};

use super::{
    Account, Group, group,
    ids::{self, Whose},
    list,
    options::Options,
};
use crate::{
    hosts::{Host, files::Entry},
    model::{Stop, kind},
};

pub(super) fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut text = String::new();
    for name in &call.args {
        let account = host.get::<Account>(kind::ACCOUNT, name)?;
        text.push_str(&account.map_or_else(|| name.clone(), |account| account.line(name)));
        text.push('\n');
    }
    Ok(Reply::success(text))
}

pub(super) fn add(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let known = ["-u", "-g", "-G", "-c", "-d", "-s", "-r", "-m", "-M"];
    let options = match Options::of(call, &known) {
        Ok(options) => options,
        Err(reply) => return Ok(reply),
    };
    let name = options.name;
    if host.get::<Account>(kind::ACCOUNT, name)?.is_some() {
        let text = format!("useradd: user '{name}' already exists");
        return Ok(Reply::failed(9, text));
    }
    if let Some(reply) = lacks_group(host, "useradd", &options)? {
        return Ok(reply);
    }
    let mut used = ids::used(host)?;
    let range = options.range();
    let free = used.next(Whose::User, range);
    let uid = options.id("-u").unwrap_or(free);
    let own = match options.value("-g") {
        Some(group) => group.to_owned(),
        None if host.get::<Group>(kind::UNIX_GROUP, name)?.is_some() => {
            let text = format!(
                "useradd: group {name} exists - if you want to add this user to that group, use -g."
            );
            return Ok(Reply::failed(9, text));
        }
        None => {
            group::make(host, name, used.next_beside(uid, range))?;
            name.to_owned()
        }
    };
    let text = |option: &str, otherwise: &str| {
        let value = options.value(option).unwrap_or(otherwise);
        value.to_owned()
    };
    let groups = options.value("-G").map(list).unwrap_or_default();
    let account = Account {
        uid,
        group: own,
        groups: groups.clone(),
        comment: text("-c", ""),
        home: text("-d", &format!("/home/{name}")),
        shell: text("-s", "/bin/sh"),
        password: "locked".to_owned(),
    };
    if options.has("-m") && host.entry(&account.home)?.is_none() {
        let home = Entry::directory("700").owned(name, &account.group);
        host.place(&account.home, home)?;
    }
    host.put(kind::ACCOUNT, name, &account)?;
    for group in &groups {
        group::set_member(host, group, name, true)?;
    }
    ids::note(host, Whose::User, None, Some(uid))?;
    Ok(Reply::success(""))
}

/// What is said of a group among the options that isn't there.
fn lacks_group(
    host: &mut Host<'_, '_>,
    program: &str,
    options: &Options<'_>,
) -> Result<Option<Reply>, Stop> {
    let groups = options.value("-G").map(list).unwrap_or_default();
    let own = options.value("-g").map(str::to_owned);
    for group in own.into_iter().chain(groups) {
        if host.get::<Group>(kind::UNIX_GROUP, &group)?.is_none() {
            let text = format!("{program}: group '{group}' does not exist");
            return Ok(Some(Reply::failed(6, text)));
        }
    }
    Ok(None)
}

pub(super) fn change(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let known = ["-u", "-g", "-G", "-c", "-d", "-s", "-m", "-L", "-U"];
    let options = match Options::of(call, &known) {
        Ok(options) => options,
        Err(reply) => return Ok(reply),
    };
    let name = options.name;
    let Some(mut account) = host.get::<Account>(kind::ACCOUNT, name)? else {
        return Ok(missing("usermod", name));
    };
    if let Some(reply) = lacks_group(host, "usermod", &options)? {
        return Ok(reply);
    }
    if options.has("-U") && account.password == "locked" {
        let text = "usermod: unlocking the user's password would result in a passwordless account.\n\
                    You should set a password with usermod -p to unlock this user's password.";
        return Ok(Reply::failed(1, text));
    }
    if options.has("-m")
        && let Some(home) = options.value("-d")
    {
        host.move_tree(&account.home, home)?;
    }
    if let Some(groups) = options.value("-G").map(list) {
        for group in account.groups.iter().chain(&groups) {
            group::set_member(host, group, name, groups.contains(group))?;
        }
        account.groups = groups;
    }
    let old = account.uid;
    take(&mut account, &options);
    ids::note(host, Whose::User, Some(old), Some(account.uid))?;
    host.put(kind::ACCOUNT, name, &account)?;
    Ok(Reply::success(""))
}

fn take(account: &mut Account, options: &Options<'_>) {
    account.uid = options.id("-u").unwrap_or(account.uid);
    for (option, own) in [
        ("-g", &mut account.group),
        ("-c", &mut account.comment),
        ("-d", &mut account.home),
        ("-s", &mut account.shell),
    ] {
        if let Some(value) = options.value(option) {
            value.clone_into(own);
        }
    }
    let hash = account
        .password
        .split_once(' ')
        .map(|(_, hash)| hash.to_owned());
    if options.has("-L") {
        account.password = hash.map_or("locked".to_owned(), |hash| format!("locked {hash}"));
    } else if options.has("-U")
        && let Some(hash) = hash
    {
        account.password = format!("set {hash}");
    }
}

fn missing(program: &str, name: &str) -> Reply {
    Reply::failed(6, format!("{program}: user '{name}' does not exist"))
}

pub(super) fn remove(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let options = match Options::of(call, &["-r"]) {
        Ok(options) => options,
        Err(reply) => return Ok(reply),
    };
    let name = options.name;
    let Some(account) = host.get::<Account>(kind::ACCOUNT, name)? else {
        return Ok(missing("userdel", name));
    };
    for group in &account.groups {
        group::set_member(host, group, name, false)?;
    }
    // Its own group goes with it where it has its name and nobody else in it.
    if account.group == name
        && let Some(group) = host.get::<Group>(kind::UNIX_GROUP, name)?
        && group.members.is_empty()
    {
        group::take_out(host, name, &group)?;
    }
    if options.has("-r") {
        host.take_tree(&account.home)?;
    }
    host.delete(kind::ACCOUNT, name)?;
    ids::note(host, Whose::User, Some(account.uid), None)?;
    Ok(Reply::success(""))
}

pub(super) fn set_password(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let name = call.args.first().map_or("", String::as_str);
    let Some(mut account) = host.get::<Account>(kind::ACCOUNT, name)? else {
        let text = format!(
            "chpasswd: line 1: user '{name}' does not exist\n\
             chpasswd: error detected, changes ignored"
        );
        return Ok(Reply::failed(1, text));
    };
    account.password = format!("set {}", hex::encode(Sha256::digest(&call.input)));
    host.put(kind::ACCOUNT, name, &account)?;
    Ok(Reply::success(""))
}
