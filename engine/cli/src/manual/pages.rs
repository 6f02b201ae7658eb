//! Pages that travel in the binary: one for each error code, the guide, the reference.

use world::code::{self, Code};

use crate::events;

macro_rules! pages {
    ($($family:ident { $($name:ident)+ })+) => {
        /// The page of every error code, as it stands in `docs/errors/`.
        const ERRORS: &[(Code, &str)] = &[$($((
            code::$family::$name,
            include_str!(concat!(
                "../../../../docs/errors/", stringify!($family), "-", stringify!($name), ".md"
            )),
        )),+),+];
    };
}

world::each_code!(pages);

/// A page of the guide or the reference.
pub(crate) struct Topic {
    /// What `homelab help` calls it.
    pub(crate) name: &'static str,
    /// What it's about.
    pub(crate) about: &'static str,
    text: fn() -> String,
}

impl Topic {
    /// The page, in Markdown.
    pub(crate) fn text(&self) -> String {
        (self.text)()
    }
}

macro_rules! page {
    ($file:literal) => {
        || include_str!(concat!("../../../../docs/", $file)).to_owned()
    };
}

/// Every topic of `homelab help` that is no command.
pub(crate) const TOPICS: &[Topic] = &[
    topic(
        "getting-started",
        "from a new lab to a run",
        page!("guide/getting-started.md"),
    ),
    topic(
        "writing",
        "runbooks: steps, options, values, modules",
        page!("guide/runbooks.md"),
    ),
    topic(
        "phase1",
        "what phase 1 does, needs and asks",
        page!("guide/phase1.md"),
    ),
    topic(
        "twin-start",
        "twin.rhai: how the twin begins",
        page!("guide/twin.md"),
    ),
    topic(
        "tables",
        "what each table of docs/ says",
        page!("reference/tables.md"),
    ),
    topic("events", "the events of --json", events::page),
    topic(
        "errors",
        "every error code; `homelab doc CODE` has its page",
        errors,
    ),
];

const fn topic(name: &'static str, about: &'static str, text: fn() -> String) -> Topic {
    Topic { name, about, text }
}

/// The page of an error code: `homelab::docs::dangling`, `docs::dangling`, or `docs-dangling`.
pub(crate) fn error(name: &str) -> Option<&'static str> {
    let called = |code: &Code| {
        let (family, own) = code.parts();
        name == code.as_str() || name == format!("{family}::{own}") || name == code.page()
    };
    let found = ERRORS.iter().find(|(code, _)| called(code));
    found.map(|(_, text)| *text)
}

/// Every error code with what it says, one a line.
fn errors() -> String {
    let first = |text: &'static str| text.lines().nth(2).unwrap_or_default();
    let line =
        |(code, text): &(Code, &'static str)| format!("{:<36} {}\n", code.as_str(), first(text));
    ERRORS.iter().map(line).collect()
}
