//! Packages, as dpkg and apt tell of them. What packages need of each other isn't modelled.

mod base;
mod change;
mod look;
mod package;
mod sources;
mod table;

use model::kind;
use world::host::{
    Verb,
    verb::{Candidates, ListsAge, PackageLists, Packages},
};

use self::package::{Lists, Package};
pub(super) use self::{
    base::plant,
    look::{installed_version, touched},
};
use super::{
    Filling, Handler,
    typed::{answers, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Packages => look::show,
    Candidates => look::candidates,
    PackageLists => look::lists,
    PackagesUpdate => |host, _| change::update(host),
    PackagesInstall => change::install,
    PackagesRemove => change::remove,
    PackagesHold => change::hold,
};

pub(super) const FILLINGS: &[Filling] = &[
    filling!(
        kind::PACKAGE,
        |name| Packages {
            names: vec![name.to_owned()]
        },
        |told| {
            let own = told.into_iter().find(|package| package.name == name);
            own.map(Package::of)
        }
    ),
    filling!(
        kind::CANDIDATE,
        |name| Candidates {
            names: vec![name.to_owned()]
        },
        |told| {
            let own = told.into_iter().find(|candidate| candidate.name == name);
            own.map(|candidate| candidate.version)
        }
    ),
    filling!(
        kind::PACKAGE_LISTS,
        |_id| PackageLists {},
        |told| match told {
            ListsAge::Never => None,
            ListsAge::Changed => Some(Lists::Changed),
            ListsAge::Seconds(age) => Some(Lists::Age(age)),
        }
    ),
];
