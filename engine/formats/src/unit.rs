//! Files of systemd's units.

use std::fmt;

use crate::lines::{Content, Lines};

/// A unit's file: settings in sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitFile(Vec<Setting>);

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The line that it begins on, from 1.
    pub line: usize,
    section: String,
    name: String,
    /// Its value.
    pub value: String,
}

impl UnitFile {
    /// Reads a file. A line that ends in a backslash goes on, past comments, and becomes a blank there.
    #[must_use]
    pub fn read(content: &(impl Content + ?Sized)) -> Self {
        let mut file = Self::default();
        let mut section = String::new();
        let mut open: Option<(usize, String)> = None;
        for (at, text) in Lines::of(content).texts().enumerate() {
            if text.trim_start().starts_with(['#', ';']) {
                continue;
            }
            let (line, mut whole) = open.take().unwrap_or((at + 1, String::new()));
            match text.strip_suffix('\\') {
                Some(part) => open = Some((line, format!("{whole}{part} "))),
                None => {
                    whole.push_str(&text);
                    file.take(line, &whole, &mut section);
                }
            }
        }
        if let Some((line, whole)) = open {
            file.take(line, &whole, &mut section);
        }
        file
    }

    fn take(&mut self, line: usize, text: &str, section: &mut String) {
        let text = text.trim();
        let header = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(header) = header {
            header.clone_into(section);
        } else if let Some((name, value)) = text.split_once('=') {
            self.0.push(Setting {
                line,
                section: section.clone(),
                name: name.trim_end().to_owned(),
                value: value.trim_start().to_owned(),
            });
        }
    }

    /// The settings of a name in a section, in their order; an empty one takes those before it back.
    #[must_use]
    pub fn settings(&self, section: &str, name: &str) -> Vec<&Setting> {
        let own = |setting: &&Setting| setting.section == section && setting.name == name;
        let all: Vec<&Setting> = self.0.iter().filter(own).collect();
        let last_empty = all.iter().rposition(|setting| setting.value.is_empty());
        all[last_empty.map_or(0, |at| at + 1)..].to_vec()
    }

    /// The value of a name in a section: the last one counts.
    #[must_use]
    pub fn value(&self, section: &str, name: &str) -> Option<&str> {
        let last = self.settings(section, name).pop();
        last.map(|setting| &*setting.value)
    }

    /// Whether anything stands in a section.
    #[must_use]
    pub fn has_section(&self, section: &str) -> bool {
        self.0.iter().any(|setting| setting.section == section)
    }

    /// The same with one more setting at the end.
    #[must_use]
    pub fn with(mut self, section: &str, name: &str, value: &str) -> Self {
        self.0.push(Setting {
            line: self.0.len() + 1,
            section: section.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
        });
        self
    }

    /// The same, if there is a value.
    #[must_use]
    pub fn with_some(self, section: &str, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(section, name, value),
            None => self,
        }
    }
}

impl fmt::Display for UnitFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut section = "";
        for setting in &self.0 {
            if setting.section != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                writeln!(f, "{gap}[{}]", setting.section)?;
                section = &setting.section;
            }
            writeln!(f, "{}={}", setting.name, setting.value)?;
        }
        Ok(())
    }
}

/// A text in which systemd finds no specifier and no variable, whatever stands in it.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('%', "%%").replace('$', "$$")
}

/// The text that systemd makes of one in which there is neither.
#[must_use]
pub fn unescaped(text: &str) -> String {
    text.replace("%%", "%").replace("$$", "$")
}

/// The first word of a command that only a shell would read: `&&`, `|`, `> FILE`; systemd hands it to the program.
#[must_use]
pub fn for_shell(command: &str) -> Option<&str> {
    let mut quote = None;
    let is_gap = move |letter: char| {
        match quote {
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            Some(open) if open == letter => quote = None,
            _ => {}
        }
        quote.is_none() && letter.is_whitespace()
    };
    command.split(is_gap).find(|word| {
        let sign = word.trim_start_matches(|c: char| c.is_ascii_digit());
        let sign = sign.trim_start_matches('&');
        let is_redirected = |sign: &str| {
            let target = sign.trim_start_matches(['>', '<']).trim_start_matches('&');
            target.is_empty()
                || target.starts_with(|c: char| c.is_alphanumeric() || "/._-~\"'".contains(c))
        };
        matches!(*word, "&&" | "||" | "|" | "|&" | "&")
            || (sign.starts_with(['>', '<']) && is_redirected(sign))
    })
}

/// Whether a value is one of systemd's words for yes.
#[must_use]
pub fn is_yes(value: &str) -> bool {
    let words = ["1", "yes", "y", "true", "t", "on"];
    words.iter().any(|word| value.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_settings_in_their_sections() {
        let text = "[Unit]\nA = 1\n# B=2\n[Service]\nA=2 \\\n; no\n  3\\\n\n;A=4\nC=1\nC=\nC=2\nC=3\n[Install]\n";
        let file = UnitFile::read(text);
        assert_eq!(file.value("Unit", "A"), Some("1"));
        assert_eq!(file.value("Service", "A"), Some("2    3"));
        assert_eq!(file.settings("Service", "A")[0].line, 5);
        let several: Vec<&str> = file
            .settings("Service", "C")
            .iter()
            .map(|own| &*own.value)
            .collect();
        assert_eq!(several, ["2", "3"]);
        assert_eq!(
            (file.value("Unit", "B"), file.value("Unit", "C")),
            (None, None)
        );
        assert!(file.has_section("Unit") && !file.has_section("Install"));
    }

    #[test]
    fn reads_what_it_writes() {
        let file = UnitFile::default()
            .with("Unit", "Description", "A")
            .with("Timer", "OnCalendar", "daily")
            .with_some("Timer", "Unit", None);
        assert_eq!(
            file.to_string(),
            "[Unit]\nDescription=A\n\n[Timer]\nOnCalendar=daily\n"
        );
        assert_eq!(
            UnitFile::read(&*file.to_string()).to_string(),
            file.to_string()
        );
    }

    #[test]
    fn finds_what_only_a_shell_would_read() {
        for (command, found) in [
            ("/bin/a && /bin/b", Some("&&")),
            ("/bin/a | /bin/b", Some("|")),
            ("/bin/a > /srv/b", Some(">")),
            ("/bin/a >/srv/b", Some(">/srv/b")),
            ("/bin/a 2>&1", Some("2>&1")),
            ("/bin/a &>> b", Some("&>>")),
            ("/bin/a < b", Some("<")),
            ("/bin/a &", Some("&")),
            ("/bin/sh -c 'a' || /bin/b", Some("||")),
            ("/bin/sh -c 'a && b | c > d'", None),
            ("/bin/sh -c \"a '&&' b | c\"", None),
            ("/bin/a --min=>2 a>b a&b c|d >=2", None),
            ("/usr/bin/find /srv -exec /bin/a {} ;", None),
        ] {
            assert_eq!(for_shell(command), found, "{command}");
        }
        let text = "date +%u $HOME 100%";
        assert_eq!(escaped(text), "date +%%u $$HOME 100%%");
        assert_eq!(unescaped(&escaped(text)), text);
    }

    #[test]
    fn knows_systemds_words_for_yes() {
        for (value, yes) in [
            ("yes", true),
            ("On", true),
            ("1", true),
            ("no", false),
            ("", false),
        ] {
            assert_eq!(is_yes(value), yes, "{value}");
        }
    }
}
