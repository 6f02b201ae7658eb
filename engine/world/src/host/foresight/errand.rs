//! Calls that are made one: what one call can ask is asked by one.

use super::known::{Asked, Learned, ReplyResult};
use crate::{
    Confidence,
    host::{Call, HostError, Reply, Split},
};

/// How many arguments one call has at most.
const WIDEST: usize = 200;

/// Calls of one verb, as one.
pub(super) struct Errand {
    pub(super) call: Call,
    asked: Vec<Asked>,
}

/// Makes as few calls as can be, in the order of what is asked first.
pub(super) fn errands(asked: Vec<Asked>) -> Vec<Errand> {
    let mut errands: Vec<Errand> = Vec::new();
    for asked in asked {
        let fits = |errand: &&mut Errand| errand.fits(&asked.call);
        match errands.iter_mut().find(fits) {
            Some(errand) => errand.add(asked),
            None => errands.push(Errand::of(asked)),
        }
    }
    errands
}

impl Errand {
    pub(super) fn of(asked: Asked) -> Self {
        Self {
            call: asked.call.clone(),
            asked: vec![asked],
        }
    }

    fn fits(&self, call: &Call) -> bool {
        let Some(split) = self.call.verb.split() else {
            return false;
        };
        let is_plain =
            |call: &Call| !call.args.is_empty() && call.args.iter().all(|arg| is_plain(split, arg));
        self.call.verb == call.verb
            && self.call.who == call.who
            && self.call.args.len() + call.args.len() <= WIDEST
            && is_plain(&self.call)
            && is_plain(call)
    }

    fn add(&mut self, asked: Asked) {
        self.call.args.extend(asked.call.args.iter().cloned());
        self.asked.push(asked);
    }

    /// What the reply to all of them says to each.
    pub(super) fn part(self, answer: ReplyResult) -> Vec<Learned> {
        let answers: Vec<Option<ReplyResult>> = match (self.asked.len(), answer) {
            (1, answer) => vec![Some(answer)],
            // Each has the whole time if it's asked alone.
            (count, Err(HostError::Timeout { .. })) => vec![None; count],
            (count, Err(error)) => vec![Some(Err(error)); count],
            (count, Ok(reply)) => match parted(&self, &reply) {
                Some(parts) => parts.into_iter().map(|part| Some(Ok(part))).collect(),
                None => vec![None; count],
            },
        };
        let learned = |(asked, answer)| Learned { asked, answer };
        self.asked.into_iter().zip(answers).map(learned).collect()
    }
}

/// Whether an argument stands for one thing, and for one that a reply names as it's given.
fn is_plain(split: Split, argument: &str) -> bool {
    let is_odd = |c: char| match split {
        Split::Names => c.is_whitespace() || "*?[:".contains(c),
        // systemd takes patterns for names.
        Split::Blocks => "*?[".contains(c),
        Split::Lines => false,
    };
    !argument.contains(is_odd)
}

/// The parts of a reply; none if it doesn't say everything, or isn't sure.
fn parted(errand: &Errand, reply: &Reply) -> Option<Vec<Reply>> {
    let split = errand.call.verb.split()?;
    if reply.status != 0 || reply.cut != 0 || reply.confidence != Confidence::Read {
        return None;
    }
    let pieces = split.parts(&reply.output);
    let texts: Vec<Vec<&[u8]>> = match split {
        Split::Names => {
            let named = |asked: &Asked| {
                let is_of = |piece: &&&[u8]| asked.call.args.iter().any(|arg| is_named(piece, arg));
                pieces.iter().filter(is_of).copied().collect()
            };
            errand.asked.iter().map(named).collect()
        }
        Split::Lines | Split::Blocks => {
            if pieces.len() != errand.call.args.len() {
                return None;
            }
            let mut left = &pieces[..];
            let mut take = |asked: &Asked| {
                let (own, rest) = left.split_at(asked.call.args.len());
                left = rest;
                own.to_vec()
            };
            errand.asked.iter().map(&mut take).collect()
        }
    };
    let reply = |texts: Vec<&[u8]>| Reply::success(split.joined(&texts));
    Some(texts.into_iter().map(reply).collect())
}

fn is_named(line: &[u8], name: &str) -> bool {
    let rest = line.strip_prefix(name.as_bytes());
    rest.is_some_and(|rest| rest.first() == Some(&b' '))
}
