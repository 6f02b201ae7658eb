//! `/etc/fstab`.

use crate::lines::{Content, Lines};

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
    /// Whether it's dumped, and when it's checked: `0 0`; may be empty.
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
    entries.filter(|entry| entry.path == path).collect()
}

/// A file in which a path has one entry, or none.
pub fn with<C: Content + ?Sized>(content: &C, path: &str, entry: Option<&Entry>) -> C::Owned {
    let is_own = |line: &str| Entry::read(line).is_some_and(|own| own.path == path);
    let line = entry.map(Entry::line);
    crate::lines::with_line(content, is_own, line.as_deref())
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
            "# a\r\n/dev/d /a xfs rw 0 0\r\n/dev/b /b ext4\r\n"
        );
        assert_eq!(with(text, "/a", None), "# a\r\n/dev/b /b ext4\r\n");
    }
}
