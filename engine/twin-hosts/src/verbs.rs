//! Every verb with what answers it, and every kind of row that a preview fills from hosts.

use model::Stop;
use world::host::{Call, Reply, Verb};

use super::{
    Filling, Host, about, accounts, boot, checked, command, fetch, files, fio, guard,
    handler::Handler, initramfs, interfaces, iscsi, kernel, lease, lvm, modules, mounts, names,
    own, packages, pci, reach, restart, signatures, time, track, trust, units,
};

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
    lease::HANDLERS,
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
fn handler(verb: Verb) -> Option<Handler> {
    let mut all = HANDLERS.iter().copied().flatten();
    all.find(|(own, _)| *own == verb)
        .map(|(_, handler)| *handler)
}

/// How the rows of a kind are filled.
pub fn filling(kind: &str) -> Option<&'static Filling> {
    let mut all = FILLINGS.iter().copied().flatten();
    all.find(|filling| filling.kind == kind)
}

/// Answers a call on a host from its rows.
///
/// # Errors
/// The rows' fault.
pub fn answer(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
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
