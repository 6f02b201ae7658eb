//! LVM: volume groups and what is in them, in the rows that the API shows.

mod make;
mod state;

use model::kind;
use world::host::{
    Verb,
    verb::{Lvm, LvmDo},
};

use self::state::State;
use super::{
    Filling, Handler, Host,
    typed::{Said, answers, fails, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Lvm => |host, Lvm { group }| {
        let state = host.volume_group(&group)?;
        Ok(state.map(|state| state.told(&group)))
    },
    LvmDo => act,
};

pub(super) const FILLINGS: &[Filling] =
    &[filling!(kind::LOGICAL, |group| Lvm::new(group), |told| {
        told.map(State::of)
    })];
fn act(host: &mut Host<'_, '_>, ask: LvmDo) -> Said<String> {
    let (what, group, rest) = (ask.what.as_str(), ask.group.as_str(), &ask.arguments);
    match what {
        "group" | "extend" => make::of_devices(host, what, group, rest),
        "thin" | "volume" => make::volume(host, what, group, rest),
        _ => fails(64, format!("{what}: nothing that LVM makes")),
    }
}
