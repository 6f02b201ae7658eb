//! What an entry says of the things that homelab owns.

use super::{
    Entry, IntentId, Settlement,
    action::Kind,
    entry::{Intent, Settled},
};

/// What an entry says of owned things.
pub(super) enum Step<'a> {
    /// An intent is about to make these.
    Makes(IntentId, &'a [String]),
    /// An intent is about to remove these.
    Removes(IntentId, &'a [String]),
    /// An intent was carried out.
    Done(IntentId),
    /// It wasn't.
    NotDone(IntentId),
}

/// What an entry says of owned things, if anything.
pub(super) fn step(entry: &Entry) -> Option<Step<'_>> {
    match entry {
        Entry::Intent(Intent { intent, change, .. }) if !change.things.is_empty() => {
            match change.kind {
                Kind::Create => Some(Step::Makes(*intent, &change.things)),
                Kind::Delete => Some(Step::Removes(*intent, &change.things)),
                Kind::Update | Kind::Apply => None,
            }
        }
        Entry::Done(done) => Some(Step::Done(done.intent)),
        Entry::Refused(refused) => Some(Step::NotDone(refused.intent)),
        Entry::Settled(Settled { intent, settlement }) => match settlement {
            Settlement::Done => Some(Step::Done(*intent)),
            Settlement::NotDone(_) => Some(Step::NotDone(*intent)),
            Settlement::InDoubt(_) => None,
        },
        _ => None,
    }
}
