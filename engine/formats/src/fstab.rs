//! `/etc/fstab`.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    lines::{Content, Lines},
    path::canonical,
};

/// A line that mounts something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is mounted.
    pub source: String,
    /// Where.
    pub path: String,
    /// `ext4`, `nfs`; `none` for a bind mount.
    pub fstype: String,
    /// Its options.
    pub options: Vec<String>,
    /// Whether it's dumped, when it's checked, and what else stands there: `0 0`; may be empty.
    pub rest: String,
}

impl Entry {
    /// Reads a line; none for a comment.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [source, path, fstype, rest @ ..] = words.as_slice() else {
            return None;
        };
        let options = unescaped(rest.first().copied().unwrap_or("defaults"));
        (!source.starts_with('#')).then(|| Self {
            source: unescaped(source),
            path: unescaped(path),
            fstype: (*fstype).to_owned(),
            options: options.split(',').map(str::to_owned).collect(),
            rest: rest.get(1..).unwrap_or_default().join(" "),
        })
    }

    /// Its line.
    #[must_use]
    pub fn line(&self) -> String {
        let options = match escaped(&self.options.join(",")) {
            none if none.is_empty() => "defaults".to_owned(),
            options => options,
        };
        let (source, path) = (escaped(&self.source), escaped(&self.path));
        format!("{source} {path} {} {options} {}", self.fstype, self.rest)
            .trim_end()
            .to_owned()
    }

    /// Its options without those that say nothing.
    #[must_use]
    pub fn told(&self) -> BTreeSet<&str> {
        let options = self.options.iter().map(String::as_str);
        options
            .filter(|option| *option != "defaults" && *option != "rw")
            .collect()
    }

    /// Whether it has an option.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|own| own == option)
    }
}

/// The entries of a file that are for a path.
#[must_use]
pub fn entries(content: &(impl Content + ?Sized), path: &str) -> Vec<Entry> {
    let lines = Lines::of(content);
    let entries = lines.texts().filter_map(|line| Entry::read(&line));
    entries
        .filter(|entry| is_place(&entry.path, path))
        .collect()
}

/// Whether a mount's path is a place; `none`, as lines of swap have it, is no path at all.
fn is_place(path: &str, place: &str) -> bool {
    path.starts_with('/') && canonical(path) == canonical(place)
}

/// A file in which a path has one entry, or none. Of a line that is there only the fields change that differ.
pub fn with<C: Content + ?Sized>(content: &C, path: &str, entry: Option<&Entry>) -> C::Owned {
    let mut lines = Lines::of(content);
    let is_own =
        |at: &usize| Entry::read(&lines.text(*at)).is_some_and(|own| is_place(&own.path, path));
    let own: Vec<usize> = (0..lines.texts().len()).filter(is_own).collect();
    let line = entry.map(|entry| match own.first() {
        Some(first) => changed(lines.bytes(*first), entry),
        None => entry.line().into_bytes(),
    });
    let own: Vec<Range<usize>> = own.into_iter().map(|at| at..at + 1).collect();
    lines.replace_all(&own, line);
    lines.content()
}

/// A line whose fields say what an entry does; those that say it already, and all behind them, stay as they are.
fn changed(line: &[u8], entry: &Entry) -> Vec<u8> {
    let Some(is) = Entry::read(&String::from_utf8_lossy(line)) else {
        return entry.line().into_bytes();
    };
    let options = escaped(&entry.options.join(","));
    let wanted = [
        (is.source != entry.source).then(|| escaped(&entry.source)),
        None,
        (is.fstype != entry.fstype).then(|| entry.fstype.clone()),
        (is.told() != entry.told()).then_some(options),
    ];
    let mut new = line.to_vec();
    let fields = fields(line);
    for (place, wanted) in wanted.into_iter().enumerate().rev() {
        match (wanted, fields.get(place)) {
            (Some(field), Some(range)) => drop(new.splice(range.clone(), field.into_bytes())),
            (Some(field), None) => new = [new.trim_ascii_end(), b" ", field.as_bytes()].concat(),
            (None, _) => {}
        }
    }
    new
}

/// Where the fields of a line stand.
fn fields(line: &[u8]) -> Vec<Range<usize>> {
    let mut at = 0;
    let parts = line.split(u8::is_ascii_whitespace).map(|part| {
        let start = at;
        at += part.len() + 1;
        start..start + part.len()
    });
    parts.filter(|range| !range.is_empty()).collect()
}

/// What can't stand in a field as it is, each with its number.
const ESCAPED: &[(char, &str)] = &[
    ('\\', "\\134"),
    (' ', "\\040"),
    ('\t', "\\011"),
    ('\n', "\\012"),
];

fn escaped(text: &str) -> String {
    let all = ESCAPED.iter();
    all.fold(text.to_owned(), |text, (plain, number)| {
        text.replace(*plain, number)
    })
}

fn unescaped(text: &str) -> String {
    let all = ESCAPED.iter().rev();
    all.fold(text.to_owned(), |text, (plain, number)| {
        text.replace(number, &plain.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_made_it() {
        for line in [
            "10.0.0.1:/a /mnt/a nfs ro,soft 0 0",
            "/dev/a\\040b /mnt/c\\011d\\134e ext4 defaults",
            "a\\134040b /m none bind 0 2",
        ] {
            assert_eq!(Entry::read(line).unwrap().line(), line);
        }
        let entry = Entry::read(" /dev/a\t/mnt/a\\040b  xfs").unwrap();
        assert_eq!((&*entry.path, entry.has("defaults")), ("/mnt/a b", true));
        assert_eq!(Entry::read("# /dev/a / ext4"), None);
        assert_eq!(Entry::read(""), None);
    }

    #[test]
    fn a_path_has_one_entry() {
        let text = "# a\r\n/dev/a /a ext4 ro 0 0\r\n/dev/b /b ext4\r\n/dev/c /a ext4";
        assert_eq!(entries(text, "/a").len(), 2);
        let entry = Entry::read("/dev/d /a xfs rw 0 0").unwrap();
        assert_eq!(
            with(text, "/a", Some(&entry)),
            "# a\r\n/dev/d /a xfs rw 0 0\r\n/dev/b /b ext4\r\n",
            "the first line is changed in place"
        );
        assert_eq!(with(text, "/a", None), "# a\r\n/dev/b /b ext4\r\n");
    }

    #[test]
    fn a_place_is_found_however_it_is_written() {
        let text = "/dev/a //srv/./x/ ext4\nUUID=1 none swap sw\n/dev/b swap swap sw\n";
        assert_eq!(entries(text, "/srv/x").len(), 1);
        assert_eq!(
            with(text, "/srv//x", None),
            text.split_inclusive('\n').skip(1).collect::<String>()
        );
        for other in ["none", "swap", "", "/"] {
            assert_eq!(with(text, other, None), text, "{other}");
        }
    }

    #[test]
    fn only_the_fields_that_differ_change() {
        let entry = Entry::read("/dev/a /a ext4 noatime 0 0").unwrap();
        for (old, new) in [
            (
                "/dev/a\t/a/  ext4 defaults 0 2 # the big disk",
                "/dev/a\t/a/  ext4 noatime 0 2 # the big disk",
            ),
            (
                "/dev/b /a ext4 rw,noatime 1 2",
                "/dev/a /a ext4 rw,noatime 1 2",
            ),
            ("UUID=1 /a xfs", "/dev/a /a ext4 noatime"),
            (" /dev/a /a ext4 noatime", " /dev/a /a ext4 noatime"),
        ] {
            assert_eq!(with(old, "/a/", Some(&entry)), format!("{new}\n"), "{old}");
        }
        let latin = b"/dev/a /a ext4 ro 0 2 # gr\xfcn\n".as_slice();
        let new = with(latin, "/a", Some(&entry));
        assert_eq!(new, b"/dev/a /a ext4 noatime 0 2 # gr\xfcn\n");
    }
}
