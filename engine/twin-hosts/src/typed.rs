//! Handlers of verbs whose calls and replies are types.

use model::{Fault, Stop};
use serde::Serialize;
use serde_json::Value;
use world::host::{Ask, Call, Reply, Split, Told, verb::Untold};

use super::{Host, Loaded};

/// What a handler tells, or why it doesn't.
pub(crate) type Said<T> = Result<T, No>;

/// Why a handler tells nothing.
pub(crate) enum No {
    /// The verb fails.
    Failed(Reply),
    /// The rows' fault.
    Stop(Stop),
}

impl From<Stop> for No {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        Self::Stop(fault.into())
    }
}

impl From<Reply> for No {
    fn from(reply: Reply) -> Self {
        Self::Failed(reply)
    }
}

/// A verb that fails with a status and words.
pub(crate) fn fails<T>(status: i32, error: impl Into<String>) -> Said<T> {
    Err(Reply::failed(status, error).into())
}

/// Fails with a reply, if there is one.
pub(crate) fn unless(refused: Option<Reply>) -> Said<()> {
    refused.map_or(Ok(()), |reply| Err(reply.into()))
}

/// Handlers by the types of their calls; with `own` what rows can't tell is the host's own answer.
macro_rules! answers {
    (@one own $ask:ident, $handler:expr) => {
        |host, call| host.told_or_own(call, $crate::typed::answers!(@one $ask, $handler))
    };
    (@one $ask:ident, $handler:expr) => {
        |host, call| $crate::typed::answer::<world::host::verb::$ask>(host, call, $handler)
    };
    ($($ask:ident $($typed:ident)? => $handler:expr),* $(,)?) => {
        &[$((
            $crate::typed::answers!(@verb $ask $($typed)?),
            $crate::typed::answers!(@one $ask $($typed)?, $handler),
        )),*]
    };
    (@verb own $ask:ident) => {
        <world::host::verb::$ask as world::host::Ask>::VERB
    };
    (@verb $ask:ident) => {
        <world::host::verb::$ask as world::host::Ask>::VERB
    };
}
pub(super) use answers;

/// Answers a call by a handler of its type; one with several arguments that are parted, by one call of it each.
///
/// # Errors
/// The rows' fault.
pub(super) fn answer<A: Ask>(
    host: &mut Host<'_, '_>,
    call: &Call,
    handler: fn(&mut Host<'_, '_>, A) -> Said<A::Reply>,
) -> Result<Reply, Stop> {
    match try_answer(host, call, handler) {
        Ok(reply) | Err(No::Failed(reply)) => Ok(reply),
        Err(No::Stop(stop)) => Err(stop),
    }
}

fn try_answer<A: Ask>(
    host: &mut Host<'_, '_>,
    call: &Call,
    handler: fn(&mut Host<'_, '_>, A) -> Said<A::Reply>,
) -> Said<Reply> {
    let Some(split @ (Split::Lines | Split::Blocks)) = A::VERB.split() else {
        return Ok(handler(host, ask(call)?)?.reply());
    };
    let mut texts = Vec::new();
    for argument in &call.args {
        let one = Call::new(call.verb, [argument]);
        let reply = handler(host, ask(&one)?)?.reply();
        if reply.status != 0 {
            return Ok(reply);
        }
        texts.push(reply.output);
    }
    let texts: Vec<&[u8]> = texts
        .iter()
        .map(|text| text.strip_suffix(b"\n").unwrap_or(text))
        .collect();
    Ok(Reply::success(split.joined(&texts)))
}

fn ask<A: Ask>(call: &Call) -> Result<A, Reply> {
    A::of(call).ok_or_else(|| {
        let text = format!(
            "{} doesn't take '{}'",
            call.verb.name(),
            call.args.join(" ")
        );
        Reply::failed(64, text)
    })
}

/// How a row is filled by one call: the call by the row's id, and the row by what it tells.
macro_rules! filling {
    ($kind:expr, |$id:ident| $ask:expr, |$told:ident| $row:expr) => {
        $crate::Filling {
            kind: $kind,
            reads: |$id, replies| match replies {
                [] => vec![world::host::Call::from($ask)],
                _ => Vec::new(),
            },
            load: |$id, replies| $crate::typed::filled(&$ask, replies, |$told| $row),
        }
    };
}
pub(super) use filling;

/// The row that the reply to a call makes.
///
/// # Errors
/// It wasn't read, the verb failed, or it isn't understood.
pub(super) fn filled<A: Ask, T: Serialize>(
    _: &A,
    replies: &[Reply],
    row: impl FnOnce(A::Reply) -> Option<T>,
) -> Loaded {
    let reply = replies.first().ok_or("it wasn't read")?;
    row_of(row(told::<A>(reply)?))
}

/// A row as it's kept.
///
/// # Errors
/// It can't be kept.
pub(super) fn row_of<T: Serialize>(row: Option<T>) -> Result<Option<Value>, String> {
    let row = row.map(serde_json::to_value).transpose();
    row.map_err(|error| error.to_string())
}

/// What a reply tells.
///
/// # Errors
/// The verb failed, or it isn't understood.
pub(super) fn told<A: Ask>(reply: &Reply) -> Result<A::Reply, String> {
    A::Reply::of(reply).map_err(|why| match why {
        Untold::Failed => reply.error.clone(),
        Untold::Garbled => format!("'{}' isn't understood", reply.text().trim_end()),
    })
}
