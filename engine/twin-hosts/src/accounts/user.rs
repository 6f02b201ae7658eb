//! Users.

use model::{Stop, kind};
use sha2::{Digest as _, Sha256};
use world::host::{
    Reply,
    verb::{Named, Password, PasswordSet, UserAdd, UserChange, UserRemove, Users},
};

use super::{
    Account, Group, group,
    ids::{self, Whose},
    list,
    options::Options,
};
use crate::{
    Host,
    entry::Entry,
    typed::{Said, fails, unless},
};

pub(super) fn show(host: &mut Host<'_, '_>, Users { name }: Users) -> Said<Named<Account>> {
    let known = host.get::<Account>(kind::ACCOUNT, &name)?;
    Ok(Named { name, known })
}

pub(super) fn add(host: &mut Host<'_, '_>, ask: UserAdd) -> Said<()> {
    let known = ["-u", "-g", "-G", "-c", "-d", "-s", "-r", "-m", "-M"];
    let options = Options::of(&ask.name, &ask.options, &known)?;
    let name = options.name;
    if host.get::<Account>(kind::ACCOUNT, name)?.is_some() {
        let text = format!("useradd: user '{name}' already exists");
        return fails(9, text);
    }
    unless(lacks_group(host, "useradd", &options)?)?;
    unless(refuses("useradd", &options))?;
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
            return fails(9, text);
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
        password: Password::Locked(None),
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
    Ok(())
}

/// What is said of a text that can't stand in a field of passwd.
fn refuses(program: &str, options: &Options<'_>) -> Option<Reply> {
    for (option, field) in [("-c", "comment"), ("-d", "home directory"), ("-s", "shell")] {
        let Some(value) = options.value(option) else {
            continue;
        };
        let is_path = option == "-c" || value.starts_with('/');
        if !is_path || value.contains([':', '\n']) {
            let field = if program == "usermod" && option == "-c" {
                "field"
            } else {
                field
            };
            return Some(Reply::failed(
                3,
                format!("{program}: invalid {field} '{value}'"),
            ));
        }
    }
    None
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

pub(super) fn change(host: &mut Host<'_, '_>, ask: UserChange) -> Said<()> {
    let known = ["-u", "-g", "-G", "-c", "-d", "-s", "-m", "-L", "-U"];
    let options = Options::of(&ask.name, &ask.options, &known)?;
    let name = options.name;
    let Some(mut account) = host.get::<Account>(kind::ACCOUNT, name)? else {
        return Err(missing("usermod", name).into());
    };
    unless(lacks_group(host, "usermod", &options)?)?;
    unless(refuses("usermod", &options))?;
    if options.has("-U") && account.password == Password::Locked(None) {
        let text = "usermod: unlocking the user's password would result in a passwordless account.\n\
                    You should set a password with usermod -p to unlock this user's password.";
        return fails(1, text);
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
    Ok(host.put(kind::ACCOUNT, name, &account)?)
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
    let hash = account.password.sha256().map(str::to_owned);
    if options.has("-L") {
        account.password = Password::Locked(hash);
    } else if options.has("-U")
        && let Some(hash) = hash
    {
        account.password = Password::Set(hash);
    }
}

fn missing(program: &str, name: &str) -> Reply {
    Reply::failed(6, format!("{program}: user '{name}' does not exist"))
}

pub(super) fn remove(host: &mut Host<'_, '_>, ask: UserRemove) -> Said<()> {
    let options = Options::of(&ask.name, &ask.options, &["-r"])?;
    let name = options.name;
    let Some(account) = host.get::<Account>(kind::ACCOUNT, name)? else {
        return Err(missing("userdel", name).into());
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
    Ok(())
}

pub(super) fn set_password(host: &mut Host<'_, '_>, ask: PasswordSet) -> Said<()> {
    let name = &ask.name;
    let Some(mut account) = host.get::<Account>(kind::ACCOUNT, name)? else {
        let text = format!(
            "chpasswd: line 1: user '{name}' does not exist\n\
             chpasswd: error detected, changes ignored"
        );
        return fails(1, text);
    };
    account.password = Password::Set(hex::encode(Sha256::digest(&ask.hash)));
    Ok(host.put(kind::ACCOUNT, name, &account)?)
}
