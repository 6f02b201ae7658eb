//! The prelude: one function per verb in POSIX sh, of which a shell gets what it needs when it needs it.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
    sync::LazyLock,
};

use super::Call;

/// All that a shell may get: one function a verb, in POSIX sh, and what they call.
pub const PRELUDE: &str = concat!(
    include_str!("serve.sh"),
    include_str!("track.sh"),
    include_str!("files.sh"),
    include_str!("units.sh"),
    include_str!("guard.sh"),
    include_str!("reach.sh"),
    include_str!("command.sh"),
    include_str!("accounts.sh"),
    include_str!("checked.sh"),
    include_str!("fetch.sh"),
    include_str!("packages.sh"),
    include_str!("system.sh"),
    include_str!("network.sh"),
    include_str!("pci.sh"),
    include_str!("kernel.sh"),
    include_str!("boot.sh"),
    include_str!("mounts.sh"),
    include_str!("iscsi.sh"),
    include_str!("lvm.sh"),
    include_str!("measure.sh"),
    include_str!("lease.sh"),
);

/// The command that is run on a host: a shell that reads definitions and calls as commands from its input, so that they
/// may follow in the same packet, and no list of processes shows any of them. It means the same in every login shell.
pub const COMMAND: &str = "exec sh";

/// What every shell gets first.
const ALWAYS: &str = "hl_end";

/// A function of the prelude, or a variable.
struct Item {
    text: &'static str,
    /// The items that its text names.
    names: Vec<usize>,
}

/// The prelude in parts.
struct Parts {
    /// What stands before the first item.
    head: &'static str,
    items: Vec<Item>,
    places: HashMap<&'static str, usize>,
}

static PARTS: LazyLock<Parts> = LazyLock::new(|| Parts::of(PRELUDE));

impl Parts {
    fn of(text: &'static str) -> Self {
        let mut head = "";
        let mut items = Vec::new();
        let mut places = HashMap::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let line = rest.split_inclusive('\n').next().unwrap_or(rest);
            let Some(name) = defined(line) else {
                at += line.len();
                if items.is_empty() {
                    head = &text[..at];
                }
                continue;
            };
            let closing = match line.trim_end().chars().last() {
                Some('{') => "\n}\n",
                Some('(') => "\n)\n",
                Some('\'') if line.ends_with("='\n") => "\n'\n",
                _ => "\n",
            };
            let end = rest
                .find(closing)
                .map_or(rest.len(), |end| end + closing.len());
            places.insert(name, items.len());
            items.push(Item {
                text: &rest[..end],
                names: Vec::new(),
            });
            at += end;
        }
        for item in &mut items {
            let names: BTreeSet<usize> = words(item.text)
                .filter_map(|word| places.get(word).copied())
                .collect();
            item.names = names.into_iter().collect();
        }
        Self {
            head,
            items,
            places,
        }
    }

    /// Adds an item and all that it needs.
    fn add(&self, at: usize, known: &mut Defined, text: &mut String) {
        if known.0.insert(at) {
            for name in &self.items[at].names {
                self.add(*name, known, text);
            }
            text.push_str(self.items[at].text);
        }
    }
}

/// The name that a line at the top level defines.
fn defined(line: &str) -> Option<&str> {
    let end = line.find(['(', '='])?;
    let name = &line[..end];
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && name.starts_with("hl_")).then_some(name)
}

/// The words of a text that are names of this prelude's kind.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("hl_"))
}

/// What a shell has got of the prelude.
#[derive(Clone, Debug, Default)]
pub(super) struct Defined(BTreeSet<usize>);

impl Defined {
    /// What a shell lacks for a call; it counts as sent then.
    pub(super) fn lacks(&mut self, call: &Call, needs: &[&str]) -> String {
        let mut text = String::new();
        let verb = call.verb.function();
        for name in needs.iter().copied().chain([verb.as_str()]) {
            if let Some(at) = PARTS.places.get(name) {
                PARTS.add(*at, self, &mut text);
            }
        }
        text
    }
}

/// What a shell is started with: what every call needs, and the mark that ends its replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The mark: letters and digits.
    pub mark: String,
}

impl Start {
    /// What a shell is sent first, and what it has then.
    pub(super) fn text(&self) -> (String, Defined) {
        let mut known = Defined::default();
        let mut text = PARTS.head.to_owned();
        PARTS.add(PARTS.places[ALWAYS], &mut known, &mut text);
        let mark = &self.mark;
        let ready = writeln!(
            text,
            "{READY}{mark}; hl_record=; hl_size=0; printf '\\n%s ready\\n' $hl_mark; printf '\\n%s\\n' $hl_mark >&2"
        );
        ready.expect("writing to a string can't fail");
        (text, known)
    }

    /// The start whose last line this is.
    fn read(line: &str) -> Option<Self> {
        let (mark, _) = line.strip_prefix(READY)?.split_once(';')?;
        let is_mark = !mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_mark.then(|| Self {
            mark: mark.to_owned(),
        })
    }
}

/// How the last line of a start begins.
const READY: &str = "hl_mark=";

/// What a line that a shell is sent begins, for who plays the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A part of the prelude, of which this text is still to come.
    Part(&'static str),
    /// The last line of a start.
    Start(Start),
    /// Something else.
    Other,
}

/// What a line begins.
pub(super) fn told(line: &str) -> Told {
    if let Some(start) = Start::read(line) {
        return Told::Start(start);
    }
    let part = defined(line)
        .and_then(|name| PARTS.places.get(name))
        .map(|at| PARTS.items[*at].text);
    let head = || line.starts_with('#').then_some(PARTS.head);
    match part.or_else(head).and_then(|part| part.strip_prefix(line)) {
        Some(rest) => Told::Part(rest),
        None => Told::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Verb, verbs};

    #[test]
    fn a_shell_gets_what_it_needs_once() {
        let start = Start {
            mark: "abc123".to_owned(),
        };
        let (text, mut known) = start.text();
        assert!(text.contains("\nhl_end() {\n") && !text.contains("hl_stat()"));
        let call = Call::new(Verb::STAT, ["/etc"]);
        let lacks = known.lacks(&call, &[]);
        assert!(lacks.contains("hl_stat() {") && lacks.contains("hl_within() {"));
        assert!(!lacks.contains("hl_write"), "{lacks}");
        assert_eq!(known.lacks(&call, &[]), "");
        assert_eq!(told(text.lines().last().unwrap()), Told::Start(start));
    }

    #[test]
    fn no_verb_sets_the_mark_of_frames() {
        for item in &PARTS.items {
            for sets in ["hl_mark=", "for hl_mark", "read -r hl_mark"] {
                assert!(!item.text.contains(sets), "{sets} in\n{}", item.text);
            }
        }
    }

    #[test]
    fn every_part_is_known_by_its_first_line() {
        for item in &PARTS.items {
            let line = item.text.split_inclusive('\n').next().unwrap();
            assert_eq!(told(line), Told::Part(&item.text[line.len()..]), "{line}");
            assert!(item.text.ends_with('\n'), "{line}");
        }
        let line = PARTS.head.split_inclusive('\n').next().unwrap();
        assert_eq!(told(line), Told::Part(&PARTS.head[line.len()..]));
        assert_eq!(told("echo hello\n"), Told::Other);
        assert_eq!(told("hl_stat() { echo hello; }\n"), Told::Other);
    }

    #[test]
    fn nothing_of_the_prelude_is_left_out() {
        let all: usize = PARTS.items.iter().map(|item| item.text.len()).sum();
        let between: usize = PRELUDE
            .lines()
            .filter(|line| line.starts_with('#') || line.is_empty())
            .map(|line| line.len() + 1)
            .sum();
        assert!(PARTS.head.len() + all + between >= PRELUDE.len());
        for verb in verbs().filter(|verb| !verb.is_near()) {
            assert!(
                PARTS.places.contains_key(verb.function().as_str()),
                "{verb:?}"
            );
        }
    }
}
