//! The environment of a lab: the literal `export` lines of `.envrc`, which are read and never executed.

use std::collections::BTreeMap;

use crate::sourced::word::{Word, is_name};

/// The text of an `.envrc` and what its literal lines set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envrc {
    text: String,
    values: BTreeMap<String, String>,
    notes: Vec<Note>,
}

/// A line that sets something but isn't literal, so it was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: usize,
    /// The name that it would have set.
    pub name: String,
    /// Why it isn't literal.
    pub reason: &'static str,
}

/// A name that can't be a variable's, or a value that can't be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvrcError {
    /// The name isn't letters, digits and `_` with no digit first.
    #[error(
        "'{0}' can't be kept in .envrc: a name is letters, digits and '_', and starts with no digit"
    )]
    Name(String),
    /// The value holds a zero byte.
    #[error("the value of {0} can't be kept in .envrc: it holds a zero byte")]
    ZeroByte(String),
}

impl Envrc {
    /// Reads the text of an `.envrc`. Of two lines for a name the last one counts, as in a shell.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut envrc = Self {
            text: text.to_owned(),
            ..Self::default()
        };
        for item in statements(text) {
            match item.value {
                Ok(value) => {
                    envrc.values.insert(item.name, value);
                }
                Err(reason) => {
                    envrc.values.remove(&item.name);
                    envrc.notes.push(Note {
                        line: item.line,
                        name: item.name,
                        reason,
                    });
                }
            }
        }
        envrc
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The names that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The last line that sets a name, from 1.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<usize> {
        let last = statements(&self.text)
            .into_iter()
            .rfind(|item| item.name == name);
        last.map(|item| item.line)
    }

    /// The lines that were skipped.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The text with `name` set to `value`; every other line stays as it is, byte for byte.
    ///
    /// The last line that sets the name is replaced if it's literal; else a line is added at the end, where
    /// it wins over the others.
    ///
    /// # Errors
    /// The name isn't one, or the value holds a zero byte.
    pub fn set(&self, name: &str, value: &str) -> Result<String, EnvrcError> {
        if !is_name(name) {
            return Err(EnvrcError::Name(name.to_owned()));
        }
        if value.contains('\0') {
            return Err(EnvrcError::ZeroByte(name.to_owned()));
        }
        let line = format!("export {name}={}", quote(value));
        let last = statements(&self.text)
            .into_iter()
            .rfind(|item| item.name == name)
            .filter(|item| item.value.is_ok());
        if let Some(item) = last {
            let (head, tail) = (&self.text[..item.start], &self.text[item.end..]);
            return Ok(format!("{head}{line}{tail}"));
        }
        let gap = if self.text.is_empty() || self.text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        Ok(format!("{}{gap}{line}\n", self.text))
    }
}

/// Single quotes are safe in every POSIX shell; a quote inside ends them, stands escaped, and begins them again.
fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// One `export NAME=WORD`, or one that isn't exported, with its place in the text.
struct Statement {
    name: String,
    value: Result<String, &'static str>,
    line: usize,
    start: usize,
    end: usize,
}

fn statements(text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let start = at + indent;
        let mut end = at + rest.find('\n').unwrap_or(rest.len());
        if let Some((command, name, word)) = assignment(&text[start..end]) {
            let word = &text[end - word.len()..];
            let word_start = text.len() - word.len();
            let (value, length) = match command {
                "export" => literal(word),
                "" => (Err("it isn't exported"), 0),
                _ => (Err("it begins with another word than export"), 0),
            };
            // A value in quotes may hold line ends; one that isn't literal is skipped with its line.
            if value.is_ok() {
                end = word_start + length;
            }
            found.push(Statement {
                name: name.to_owned(),
                value,
                line: 1 + text[..start].matches('\n').count(),
                start,
                end,
            });
        }
        at = end + text[end..].find('\n').map_or(text.len() - end, |i| i + 1);
    }
    found
}

/// Splits `export NAME=…` into `export`, the name and all that follows the `=`. The first is empty where nothing stands
/// before the name; a misspelt `export` counts, and no other word does.
fn assignment(line: &str) -> Option<(&str, &str, &str)> {
    let (head, rest) = line.split_once('=')?;
    let (command, name) = head.rsplit_once([' ', '\t']).unwrap_or(("", head));
    let command = command.trim_end_matches([' ', '\t']);
    let fits = is_name(name) && (command.is_empty() || is_like_export(command));
    fits.then_some((command, name, rest))
}

/// Whether a word is `export`, or is meant to be.
fn is_like_export(word: &str) -> bool {
    let letters = "export".chars().filter(|letter| word.contains(*letter));
    (5..=7).contains(&word.len()) && letters.count() >= 5
}

/// Reads the shell word at the start of `text`: its value and length, if it's literal.
fn literal(text: &str) -> (Result<String, &'static str>, usize) {
    let mut word = match Word::read(text) {
        Ok(word) => word,
        Err(reason) => return (Err(reason), text.len()),
    };
    let needs_shell = "it needs a shell: a variable or a command stands in it";
    let mut value = word.text(|_| Err(needs_shell)).map_err(|_| needs_shell);
    // The line's end may be that of another system.
    if let Ok(value) = &mut value
        && text[..word.length].ends_with('\r')
        && value.pop().is_some()
    {
        word.length -= 1;
    }
    let rest = &text[word.length..];
    let is_plain = !word.is_pattern && !rest.starts_with([';', '&', '|', '<', '>', '(', ')']);
    let value = match is_plain {
        true => value,
        false => Err("it needs a shell: an operator or a pattern stands in it"),
    };
    (
        value.and_then(|value| blank_to_end(rest).map(|()| value)),
        word.length,
    )
}

/// After a word there may be blanks and a comment, and nothing else.
fn blank_to_end(text: &str) -> Result<(), &'static str> {
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with('#') {
        Ok(())
    } else {
        Err("more than one word follows the '='")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# the lab\nexport A='one'\nexport B=\"two \\\"2\\\" \\x\" # note\n  export C=bare\nexport D=$(pass show x)\n\
                        export E=\"$HOME/x\"\nPATH_add bin\nexport F='it'\\''s'\nexport G=a\\ b\nexport H='two\nlines'\nexport I=a b\nexport J=\n";

    #[test]
    fn reads_literal_lines_only() {
        let envrc = Envrc::parse(TEXT);
        let table = [
            ("A", Some("one")),
            ("B", Some("two \"2\" \\x")),
            ("C", Some("bare")),
            ("D", None),
            ("E", None),
            ("F", Some("it's")),
            ("G", Some("a b")),
            ("H", Some("two\nlines")),
            ("I", None),
            ("J", Some("")),
        ];
        for (name, value) in table {
            assert_eq!(envrc.get(name), value, "{name}");
        }
        let notes: Vec<(usize, &str)> = envrc
            .notes()
            .iter()
            .map(|n| (n.line, n.name.as_str()))
            .collect();
        assert_eq!(notes, [(5, "D"), (6, "E"), (12, "I")]);
    }

    #[test]
    fn notes_what_is_not_exported_or_misspelt() {
        let text = "exprot X=1\nFOO=$(id)\nexport A=1\nA=2\nalias ll='ls -l'\nPATH_add bin=1\n[ a = b ]\nlocal Y=1\n";
        let envrc = Envrc::parse(text);
        let notes: Vec<(usize, &str)> = envrc
            .notes()
            .iter()
            .map(|n| (n.line, n.name.as_str()))
            .collect();
        assert_eq!(notes, [(1, "X"), (2, "FOO"), (4, "A")]);
        assert_eq!((envrc.get("A"), envrc.line("A")), (None, Some(4)));
    }

    #[test]
    fn sets_one_line_and_leaves_the_others() {
        let text = Envrc::parse(TEXT).set("B", "new 'value'").unwrap();
        let expected = TEXT.replace(
            "export B=\"two \\\"2\\\" \\x\"",
            r"export B='new '\''value'\'''",
        );
        assert_eq!(text, expected);
        let text = Envrc::parse(TEXT).set("H", "x").unwrap();
        assert_eq!(text, TEXT.replace("'two\nlines'", "'x'"));
        let text = Envrc::parse(TEXT).set("D", "x").unwrap();
        assert_eq!(text, format!("{TEXT}export D='x'\n"));
        let text = Envrc::parse("export A='1'").set("Z", "2").unwrap();
        assert_eq!(text, "export A='1'\nexport Z='2'\n");
        assert_eq!(Envrc::parse("").set("Z", "2").unwrap(), "export Z='2'\n");
        assert!(
            Envrc::parse("").set("1Z", "2").is_err() && Envrc::parse("").set("Z", "\0").is_err()
        );
    }

    #[test]
    fn a_shell_reads_what_was_set() {
        for value in [
            "plain",
            "it's",
            "$HOME `id` \"x\" \\",
            "two\nlines",
            "!#*~ ; & |",
            "ümlaut",
            "'",
            "",
        ] {
            let text = Envrc::parse("").set("NAME", value).unwrap();
            assert_eq!(Envrc::parse(&text).get("NAME"), Some(value), "{text}");
            let script = format!("set -eu\n{text}printf %s \"$NAME\"");
            let output = std::process::Command::new("sh")
                .arg("-c")
                .arg(script)
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), value, "{text}");
        }
    }
}
