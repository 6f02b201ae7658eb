//! A host's own answers, kept as they are: what a preview can't tell from rows, and no plan changes.

use model::{Stop, kind};
use serde::{Deserialize, Serialize};
use world::host::{Call, Reply, Verb};

use super::{Filling, Host};

/// Between the verb and its arguments in an id.
const BETWEEN: char = '\t';

#[derive(Serialize, Deserialize)]
struct Output {
    status: i32,
    text: String,
    error: String,
}

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::ANSWER,
    reads: |id, replies| {
        let mut words = id.split(BETWEEN);
        let verb = words.next().and_then(Verb::named);
        match (verb, replies) {
            (Some(verb), []) => vec![Call::new(verb, words)],
            _ => Vec::new(),
        }
    },
    load: |_, replies| {
        let [reply] = replies else {
            return Err("it wasn't read".to_owned());
        };
        let answer = Output {
            status: reply.status,
            text: reply.text(),
            error: reply.error.clone(),
        };
        serde_json::to_value(answer)
            .map(Some)
            .map_err(|error| error.to_string())
    },
}];

fn id_of(call: &Call) -> String {
    let mut id = call.verb.name().to_owned();
    for argument in &call.args {
        id.push(BETWEEN);
        id.push_str(argument);
    }
    id
}

impl Host<'_, '_> {
    /// The host's own answer to a read; none in the twin, whose rows know it all.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn own_answer(&mut self, call: &Call) -> Result<Option<Reply>, Stop> {
        let answer = self.get::<Output>(kind::ANSWER, &id_of(call))?;
        Ok(answer.map(|answer| Reply {
            status: answer.status,
            output: answer.text.into(),
            error: answer.error,
            ..Reply::default()
        }))
    }

    /// Replaces the host's own answer to a read by what the plan makes of it.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn set_own_answer(&mut self, call: &Call, text: String) -> Result<(), Stop> {
        let answer = Output {
            status: 0,
            text,
            error: String::new(),
        };
        self.put(kind::ANSWER, &id_of(call), &answer)
    }

    /// What rows tell; where they can't be known, because nobody logged in to the API that shows them, the host's
    /// own answer: no plan can have changed them then.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn told_or_own(
        &mut self,
        call: &Call,
        told: fn(&mut Self, &Call) -> Result<Reply, Stop>,
    ) -> Result<Reply, Stop> {
        match told(self, call) {
            Err(stop) if stop.is_unknown() => self.own_answer(call)?.ok_or(stop),
            other => other,
        }
    }
}
