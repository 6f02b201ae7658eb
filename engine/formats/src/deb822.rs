//! Stanzas of fields, as apt's `.sources` files have them.
//!
//! Why not `deb822-lossless`: it reads text, not bytes, and brings a syntax tree's library for what is 100 lines here.

use std::ops::Range;

use crate::lines::{Content, Lines};

/// A stanza: what stands between blank lines, and has fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stanza {
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: String,
    /// Its lines, without what folds them.
    value: Vec<String>,
    /// Where its lines stand; comments may stand between them.
    lines: Vec<usize>,
}

impl Field {
    /// The value as it's meant: the first line may be empty where more follow.
    fn value(&self) -> String {
        let is_folded = self.value.len() > 1 && self.value[0].is_empty();
        self.value[usize::from(is_folded)..].join("\n")
    }
}

impl Stanza {
    /// The value of a field, by its name in any case; several lines of it have line ends between them. The last one
    /// counts, as for apt.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.named(name).next_back().map(Field::value)
    }

    /// The words of a field; none where there is no such field.
    #[must_use]
    pub fn words(&self, name: &str) -> Vec<String> {
        let value = self.value(name).unwrap_or_default();
        value.split_whitespace().map(str::to_owned).collect()
    }

    fn named(&self, name: &str) -> impl DoubleEndedIterator<Item = &Field> {
        let fields = self.fields.iter();
        fields.filter(move |field| field.name.eq_ignore_ascii_case(name))
    }

    /// The place behind its last field.
    fn end(&self) -> usize {
        let lines = self.fields.iter().flat_map(|field| &field.lines);
        lines.max().map_or(0, |last| last + 1)
    }
}

/// The stanzas of a file.
#[must_use]
pub fn stanzas(content: &(impl Content + ?Sized)) -> Vec<Stanza> {
    of_lines(&Lines::of(content))
}

fn of_lines<C: Content + ?Sized>(lines: &Lines<'_, C>) -> Vec<Stanza> {
    let mut stanzas = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    let mut close = |fields: &mut Vec<Field>| {
        let fields = std::mem::take(fields);
        stanzas.extend((!fields.is_empty()).then_some(Stanza { fields }));
    };
    for (at, line) in lines.texts().enumerate() {
        if line.is_empty() {
            close(&mut fields);
        } else if line.starts_with([' ', '\t']) {
            if let Some(field) = fields.last_mut() {
                let part = line.trim();
                field.value.push(if part == "." { "" } else { part }.into());
                field.lines.push(at);
            }
        } else if !line.starts_with('#')
            && let Some((name, value)) = line.split_once(':')
        {
            fields.push(Field {
                name: name.to_owned(),
                value: vec![value.trim().to_owned()],
                lines: vec![at],
            });
        }
    }
    close(&mut fields);
    stanzas
}

/// A file whose stanzas, each of them, have other values of fields; none takes a field away. One without stanzas gets one.
pub fn with<C: Content + ?Sized>(content: &C, wanted: &[(&str, Option<String>)]) -> C::Owned {
    let mut lines = Lines::of(content);
    for (name, value) in wanted {
        let stanzas = of_lines(&lines);
        // From the end on, so that places before it stay what they are.
        for stanza in stanzas.iter().rev() {
            set(&mut lines, stanza, (name, value.as_deref()));
        }
        if let (true, Some(value)) = (stanzas.is_empty(), value) {
            let end = lines.texts().len();
            lines.replace(end..end, &printed(name, value));
        }
    }
    lines.content()
}

fn set<C: Content + ?Sized>(
    lines: &mut Lines<'_, C>,
    stanza: &Stanza,
    (name, value): (&str, Option<&str>),
) {
    if stanza.value(name).as_deref() == value {
        return;
    }
    let own = stanza.named(name).flat_map(|field| &field.lines);
    let own: Vec<Range<usize>> = own.map(|at| *at..at + 1).collect();
    let place = own.first().map_or(stanza.end(), |first| first.start);
    for range in own.iter().skip(1).rev() {
        lines.remove(range.clone());
    }
    let new = value.map(|value| printed(name, value)).unwrap_or_default();
    lines.replace(place..place + own.len().min(1), &new);
}

/// The lines of a field. A value of several lines has them under the name; an empty one in between is a dot.
fn printed(name: &str, value: &str) -> Vec<String> {
    if !value.contains('\n') {
        return vec![format!("{name}: {value}")];
    }
    let line = |line: &str| format!(" {}", if line.is_empty() { "." } else { line });
    let head = [format!("{name}:")].into_iter();
    head.chain(value.lines().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fields_that_are_folded() {
        let text = "Types:\n deb\n# a comment\n deb-src\nuris: http://a/\n\nKey:\n a\n .\n b\n";
        let [first, second] = stanzas(text).try_into().unwrap();
        assert_eq!(first.words("types"), ["deb", "deb-src"]);
        assert_eq!(first.value("URIs").as_deref(), Some("http://a/"));
        assert_eq!(second.value("Key").as_deref(), Some("a\n\nb"));
        assert_eq!(second.value("Types"), None);
    }

    #[test]
    fn changes_fields_and_leaves_all_else() {
        let text =
            "# ours\nTypes: deb\nURIs: http://a/\nSuites: x\n\nTypes: deb\nuris: http://b/\n";
        let off = with(text, &[("Enabled", Some("no".to_owned()))]);
        assert_eq!(
            off,
            "# ours\nTypes: deb\nURIs: http://a/\nSuites: x\nEnabled: no\n\nTypes: deb\nuris: http://b/\nEnabled: no\n"
        );
        assert_eq!(with(&*off, &[("Enabled", None)]), text);
        assert_eq!(with(text, &[("Types", Some("deb".to_owned()))]), text);
        let folded = "A:\r\n 1\r\n# x\r\n 2\r\nB: 3";
        let new = with(folded, &[("A", Some("1\n\n2".to_owned()))]);
        assert_eq!(new, "A:\r\n 1\r\n .\r\n 2\r\n# x\r\nB: 3");
        let new = with(folded, &[("A", None), ("C", Some("4".to_owned()))]);
        assert_eq!(new, "# x\r\nB: 3\r\nC: 4\r\n");
    }

    #[test]
    fn begins_a_stanza_where_there_is_none() {
        let wanted = ["Types", "URIs"].map(|name| (name, Some("a".to_owned())));
        assert_eq!(with("", &wanted), "Types: a\nURIs: a\n");
        assert_eq!(with("# x", &wanted), "# x\nTypes: a\nURIs: a\n");
    }
}
