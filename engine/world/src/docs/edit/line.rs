//! A line of a table, cut into what stands between its bars.

use unicode_width::UnicodeWidthStr as _;

use crate::docs::markdown::bare;

/// A line of a table; put together again it's the same, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What stands before the first cell: blanks and a bar, or nothing.
    lead: String,
    /// What stands between the bars.
    pub(super) segments: Vec<Segment>,
    /// The closing bar and what follows it; nothing if the line has none.
    tail: String,
}

/// What stands between two bars, blanks included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// As it's written.
    pub(super) raw: String,
    /// The same without comments: blanks stand in their places.
    visible: String,
}

impl Line {
    /// Cuts a line; `visible` is the same one with its comments blanked out.
    pub(super) fn cut(raw: &str, visible: &str) -> Self {
        let mut parts = split(raw, visible);
        let mut lead = String::new();
        if visible.trim_start().starts_with('|') {
            lead = format!("{}|", parts.remove(0).raw);
        }
        let mut tail = String::new();
        if parts.len() > 1
            && let Some(last) = parts.pop_if(|last| last.visible.trim().is_empty())
        {
            tail = format!("|{}", last.raw);
        }
        Self {
            lead,
            segments: parts,
            tail,
        }
    }

    /// Adds a segment at the end.
    pub(super) fn push(&mut self, raw: &str) {
        let mut raw = raw.to_owned();
        if self.tail.is_empty() {
            raw.truncate(raw.trim_end().len());
            if let Some(last) = self
                .segments
                .last_mut()
                .filter(|last| !last.raw.ends_with(' '))
            {
                last.raw.push(' ');
            }
        }
        self.segments.push(Segment::plain(raw));
    }

    /// The line as it's written.
    pub(super) fn text(&self) -> String {
        let segments: Vec<&str> = self.segments.iter().map(|s| s.raw.as_str()).collect();
        format!("{}{}{}", self.lead, segments.join("|"), self.tail)
    }
}

/// The parts between the bars that aren't escaped.
fn split(raw: &str, visible: &str) -> Vec<Segment> {
    let mut parts = vec![Segment::plain(String::new())];
    let mut escaped = false;
    for (shown, seen) in raw.chars().zip(visible.chars()) {
        if seen == '|' && !escaped {
            parts.push(Segment::plain(String::new()));
        } else if let Some(part) = parts.last_mut() {
            part.raw.push(shown);
            part.visible.push(seen);
        }
        escaped = seen == '\\' && !escaped;
    }
    parts
}

impl Segment {
    pub(super) fn plain(raw: String) -> Self {
        Self {
            visible: raw.clone(),
            raw,
        }
    }

    /// How many places of a line it takes.
    pub(super) fn width(&self) -> usize {
        self.raw.width()
    }

    /// The same with another text in it; marks around the text, a link's target and comments stay.
    pub(super) fn with(&self, text: &str) -> Self {
        let text = escaped(text);
        let start = self
            .visible
            .chars()
            .take_while(|c| c.is_whitespace())
            .count();
        let length = self.visible.trim().chars().count();
        if length == 0 {
            let rest = self.raw.trim();
            let rest = if rest.is_empty() {
                String::new()
            } else {
                format!("{rest} ")
            };
            return Self::plain(format!(" {text} {rest}"));
        }
        let part = |from: usize, count: usize| -> String {
            self.raw.chars().skip(from).take(count).collect()
        };
        let old = part(start, length);
        let (before, after) = (part(0, start), part(start + length, usize::MAX));
        Self::plain(format!("{before}{}{after}", within_marks(&old, &text)))
    }
}

/// Text as a cell takes it: a bar would end the cell.
pub(super) fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The old cell's text with the new one in its place: `` `old` `` becomes `` `new` ``, `[old](x)` becomes `[new](x)`.
fn within_marks(old: &str, new: &str) -> String {
    let text = escaped(&bare(&old.replace("\\|", "|")));
    let is_value = !matches!(text.as_str(), "" | "-" | "–" | "—");
    match old.split_once(text.as_str()) {
        Some((before, after)) if is_value => format!("{before}{new}{after}"),
        _ => new.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::markdown::visible_lines;

    fn cut(line: &str) -> Line {
        Line::cut(line, line)
    }

    #[test]
    fn a_line_is_the_same_when_its_put_together_again() {
        for line in [
            "| a | b |",
            "a | b",
            "  |a|b|  ",
            "| a | b",
            "| x \\| y | |",
            "||",
        ] {
            assert_eq!(cut(line).text(), line);
        }
        let count = |line| cut(line).segments.len();
        assert_eq!(
            [
                count("| a | b |"),
                count("a | b"),
                count("| x \\| y | |"),
                count("| a | b")
            ],
            [2, 2, 2, 2]
        );
    }

    #[test]
    fn marks_stay_around_a_new_text() {
        let table = [
            (" old ", " new "),
            (" `old` ", " `new` "),
            (" **old** ", " **new** "),
            (" [old](http://x/y) ", " [new](http://x/y) "),
            ("  ", " new "),
            (" - ", " new "),
            ("old", "new"),
            (" a \\| b ", " new "),
        ];
        for (before, after) in table {
            let segment = Segment::plain(before.to_owned());
            assert_eq!(segment.with("new").raw, after, "{before}");
        }
        let escaped = Segment::plain(" x ".to_owned()).with("a|b");
        assert_eq!(escaped.raw, " a\\|b ");
    }

    #[test]
    fn a_comment_in_a_cell_stays() {
        let cut = |raw: &str| Line::cut(raw, &visible_lines(raw)[0]);
        let raw = "| old <!-- | why --> | b |";
        let line = cut(raw);
        assert_eq!((line.segments.len(), line.text().as_str()), (2, raw));
        assert_eq!(line.segments[0].with("new").raw, " new <!-- | why --> ");
        let empty = cut("| <!-- x --> | b |");
        assert_eq!(empty.segments[0].with("new").raw, " new <!-- x --> ");
    }
}
