//! `.sources` files: stanzas of fields, edited so that all else in them stays as it is.

/// The fields that a stanza is to have, by name; none takes one away.
pub(super) type Wanted<'a> = [(&'a str, Option<String>)];

/// How many stanzas a text has.
pub(super) fn stanzas(text: &str) -> usize {
    blocks(text).filter(|block| is_stanza(block)).count()
}

/// Whether a stanza of a text is switched off.
pub(super) fn has_disabled(text: &str) -> bool {
    let off = ["no", "false", "without", "off", "disable"];
    let is_off = |block: &str| field(block, "Enabled").is_some_and(|value| off.contains(&&*value));
    blocks(text).any(is_off)
}

/// A text whose stanzas have other fields.
pub(super) fn with(text: &str, wanted: &Wanted<'_>) -> String {
    if stanzas(text) == 0 {
        return with_fields(text, wanted);
    }
    let blocks = blocks(text).map(|block| {
        if is_stanza(block) {
            with_fields(block, wanted)
        } else {
            block.to_owned()
        }
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// The value of a field, the first that has it; lines of it are joined.
pub(super) fn field(text: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| is_field(line, name))?;
    let first = lines[at].split_once(':')?.1.trim();
    let more = lines[at + 1..].iter().take_while(|line| is_continued(line));
    let words = [first].into_iter().chain(more.map(|line| line.trim()));
    Some(
        words
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// The parts between blank lines, each with its line ends.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive("\n\n").map(|block| {
        block
            .strip_suffix("\n\n")
            .map_or(block, |_| &block[..block.len() - 1])
    })
}

fn is_stanza(block: &str) -> bool {
    block
        .lines()
        .any(|line| !line.starts_with('#') && line.contains(':'))
}

fn is_field(line: &str, name: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(own, _)| own.eq_ignore_ascii_case(name))
}

fn is_continued(line: &str) -> bool {
    line.starts_with([' ', '\t'])
}

fn with_fields(block: &str, wanted: &Wanted<'_>) -> String {
    let mut text = block.to_owned();
    for (name, value) in wanted {
        if field(&text, name) != *value {
            text = with_field(&text, name, value.as_deref());
        }
    }
    text
}

fn with_field(block: &str, name: &str, value: Option<&str>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut is_own = false;
    let mut place = None;
    for line in block.lines() {
        is_own = is_field(line, name) || (is_own && is_continued(line));
        if !is_own {
            lines.push(line.to_owned());
        } else if place.is_none() {
            place = Some(lines.len());
        }
    }
    if let Some(value) = value {
        lines.insert(place.unwrap_or(lines.len()), line_of(name, value));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A field whose value has several lines has them under its name; an empty one in between is a dot.
fn line_of(name: &str, value: &str) -> String {
    if !value.contains('\n') {
        return format!("{name}: {value}");
    }
    let lines = value.lines().map(|line| {
        if line.is_empty() {
            " .".to_owned()
        } else {
            format!(" {line}")
        }
    });
    format!("{name}:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_fields_and_leaves_all_else() {
        let text =
            "# ours\nTypes: deb\nURIs: http://a/\nSuites: x\n\nTypes: deb\nuris: http://b/\n";
        assert_eq!(stanzas(text), 2);
        let off = with(text, &[("Enabled", Some("no".to_owned()))]);
        assert_eq!(
            off,
            "# ours\nTypes: deb\nURIs: http://a/\nSuites: x\nEnabled: no\n\nTypes: deb\nuris: http://b/\nEnabled: no\n"
        );
        assert_eq!(with(&off, &[("Enabled", None)]), text);
        assert!(has_disabled(&off) && !has_disabled(text));
        assert_eq!(with(text, &[("Types", Some("deb".to_owned()))]), text);
        assert_eq!(field(text, "Suites").as_deref(), Some("x"));
        let new = with(
            "",
            &[
                ("Types", Some("deb".to_owned())),
                ("URIs", Some("http://c/".to_owned())),
            ],
        );
        assert_eq!(new, "Types: deb\nURIs: http://c/\n");
        assert_eq!(with(&new, &[("URIs", Some("http://c/".to_owned()))]), new);
    }
}
