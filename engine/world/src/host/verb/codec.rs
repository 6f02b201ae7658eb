//! What verbs take and print, as types: each is written and read in one place, for operations, the twin and previews.

use std::borrow::Cow;

use bytes::Bytes;

use super::{Split, Verb};
use crate::host::{Call, Reply};

/// The status of a read of what isn't there.
pub const ABSENT: i32 = 66;

/// A call of a verb, as a type: its arguments, and what its reply tells.
pub trait Ask: Sized {
    /// The verb.
    const VERB: Verb;
    /// What it tells.
    type Reply: Told;

    /// The call.
    fn call(&self) -> Call;

    /// The arguments of a call; none if they aren't the verb's.
    fn of(call: &Call) -> Option<Self>;
}

impl<A: Ask> From<A> for Call {
    fn from(ask: A) -> Self {
        ask.call()
    }
}

/// What a reply tells, as a type. What a verb prints is one text ([`Printed`]), lines of them, or bytes; where it may
/// find nothing, that is status 66.
pub trait Told: Sized {
    /// The reply that tells it.
    fn reply(&self) -> Reply;

    /// What a reply tells.
    ///
    /// # Errors
    /// The verb failed, or prints something else.
    fn of(reply: &Reply) -> Result<Self, Untold>;

    /// What the reply prints, as a proof compares it.
    fn shown(&self) -> String {
        self.reply().text().trim_end().to_owned()
    }
}

/// Why a reply doesn't tell what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// The verb failed.
    Failed,
    /// It prints what isn't understood, or only a part of it came.
    Garbled,
}

/// A value that a verb prints as text, without the newline at its end.
pub trait Printed: Sized {
    /// The text.
    fn print(&self) -> String;

    /// The value of a text; none if it isn't understood.
    fn parse(text: &str) -> Option<Self>;
}

impl<T: Printed> Told for T {
    fn reply(&self) -> Reply {
        Reply::success(ended(self.print()))
    }

    fn of(reply: &Reply) -> Result<Self, Untold> {
        let text = whole(reply)?;
        T::parse(text.strip_suffix('\n').unwrap_or(&text)).ok_or(Untold::Garbled)
    }
}

impl<T: Printed> Told for Vec<T> {
    fn reply(&self) -> Reply {
        let lines = self.iter().map(|line| line.print() + "\n");
        Reply::success(lines.collect::<String>())
    }

    fn of(reply: &Reply) -> Result<Self, Untold> {
        let lines: Option<Self> = whole(reply)?.lines().map(T::parse).collect();
        lines.ok_or(Untold::Garbled)
    }
}

impl<T: Told> Told for Option<T> {
    fn reply(&self) -> Reply {
        match self {
            Some(told) => told.reply(),
            None => Reply::failed(ABSENT, ""),
        }
    }

    fn of(reply: &Reply) -> Result<Self, Untold> {
        match reply.status {
            ABSENT => Ok(None),
            _ => T::of(reply).map(Some),
        }
    }
}

impl Told for Bytes {
    fn reply(&self) -> Reply {
        Reply::success(self.clone())
    }

    fn of(reply: &Reply) -> Result<Self, Untold> {
        succeeded(reply).map(|()| reply.output.clone())
    }
}

/// Nothing is told: a write succeeds or fails.
impl Told for () {
    fn reply(&self) -> Reply {
        Reply::default()
    }

    fn of(reply: &Reply) -> Result<Self, Untold> {
        succeeded(reply)
    }
}

fn succeeded(reply: &Reply) -> Result<(), Untold> {
    match (reply.status, reply.cut) {
        (0, 0) => Ok(()),
        (0, _) => Err(Untold::Garbled),
        _ => Err(Untold::Failed),
    }
}

fn whole(reply: &Reply) -> Result<Cow<'_, str>, Untold> {
    succeeded(reply).map(|()| String::from_utf8_lossy(&reply.output))
}

fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A reply that is told as it came: its status is a part of it.
impl Told for Reply {
    fn reply(&self) -> Reply {
        self.clone()
    }

    fn of(reply: &Reply) -> Result<Self, Untold> {
        Ok(reply.clone())
    }
}

/// A value, or `absent` where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrAbsent<T>(pub Option<T>);

impl<T: Printed> Printed for OrAbsent<T> {
    fn print(&self) -> String {
        self.0
            .as_ref()
            .map_or_else(|| "absent".to_owned(), T::print)
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "absent" => Some(Self(None)),
            text => T::parse(text).map(|value| Self(Some(value))),
        }
    }
}

/// Values by names, a line each, with this letter between name and value. A value that isn't known is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs<const BETWEEN: char>(pub Vec<(String, String)>);

impl<const BETWEEN: char> Pairs<BETWEEN> {
    /// The value of a name; empty if it isn't there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let mut pairs = self.0.iter();
        let found = pairs.find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    /// Gives a name that is there another value.
    pub fn set(&mut self, name: &str, value: String) {
        if let Some((_, own)) = self.0.iter_mut().find(|(own, _)| own == name) {
            *own = value;
        }
    }
}

impl<const BETWEEN: char> Printed for Pairs<BETWEEN> {
    fn print(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}{BETWEEN}{value}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let pair = |line: &str| {
            let (name, value) = match line.split_once(BETWEEN) {
                Some(pair) => pair,
                // Where blanks were trimmed, a name may stand alone.
                None if BETWEEN == ' ' && !line.is_empty() => (line, ""),
                None => return None,
            };
            Some((name.to_owned(), value.to_owned()))
        };
        text.lines().map(pair).collect::<Option<_>>().map(Self)
    }
}

impl Printed for String {
    fn print(&self) -> String {
        self.clone()
    }

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// One call with the arguments of several; what its reply tells is parted by [`parts`].
pub fn together<A: Ask>(asks: &[A]) -> Call {
    let args = asks.iter().flat_map(|ask| ask.call().args);
    Call::new(A::VERB, args)
}

/// What a reply to several arguments tells of each, in their order.
///
/// # Errors
/// The verb failed, prints something else, or doesn't say something of each.
pub fn parts<A: Ask>(reply: &Reply, count: usize) -> Result<Vec<A::Reply>, Untold> {
    succeeded(reply)?;
    let split = A::VERB.split().ok_or(Untold::Garbled)?;
    let texts = split.parts(&reply.output);
    if texts.len() != count {
        return Err(Untold::Garbled);
    }
    let told = texts
        .into_iter()
        .map(|text| Told::of(&Reply::success(text.to_vec())));
    told.collect()
}

impl Split {
    const fn between(self) -> &'static [u8] {
        match self {
            Self::Blocks => b"\n\n",
            Self::Lines | Self::Names => b"\n",
        }
    }

    /// The parts of what a verb printed.
    #[must_use]
    pub fn parts(self, output: &[u8]) -> Vec<&[u8]> {
        let output = output.strip_suffix(b"\n").unwrap_or(output);
        let mut parts = Vec::new();
        let mut from = 0;
        for at in memchr::memmem::find_iter(output, self.between()) {
            parts.push(&output[from..at]);
            from = at + self.between().len();
        }
        parts.push(&output[from..]);
        parts
    }

    /// What a verb prints that has these parts.
    #[must_use]
    pub fn joined(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut output = parts.join(self.between());
        if !output.is_empty() {
            output.push(b'\n');
        }
        output
    }
}

/// A part of a call's arguments.
pub trait Argument: Sized {
    /// Puts the words that stand for it behind others.
    fn put(&self, words: Vec<String>) -> Vec<String>;

    /// Takes it off the words that are left; none if they don't say it.
    fn take(words: &mut std::slice::Iter<'_, String>) -> Option<Self>;
}

/// One word.
impl<T: Word> Argument for T {
    fn put(&self, mut words: Vec<String>) -> Vec<String> {
        words.push(self.word());
        words
    }

    fn take(words: &mut std::slice::Iter<'_, String>) -> Option<Self> {
        T::of_word(words.next()?)
    }
}

/// All that are left.
impl Argument for Vec<String> {
    fn put(&self, mut words: Vec<String>) -> Vec<String> {
        words.extend_from_slice(self);
        words
    }

    fn take(words: &mut std::slice::Iter<'_, String>) -> Option<Self> {
        Some(words.by_ref().cloned().collect())
    }
}

/// A value that is one word.
pub trait Word: Sized {
    /// The word.
    fn word(&self) -> String;

    /// The value of a word.
    fn of_word(word: &str) -> Option<Self>;
}

impl Word for String {
    fn word(&self) -> String {
        self.clone()
    }

    fn of_word(word: &str) -> Option<Self> {
        Some(word.to_owned())
    }
}

/// Numbers.
macro_rules! numbers {
    ($($number:ident),*) => {
        $(impl Word for $number {
            fn word(&self) -> String {
                self.to_string()
            }

            fn of_word(word: &str) -> Option<Self> {
                word.parse().ok()
            }
        })*
    };
}
numbers!(u16, u64);

/// `-` where there is nothing.
impl<T: Word> Word for Option<T> {
    fn word(&self) -> String {
        self.as_ref().map_or_else(|| "-".to_owned(), T::word)
    }

    fn of_word(word: &str) -> Option<Self> {
        match word {
            "-" => Some(None),
            word => T::of_word(word).map(Some),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Sees that a text is read as a value and printed from it as it was.
    pub(crate) fn same<T: Printed + std::fmt::Debug>(text: &str) -> T {
        let value = T::parse(text).unwrap_or_else(|| panic!("'{text}' isn't understood"));
        assert_eq!(value.print(), text, "{value:?}");
        value
    }

    #[test]
    fn a_reply_that_is_not_understood_tells_nothing() {
        let cut = Reply {
            cut: 1,
            ..Reply::success("a\n")
        };
        assert_eq!(<Vec<String>>::of(&cut), Err(Untold::Garbled));
        assert_eq!(Bytes::of(&cut), Err(Untold::Garbled));
        let failed = Reply::failed(1, "no");
        assert_eq!(<Option<String>>::of(&failed), Err(Untold::Failed));
        assert_eq!(<Option<String>>::of(&Reply::failed(ABSENT, "")), Ok(None));
    }

    #[test]
    fn what_is_told_is_what_was_told() {
        let names = vec!["a".to_owned(), "b c".to_owned()];
        assert_eq!(names.reply().text(), "a\nb c\n");
        assert_eq!(<Vec<String>>::of(&names.reply()), Ok(names));
        assert_eq!(Vec::<String>::new().reply().text(), "");
        let none: Option<Vec<String>> = None;
        assert_eq!(Told::of(&none.reply()), Ok(none));
    }

    #[test]
    fn parts_are_put_together_as_they_were() {
        for (split, text, count) in [
            (Split::Lines, "a\nb\n", 2),
            (Split::Blocks, "a=1\nb=2\n\na=3\n", 2),
            (Split::Lines, "\n", 1),
        ] {
            let parts = split.parts(text.as_bytes());
            assert_eq!(parts.len(), count, "{text:?}");
            if count > 1 {
                assert_eq!(split.joined(&parts), text.as_bytes());
            }
        }
    }
}
