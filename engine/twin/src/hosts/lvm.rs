//! LVM: volume groups and what is in them, in the rows that the API shows.

mod make;
mod state;

use world::host::{Call, Reply, Verb};

use self::state::State;
use super::{Filling, Handler, Host};
use crate::model::{Stop, kind};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[(Verb::LVM, show), (Verb::LVM_DO, act)];

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::LOGICAL,
    reads: |group, replies| match replies {
        [] => vec![Call::new(Verb::LVM, [group])],
        _ => Vec::new(),
    },
    load: |_, replies| match replies {
        [reply] if reply.status == 0 => serde_json::to_value(State::read(&reply.text()))
            .map(Some)
            .map_err(|error| error.to_string()),
        [reply] if reply.status == 66 => Ok(None),
        [reply] => Err(reply.error.clone()),
        _ => Err("it wasn't read".to_owned()),
    },
}];

fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let name = call.argument(0);
    Ok(match host.volume_group(name)? {
        Some(state) => Reply::success(state.text(name)),
        None => Reply::failed(66, ""),
    })
}

fn act(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (what, group) = (call.argument(0), call.argument(1));
    let rest = call.args.get(2..).unwrap_or_default();
    match what {
        "group" | "extend" => make::of_devices(host, what, group, rest),
        "thin" | "volume" => make::volume(host, what, group, rest),
        _ => Ok(Reply::failed(64, format!("{what}: nothing that LVM makes"))),
    }
}
