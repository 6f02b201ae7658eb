//! Which ids are taken, and which comes next.

use model::{Stop, kind};
use serde::{Deserialize, Serialize};
use world::host::verb::{self, UsedIds};

use super::{Account, Filling, Group};
use crate::{
    Host,
    typed::{Said, filling},
};

pub(super) const FILLING: Filling =
    filling!(kind::USED_IDS, |_id| UsedIds {}, |told| Some(Ids(told)));

/// The ids that are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ids(verb::Ids);

/// Whose id it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose {
    /// A user's.
    User,
    /// A group's.
    Group,
}

/// From which range an id is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// That of people.
    Own,
    /// That of the system.
    System,
}

impl Ids {
    fn of(&mut self, whose: Whose) -> &mut Vec<u32> {
        match whose {
            Whose::User => &mut self.0.users,
            Whose::Group => &mut self.0.groups,
        }
    }

    /// The id that comes next, as `useradd` and `groupadd` count: people's upward, the system's downward.
    pub(super) fn next(&mut self, whose: Whose, range: Range) -> u32 {
        let used = self.of(whose);
        if range == Range::System {
            let mut free = (101..1000).rev().filter(|id| !used.contains(id));
            return free.next().unwrap_or(100);
        }
        let own = used.iter().filter(|id| (1000..60_000).contains(*id));
        own.max().map_or(1000, |id| id + 1)
    }

    /// The id that a user's own group gets: his, where it's free and of the range.
    pub(super) fn next_beside(&mut self, uid: u32, range: Range) -> u32 {
        let is_of_range = match range {
            Range::Own => (1000..=60_000).contains(&uid),
            Range::System => (101..1000).contains(&uid),
        };
        if is_of_range && !self.0.groups.contains(&uid) {
            return uid;
        }
        self.next(Whose::Group, range)
    }
}

/// The ids that are taken.
///
/// # Errors
/// The rows' fault.
pub(super) fn used(host: &mut Host<'_, '_>) -> Result<Ids, Stop> {
    if let Some(ids) = host.get(kind::USED_IDS, "all")? {
        return Ok(ids);
    }
    let users = host.scan::<Account>(kind::ACCOUNT)?;
    let groups = host.scan::<Group>(kind::UNIX_GROUP)?;
    Ok(Ids(verb::Ids {
        users: users.iter().map(|(_, user)| user.uid).collect(),
        groups: groups.iter().map(|(_, group)| group.gid).collect(),
    }))
}

/// Notes that an id was taken, given up, or another one was taken for it, where they were read as such: a preview sees
/// no others.
///
/// # Errors
/// The rows' fault.
pub(super) fn note(
    host: &mut Host<'_, '_>,
    whose: Whose,
    old: Option<u32>,
    new: Option<u32>,
) -> Result<(), Stop> {
    let Some(mut ids) = host.get::<Ids>(kind::USED_IDS, "all")? else {
        return Ok(());
    };
    let own = ids.of(whose);
    // Two may share an id: one of them gives it up.
    if let Some(place) = old.and_then(|old| own.iter().position(|id| *id == old)) {
        own.remove(place);
    }
    own.extend(new);
    own.sort_unstable();
    host.put(kind::USED_IDS, "all", &ids)
}

pub(super) fn show(host: &mut Host<'_, '_>, _: UsedIds) -> Said<verb::Ids> {
    Ok(used(host)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_the_programs_do() {
        let mut ids = Ids(verb::Ids {
            users: vec![0, 998, 1000, 65534],
            groups: vec![0, 999, 998],
        });
        assert_eq!(ids.next(Whose::User, Range::Own), 1001);
        assert_eq!(ids.next(Whose::Group, Range::Own), 1000);
        assert_eq!(ids.next(Whose::User, Range::System), 999);
        assert_eq!(ids.next(Whose::Group, Range::System), 997);
        assert_eq!(ids.next_beside(1001, Range::Own), 1001);
        assert_eq!(ids.next_beside(999, Range::System), 997);
    }
}
