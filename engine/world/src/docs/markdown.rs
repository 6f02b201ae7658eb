//! Finds the tables in Markdown: the headings above them, their lines, their cells.

/// A table as it is written.
#[derive(Debug)]
pub(super) struct RawTable {
    pub(super) title: String,
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

/// Returns the first table under each heading.
pub(super) fn tables(text: &str) -> Vec<RawTable> {
    let lines = visible_lines(text);
    let mut tables = Vec::new();
    let mut title: Option<String> = None;
    let mut at = 0;
    while at < lines.len() {
        if let Some(heading) = heading(&lines[at]) {
            title = Some(heading);
        } else if starts_table(&lines, at) {
            let end = (at + 2..lines.len())
                .find(|i| !lines[*i].contains('|') || heading(&lines[*i]).is_some())
                .unwrap_or(lines.len());
            if let Some(title) = title.take() {
                tables.push(RawTable {
                    title,
                    line: at + 1,
                    header: cells(&lines[at]),
                    rows: (at + 2..end)
                        .map(|i| RawRow {
                            line: i + 1,
                            cells: cells(&lines[i]),
                        })
                        .collect(),
                });
            }
            at = end;
            continue;
        }
        at += 1;
    }
    tables
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
        let tables = tables(text);
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
}
