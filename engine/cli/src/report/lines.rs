//! Plain lines: without a terminal, or with `NO_COLOR`.

use std::sync::{Mutex, PoisonError};

use runbook::event::{Event, Sink};

use super::{Screen, print, text::Text};

/// Prints events as lines.
pub(crate) struct Lines(Mutex<Text>);

impl Lines {
    /// Prints the lines of a text.
    pub(crate) fn new(text: Text) -> Self {
        Self(text.into())
    }
}

impl Sink for Lines {
    fn take(&self, event: &Event) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for line in text.lines(event) {
            print(&format!("{line}\n"));
        }
    }
}

impl Screen for Lines {
    fn pause(&self, ask: &mut dyn FnMut()) {
        let _held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ask();
    }
}
