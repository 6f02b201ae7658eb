//! Kernel parameters: their names, and the files below `/etc/sysctl.d`.

use crate::lines::{Content, Lines, with_line};

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
