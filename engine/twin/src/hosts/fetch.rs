//! What a host fetches from elsewhere. What a URL holds, its checksum declares; its content isn't known here.

use world::host::{Call, Reply, Verb};

use super::{Handler, Host, files::Entry};
use crate::model::Stop;

pub(super) const HANDLERS: &[(Verb, Handler)] = &[(Verb::DOWNLOAD, download)];

fn download(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let [_, path, sha256, mode, owner, group] = call.args.as_slice() else {
        return Ok(Reply::failed(
            64,
            "it takes a URL, a path, a checksum, a mode, an owner and a group",
        ));
    };
    if let Some(reply) = host.refuses_file(path)? {
        return Ok(reply);
    }
    let entry = Entry::with_checksum(mode, sha256).owned(owner, group);
    host.place(path, entry)?;
    Ok(Reply::success(""))
}
