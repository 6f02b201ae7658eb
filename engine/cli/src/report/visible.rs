//! Control characters in what scripts, docs and hosts say are shown by their pictures: on a terminal they would move the
//! cursor, hide text or turn its direction.

use std::borrow::Cow;

use runbook::{event::Event, failure::Failure, journal::Stored};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A text in which nothing acts on a terminal. Line ends and tabs stay; each other character keeps its one column.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(|c| picture(c).is_some()) {
        text.chars()
            .map(|c| picture(c).unwrap_or(c))
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

/// What is shown in a character's place; nothing where it's harmless.
fn picture(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => None,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('\u{2421}'),
        // More controls, and marks that turn the direction of what follows.
        '\u{80}'..='\u{9f}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// The same event to be shown; nothing where it's harmless as it is.
pub(super) fn in_event(event: &Event) -> Option<Event> {
    Some(match event {
        Event::Recorded { run, stored } => Event::Recorded {
            run: *run,
            stored: Stored {
                at: stored.at,
                entry: shown_otherwise(&stored.entry)?,
                sealed: stored.sealed.clone(),
            },
        },
        Event::Progress(progress) => {
            let Cow::Owned(line) = visible(progress.line.as_deref()?) else {
                return None;
            };
            let mut shown = progress.clone();
            shown.line = Some(line);
            Event::Progress(shown)
        }
        Event::Finished(finished) => {
            let mut shown = finished.clone();
            shown.failure = Some(shown_otherwise(finished.failure.as_ref()?)?);
            Event::Finished(shown)
        }
    })
}

/// The same failure to be shown.
pub(super) fn in_failure(failure: &Failure) -> Failure {
    shown_otherwise(failure).unwrap_or_else(|| failure.clone())
}

/// What is data is searched as data, so that no field is forgotten.
fn shown_otherwise<T: Serialize + DeserializeOwned>(data: &T) -> Option<T> {
    let mut value = serde_json::to_value(data).ok()?;
    walk(&mut value)
        .then(|| serde_json::from_value(value).ok())
        .flatten()
}

/// Whether something in a value is shown otherwise now.
fn walk(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let Cow::Owned(shown) = visible(text) else {
                return false;
            };
            *text = shown;
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| walk(item) | any),
        Value::Object(map) => map.values_mut().fold(false, |any, item| walk(item) | any),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use runbook::journal::{Entry, RunId, entry::Note};
    use world::clock::Moment;

    use super::*;

    #[test]
    fn nothing_acts_on_a_terminal() {
        let text = "a\x1b[2Jb\r\x07\u{202e}c\u{9b}d\x7f\te\nf";
        assert_eq!(visible(text), "a␛[2Jb␍␇\u{fffd}c\u{fffd}d␡\te\nf");
        assert!(matches!(visible("plain ü → ✓"), Cow::Borrowed(_)));
    }

    #[test]
    fn events_are_shown_so() {
        let event = |text: &str| Event::Recorded {
            run: RunId(1),
            stored: Stored {
                at: Moment(1),
                entry: Entry::from(Note {
                    step: None,
                    text: text.to_owned(),
                }),
                sealed: None,
            },
        };
        assert_eq!(in_event(&event("a\x1b[2J")), Some(event("a␛[2J")));
        assert_eq!(in_event(&event("a")), None);
    }
}
