//! Groups.

use model::{Stop, kind};
use world::host::{
    Reply,
    verb::{GroupAdd, GroupChange, GroupMembers, GroupRemove, Groups, Named},
};

use super::{
    Account, Group,
    ids::{self, Whose},
    list,
    options::Options,
};
use crate::{
    Host,
    typed::{Said, fails},
};

pub(super) fn show(host: &mut Host<'_, '_>, Groups { name }: Groups) -> Said<Named<Group>> {
    let known = host.get::<Group>(kind::UNIX_GROUP, &name)?;
    Ok(Named { name, known })
}

pub(super) fn add(host: &mut Host<'_, '_>, ask: GroupAdd) -> Said<()> {
    let options = Options::of(&ask.name, &ask.options, &["-g", "-r"])?;
    let name = options.name;
    if host.get::<Group>(kind::UNIX_GROUP, name)?.is_some() {
        let text = format!("groupadd: group '{name}' already exists");
        return fails(9, text);
    }
    let free = ids::used(host)?.next(Whose::Group, options.range());
    make(host, name, options.id("-g").unwrap_or(free))?;
    Ok(())
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

pub(super) fn change(host: &mut Host<'_, '_>, ask: GroupChange) -> Said<()> {
    let options = Options::of(&ask.name, &ask.options, &["-g"])?;
    let Some(mut group) = host.get::<Group>(kind::UNIX_GROUP, options.name)? else {
        return Err(missing("groupmod", options.name).into());
    };
    let old = group.gid;
    group.gid = options.id("-g").unwrap_or(old);
    ids::note(host, Whose::Group, Some(old), Some(group.gid))?;
    host.put(kind::UNIX_GROUP, options.name, &group)?;
    Ok(())
}

fn missing(program: &str, name: &str) -> Reply {
    Reply::failed(6, format!("{program}: group '{name}' does not exist"))
}

pub(super) fn set_members(host: &mut Host<'_, '_>, ask: GroupMembers) -> Said<()> {
    let GroupMembers { name, members } = ask;
    let Some(mut group) = host.get::<Group>(kind::UNIX_GROUP, &name)? else {
        let text = format!("gpasswd: group '{name}' does not exist in /etc/group");
        return fails(1, text);
    };
    let members = list(&members);
    for member in &members {
        if host.get::<Account>(kind::ACCOUNT, member)?.is_none() {
            let text = format!("gpasswd: user '{member}' does not exist");
            return fails(3, text);
        }
    }
    for user in group.members.iter().chain(&members) {
        let Some(mut account) = host.get::<Account>(kind::ACCOUNT, user)? else {
            continue;
        };
        account.groups.retain(|own| *own != name);
        if members.contains(user) {
            account.groups.push(name.clone());
        }
        host.put(kind::ACCOUNT, user, &account)?;
    }
    group.members = members;
    Ok(host.put(kind::UNIX_GROUP, &name, &group)?)
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

pub(super) fn remove(host: &mut Host<'_, '_>, GroupRemove { name }: GroupRemove) -> Said<()> {
    let Some(group) = host.get::<Group>(kind::UNIX_GROUP, &name)? else {
        return Err(missing("groupdel", &name).into());
    };
    // A group that is somebody's own is nearly always his namesake's: a preview looks at no other user.
    if let Some(account) = host.get::<Account>(kind::ACCOUNT, &name)?
        && account.group == name
    {
        let text = format!("groupdel: cannot remove the primary group of user '{name}'");
        return fails(8, text);
    }
    for member in &group.members {
        if let Some(mut account) = host.get::<Account>(kind::ACCOUNT, member)? {
            account.groups.retain(|own| *own != name);
            host.put(kind::ACCOUNT, member, &account)?;
        }
    }
    Ok(take_out(host, &name, &group)?)
}
