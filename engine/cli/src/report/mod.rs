//! What a run looks like: readers of its events, and reports of failures.

mod bars;
mod change;
mod date;
pub(crate) mod failure;
mod json;
mod lines;
mod pager;
mod paint;
mod plan;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod visible;

use std::{
    io::{self, Write as _},
    sync::{Arc, OnceLock},
};

use runbook::{event::Sink, failure::Failure};
use world::code;

pub(crate) use change::diff_line;
pub(crate) use date::date;
pub(crate) use pager::Pager;
pub(crate) use paint::Paint;
pub(crate) use summary::{counted, finished};
pub(crate) use visible::visible;

use text::Text;

use crate::settings::{Settings, Style};

/// Something that writes to the terminal and can step aside for a question.
pub(crate) trait Screen: Send + Sync {
    /// Runs `ask` while nothing else writes.
    fn pause(&self, ask: &mut dyn FnMut());
}

/// A printer of events.
pub(crate) struct Printer {
    /// Takes the events.
    pub(crate) sink: Arc<dyn Sink>,
    /// Steps aside for questions.
    pub(crate) screen: Arc<dyn Screen>,
}

/// How events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// The format that `--json` chooses.
    pub(crate) const fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Human }
    }
}

/// The printer for a format on this terminal.
pub(crate) fn printer(format: Format, settings: &Settings) -> Printer {
    match (format, settings.output) {
        (Format::Json, _) => both(json::Json),
        (Format::Human, style @ (Style::Plain | Style::Coloured)) => {
            both(lines::Lines::new(Text::new(Paint::new(style))))
        }
        (Format::Human, Style::Terminal) => both(bars::Bars::new()),
    }
}

/// The printer of plans, which have as few lines as is wanted; on a terminal a pager shows them in the end.
pub(crate) fn plans(format: Format, settings: &Settings, brief: bool) -> (Printer, Option<Pager>) {
    let text = Text::new(Paint::new(settings.output)).brief(brief);
    match (format, settings.output) {
        (Format::Json, _) => (both(json::Json), None),
        (Format::Human, Style::Plain | Style::Coloured) => (both(lines::Lines::new(text)), None),
        (Format::Human, Style::Terminal) => {
            let pager = Pager::of(settings);
            (both(bars::Bars::with(text, pager.clone())), pager)
        }
    }
}

fn both<T: Sink + Screen + 'static>(reader: T) -> Printer {
    let reader = Arc::new(reader);
    Printer {
        sink: Arc::clone(&reader) as _,
        screen: reader,
    }
}

/// Why standard output couldn't be written, the first time that it couldn't.
static LOST: OnceLock<String> = OnceLock::new();

/// Writes lines to standard output. That they can't be written ends no run; [`lost`] says it once all is done.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    note(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Keeps why output couldn't be written. A reader that went away (`homelab runs | head -1`) wants no more of it.
pub(crate) fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        LOST.get_or_init(|| error.to_string());
    }
}

/// What is said of output that couldn't be written, if there is any.
pub(crate) fn lost() -> Option<Failure> {
    let why = LOST.get()?;
    let failure = Failure::new(code::run::output, "the output can't be written").cause(why);
    Some(failure.help(
        "make room where it goes; what ran is recorded: `homelab runs` lists it, `homelab show` prints it again",
    ))
}

/// Writes to standard error; see [`print`].
pub(crate) fn complain(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}
