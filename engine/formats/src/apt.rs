//! Repositories of packages as apt reads them: `.sources` files of stanzas, and `.list` files of lines.

use std::collections::HashMap;

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
    /// What signs it: a keyring's path, fingerprints, or a key itself; empty for whatever apt trusts.
    pub signed_by: String,
}

impl Source {
    fn of_stanza(stanza: &Stanza) -> Self {
        Self {
            types: stanza.words("Types"),
            uris: stanza.words("URIs"),
            suites: stanza.words("Suites"),
            components: stanza.words("Components"),
            signed_by: stanza.words("Signed-By").join(" "),
        }
    }

    /// `deb [signed-by=/a] http://b suite component`.
    fn of_line(line: &str) -> Option<Self> {
        let line = line.split('#').next()?;
        let (kind, rest) = line.trim().split_once([' ', '\t'])?;
        let (options, rest) = match rest.trim_start().strip_prefix('[') {
            Some(options) => options.split_once(']')?,
            None => ("", rest),
        };
        let mut options = options.split_whitespace();
        let signed_by = options.find_map(|option| option.strip_prefix("signed-by="));
        let mut words = rest.split_whitespace().map(str::to_owned);
        Some(Self {
            types: vec![kind.to_owned()],
            uris: vec![words.next()?],
            suites: vec![words.next()?],
            components: words.collect(),
            signed_by: signed_by.unwrap_or_default().to_owned(),
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

/// Two lists that name another key for one release: apt then reads no list at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// The release: its URI and suite.
    pub release: (String, &'a str),
    /// The file that apt reads first, and what signs the release by it.
    pub first: (&'a str, &'a str),
    /// The other one.
    pub second: (&'a str, &'a str),
}

impl Conflict<'_> {
    /// It in apt's words.
    #[must_use]
    pub fn said(&self) -> String {
        let Self {
            release: (uri, suite),
            first,
            second,
        } = self;
        format!(
            "E: Conflicting values set for option Signed-By regarding source {uri} {suite}: {} != {}\n\
             E: The list of sources could not be read.",
            first.1, second.1
        )
    }
}

/// The conflicts of keys between sources, each with its file, in the order in which apt reads them: `/etc/apt/sources.list`, then
/// the folder's files by name. A key may be named for a release that had none, and not the other way round.
#[must_use]
pub fn conflicts(sources: &[(String, Source)]) -> Vec<Conflict<'_>> {
    let mut known: HashMap<(String, &str), (&str, &str)> = HashMap::new();
    let mut conflicts = Vec::new();
    for (file, source) in sources {
        let uris = source
            .uris
            .iter()
            .map(|uri| format!("{}/", uri.trim_end_matches('/')));
        let releases = uris.flat_map(|uri| {
            source
                .suites
                .iter()
                .map(move |suite| (uri.clone(), &**suite))
        });
        for release in releases {
            let second = (&**file, &*source.signed_by);
            match known.get(&release) {
                Some(first) if first.1 == second.1 => {}
                Some(first) if !first.1.is_empty() => conflicts.push(Conflict {
                    release,
                    first: *first,
                    second,
                }),
                _ => drop(known.insert(release, second)),
            }
        }
    }
    conflicts
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
    fn one_release_has_one_key() {
        let of = |files: &[(&str, &str)]| -> Vec<(String, Source)> {
            let each = files.iter();
            let sources = each.flat_map(|(file, text)| {
                let sources = enabled(file, *text).into_iter();
                sources.map(move |source| ((*file).to_owned(), source))
            });
            sources.collect()
        };
        let list = (
            "a.list",
            "deb [arch=amd64 signed-by=/a] http://x/debian trixie main\n",
        );
        let stanza = |key: &str, more: &str| {
            format!(
                "Types: deb\nURIs: http://x/debian/\nSuites: sid trixie\nComponents: contrib\n{key}{more}"
            )
        };
        let (same, other, none) = (
            stanza("Signed-By: /a\n", ""),
            stanza("Signed-By: /b\n", ""),
            stanza("", ""),
        );
        let off = stanza("Signed-By: /b\n", "Enabled: no\n");
        for (files, expected) in [
            (vec![list, ("b.sources", &*same)], vec![]),
            (vec![list, ("b.sources", &*off)], vec![]),
            (vec![("0.sources", &*none), list], vec![]),
            (
                vec![list, ("b.sources", &*none)],
                vec![(("a.list", "/a"), ("b.sources", ""))],
            ),
            (
                vec![list, ("b.sources", &*other)],
                vec![(("a.list", "/a"), ("b.sources", "/b"))],
            ),
        ] {
            let sources = of(&files);
            let found: Vec<_> = conflicts(&sources)
                .iter()
                .map(|own| (own.first, own.second))
                .collect();
            assert_eq!(found, expected, "{files:?}");
        }
        let sources = of(&[list, ("b.sources", &*other)]);
        assert!(conflicts(&sources)[0].said().starts_with(
            "E: Conflicting values set for option Signed-By regarding source http://x/debian/ trixie: /a != /b\n"
        ));
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
