//! sshd's settings, as its files have them.

use std::vec;

use crate::lines::{Content, Lines};

/// The file that sshd reads.
pub const MAIN: &str = "/etc/ssh/sshd_config";

/// How deep files may include each other; sshd refuses to start with more.
const DEEPEST: usize = 16;

/// A line that sets something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The line, from 1.
    pub line: usize,
    /// Its keyword, as it's written.
    pub keyword: String,
    /// Its value, without quotes and a comment behind it; empty where it has none.
    pub value: String,
    /// The words of its value.
    pub words: Vec<String>,
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
        let words = words(value);
        let value = words.join(" ");
        if keyword.eq_ignore_ascii_case("match") {
            is_conditional = !value.eq_ignore_ascii_case("all");
        }
        settings.push(Setting {
            line: at + 1,
            keyword: keyword.to_owned(),
            value,
            words,
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
    Some((
        &line[..end],
        line[end..].trim_start_matches([' ', '\t', '=']),
    ))
}

/// The words of a value, as sshd parts them: quotes hold one together, a backslash takes a quote as it is, and a comment ends
/// them.
fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\\'
            && let Some(taken) = letters.next_if(|next| "\"'\\".contains(*next))
        {
            word.get_or_insert_default().push(taken);
            continue;
        }
        match (letter, quote) {
            ('"' | '\'', None) => {
                word.get_or_insert_default();
                quote = Some(letter);
            }
            (_, Some(open)) if open == letter => quote = None,
            (' ' | '\t', None) => words.extend(word.take()),
            ('#', None) if word.is_none() => break,
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// What comes next of what sshd reads.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A setting that holds for every login, and its file.
    Setting(String, Setting),
    /// Files are to be included, which these patterns name: absolute paths.
    Include(Vec<String>),
}

/// sshd's files in the order in which it reads them: an included file stands where its `Include` does. What holds for some
/// logins only is left out.
#[derive(Debug)]
pub struct Reading(Vec<(String, vec::IntoIter<Setting>)>);

impl Reading {
    /// Begins with the content of sshd's file.
    pub fn new(main: &(impl Content + ?Sized)) -> Self {
        Self(vec![(MAIN.to_owned(), settings(main).into_iter())])
    }

    /// Includes a file where the last `Include` stands; those of one `Include` are given from the last to the first. A
    /// `Match` in it ends with it.
    pub fn include(&mut self, path: &str, content: &(impl Content + ?Sized)) {
        self.0
            .push((path.to_owned(), settings(content).into_iter()));
    }
}

impl Iterator for Reading {
    type Item = Next;

    fn next(&mut self) -> Option<Next> {
        loop {
            let depth = self.0.len();
            let (file, settings) = self.0.last_mut()?;
            let Some(setting) = settings.next() else {
                self.0.pop();
                continue;
            };
            if setting.is_conditional || setting.is("match") {
                continue;
            }
            if !setting.is("include") {
                return Some(Next::Setting(file.clone(), setting));
            }
            if depth <= DEEPEST {
                return Some(Next::Include(
                    setting.words.iter().map(|word| absolute(word)).collect(),
                ));
            }
        }
    }
}

/// A pattern of `Include`: what isn't absolute lies beside sshd's file.
fn absolute(pattern: &str) -> String {
    match pattern.starts_with('/') {
        true => pattern.to_owned(),
        false => format!("/etc/ssh/{pattern}"),
    }
}

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
    fn parts_values_as_sshd_does() {
        for (value, parts) in [
            ("a  b\tc", vec!["a", "b", "c"]),
            ("\"a b\" 'c d'e", vec!["a b", "c de"]),
            (r#"a\"b c\d"#, vec!["a\"b", "c\\d"]),
            ("22 # the usual", vec!["22"]),
            ("a#b", vec!["a#b"]),
            ("\"\"", vec![""]),
            ("# none", vec![]),
        ] {
            assert_eq!(words(value), parts, "{value}");
        }
    }

    /// What is read of files by name, with `main` first: `FILE:LINE`.
    fn order(files: &[(&str, &str)]) -> Vec<String> {
        let mut reading = Reading::new(files[0].1);
        let mut found = Vec::new();
        while let Some(next) = reading.next() {
            match next {
                Next::Setting(file, setting) => found.push(format!("{file}:{}", setting.line)),
                Next::Include(names) => {
                    for name in names.iter().rev() {
                        for (path, text) in files.iter().filter(|(path, _)| path == name) {
                            reading.include(path, *text);
                        }
                    }
                }
            }
        }
        found
    }

    #[test]
    fn reads_an_included_file_where_it_is_included() {
        let files = [
            (
                MAIN,
                "A 1\nInclude /b c\nA 2\nMatch User x\nA 3\nInclude /d\nMatch all\nA 4\n",
            ),
            ("/b", "A 1\nMatch User y\nA 2\n"),
            ("/etc/ssh/c", "Include /d\nA 1\n"),
            ("/d", "A 1\n"),
        ];
        let main = |line| format!("{MAIN}:{line}");
        assert_eq!(
            order(&files),
            [
                main(1),
                "/b:1".into(),
                "/d:1".into(),
                "/etc/ssh/c:2".into(),
                main(3),
                main(8)
            ]
        );
    }

    #[test]
    fn ends_with_files_that_include_themselves() {
        assert_eq!(
            order(&[(MAIN, "Include /a\n"), ("/a", "Include /a\nA 1\n")]).len(),
            DEEPEST
        );
    }

    #[test]
    fn knows_what_only_some_logins_are_about() {
        let settings = settings("a 1\nMatch User x\nb 2\nmatch all\nc 3\n");
        let conditional: Vec<bool> = settings.iter().map(|own| own.is_conditional).collect();
        assert_eq!(conditional, [false, true, true, false, false]);
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
