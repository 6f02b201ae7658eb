//! What is asked again, and for how long.

use std::time::Duration;

use super::{ApiError, Method};
use crate::clock::Moment;

/// The pauses between the attempts of a read whose way failed.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// How long a node may refuse connections: its API's restart takes 1 to 4 s, on a busy machine longer.
pub(super) const RESTART: Duration = Duration::from_secs(30);

/// The longest pause between two attempts to reach a node that refuses connections.
const LONGEST: Duration = Duration::from_secs(2);

/// The attempts of one call so far.
pub(super) struct Retries {
    begin: Moment,
    refused: Option<Duration>,
    lost: std::slice::Iter<'static, Duration>,
}

/// What follows a failed attempt.
pub(super) enum Next {
    /// The error is the answer.
    Fail,
    /// Another attempt, after this pause.
    Again(Duration),
    /// The same, for the first time since the node refused a connection.
    Refused(Duration),
}

impl Retries {
    pub(super) fn new(begin: Moment) -> Self {
        Self {
            begin,
            refused: None,
            lost: PAUSES.iter(),
        }
    }

    /// Whether a call that failed so is worth another attempt.
    ///
    /// Where no connection was made nothing was sent, so a write is tried again as a read is. Behind a connection a
    /// write may have been carried out: its proof has to tell. A read is tried again as long as a restart takes where it
    /// may be one: a connection that ends, and a member that doesn't get through to another one.
    pub(super) fn after(&mut self, error: &ApiError, method: Method, now: Moment) -> Next {
        if error.is_refused() {
            return self.refused(now);
        }
        if method != Method::Get || !error.is_transient() {
            return Next::Fail;
        }
        match self.lost.next() {
            Some(pause) => Next::Again(*pause),
            None if error.is_restart() && now.since(self.begin) < RESTART => Next::Again(LONGEST),
            None => Next::Fail,
        }
    }

    fn refused(&mut self, now: Moment) -> Next {
        if now.since(self.begin) >= RESTART {
            return Next::Fail;
        }
        let Some(last) = self.refused else {
            self.refused = Some(PAUSES[0]);
            return Next::Refused(PAUSES[0]);
        };
        let pause = (last * 2).min(LONGEST);
        self.refused = Some(pause);
        Next::Again(pause)
    }
}
