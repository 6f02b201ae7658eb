//! What a host fetches from elsewhere. What a URL holds, its checksum declares; its content isn't known here.

use world::host::Verb;

use super::{
    Handler,
    entry::Entry,
    typed::{answers, unless},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Download => |host, ask| {
        unless(host.refuses_file(&ask.path)?)?;
        let entry = Entry::with_checksum("600", &ask.sha256).with(&ask.attributes);
        Ok(host.place(&ask.path, entry)?)
    },
};
