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
        unless(host.refuses_attributes(&ask.path, "640", &ask.attributes)?)?;
        let entry = Entry::with_checksum("600", &ask.sha256).with(&ask.attributes);
        Ok(host.place(&ask.path, entry)?)
    },
};
