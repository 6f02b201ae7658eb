//! Finds the tables in Markdown: the headings above them, their lines, their cells; and rows outside of tables.

/// A table as it is written.
#[derive(Debug)]
pub(super) struct RawTable {
    pub(super) title: String,
    /// The text between heading and table, as one line.
    pub(super) prose: String,
    pub(super) line: usize,
    pub(super) header: Vec<RawCell>,
    pub(super) rows: Vec<RawRow>,
}

/// A row as it is written.
#[derive(Debug)]
pub(super) struct RawRow {
    pub(super) line: usize,
    pub(super) cells: Vec<RawCell>,
}

/// A cell's text without emphasis, and the character of the line at which it starts.
#[derive(Debug)]
pub(super) struct RawCell {
    pub(super) text: String,
    pub(super) column: usize,
}

/// Rows that no table has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stray {
    /// The line of the first one.
    pub(super) line: usize,
    /// How many lines follow each other.
    pub(super) count: usize,
    /// The table under the same heading.
    pub(super) after: Option<String>,
}

/// What a document has of tables.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The first table under each heading.
    pub(super) tables: Vec<RawTable>,
    pub(super) strays: Vec<Stray>,
}

/// Finds the first table under each heading, and the rows that belong to none.
pub(super) fn read(text: &str) -> Read {
    let lines = visible_lines(text);
    let mut read = Read::default();
    let mut under = Under::default();
    let mut at = 0;
    while at < lines.len() {
        if let Some(title) = heading(&lines[at]) {
            under = Under::heading(title);
        } else if starts_table(&lines, at) {
            let end = end(&lines, at);
            under.take(table(&lines, at, end), &mut read);
            at = end;
            continue;
        } else if lines[at].trim_start().starts_with('|') {
            read.stray(
                at,
                under.table.map(|table| read.tables[table].title.clone()),
            );
        } else {
            under.prose.push(lines[at].trim().to_owned());
        }
        at += 1;
    }
    read
}

/// What stands under a heading.
#[derive(Default)]
struct Under {
    title: Option<String>,
    prose: Vec<String>,
    /// The place of its table among all.
    table: Option<usize>,
}

impl Under {
    fn heading(title: String) -> Self {
        Self {
            title: Some(title),
            ..Self::default()
        }
    }

    /// Adds a table. A later one belongs to the prose, but if it has the columns of the first, its rows were meant for it.
    fn take(&mut self, mut table: RawTable, read: &mut Read) {
        let header = |table: &RawTable| -> Vec<String> {
            table.header.iter().map(|cell| cell.text.clone()).collect()
        };
        if let Some(first) = self.table.map(|first| &read.tables[first]) {
            if header(first) == header(&table) {
                read.strays.push(Stray {
                    line: table.line,
                    count: table.rows.len() + 2,
                    after: Some(first.title.clone()),
                });
            }
            return;
        }
        if let Some(title) = self.title.clone() {
            table.title = title;
            table.prose = self.prose.join(" ").trim().to_owned();
            self.table = Some(read.tables.len());
            read.tables.push(table);
        }
    }
}

impl Read {
    fn stray(&mut self, at: usize, after: Option<String>) {
        let line = at + 1;
        match self.strays.last_mut() {
            Some(last) if last.line + last.count == line => last.count += 1,
            _ => self.strays.push(Stray {
                line,
                count: 1,
                after,
            }),
        }
    }
}

/// The place of the first line behind a table.
fn end(lines: &[String], at: usize) -> usize {
    let ends = |i: &usize| !lines[*i].contains('|') || heading(&lines[*i]).is_some();
    (at + 2..lines.len()).find(ends).unwrap_or(lines.len())
}

/// A table without its title.
fn table(lines: &[String], at: usize, end: usize) -> RawTable {
    let row = |i: usize| RawRow {
        line: i + 1,
        cells: cells(&lines[i]),
    };
    RawTable {
        title: String::new(),
        prose: String::new(),
        line: at + 1,
        header: cells(&lines[at]),
        rows: (at + 2..end).map(row).collect(),
    }
}

/// The lines with comments and fenced code blanked out, so that lines and characters keep their places.
pub(super) fn visible_lines(text: &str) -> Vec<String> {
    let mut commented = false;
    let mut fence: Option<&str> = None;
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(|line| {
            let trimmed = line.trim_start();
            let mark = ["```", "~~~"]
                .into_iter()
                .find(|mark| trimmed.starts_with(mark));
            match (fence, mark) {
                (Some(open), Some(mark)) if open == mark => {
                    fence = None;
                    String::new()
                }
                (Some(_), _) => String::new(),
                (None, Some(mark)) if !commented => {
                    fence = Some(mark);
                    String::new()
                }
                _ => without_comments(line, &mut commented),
            }
        })
        .collect()
}

fn without_comments(line: &str, commented: &mut bool) -> String {
    let mut out = String::new();
    let mut rest = line;
    loop {
        let mark = if *commented { "-->" } else { "<!--" };
        let Some(at) = rest.find(mark) else {
            out.push_str(&if *commented {
                blank(rest)
            } else {
                rest.to_owned()
            });
            return out;
        };
        let (head, tail) = rest.split_at(at);
        out.push_str(&if *commented {
            blank(head)
        } else {
            head.to_owned()
        });
        out.push_str(&blank(mark));
        rest = &tail[mark.len()..];
        *commented = !*commented;
    }
}

fn blank(text: &str) -> String {
    " ".repeat(text.chars().count())
}

/// The text of an ATX heading: `## Nodes ##`.
fn heading(line: &str) -> Option<String> {
    let trimmed = line.trim();
    let level = trimmed.chars().take_while(|c| *c == '#').count();
    let text = trimmed.get(level..).filter(|text| text.starts_with(' '))?;
    (1..=6)
        .contains(&level)
        .then(|| bare(text.trim().trim_end_matches('#').trim()))
}

fn starts_table(lines: &[String], at: usize) -> bool {
    let Some(next) = lines.get(at + 1) else {
        return false;
    };
    let rule = next.contains('|')
        && next.contains('-')
        && next
            .chars()
            .all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t' | '\r'));
    rule && lines[at].contains('|')
}

/// Splits a line at each `|` that isn't escaped; the outer ones belong to no cell.
fn cells(line: &str) -> Vec<RawCell> {
    let mut parts: Vec<(usize, String)> = vec![(1, String::new())];
    let mut escaped = false;
    for (i, c) in line.chars().enumerate() {
        match c {
            '|' if !escaped => parts.push((i + 2, String::new())),
            _ => parts.last_mut().expect("there is always a part").1.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    if line.trim_start().starts_with('|') {
        parts.remove(0);
    }
    if parts.len() > 1 && parts.last().is_some_and(|(_, text)| text.trim().is_empty()) {
        parts.pop();
    }
    parts
        .into_iter()
        .map(|(start, text)| {
            let indent = text.chars().take_while(|c| c.is_whitespace()).count();
            RawCell {
                text: bare(&text.replace("\\|", "|")),
                column: start + indent,
            }
        })
        .collect()
}

/// Text without the backticks, emphasis and link that surround it.
pub(super) fn bare(text: &str) -> String {
    let mut text = text.trim();
    loop {
        let inner = ["`", "**", "__", "*", "_"].into_iter().find_map(|mark| {
            let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
            (!inner.is_empty() && !inner.contains(mark)).then(|| inner.trim())
        });
        let link = || {
            let (label, target) = text
                .strip_prefix('[')?
                .strip_suffix(')')?
                .split_once("](")?;
            (!label.contains(']') && !target.contains('(')).then_some(label)
        };
        match inner.or_else(link) {
            Some(inner) => text = inner,
            None => return text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_table_under_each_heading() {
        let text = "# Lab\nprose | with a bar\n\n## Nodes\n| Name | Note |\n|---|:-:|\n| `a` | **b \\| c** |\n| [d](http://x) | |\n\n\
                    | Second | table |\n|--|--|\n| x | y |\n<!-- ## Hidden\n| A | B |\n|--|--|\n-->\n```\n## Code\n| A |\n|-|\n```\n\
                    ### Bare ###\nA | B\n--|--\n1 | 2\n";
        let Read { tables, strays } = read(text);
        assert_eq!(strays, []);
        let titles: Vec<&str> = tables.iter().map(|table| table.title.as_str()).collect();
        assert_eq!(titles, ["Nodes", "Bare"]);
        let nodes = &tables[0];
        assert_eq!(
            (nodes.line, nodes.rows.len(), nodes.rows[0].line),
            (5, 2, 7)
        );
        let row: Vec<(&str, usize)> = nodes.rows[0]
            .cells
            .iter()
            .map(|c| (c.text.as_str(), c.column))
            .collect();
        assert_eq!(row, [("a", 3), ("b | c", 9)]);
        let row: Vec<&str> = nodes.rows[1]
            .cells
            .iter()
            .map(|c| c.text.as_str())
            .collect();
        assert_eq!(row, ["d", ""]);
        assert_eq!(tables[1].rows[0].cells.len(), 2);
    }

    #[test]
    fn rows_that_no_table_has_are_found() {
        let table = "## Nodes\nprose\n| Name |\n|--|\n| a |\n";
        let cases = [
            ("\n| b |\n| c |\n", vec![(7, 2)]),
            ("and then\n| b |\n\n| c |\n", vec![(7, 1), (9, 1)]),
            ("<!-- why -->\n| b |\n", vec![(7, 1)]),
            ("\n| Name |\n|--|\n| b |\n", vec![(7, 3)]),
            ("\n| Other |\n|--|\n| b |\n", vec![]),
            ("```\n| b |\n```\n<!--\n| c |\n-->\n", vec![]),
            ("## Next\n| b |\n", vec![(7, 1)]),
        ];
        for (behind, wanted) in cases {
            let read = read(&[table, behind].concat());
            let found: Vec<(usize, usize)> =
                read.strays.iter().map(|s| (s.line, s.count)).collect();
            assert_eq!(found, wanted, "{behind}");
            assert_eq!(read.tables[0].rows.len(), 1);
            assert_eq!(read.tables[0].prose, "prose");
        }
    }
}
