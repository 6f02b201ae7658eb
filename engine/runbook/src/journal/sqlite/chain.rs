//! The links between a run's entries: a changed, exchanged or missing entry breaks the chain.

use ring::hmac;

use super::super::{Head, seal::derived};

/// What ties an entry to all before it.
pub(super) type Link = [u8; 16];

/// An entry's body with its link; what was written before there were links has none.
pub(super) type Linked = (String, Option<Vec<u8>>);

/// The chains of a journal; its key makes the links, so nobody else can.
pub(super) struct Chain(hmac::Key);

impl Chain {
    pub(super) fn new(key: &[u8]) -> Self {
        let key = derived(key, "link", &[]);
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()))
    }

    /// What the first link of a run hangs on: which run of which runbook in which world.
    pub(super) fn begin(&self, head: &Head) -> Link {
        let text = format!("{}\0{}\0{}", head.run, head.world, head.runbook);
        self.link(&[], &text)
    }

    /// The link of an entry.
    pub(super) fn next(&self, before: Link, body: &str) -> Link {
        self.link(&before, body)
    }

    /// Goes along the entries of a run, each with its link; gives the place of the first that doesn't hold, from 0.
    ///
    /// Only those at the beginning can be without.
    pub(super) fn broken(&self, head: &Head, entries: &[Linked]) -> Option<usize> {
        let without = entries
            .iter()
            .take_while(|(_, kept)| kept.is_none())
            .count();
        let mut link = self.begin(head);
        entries
            .iter()
            .skip(without)
            .position(|(body, kept)| {
                link = self.next(link, body);
                kept.as_deref() != Some(&link)
            })
            .map(|place| without + place)
    }

    fn link(&self, before: &[u8], text: &str) -> Link {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(before);
        context.update(text.as_bytes());
        let mut link = Link::default();
        let length = link.len();
        link.copy_from_slice(&context.sign().as_ref()[..length]);
        link
    }
}
