//! Paths of files.

use std::borrow::Cow;

/// A path in the one way to write it: a slash that stands twice or at the end, and a `.` between slashes, say nothing. What
/// `..` means depends on links, so it stays. A relative path without a name is `.`.
#[must_use]
pub fn canonical(path: &str) -> Cow<'_, str> {
    let named = path.strip_prefix('/').unwrap_or(path);
    if named.split('/').all(|part| !matches!(part, "" | ".")) {
        return Cow::Borrowed(path);
    }
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let joined = parts.collect::<Vec<_>>().join("/");
    match (path.starts_with('/'), joined.is_empty()) {
        (true, _) => Cow::Owned(format!("/{joined}")),
        (false, true) => Cow::Borrowed("."),
        (false, false) => Cow::Owned(joined),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_path() {
        for (path, plain) in [
            ("/", "/"),
            ("//", "/"),
            ("/a", "/a"),
            ("/a/", "/a"),
            ("//a///b/./c/.", "/a/b/c"),
            ("/a/../b", "/a/../b"),
            ("/.a/b.", "/.a/b."),
            ("a", "a"),
            ("./a//b/", "a/b"),
            ("./", "."),
            ("", "."),
        ] {
            assert_eq!(canonical(path), plain, "{path}");
            assert_eq!(canonical(plain), plain);
        }
    }
}
