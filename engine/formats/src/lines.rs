//! Files in lines, as bytes.

use std::{borrow::Cow, marker::PhantomData, ops::Range};

/// What is edited: text, or bytes of which nobody knows whether they're text.
pub trait Content {
    /// What an edit makes of it.
    type Owned;

    /// Its bytes.
    fn bytes(&self) -> &[u8];

    /// The same kind of content, of bytes that an edit put together.
    fn owned(bytes: Vec<u8>) -> Self::Owned;
}

impl Content for [u8] {
    type Owned = Vec<u8>;

    fn bytes(&self) -> &[u8] {
        self
    }

    fn owned(bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }
}

impl Content for str {
    type Owned = String;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn owned(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).expect("whole lines of text and new text are text")
    }
}

/// A file in lines. What isn't replaced keeps every byte, also its line's end, or that it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines<'a, C: Content + ?Sized> {
    all: Vec<Line<'a>>,
    content: PhantomData<C>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line<'a> {
    bytes: Cow<'a, [u8]>,
    end: &'static [u8],
}

impl<'a> Line<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let ends: [&'static [u8]; 2] = [b"\r\n", b"\n"];
        let found = ends
            .into_iter()
            .find_map(|end| Some((bytes.strip_suffix(end)?, end)));
        let (bytes, end) = found.unwrap_or((bytes, b""));
        Self {
            bytes: Cow::Borrowed(bytes),
            end,
        }
    }
}

impl<'a, C: Content + ?Sized> Lines<'a, C> {
    /// The lines of a file.
    #[must_use]
    pub fn of(content: &'a C) -> Self {
        let lines = content.bytes().split_inclusive(|byte| *byte == b'\n');
        Self {
            all: lines.map(Line::of).collect(),
            content: PhantomData,
        }
    }

    /// The lines without their ends, for reading: what isn't UTF-8 in them is shown by a mark.
    pub fn texts(&self) -> impl DoubleEndedIterator<Item = Cow<'_, str>> + ExactSizeIterator {
        self.all
            .iter()
            .map(|line| String::from_utf8_lossy(&line.bytes))
    }

    /// One of the lines, likewise.
    #[must_use]
    pub fn text(&self, at: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.all[at].bytes)
    }

    /// The bytes of one, without its end.
    #[must_use]
    pub fn bytes(&self, at: usize) -> &[u8] {
        &self.all[at].bytes
    }

    /// Lines that a backslash at their end joins with the next, each whole: where it stands, and its text.
    #[must_use]
    pub fn joined(&self, joint: &str) -> Vec<(Range<usize>, String)> {
        let mut found: Vec<(Range<usize>, String)> = Vec::new();
        let mut is_open = false;
        for (at, text) in self.texts().enumerate() {
            let (part, goes_on) = match text.strip_suffix('\\') {
                Some(part) => (part, true),
                None => (&*text, false),
            };
            match found.last_mut().filter(|_| is_open) {
                Some((range, whole)) => {
                    range.end = at + 1;
                    whole.push_str(joint);
                    whole.push_str(part);
                }
                None => found.push((at..at + 1, part.to_owned())),
            }
            is_open = goes_on;
        }
        found
    }

    /// Puts lines in the place of others; an empty range inserts them. They end as the lines there do.
    pub fn replace<T: AsRef<[u8]>>(&mut self, range: Range<usize>, new: &[T]) {
        let near = range.start + usize::from(!range.is_empty());
        let mut ends = self.all[..near].iter().rev().map(|line| line.end);
        let end = ends.find(|end| !end.is_empty()).unwrap_or(b"\n");
        let new: Vec<Line<'a>> = new
            .iter()
            .map(|bytes| Line {
                bytes: bytes.as_ref().to_vec().into(),
                end,
            })
            .collect();
        if let Some(before) = range.start.checked_sub(1).filter(|_| !new.is_empty())
            && self.all[before].end.is_empty()
        {
            self.all[before].end = end;
        }
        self.all.splice(range, new);
    }

    /// Takes lines away.
    pub fn remove(&mut self, range: Range<usize>) {
        self.all.drain(range);
    }

    /// Puts one line, or none, in the place of all that are its own: where the first of them stands, else at the end.
    pub fn replace_all<T: AsRef<[u8]>>(&mut self, own: &[Range<usize>], new: Option<T>) {
        let place = own.first().map_or(self.all.len(), |range| range.start);
        for range in own.iter().skip(1).rev() {
            self.remove(range.clone());
        }
        let first = own.first().cloned().unwrap_or(place..place);
        self.replace(first, new.as_slice());
    }

    /// The file.
    #[must_use]
    pub fn content(&self) -> C::Owned {
        let parts = self.all.iter().flat_map(|line| [&*line.bytes, line.end]);
        C::owned(parts.collect::<Vec<_>>().concat())
    }
}

/// A file in which the lines that `is_own` knows are replaced by one, in the place of the first; without a new line they
/// go.
pub fn with_line<C: Content + ?Sized>(
    content: &C,
    is_own: impl Fn(&str) -> bool,
    line: Option<&str>,
) -> C::Owned {
    let mut lines = Lines::of(content);
    let own = lines.texts().enumerate().filter(|(_, text)| is_own(text));
    let own: Vec<Range<usize>> = own.map(|(at, _)| at..at + 1).collect();
    lines.replace_all(&own, line);
    lines.content()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_its_own_lines_alone() {
        let is_own = |line: &str| line.starts_with('b');
        for (old, line, new) in [
            ("a\nb 1\nc\nb 2\n", Some("b 3"), "a\nb 3\nc\n"),
            ("a\n", Some("b 3"), "a\nb 3\n"),
            ("a", Some("b 3"), "a\nb 3\n"),
            ("a\r\nb\r\nc", Some("b 3"), "a\r\nb 3\r\nc"),
            ("a\r\nb", Some("b 3"), "a\r\nb 3\r\n"),
            ("a\r\nb\nc", None, "a\r\nc"),
            ("b 1\n", None, ""),
            ("", None, ""),
            ("", Some("b"), "b\n"),
        ] {
            assert_eq!(with_line(old, is_own, line), new, "{old:?}");
        }
        let new = with_line(b"\xe4\nb\n\xff".as_slice(), is_own, Some("b 3"));
        assert_eq!(new, b"\xe4\nb 3\n\xff");
    }

    #[test]
    fn joins_lines_that_go_on() {
        let lines = Lines::of("a\\\n b\nc\\");
        let joined = lines.joined("");
        assert_eq!(joined, [(0..2, "a b".to_owned()), (2..3, "c".to_owned())]);
    }
}
