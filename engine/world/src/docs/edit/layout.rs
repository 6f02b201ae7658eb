//! How a table's columns stand under each other, and how they do so after a change.

use unicode_width::UnicodeWidthStr as _;

use super::line::{Line, Segment};

/// The place of the line of dashes among a table's lines.
const RULE: usize = 1;

/// Puts another segment into a line; where the column is aligned, its segments keep one width, and the others change
/// only if it needs a larger one.
pub(super) fn put(lines: &mut [Line], (at, column): (usize, usize), segment: Segment) {
    if !is_aligned(lines, column) {
        lines[at].segments[column] = segment;
        return;
    }
    let shape = Shape::of(lines, column);
    let needed = shape.needed(&segment.raw);
    let width = lines[at].segments[column].width();
    if needed <= width {
        lines[at].segments[column] = shape.fitted(segment.raw.trim(), width);
        return;
    }
    lines[at].segments[column] = segment;
    for (place, line) in lines.iter_mut().enumerate() {
        let raw = line.segments[column].raw.clone();
        line.segments[column] = match place {
            RULE => dashes(&raw, needed),
            _ => shape.fitted(raw.trim(), needed),
        };
    }
}

/// Adds a column of texts at the end, the heading first; the line of dashes has none.
pub(super) fn add(lines: &mut [Line], heading: &str, texts: &[String]) {
    let aligned = has_padding(lines);
    let longest = texts
        .iter()
        .map(|text| text.width())
        .chain([heading.width(), 3]);
    let width = longest.max().filter(|_| aligned).unwrap_or(0);
    let spaced = lines
        .get(RULE)
        .and_then(|rule| rule.segments.first())
        .is_some_and(|s| s.raw.starts_with(' '));
    let rule = match (aligned, spaced) {
        (true, true) => format!(" {} ", "-".repeat(width)),
        (true, false) => "-".repeat(width + 2),
        (false, true) => " --- ".to_owned(),
        (false, false) => "---".to_owned(),
    };
    let mut texts = texts.iter().map(String::as_str);
    for (place, line) in lines.iter_mut().enumerate() {
        let text = match place {
            0 => heading,
            RULE => {
                line.push(&rule);
                continue;
            }
            _ => texts.next().unwrap_or("-"),
        };
        let blanks = " ".repeat(width.saturating_sub(text.width()));
        line.push(&format!(" {text}{blanks} "));
    }
}

/// Whether a column's segments have one width because they're padded, and not by chance.
fn is_aligned(lines: &[Line], column: usize) -> bool {
    is_even(lines, column) && has_padding(lines)
}

fn is_even(lines: &[Line], column: usize) -> bool {
    let mut widths = lines
        .iter()
        .map(|line| line.segments.get(column).map(Segment::width));
    let first = widths.next().flatten();
    first.is_some() && widths.all(|width| width == first)
}

/// Whether some column has texts of different widths in segments of one width.
fn has_padding(lines: &[Line]) -> bool {
    let columns = lines.first().map_or(0, |line| line.segments.len());
    let texts_differ = |column: usize| {
        let text = |line: &Line| {
            line.segments
                .get(column)
                .map(|segment| segment.raw.trim().width())
        };
        let mut widths = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != RULE)
            .map(|(_, line)| text(line));
        let first = widths.next().flatten();
        widths.any(|width| width != first)
    };
    (0..columns).any(|column| is_even(lines, column) && texts_differ(column))
}

/// How the texts of a column stand in their segments.
struct Shape {
    left: usize,
    right: usize,
    side: Side,
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Middle,
    Right,
}

impl Shape {
    fn of(lines: &[Line], column: usize) -> Self {
        let texts = || lines.iter().enumerate().filter(|(at, _)| *at != RULE);
        let all =
            |has: &dyn Fn(&str) -> bool| texts().all(|(_, line)| has(&line.segments[column].raw));
        let rule = lines[RULE].segments[column].raw.trim();
        Self {
            left: usize::from(all(&|raw| raw.starts_with(' '))),
            right: usize::from(all(&|raw| raw.ends_with(' '))),
            side: match (rule.starts_with(':'), rule.ends_with(':')) {
                (true, true) => Side::Middle,
                (false, true) => Side::Right,
                _ => Side::Left,
            },
        }
    }

    fn needed(&self, raw: &str) -> usize {
        raw.trim().width() + self.left + self.right
    }

    fn fitted(&self, text: &str, width: usize) -> Segment {
        let free = width.saturating_sub(self.needed(text));
        let before = match self.side {
            Side::Left => 0,
            Side::Middle => free / 2,
            Side::Right => free,
        };
        let (left, right) = (
            " ".repeat(self.left + before),
            " ".repeat(self.right + free - before),
        );
        Segment::plain(format!("{left}{text}{right}"))
    }
}

/// The dashes below a heading, in another width.
fn dashes(raw: &str, width: usize) -> Segment {
    let rule = raw.trim();
    let (left, right) = (
        raw.len() - raw.trim_start().len(),
        raw.len() - raw.trim_end().len(),
    );
    let (first, last) = (rule.starts_with(':'), rule.ends_with(':'));
    let others = left + right + usize::from(first) + usize::from(last);
    let colon = |has: bool| if has { ":" } else { "" };
    Segment::plain(format!(
        "{}{}{}{}{}",
        " ".repeat(left),
        colon(first),
        "-".repeat(width.saturating_sub(others)),
        colon(last),
        " ".repeat(right)
    ))
}
