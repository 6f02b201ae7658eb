//! Groups.

use world::host::{Call, Reply};

use super::{
    Account, Group,
    ids::{self, Whose},
    list,
    options::Options,
};
use crate::{
    hosts::Host,
    model::{Stop, kind},
};

pub(super) fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut text = String::new();
    for name in &call.args {
        let group = host.get::<Group>(kind::UNIX_GROUP, name)?;
        text.push_str(&group.map_or_else(|| name.clone(), |group| group.line(name)));
        text.push('\n');
    }
    Ok(Reply::success(text))
}

pub(super) fn add(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let options = match Options::of(call, &["-g", "-r"]) {
        Ok(options) => options,
        Err(reply) => return Ok(reply),
    };
    let name = options.name;
    if host.get::<Group>(kind::UNIX_GROUP, name)?.is_some() {
        let text = format!("groupadd: group '{name}' already exists");
        return Ok(Reply::failed(9, text));
    }
    let free = ids::used(host)?.next(Whose::Group, options.range());
    make(host, name, options.id("-g").unwrap_or(free))?;
    Ok(Reply::success(""))
}

/// Makes a group.
///
/// # Errors
/// The rows' fault.
pub(super) fn make(host: &mut Host<'_, '_>, name: &str, gid: u32) -> Result<(), Stop> {
    let members = Vec::new();
    host.put(kind::UNIX_GROUP, name, &Group { gid, members })?;
    ids::note(host, Whose::Group, None, Some(gid))
}

/// Takes a group away.
///
/// # Errors
/// The rows' fault.
pub(super) fn take_out(host: &mut Host<'_, '_>, name: &str, group: &Group) -> Result<(), Stop> {
    host.delete(kind::UNIX_GROUP, name)?;
    ids::note(host, Whose::Group, Some(group.gid), None)
}

pub(super) fn change(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let options = match Options::of(call, &["-g"]) {
        Ok(options) => options,
        Err(reply) => return Ok(reply),
    };
    let Some(mut group) = host.get::<Group>(kind::UNIX_GROUP, options.name)? else {
        return Ok(missing("groupmod", options.name));
    };
    let old = group.gid;
    group.gid = options.id("-g").unwrap_or(old);
    ids::note(host, Whose::Group, Some(old), Some(group.gid))?;
    host.put(kind::UNIX_GROUP, options.name, &group)?;
    Ok(Reply::success(""))
}

fn missing(program: &str, name: &str) -> Reply {
    Reply::failed(6, format!("{program}: group '{name}' does not exist"))
}

pub(super) fn set_members(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let [name, members] = call.args.as_slice() else {
        return Ok(Reply::failed(2, "Usage: gpasswd [option] GROUP"));
    };
    let Some(mut group) = host.get::<Group>(kind::UNIX_GROUP, name)? else {
        let text = format!("gpasswd: group '{name}' does not exist in /etc/group");
        return Ok(Reply::failed(1, text));
    };
    let members = list(members);
    for member in &members {
        if host.get::<Account>(kind::ACCOUNT, member)?.is_none() {
            let text = format!("gpasswd: user '{member}' does not exist");
            return Ok(Reply::failed(3, text));
        }
    }
    for user in group.members.iter().chain(&members) {
        let Some(mut account) = host.get::<Account>(kind::ACCOUNT, user)? else {
            continue;
        };
        account.groups.retain(|own| own != name);
        if members.contains(user) {
            account.groups.push(name.clone());
        }
        host.put(kind::ACCOUNT, user, &account)?;
    }
    group.members = members;
    host.put(kind::UNIX_GROUP, name, &group)?;
    Ok(Reply::success(""))
}

/// Puts a user into a group or takes it out.
///
/// # Errors
/// The rows' fault.
pub(super) fn set_member(
    host: &mut Host<'_, '_>,
    name: &str,
    user: &str,
    is_member: bool,
) -> Result<(), Stop> {
    let Some(mut group) = host.get::<Group>(kind::UNIX_GROUP, name)? else {
        return Ok(());
    };
    group.members.retain(|member| member != user);
    if is_member {
        group.members.push(user.to_owned());
    }
    host.put(kind::UNIX_GROUP, name, &group)
}

pub(super) fn remove(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let name = call.args.first().map_or("", String::as_str);
    let Some(group) = host.get::<Group>(kind::UNIX_GROUP, name)? else {
        return Ok(missing("groupdel", name));
    };
    // A group that is somebody's own is nearly always his namesake's: a preview looks at no other user.
    if let Some(account) = host.get::<Account>(kind::ACCOUNT, name)?
        && account.group == name
    {
        let text = format!("groupdel: cannot remove the primary group of user '{name}'");
        return Ok(Reply::failed(8, text));
    }
    for member in &group.members {
        if let Some(mut account) = host.get::<Account>(kind::ACCOUNT, member)? {
            account.groups.retain(|own| own != name);
            host.put(kind::ACCOUNT, member, &account)?;
        }
    }
    take_out(host, name, &group)?;
    Ok(Reply::success(""))
}
