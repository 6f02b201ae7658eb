//! The twin's hosts: the verbs of the host protocol, answered from rows. One handler a verb; what isn't modelled
//! says so.
//!
//! Rows of a node stand in its domain, the operator's in domain `operator`. A preview runs the same handlers over
//! rows that it fills with the reads of a [`Filling`].

mod about;
mod accounts;
mod base;
mod boot;
mod checked;
mod command;
mod fetch;
mod files;
mod fio;
pub(crate) mod guard;
mod happen;
mod host;
mod initramfs;
mod interfaces;
mod iscsi;
mod kernel;
pub(crate) mod login;
mod lvm;
mod modules;
mod mounts;
mod names;
mod outcome;
mod own;
mod packages;
mod pci;
mod port;
mod reach;
mod restart;
mod signatures;
mod time;
mod track;
mod trust;
mod typed;
mod units;

use world::host::{Call, Reply, Verb};

pub(crate) use self::{
    base::plant,
    happen::Simulated,
    host::{Host, domain_of},
    names::Names,
    outcome::Outcome,
    port::TwinHosts,
    restart::is_away,
    trust::plant_unknown,
};
use model::Stop;

/// Answers a call of one verb.
pub(crate) type Handler = fn(&mut Host<'_, '_>, &Call) -> Result<Reply, Stop>;

/// How a preview fills the row of an id of a kind from a host's own answers.
pub(crate) struct Filling {
    /// The kind.
    pub(crate) kind: &'static str,
    /// The calls to make next, by the replies so far; none when all was read.
    pub(crate) reads: fn(&str, &[Reply]) -> Vec<Call>,
    /// The row in the replies; none if there is none.
    pub(crate) load: fn(&str, &[Reply]) -> Loaded,
}

/// A row as it was read, or why it can't be known.
pub(crate) type Loaded = Result<Option<serde_json::Value>, String>;

const HANDLERS: &[&[(Verb, Handler)]] = &[
    command::HANDLERS,
    files::HANDLERS,
    guard::HANDLERS,
    reach::HANDLERS,
    names::HANDLERS,
    time::HANDLERS,
    track::HANDLERS,
    units::HANDLERS,
    accounts::HANDLERS,
    checked::HANDLERS,
    fetch::HANDLERS,
    fio::HANDLERS,
    packages::HANDLERS,
    about::HANDLERS,
    interfaces::HANDLERS,
    pci::HANDLERS,
    restart::HANDLERS,
    kernel::HANDLERS,
    modules::HANDLERS,
    boot::HANDLERS,
    initramfs::HANDLERS,
    mounts::HANDLERS,
    iscsi::HANDLERS,
    lvm::HANDLERS,
    signatures::HANDLERS,
    trust::HANDLERS,
];

const FILLINGS: &[&[Filling]] = &[
    files::FILLINGS,
    units::FILLINGS,
    track::FILLINGS,
    accounts::FILLINGS,
    packages::FILLINGS,
    own::FILLINGS,
    pci::FILLINGS,
    kernel::FILLINGS,
    modules::FILLINGS,
    mounts::FILLINGS,
    iscsi::FILLINGS,
    lvm::FILLINGS,
    trust::FILLINGS,
];

/// The handler of a verb.
pub(crate) fn handler(verb: Verb) -> Option<Handler> {
    let mut all = HANDLERS.iter().copied().flatten();
    all.find(|(own, _)| *own == verb)
        .map(|(_, handler)| *handler)
}

/// How the rows of a kind are filled.
pub(crate) fn filling(kind: &str) -> Option<&'static Filling> {
    let mut all = FILLINGS.iter().copied().flatten();
    all.find(|filling| filling.kind == kind)
}

/// Answers a call on a host from its rows.
///
/// # Errors
/// The rows' fault.
pub(crate) fn answer(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let Some(handler) = handler(call.verb) else {
        let text = format!("{}: not modelled on {}", call.verb.name(), host.name());
        return Ok(Reply::failed(127, text));
    };
    let reply = handler(host, call)?;
    track::record(host, call, &reply)?;
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_one_handler() {
        for verb in world::host::verbs() {
            let own = HANDLERS.iter().copied().flatten();
            let count = own.filter(|(other, _)| *other == verb).count();
            assert_eq!(count, 1, "{verb:?}");
        }
    }
}
