//! What is known of hosts.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    Confidence,
    clock::Moment,
    host::{Call, Destination, HostError, Parts, Reply, Verb, Who},
};

/// How long a reply holds at most: others may change a host, too.
const AGE: Duration = Duration::from_secs(60);

/// How long it holds at most once this run has changed something: what a change begins may go on behind it.
const SHORT: Duration = Duration::from_secs(1);

/// How many calls are sent ahead after something changed: it may well change again before they are asked.
const NARROW: usize = 4;

/// How far the order of calls may be another one than was foreseen.
const SLACK: usize = 16;

/// The status of a read of what isn't there.
const ABSENT: i32 = 66;

pub(super) type ReplyResult = Result<Reply, HostError>;

/// What is asked, without what doesn't matter for the answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    verb: Verb,
    args: Vec<String>,
    who: Who,
}

impl Question {
    fn of(call: &Call) -> Self {
        Self {
            verb: call.verb,
            args: call.args.clone(),
            who: call.who,
        }
    }
}

/// A call that is under way.
pub(super) struct Asked {
    pub(super) call: Call,
    ticket: u64,
    answer: watch::Sender<Option<ReplyResult>>,
}

/// What came of a call that was under way; no answer where its part of a reply can't be told.
pub(super) struct Learned {
    pub(super) asked: Asked,
    pub(super) answer: Option<ReplyResult>,
}

/// What a caller does next.
pub(super) enum Next {
    /// The reply is known.
    Known(Reply),
    /// The same is under way.
    Wait(watch::Receiver<Option<ReplyResult>>),
    /// Asks it itself, and holds on to the receiver until it's learned: it's for him.
    Ask(Asked, watch::Receiver<Option<ReplyResult>>),
    /// Sends these, its own call first, and waits for its reply.
    AskAll(Vec<Asked>, watch::Receiver<Option<ReplyResult>>),
}

enum Fact {
    Known(Reply, Moment),
    Asked(u64, watch::Receiver<Option<ReplyResult>>),
}

impl Fact {
    /// Whether it's of no more use.
    fn is_gone(&self, now: Moment, age: Duration) -> bool {
        match self {
            // A clock that was set back says nothing about how old it is.
            Self::Known(_, since) => now < *since || now.since(*since) > age,
            // Nobody asks any more, and nobody has said what came of it.
            Self::Asked(_, answer) => answer.has_changed().is_err(),
        }
    }
}

#[derive(Default)]
struct Host {
    destination: Option<Destination>,
    /// What will be asked, in order.
    ahead: Vec<Question>,
    /// How many of them are sent at once; none: all.
    width: Option<usize>,
    facts: HashMap<Question, Fact>,
}

impl Host {
    fn forget(&mut self, parts: Parts) {
        let before = self.facts.len();
        self.facts
            .retain(|question, _| !question.verb.parts().meets(parts));
        if self.facts.len() < before {
            self.width = Some(NARROW);
        }
    }

    /// What will be asked and isn't known.
    fn lacking(&mut self, now: Moment, age: Duration) -> Vec<Question> {
        self.facts.retain(|_, fact| !fact.is_gone(now, age));
        let lacking = self
            .ahead
            .iter()
            .filter(|question| !self.facts.contains_key(*question));
        let lacking = lacking
            .take(self.width.unwrap_or(usize::MAX))
            .cloned()
            .collect();
        self.width = self.width.map(|width| width.saturating_mul(2));
        lacking
    }
}

/// What is known of hosts.
#[derive(Default)]
pub(super) struct Known(Mutex<State>);

#[derive(Default)]
struct State {
    hosts: BTreeMap<String, Host>,
    tickets: u64,
    /// Whether this run has changed something.
    has_changed: bool,
}

impl State {
    fn age(&self) -> Duration {
        if self.has_changed { SHORT } else { AGE }
    }

    fn ask(
        &mut self,
        host: &str,
        question: Question,
    ) -> (Asked, watch::Receiver<Option<ReplyResult>>) {
        self.tickets += 1;
        let (answer, receiver) = watch::channel(None);
        let mut call = Call::new(question.verb, question.args.iter().cloned());
        call.who = question.who;
        let fact = Fact::Asked(self.tickets, receiver.clone());
        if let Some(host) = self.hosts.get_mut(host) {
            host.facts.insert(question, fact);
        }
        let ticket = self.tickets;
        (
            Asked {
                call,
                ticket,
                answer,
            },
            receiver,
        )
    }
}

impl Known {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn expect(&self, calls: BTreeMap<String, Vec<Call>>) {
        let mut state = self.state();
        for (name, calls) in calls {
            let host = state.hosts.entry(name).or_default();
            let mut seen = HashSet::new();
            host.ahead = calls.iter().map(Question::of).collect();
            host.ahead.retain(|question| seen.insert(question.clone()));
            host.width = None;
        }
    }

    /// Takes note of where hosts are: of one that was elsewhere nothing is known.
    pub(super) fn declare(&self, hosts: &[Destination]) {
        let mut state = self.state();
        for destination in hosts {
            let host = state.hosts.entry(destination.name.clone()).or_default();
            if host.destination.as_ref() != Some(destination) {
                host.facts.clear();
                host.destination = Some(destination.clone());
            }
        }
    }

    /// Forgets parts of all hosts.
    pub(super) fn forget(&self, parts: Parts) {
        let mut state = self.state();
        state.hosts.values_mut().for_each(|host| host.forget(parts));
    }

    /// Forgets parts of all hosts that this run changes.
    pub(super) fn change(&self, parts: Parts) {
        self.state().has_changed = true;
        self.forget(parts);
    }

    /// Forgets all of a host.
    pub(super) fn forget_host(&self, name: &str) {
        let mut state = self.state();
        if let Some(host) = state.hosts.get_mut(name) {
            host.forget(Parts::ALL);
        }
    }

    /// What will be asked of a host and isn't known; it counts as under way.
    pub(super) fn lacking(&self, name: &str, now: Moment) -> Vec<Asked> {
        let mut state = self.state();
        let age = state.age();
        let lacking = match state.hosts.get_mut(name) {
            Some(host) => host.lacking(now, age),
            None => Vec::new(),
        };
        lacking
            .into_iter()
            .map(|question| state.ask(name, question).0)
            .collect()
    }

    /// What to do about a call.
    pub(super) fn next(&self, name: &str, call: &Call, now: Moment) -> Next {
        let question = Question::of(call);
        let mut state = self.state();
        let (age, serves_once) = (state.age(), state.has_changed);
        let host = state.hosts.entry(name.to_owned()).or_default();
        if let Some(at) = host.ahead.iter().position(|ahead| *ahead == question) {
            host.ahead.remove(at);
            // What should have been asked long before won't be.
            host.ahead.drain(..at.saturating_sub(SLACK));
        }
        let known = host.facts.get(&question);
        match known.filter(|fact| !fact.is_gone(now, age)) {
            Some(Fact::Known(reply, _)) => {
                let reply = reply.clone();
                if serves_once {
                    host.facts.remove(&question);
                }
                return Next::Known(reply);
            }
            Some(Fact::Asked(_, answer)) => return Next::Wait(answer.clone()),
            None => {}
        }
        let lacking = host.lacking(now, age);
        let (own, answer) = state.ask(name, question);
        if lacking.is_empty() {
            return Next::Ask(own, answer);
        }
        let others = lacking
            .into_iter()
            .map(|question| state.ask(name, question).0);
        let all = std::iter::once(own)
            .chain(others.collect::<Vec<_>>())
            .collect();
        Next::AskAll(all, answer)
    }

    /// Takes in what came of calls. What was forgotten meanwhile is of use to nobody but those who wait for it: when they
    /// asked, nothing had been changed since it was sent.
    pub(super) fn learn(&self, name: &str, learned: Vec<Learned>, now: Moment) {
        let mut state = self.state();
        let serves_once = state.has_changed;
        let Some(host) = state.hosts.get_mut(name) else {
            return;
        };
        for Learned { asked, answer } in learned {
            let question = Question::of(&asked.call);
            let is_own =
                |fact: &Fact| matches!(fact, Fact::Asked(ticket, _) if *ticket == asked.ticket);
            if host.facts.get(&question).is_some_and(is_own) {
                host.facts.remove(&question);
                // The channel's own receiver is gone with the fact; who is left waits for the reply.
                let is_awaited = asked.answer.receiver_count() > 0;
                match &answer {
                    Some(Ok(reply)) if is_fact(reply) && !(serves_once && is_awaited) => {
                        host.facts
                            .insert(question.clone(), Fact::Known(reply.clone(), now));
                    }
                    _ => {}
                }
            }
            if answer.is_none() {
                // Together with others it can't be asked.
                host.ahead.retain(|ahead| *ahead != question);
            }
            asked.answer.send_replace(answer);
        }
    }
}

/// Whether a reply says how things are.
fn is_fact(reply: &Reply) -> bool {
    matches!(reply.status, 0 | ABSENT) && reply.confidence == Confidence::Read
}
