//! Edits keep every byte of what they don't change, whatever stands there.

#![expect(clippy::unwrap_used, reason = "a test that can't be set up fails")]

use homelab_formats::{
    authorized_keys::Key,
    deb822,
    envrc::Envrc,
    fstab,
    lines::Lines,
    modprobe::{Kind, Line},
    sourced::Sourced,
    sysctl,
};

/// Files made by chance: the same ones each time.
struct Files(u64);

impl Files {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit
    }

    fn pick<'a>(&mut self, of: &[&'a [u8]]) -> &'a [u8] {
        of[self.below(of.len())]
    }

    /// A file of some of these lines, and of lines that aren't text, with ends of either kind; the last may have none.
    fn file(&mut self, of: &[&[u8]]) -> Vec<u8> {
        let others: [&[u8]; 6] = [
            b"",
            b" ",
            b"# \xe4\xff",
            b"\xff=\xfe: \xfd \xfc x",
            b"\r",
            b"\tx y",
        ];
        let mut file = Vec::new();
        for _ in 0..self.below(9) {
            let line = if self.below(3) == 0 {
                self.pick(&others)
            } else {
                self.pick(of)
            };
            file.extend_from_slice(line);
            file.extend_from_slice(self.pick(&[b"\n", b"\n", b"\r\n"]));
        }
        if self.below(3) == 0 {
            let last = self.pick(of);
            file.extend_from_slice(last);
        }
        file
    }
}

/// The lines of a file with their ends, but for those of them that are its own.
fn others(file: &[u8], is_own: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let lines = file.split_inclusive(|byte| *byte == b'\n');
    let kept =
        lines.filter(|line| !is_own(String::from_utf8_lossy(line).trim_end_matches(['\r', '\n'])));
    kept.map(<[u8]>::to_vec).collect()
}

/// Looks at what an edit made of a file: all lines but its own are what they were, byte for byte.
///
/// A last line without an end may get one, where a line comes behind it.
fn keeps(old: &[u8], new: &[u8], is_own: impl Fn(&str) -> bool) {
    let (was, is) = (others(old, &is_own), others(new, &is_own));
    let ended = |line: &Vec<u8>| {
        line.strip_suffix(b"\n").map_or(line.clone(), |line| {
            line.strip_suffix(b"\r").unwrap_or(line).to_vec()
        })
    };
    let (last, before) = (
        was.last().map(ended),
        was.split_last().map(|(_, before)| before),
    );
    let same = was == is
        || (before == is.split_last().map(|(_, before)| before) && last == is.last().map(ended));
    let shown = |file: &[u8]| file.escape_ascii().to_string();
    assert!(same, "{}\n{}", shown(old), shown(new));
}

const ROUNDS: usize = 2000;

#[test]
fn a_file_in_lines_is_the_same_file() {
    let mut files = Files(1);
    for _ in 0..ROUNDS {
        let file = files.file(&[b"a", b"b\\"]);
        assert_eq!(Lines::of(&*file).content(), file);
        let text = String::from_utf8_lossy(&file).into_owned();
        assert_eq!(Lines::of(&*text).content(), text);
    }
}

#[test]
fn fstab_changes_its_own_line() {
    let mut files = Files(2);
    let own = |line: &str| fstab::Entry::read(line).is_some_and(|entry| entry.path == "/a");
    let said = |content: &[u8]| {
        let entries = fstab::entries(content, "/a").into_iter();
        entries.map(|entry| (entry.source, entry.fstype, entry.options))
    };
    let entry = fstab::Entry::read("/dev/z /a xfs ro 0 0").unwrap();
    for _ in 0..ROUNDS {
        let old = files.file(&[
            b"/dev/a /a ext4 rw 0 0",
            b"/dev/b /b ext4 \xff",
            b"#/dev/c /a x",
            b"/dev/d /a x",
        ]);
        let new = fstab::with(&*old, "/a", Some(&entry));
        keeps(&old, &new, own);
        let wanted = [&*new, b"/dev/z /a xfs ro"].map(|content| said(content).collect::<Vec<_>>());
        assert_eq!(wanted[0], wanted[1], "{}", old.escape_ascii());
        assert_eq!(fstab::with(&*new, "/a", Some(&entry)), new);
        let gone = fstab::with(&*old, "/a", None);
        keeps(&old, &gone, own);
        assert_eq!(fstab::entries(&*gone, "/a"), []);
    }
}

#[test]
fn sysctl_changes_its_own_line() {
    let mut files = Files(3);
    let own = |line: &str| sysctl::value(line, "a/b").is_some();
    for _ in 0..ROUNDS {
        let old = files.file(&[
            b"a.b=1",
            b" a/b = 2 ",
            b"a.c=\xff",
            b"#a.b=4",
            b"-a.b = \xff",
        ]);
        let new = sysctl::with(&*old, "a/b", Some("7"));
        keeps(&old, &new, own);
        assert_eq!(sysctl::value(&*new, "a/b").as_deref(), Some("7"));
        assert_eq!(sysctl::with(&*new, "a/b", Some("7")), new);
        let gone = sysctl::with(&*old, "a/b", None);
        keeps(&old, &gone, own);
        assert_eq!(sysctl::value(&*gone, "a/b"), None);
    }
}

#[test]
fn modprobe_changes_its_own_lines() {
    let mut files = Files(4);
    let is_own = |line: &Line| line.directive == "options" && line.module() == "a_b";
    for _ in 0..ROUNDS {
        let old = files.file(&[
            b"options a-b x=\xff",
            b"options a_b y",
            b"options c z",
            b"#options a-b x",
            b"blacklist a-b",
        ]);
        let new = Kind::Directives.with(&*old, is_own, Some("options a-b new"));
        let own = |line: &str| Kind::Directives.lines(line).iter().any(is_own);
        keeps(&old, &new, own);
        let found = Kind::Directives.lines(&*new);
        let [one] = found.iter().filter(|line| is_own(line)).collect::<Vec<_>>()[..] else {
            panic!("{}", new.escape_ascii());
        };
        assert_eq!(one.words, ["new"]);
        assert_eq!(
            Kind::Directives.with(&*new, is_own, Some("options a-b new")),
            new
        );
        keeps(&old, &Kind::Directives.with(&*old, is_own, None), own);
    }
}

#[test]
fn stanzas_change_their_own_fields() {
    let mut files = Files(5);
    let is_own = |line: &str| line.to_ascii_lowercase().starts_with("own:") || line == " of-own";
    for _ in 0..ROUNDS {
        let mut old = files.file(&[b"A: 1", b"b: \xff", b"", b"Own: 1", b"own: 2", b"# Own: 3"]);
        if files.below(2) == 0 {
            old = [b"Own:\n of-own\n".as_slice(), &old].concat();
        }
        // Lines that are folded belong to the field before them, so they may go with it.
        let own = |line: &str| is_own(line) || line.starts_with([' ', '\t']);
        let new = deb822::with(&*old, &[("Own", Some("7".to_owned()))]);
        keeps(&old, &new, own);
        for stanza in deb822::stanzas(&*new) {
            assert_eq!(
                stanza.value("own").as_deref(),
                Some("7"),
                "{}",
                new.escape_ascii()
            );
        }
        assert_eq!(deb822::with(&*new, &[("Own", Some("7".to_owned()))]), new);
        keeps(&old, &deb822::with(&*old, &[("Own", None)]), own);
    }
}

#[test]
fn keys_that_are_written_are_read_again() {
    let mut files = Files(6);
    let keys: [&[u8]; 4] = [
        b"ssh-rsa AAAA \xff x",
        b"restrict,from=\"\xfe\" ssh-rsa AAAA",
        b"ssh-x AAAA",
        b"#ssh-rsa AAAA",
    ];
    for _ in 0..ROUNDS {
        for line in files.file(&keys).split(|byte| *byte == b'\n') {
            if let Some(key) = Key::read(line) {
                assert_eq!(Key::read(&*key.line()), Some(key));
            }
        }
    }
}

#[test]
fn shells_settings_change_their_own_word() {
    let mut files = Files(7);
    for _ in 0..ROUNDS {
        let old = files.file(&[
            b"A=1",
            b"export B='2 3' # x",
            b"B=\"4\" A=5",
            b"# A=6",
            b"A='\n'",
        ]);
        let old = String::from_utf8_lossy(&old).into_owned();
        let Ok(new) = Sourced::read(&old).and_then(|file| file.with("A", "7 $")) else {
            continue;
        };
        let file = Sourced::read(&new).unwrap();
        assert_eq!(file.value("A").unwrap().as_deref(), Some("7 $"), "{old:?}");
        assert_eq!(file.with("A", "7 $").unwrap(), new);
        let place = new.rfind("\"7 \\$\"").unwrap();
        let (head, tail) = (&new[..place], &new[place + 6..]);
        let is_appended =
            head.strip_suffix("A=") == Some(&*old) || head.strip_suffix("\nA=") == Some(&*old);
        assert!(
            is_appended || (old.starts_with(head) && old.ends_with(tail)),
            "{old:?} {new:?}"
        );
        assert_eq!(Sourced::read(&old).unwrap().value("B"), file.value("B"));
    }
}

#[test]
fn envrc_changes_its_own_statement() {
    let mut files = Files(8);
    for _ in 0..ROUNDS {
        let old = files.file(&[
            b"export A='1'",
            b"export B=\"2\" # x",
            b"export A=$(b)",
            b"export A='\n'",
            b"PATH_add x",
        ]);
        let old = String::from_utf8_lossy(&old).into_owned();
        let new = Envrc::parse(&old).set("A", "it's").unwrap();
        let envrc = Envrc::parse(&new);
        assert_eq!(envrc.get("A"), Some("it's"), "{old:?}");
        assert_eq!(envrc.set("A", "it's").unwrap(), new);
        let statement = r"export A='it'\''s'";
        let place = new.rfind(statement).unwrap();
        let (head, tail) = (&new[..place], &new[place + statement.len()..]);
        let is_appended = tail == "\n" && (head == old || head.strip_suffix('\n') == Some(&*old));
        assert!(
            is_appended || (old.starts_with(head) && old.ends_with(tail)),
            "{old:?} {new:?}"
        );
        assert_eq!(Envrc::parse(&old).get("B"), envrc.get("B"));
    }
}
