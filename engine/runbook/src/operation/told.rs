//! What verbs of hosts tell: probes as types.

use world::{
    code,
    host::{Ask, Reply, Told, Verb, verb::Untold},
};

use crate::failure::Failure;

/// What a reply tells.
///
/// # Errors
/// The verb failed, or printed what isn't understood.
pub fn told<A: Ask>(host: &str, reply: &Reply) -> Result<A::Reply, Failure> {
    A::Reply::of(reply).map_err(|why| untold(host, A::VERB, reply, why))
}

pub(super) fn untold(host: &str, verb: Verb, reply: &Reply, why: Untold) -> Failure {
    match why {
        Untold::Failed => failed(host, verb, reply),
        Untold::Garbled => garbled(host, verb, reply),
    }
}

/// A verb that failed.
#[must_use]
pub fn failed(host: &str, verb: Verb, reply: &Reply) -> Failure {
    let text = format!(
        "{} failed on host {host} with status {}",
        verb.shown(),
        reply.status
    );
    let failure = Failure::new(code::host::failed, text);
    match reply.error.trim() {
        "" => failure,
        said if said.contains("Operation not permitted") => failure.cause(said.to_owned()).help(
            "root may do nearly all: see whether the file, or its folder, is immutable (lsattr shows an `i`, `chattr -i` takes it away)",
        ),
        said => failure.cause(said.to_owned()),
    }
}

/// A verb whose reply isn't understood: nothing is taken for granted in its place.
#[must_use]
pub fn garbled(host: &str, verb: Verb, reply: &Reply) -> Failure {
    let text = format!(
        "{} on host {host} printed what isn't understood",
        verb.shown()
    );
    let failure = Failure::new(code::host::garbled, text);
    match reply.cut {
        0 => failure.cause(reply.text().trim_end().to_owned()),
        cut => failure.cause(format!("{cut} bytes of it were left out")),
    }
}

#[cfg(test)]
mod tests {
    use world::{code, host::verb::Stat};

    use super::*;

    #[test]
    fn a_reply_that_is_not_understood_names_verb_host_and_text() {
        let failure = told::<Stat>("pve1", &Reply::success("file 644\n")).unwrap_err();
        assert_eq!(failure.code, code::host::garbled);
        assert_eq!(
            failure.message,
            "stat on host pve1 printed what isn't understood"
        );
        assert_eq!(failure.causes, ["file 644"]);
        let fixed = Reply::failed(1, "mv: cannot move 'a' to 'b': Operation not permitted\n");
        let failure = told::<Stat>("pve1", &fixed).unwrap_err();
        let help = failure.help.unwrap();
        assert!(help.contains("chattr -i"), "{help}");
        let failure = told::<Stat>("pve1", &Reply::failed(1, "no\n")).unwrap_err();
        assert_eq!(failure.message, "stat failed on host pve1 with status 1");
    }
}
