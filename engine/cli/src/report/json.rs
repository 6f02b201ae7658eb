//! One JSON object a line, and nothing else on standard output.

use runbook::event::{Event, Sink};

use super::{Screen, print};

/// Prints events as JSON lines.
#[derive(Debug)]
pub(crate) struct Json;

impl Sink for Json {
    fn take(&self, event: &Event) {
        print(&format!("{}\n", event.to_json()));
    }
}

impl Screen for Json {
    fn pause(&self, ask: &mut dyn FnMut()) {
        ask();
    }
}
