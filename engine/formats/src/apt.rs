//! Repositories of packages as apt reads them: `.sources` files of stanzas, and `.list` files of lines.

use crate::{
    deb822::{Stanza, stanzas},
    lines::{Content, Lines},
};

/// A repository that a file declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// `deb`, `deb-src`.
    pub types: Vec<String>,
    /// Where it is.
    pub uris: Vec<String>,
    /// Its releases.
    pub suites: Vec<String>,
    /// Its components.
    pub components: Vec<String>,
}

impl Source {
    fn of_stanza(stanza: &Stanza) -> Self {
        Self {
            types: stanza.words("Types"),
            uris: stanza.words("URIs"),
            suites: stanza.words("Suites"),
            components: stanza.words("Components"),
        }
    }

    /// `deb [signed-by=/a] http://b suite component`.
    fn of_line(line: &str) -> Option<Self> {
        let line = line.split('#').next()?;
        let (kind, rest) = line.trim().split_once([' ', '\t'])?;
        let rest = match rest.trim_start().strip_prefix('[') {
            Some(options) => options.split_once(']')?.1,
            None => rest,
        };
        let mut words = rest.split_whitespace().map(str::to_owned);
        Some(Self {
            types: vec![kind.to_owned()],
            uris: vec![words.next()?],
            suites: vec![words.next()?],
            components: words.collect(),
        })
    }
}

/// The repositories that a file declares and that are in use; the file's name says its format, others have none.
#[must_use]
pub fn enabled(name: &str, content: &(impl Content + ?Sized)) -> Vec<Source> {
    if name.ends_with(".sources") {
        let stanzas = stanzas(content).into_iter();
        let used = stanzas.filter(|stanza| !is_off(stanza));
        return used.map(|stanza| Source::of_stanza(&stanza)).collect();
    }
    let lines = Lines::of(content);
    let is_list = name.ends_with(".list");
    let lines = lines.texts().filter(|_| is_list);
    lines.filter_map(|line| Source::of_line(&line)).collect()
}

/// Whether a stanza is switched off: apt knows these words in any case, and zero. Whatever else stands there is on.
#[must_use]
pub fn is_off(stanza: &Stanza) -> bool {
    let value = stanza.value("Enabled").unwrap_or_default();
    let words = ["no", "false", "without", "off", "disable"];
    let is_zero = || value.parse::<u64>() == Ok(0);
    words.iter().any(|word| value.eq_ignore_ascii_case(word)) || is_zero()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_formats() {
        let stanza = "Types: deb\nURIs:\n http://a\n http://b\nSuites: x y\nComponents: main\n\n\
                      Types: deb\nURIs: http://c\nEnabled: no\n";
        let [source] = enabled("a.sources", stanza).try_into().unwrap();
        assert_eq!(source.uris, ["http://a", "http://b"]);
        assert_eq!((source.suites.len(), source.components.len()), (2, 1));
        let list =
            "# deb http://x y\n\n deb [ arch=amd64 signed-by=/k ] http://a/ x main b # c\ndeb\n";
        let [source] = enabled("a.list", list).try_into().unwrap();
        assert_eq!((&*source.uris[0], &*source.suites[0]), ("http://a/", "x"));
        assert_eq!(
            (source.types, source.components.len()),
            (vec!["deb".to_owned()], 2)
        );
        assert_eq!(enabled("a.save", list), []);
    }

    #[test]
    fn is_off_by_every_word_that_apt_takes_for_no() {
        for (value, off) in [
            ("no", true),
            ("No", true),
            ("NO", true),
            ("false", true),
            ("False", true),
            ("without", true),
            ("off", true),
            ("disable", true),
            ("0", true),
            ("00", true),
            ("\n no", true),
            ("yes", false),
            ("1", false),
            ("10", false),
            ("", false),
            ("none", false),
            ("disabled", false),
        ] {
            let text = format!("URIs: http://a\nEnabled: {value}\n");
            assert_eq!(is_off(&stanzas(&*text)[0]), off, "{value:?}");
        }
        assert!(!is_off(&stanzas("URIs: http://a\n")[0]));
    }
}
