//! Kernel parameters: their names, and the files below `/etc/sysctl.d`.

use crate::{
    glob::fits,
    lines::{Content, Lines, with_line},
};

fn swapped(name: &str) -> String {
    let swap = |c| match c {
        '.' => '/',
        '/' => '.',
        c => c,
    };
    name.chars().map(swap).collect()
}

/// A name with slashes, as `/proc/sys` has it: its first separator says what separates.
#[must_use]
pub fn slashed(name: &str) -> String {
    match name.find(['.', '/']).map(|place| &name[place..=place]) {
        Some(".") => swapped(name),
        _ => name.to_owned(),
    }
}

/// A name with slashes, with dots.
#[must_use]
pub fn dotted(slashed: &str) -> String {
    swapped(slashed)
}

/// A value as it's compared: its words.
#[must_use]
pub fn words(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The value that a line sets for a parameter, by its name with slashes.
fn set_in<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let line = line.trim();
    let (own, value) = line.split_once('=')?;
    let own = own.trim().trim_start_matches('-');
    (!line.starts_with(['#', ';']) && slashed(own) == name).then(|| value.trim())
}

/// The value that a file sets for a parameter, by its name with slashes: the last one counts.
#[must_use]
pub fn value(content: &(impl Content + ?Sized), name: &str) -> Option<String> {
    let lines = Lines::of(content);
    let mut values = lines.texts().rev();
    values.find_map(|line| set_in(&line, name).map(str::to_owned))
}

/// The value that a start gives a parameter by these files, in the order in which it reads them: the last line with its own name
/// counts, else the last pattern that fits it, unless a line that begins with a minus and has no value leaves it out.
#[must_use]
pub fn at_start<T: AsRef<[u8]>>(files: &[T], name: &str) -> Option<String> {
    let own = || {
        files
            .iter()
            .rev()
            .find_map(|file| value(file.as_ref(), name))
    };
    let by_pattern = || {
        let is_left_out = files.iter().any(|file| leaves_out(file.as_ref(), name));
        let mut files = files.iter().rev().filter(|_| !is_left_out);
        files.find_map(|file| value_by_pattern(file.as_ref(), name))
    };
    own().or_else(by_pattern)
}

fn value_by_pattern(content: &[u8], name: &str) -> Option<String> {
    let lines = Lines::of(content);
    let mut lines = lines.texts().rev();
    lines.find_map(|line| {
        let (pattern, value) = line.trim().split_once('=')?;
        let pattern = pattern.trim().trim_start_matches('-');
        let is_pattern = !pattern.starts_with(['#', ';']) && pattern.contains(['*', '?', '[']);
        (is_pattern && fits_parts(&slashed(pattern), name)).then(|| value.trim().to_owned())
    })
}

/// Whether each part of a name fits that of a pattern.
fn fits_parts(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), name.split('/').collect());
    pattern.len() == name.len()
        && pattern
            .iter()
            .zip(name)
            .all(|(pattern, name)| fits(pattern, name))
}

fn leaves_out(content: &[u8], name: &str) -> bool {
    let lines = Lines::of(content);
    let mut lines = lines.texts();
    lines.any(|line| {
        line.trim()
            .strip_prefix('-')
            .is_some_and(|own| slashed(own.trim()) == name)
    })
}

/// A file that sets a parameter, by its name with slashes, once, or not at all.
pub fn with<C: Content + ?Sized>(content: &C, name: &str, value: Option<&str>) -> C::Owned {
    let line = value.map(|value| format!("{} = {value}", dotted(name)));
    with_line(
        content,
        |line| set_in(line, name).is_some(),
        line.as_deref(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_counts_where_no_line_has_the_name() {
        let name = "net/ipv4/conf/hub0/rp_filter";
        let pattern = "net.ipv4.conf.*.rp_filter = 2\n";
        for (files, value) in [
            (vec![pattern], Some("2")),
            (
                vec!["net.ipv4.conf.hub0.rp_filter = 1\n", pattern],
                Some("1"),
            ),
            (vec!["-net.ipv4.conf.hub0.rp_filter\n", pattern], None),
            (vec!["net/ipv4/conf/h?b0/rp_filter=3\n"], Some("3")),
            (
                vec!["net.ipv4.* = 4\n# net.ipv4.conf.*.rp_filter = 5\n"],
                None,
            ),
        ] {
            let files: Vec<Vec<u8>> = files
                .into_iter()
                .map(|file| file.as_bytes().to_vec())
                .collect();
            assert_eq!(at_start(&files, name).as_deref(), value, "{files:?}");
        }
    }

    #[test]
    fn knows_a_parameter_by_every_spelling() {
        for (name, expected) in [
            ("net.ipv4.ip_forward", "net/ipv4/ip_forward"),
            (
                "net/ipv4/conf/eth0.100/forwarding",
                "net/ipv4/conf/eth0.100/forwarding",
            ),
            (
                "net.ipv4.conf.eth0/100.forwarding",
                "net/ipv4/conf/eth0.100/forwarding",
            ),
        ] {
            assert_eq!(slashed(name), expected);
            assert_eq!(slashed(&dotted(expected)), expected);
        }
        for (line, found) in [
            ("net/ipv4/ip_forward=1", Some("1")),
            ("-net.ipv4.ip_forward = 1 ", Some("1")),
            ("#net.ipv4.ip_forward=1", None),
            ("; net.ipv4.ip_forward=1", None),
            ("net.ipv4.ip_forward", None),
        ] {
            assert_eq!(
                value(line, "net/ipv4/ip_forward").as_deref(),
                found,
                "{line}"
            );
        }
    }

    #[test]
    fn sets_a_parameter_once() {
        let text = "# x\na.b=1\nc.d=2\na/b = 3\n";
        assert_eq!(value(text, "a/b").as_deref(), Some("3"));
        assert_eq!(with(text, "a/b", Some("4")), "# x\na.b = 4\nc.d=2\n");
        assert_eq!(with(text, "a/b", None), "# x\nc.d=2\n");
    }
}
