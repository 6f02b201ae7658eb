//! Patterns for names. Proxmox's installer reads those of answer files with the same crate.

use std::collections::VecDeque;

use glob::Pattern;

/// Whether a text fits a pattern of `*`, `?`, `[abc]` and `[!a]` as a whole; a pattern that is none fits nothing.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(text))
}

/// Whether a text fits a pattern of `*` and `?`, in which brackets stand for themselves.
#[must_use]
pub fn fits_plainly(pattern: &str, text: &str) -> bool {
    let mut plain = pattern.replace('[', "[[]");
    while plain.contains("**") {
        plain = plain.replace("**", "*");
    }
    fits(&plain, text)
}

/// Files that a pattern of paths names, found folder by folder as glob(3) finds and sorts them.
#[derive(Debug)]
pub struct Paths {
    found: Vec<String>,
    rest: VecDeque<String>,
}

impl Paths {
    /// Begins with an absolute pattern.
    #[must_use]
    pub fn of(pattern: &str) -> Self {
        let parts = pattern.split('/').filter(|part| !part.is_empty());
        let mut paths = Self {
            found: vec![String::new()],
            rest: parts.map(str::to_owned).collect(),
        };
        paths.go_on();
        paths
    }

    /// The folders whose names are needed to go on; none once all is found.
    #[must_use]
    pub fn folders(&self) -> &[String] {
        if self.rest.is_empty() {
            &[]
        } else {
            &self.found
        }
    }

    /// Goes on with the names in those folders, in their order.
    pub fn listed(&mut self, names: &[Vec<String>]) {
        let Some(pattern) = self.rest.pop_front() else {
            return;
        };
        let fits = |name: &&String| {
            fits(&pattern, name) && (pattern.starts_with('.') || !name.starts_with('.'))
        };
        let folders = self.found.iter().zip(names);
        let found = folders.flat_map(|(folder, names)| {
            let fitting = names.iter().filter(fits);
            fitting.map(move |name| format!("{folder}/{name}"))
        });
        self.found = found.collect();
        self.go_on();
    }

    /// What was found, sorted; whether the last part of a path without a pattern is there, nobody looked.
    #[must_use]
    pub fn found(mut self) -> Vec<String> {
        self.found.sort_unstable();
        self.found
    }

    fn go_on(&mut self) {
        while let Some(part) = self
            .rest
            .pop_front_if(|part| !part.contains(['*', '?', '[']))
        {
            self.found
                .iter_mut()
                .for_each(|path| *path = format!("{path}/{part}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_paths_as_glob_does() {
        let mut paths = Paths::of("/a/*/x/*.conf");
        assert_eq!(paths.folders(), ["/a"]);
        paths.listed(&[vec!["c".to_owned(), "b".to_owned(), ".d".to_owned()]]);
        assert_eq!(paths.folders(), ["/a/c/x", "/a/b/x"]);
        let names = ["2.conf", "10.conf", ".1.conf", "README"].map(str::to_owned);
        paths.listed(&[names.to_vec(), vec!["0.conf".to_owned()]]);
        assert!(paths.folders().is_empty());
        assert_eq!(
            paths.found(),
            ["/a/b/x/0.conf", "/a/c/x/10.conf", "/a/c/x/2.conf"]
        );
        assert_eq!(Paths::of("/a//b").found(), ["/a/b"]);
    }

    #[test]
    fn patterns_fit_whole_texts() {
        for (pattern, text, fitting) in [
            ("*3cecef4a1020", "enx3cecef4a1020", true),
            ("enx3cecef4a1020", "enx3cecef4a1020", true),
            ("3cecef", "enx3cecef4a1020", false),
            ("S?", "S1", true),
            ("S[12]", "S2", true),
            ("S[!12]", "S2", false),
            ("a.c", "abc", false),
            ("[", "[", false),
        ] {
            assert_eq!(fits(pattern, text), fitting, "{pattern} {text}");
        }
    }

    #[test]
    fn brackets_of_addresses_stand_for_themselves() {
        for (pattern, text, fitting) in [
            ("[a.b]:22", "[a.b]:22", true),
            ("[*]:22", "[x]:22", true),
            ("[a]", "a", false),
            ("a**b?", "axxbc", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits_plainly(pattern, text), fitting, "{pattern} {text}");
        }
    }
}
