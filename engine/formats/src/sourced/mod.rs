//! Files of settings that a shell sources, as `/etc/default/grub`: read as far as they're plain, and edited in place.

mod command;
pub(crate) mod word;

use std::ops::Range;

use self::word::{Word, is_in_name};

/// A file of settings that a shell sources.
#[derive(Debug)]
pub struct Sourced<'a> {
    text: &'a str,
    sets: Vec<Set<'a>>,
}

/// What only a shell can tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is more than a plain setting: {reason}")]
pub struct Unclear {
    /// The line, from 1.
    pub line: usize,
    /// Why it isn't plain.
    pub reason: &'static str,
}

/// A place where variables are set, or may be.
#[derive(Debug)]
struct Set<'a> {
    line: usize,
    what: What<'a>,
}

#[derive(Debug)]
enum What<'a> {
    /// `NAME=WORD`, which holds whenever the file is read.
    Plain {
        name: &'a str,
        value: Word,
        place: Range<usize>,
    },
    /// A command that may set the variables that it names.
    Maybe(&'a str),
    /// A command that may set any variable.
    Any,
}

impl<'a> Sourced<'a> {
    /// Reads a file's text.
    ///
    /// # Errors
    /// A shell couldn't read it, or it holds a here-document.
    pub fn read(text: &'a str) -> Result<Self, Unclear> {
        let sets = command::sets(text)?;
        Ok(Self { text, sets })
    }

    /// Whether a variable is set here, or may be.
    #[must_use]
    pub fn sets(&self, name: &str) -> bool {
        self.sets.iter().any(|set| set.concerns(name))
    }

    /// The value that a variable is given here by plain text.
    ///
    /// # Errors
    /// It's set by more than that.
    pub fn value(&self, name: &str) -> Result<Option<String>, Unclear> {
        let last = self.sets.iter().rfind(|set| set.concerns(name));
        last.map(|set| set.value(|_| Err("a variable stands in it")))
            .transpose()
    }

    /// The text in which a variable has another value; all else stays as it is, byte for byte.
    ///
    /// # Errors
    /// It's set by more than plain text.
    pub fn with(&self, name: &str, value: &str) -> Result<String, Unclear> {
        self.value(name)?;
        let quoted = quoted(value);
        let last = self.sets.iter().rfind(|set| set.concerns(name));
        if let Some(What::Plain { place, .. }) = last.map(|set| &set.what) {
            let (head, tail) = (&self.text[..place.start], &self.text[place.end..]);
            return Ok(format!("{head}{quoted}{tail}"));
        }
        let is_whole = self.text.is_empty() || self.text.ends_with('\n');
        let gap = if is_whole { "" } else { "\n" };
        Ok(format!("{}{gap}{name}={quoted}\n", self.text))
    }

    /// The value of a variable when files were sourced one after the other.
    ///
    /// # Errors
    /// Only a shell can tell.
    pub fn value_after(files: &[Self], name: &str) -> Result<Option<String>, Unclear> {
        let sets: Vec<&Set<'_>> = files.iter().flat_map(|file| &file.sets).collect();
        value_after(&sets, name)
    }
}

fn value_after(sets: &[&Set<'_>], name: &str) -> Result<Option<String>, Unclear> {
    let Some(at) = sets.iter().rposition(|set| set.concerns(name)) else {
        return Ok(None);
    };
    // An earlier value of the same variable may stand in it.
    let earlier = |name: &str| match value_after(&sets[..at], name) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err("a variable that the file doesn't set stands in it"),
        Err(unclear) => Err(unclear.reason),
    };
    sets[at].value(earlier).map(Some)
}

impl Set<'_> {
    fn concerns(&self, wanted: &str) -> bool {
        match self.what {
            What::Plain { name, .. } => name == wanted,
            What::Maybe(text) => names(text, wanted),
            What::Any => true,
        }
    }

    fn value(
        &self,
        variable: impl Fn(&str) -> Result<String, &'static str>,
    ) -> Result<String, Unclear> {
        let whole = match &self.what {
            What::Plain { value, .. } => value.text(variable),
            What::Maybe(_) => Err("a command or a condition stands there"),
            What::Any => Err("a command stands there that may set anything"),
        };
        whole.map_err(|reason| Unclear {
            line: self.line,
            reason,
        })
    }
}

/// Whether a variable's name stands in a text.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_in_name) && !text[at + name.len()..].starts_with(is_in_name)
    })
}

/// A value in double quotes, as every shell reads it.
fn quoted(value: &str) -> String {
    let mut text = String::from('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            text.push('\\');
        }
        text.push(c);
    }
    text + "\""
}

#[cfg(test)]
mod tests;
