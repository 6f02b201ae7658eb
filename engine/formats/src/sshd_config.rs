//! sshd's settings, as its files have them.

use crate::lines::{Content, Lines};

/// A line that sets something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The line, from 1.
    pub line: usize,
    /// Its keyword, as it's written.
    pub keyword: String,
    /// Its value; empty where it has none.
    pub value: String,
    /// Whether it stands behind a `Match` that doesn't fit all.
    pub is_conditional: bool,
}

impl Setting {
    /// Whether it's of a keyword, in any case.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword.eq_ignore_ascii_case(keyword)
    }
}

/// The settings of a file, in their order.
#[must_use]
pub fn settings(content: &(impl Content + ?Sized)) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut is_conditional = false;
    for (at, text) in Lines::of(content).texts().enumerate() {
        let Some((keyword, value)) = read(&text) else {
            continue;
        };
        if keyword.eq_ignore_ascii_case("match") {
            is_conditional = !value.eq_ignore_ascii_case("all");
        }
        settings.push(Setting {
            line: at + 1,
            keyword: keyword.to_owned(),
            value: value.to_owned(),
            is_conditional,
        });
    }
    settings
}

fn read(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
    let value = line[end..].trim_start_matches([' ', '\t', '=']);
    Some((&line[..end], value.trim_end().trim_matches('"')))
}

/// What the value of an `Include` names: folders, each with a pattern of the names in it, in the order in which sshd
/// reads them.
pub fn includes(value: &str) -> impl Iterator<Item = (String, &str)> {
    value.split_whitespace().map(|pattern| {
        let pattern = pattern.trim_matches('"');
        match pattern.rsplit_once('/') {
            Some((folder, names)) if pattern.starts_with('/') => (folder.to_owned(), names),
            Some((folder, names)) => (format!("{HOME}/{folder}"), names),
            None => (HOME.to_owned(), pattern),
        }
    })
}

/// Where sshd looks for an `Include` without a folder.
const HOME: &str = "/etc/ssh";

/// How deep sshd's files may include each other.
pub const DEPTH: usize = 16;

/// The text of settings, each keyword with its values.
pub fn text<'a>(settings: impl IntoIterator<Item = (&'a str, &'a [String])>) -> String {
    let line = |keyword: &str, value: &String| format!("{keyword} {value}\n");
    let settings = settings.into_iter();
    let lines =
        settings.flat_map(|(keyword, values)| values.iter().map(move |value| line(keyword, value)));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_in_every_spelling() {
        let text = "# Port 1\n\nPort 22\r\n\tport=\"23\"\nBanner = /etc/issue \nUsePAM\n";
        let settings = settings(text);
        let read = |at: usize| {
            (
                settings[at].line,
                &*settings[at].keyword,
                &*settings[at].value,
            )
        };
        assert_eq!(read(0), (3, "Port", "22"));
        assert_eq!(read(1), (4, "port", "23"));
        assert_eq!(read(2), (5, "Banner", "/etc/issue"));
        assert_eq!(read(3), (6, "UsePAM", ""));
        assert!(settings[1].is("Port") && !settings[2].is("Port"));
    }

    #[test]
    fn knows_what_only_some_logins_are_about() {
        let settings = settings("a 1\nMatch User x\nb 2\nmatch all\nc 3\n");
        let conditional: Vec<bool> = settings.iter().map(|own| own.is_conditional).collect();
        assert_eq!(conditional, [false, true, true, false, false]);
    }

    #[test]
    fn an_include_names_folders_and_patterns() {
        let named: Vec<_> = includes("/etc/ssh/sshd_config.d/*.conf  own/a.conf\t\"b\"").collect();
        let named: Vec<_> = named
            .iter()
            .map(|(folder, names)| (&**folder, *names))
            .collect();
        assert_eq!(
            named,
            [
                ("/etc/ssh/sshd_config.d", "*.conf"),
                ("/etc/ssh/own", "a.conf"),
                ("/etc/ssh", "b")
            ]
        );
    }

    #[test]
    fn reads_what_it_writes() {
        let values = ["22".to_owned(), "23".to_owned()];
        let text = text([("Port", values.as_slice()), ("UsePAM", &["no".to_owned()])]);
        assert_eq!(text, "Port 22\nPort 23\nUsePAM no\n");
        let read: Vec<_> = settings(&*text).into_iter().map(|own| own.value).collect();
        assert_eq!(read, ["22", "23", "no"]);
    }
}
