//! systemd's units, as `systemctl show` tells of them.

mod act;
mod course;
mod file;
mod mask;
mod show;
mod state;
mod unit;

use model::kind;
use world::host::{Verb, verb::UnitShow};

pub(super) use self::{
    state::{SETTLING, bring, take_out, touched},
    unit::{Unit, loaded, start},
};
use super::{
    Filling, Handler,
    typed::{answers, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    UnitShow => show::show,
    UnitJournal => show::journal,
    UnitDo => act::act,
    UnitsReload => |host, _| Ok(state::read_again(host)?),
};

pub(super) const FILLINGS: &[Filling] =
    &[filling!(kind::UNIT, |unit| UnitShow::new(unit), |told| {
        Some(Unit::from_iter(told.0))
    })];
