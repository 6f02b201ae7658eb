//! Files, folders and links.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::{Argument, OrAbsent, Printed, Word};

super::asks! { FILES:
    /// What is at a path; what is behind a link isn't looked at.
    STAT = Read(FILES) "stat" Stat { path } by Lines => Entry;
    /// When a path was last changed, its content or its attributes.
    CHANGED = Read(FILES) "changed" Changed { path } by Lines => OrAbsent<Time>;
    /// The bytes of a file; status 66 if there is none, 73 if it's no file.
    READ = Read(FILES) "read" Read { path } => Option<Bytes>;
    /// The names in a folder, sorted; status 66 if there is none.
    LIST = Read(FILES) "list" List { path } => Option<Vec<String>>;
    /// A new file takes the old one's place whole or not at all.
    WRITE = Write(FILES) "write" Write { path, attributes: Attributes } < bytes => ();
    /// Changes mode, owner and group of a file or folder.
    ATTRIBUTES = Write(FILES) "attributes" SetAttributes { path, attributes: Attributes } => ();
    /// Makes a folder; the one above it has to be there.
    MKDIR = Write(FILES) "mkdir" Mkdir { path, attributes: Attributes } => ();
    /// Makes a symbolic link, in place of another one.
    SYMLINK = Write(FILES) "symlink" Symlink { path, target } => ();
    /// Removes a file, a link or an empty folder; nothing happens if there is none.
    REMOVE = Write(FILES) "remove" Remove { path } => ();
    /// Removes a folder with all that is in it, but nothing of other file systems; nothing happens if there is none.
    REMOVE_TREE = Tracked(FILES) "remove_tree" RemoveTree { path } => ();
}

/// Mode, owner and group: `MODE OWNER GROUP`. In a call `-` leaves one as it is, of a new file the caller's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// In octal, without leading zeros.
    pub mode: String,
    /// The owner's name.
    pub owner: String,
    /// The group's name.
    pub group: String,
}

impl Attributes {
    /// A mode and owners.
    #[must_use]
    pub fn new(mode: &str, owner: &str, group: &str) -> Self {
        let short = mode.trim_start_matches('0');
        Self {
            mode: if short.is_empty() { "0" } else { short }.to_owned(),
            owner: owner.to_owned(),
            group: group.to_owned(),
        }
    }

    /// A mode, and root's.
    #[must_use]
    pub fn of_root(mode: &str) -> Self {
        Self::new(mode, "root", "root")
    }

    /// What a new file gets: 644 and root's, but where the file system has its own.
    #[must_use]
    pub fn of_file(path: &str) -> Self {
        Self::fixed(path, "640").unwrap_or_else(|| Self::of_root("644"))
    }

    /// What a new folder gets: 755 and root's, but where the file system has its own.
    #[must_use]
    pub fn of_folder(path: &str) -> Self {
        Self::fixed(path, "755").unwrap_or_else(|| Self::of_root("755"))
    }

    /// What everything at a path has, whoever wants something else; none where that's free. The file system of a
    /// cluster, `/etc/pve`, takes no change of owners and modes; `mode` is what is usual there.
    #[must_use]
    pub fn fixed(path: &str, mode: &str) -> Option<Self> {
        let own = path.strip_prefix("/etc/pve/")?;
        let is_private = own.split('/').any(|part| part == "priv");
        let mode = match (is_private, mode) {
            (false, mode) => mode,
            (true, "755" | "700") => "700",
            (true, _) => "600",
        };
        Some(Self::new(mode, "root", "www-data"))
    }

    /// The same with what is given in place of its own.
    #[must_use]
    pub fn with(&self, mode: Option<&str>, owner: Option<&str>, group: Option<&str>) -> Self {
        Self::new(
            mode.unwrap_or(&self.mode),
            owner.unwrap_or(&self.owner),
            group.unwrap_or(&self.group),
        )
    }

    fn print(&self) -> String {
        format!("{} {} {}", self.mode, self.owner, self.group)
    }
}

impl Argument for Attributes {
    fn put(&self, mut words: Vec<String>) -> Vec<String> {
        words.extend([&self.mode, &self.owner, &self.group].map(Clone::clone));
        words
    }

    fn take(words: &mut std::slice::Iter<'_, String>) -> Option<Self> {
        Some(Self::new(words.next()?, words.next()?, words.next()?))
    }
}

/// What is at a path: `file MODE SIZE SHA256 OWNER GROUP`, `directory MODE OWNER GROUP`, `link OWNER GROUP TARGET`,
/// `other MODE OWNER GROUP` or `absent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Absent,
    /// A file.
    File {
        /// Its size in bytes; none where nobody knows it.
        size: Option<u64>,
        /// Its SHA-256 in hexadecimal.
        sha256: String,
        /// Mode and owners.
        attributes: Attributes,
    },
    /// A folder.
    Directory(Attributes),
    /// A symbolic link.
    Link {
        /// Its owner's name.
        owner: String,
        /// Its group's name.
        group: String,
        /// Where it points.
        target: String,
    },
    /// A device, a socket, a pipe.
    Other(Attributes),
}

impl Entry {
    /// A file with these bytes.
    #[must_use]
    pub fn file(bytes: &[u8], attributes: Attributes) -> Self {
        Self::File {
            size: Some(bytes.len() as u64),
            sha256: hex::encode(Sha256::digest(bytes)),
            attributes,
        }
    }

    /// What it is, in a word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::File { .. } => "a file",
            Self::Directory(_) => "a folder",
            Self::Link { .. } => "a symbolic link",
            Self::Other(_) => "a special file",
        }
    }
}

impl Printed for Entry {
    fn print(&self) -> String {
        match self {
            Self::Absent => "absent".to_owned(),
            Self::File {
                size,
                sha256,
                attributes: Attributes { mode, owner, group },
            } => {
                format!("file {mode} {} {sha256} {owner} {group}", size.word())
            }
            Self::Directory(attributes) => format!("directory {}", attributes.print()),
            Self::Link {
                owner,
                group,
                target,
            } => format!("link {owner} {group} {target}"),
            Self::Other(attributes) => format!("other {}", attributes.print()),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        Some(match words.as_slice() {
            ["absent"] => Self::Absent,
            ["file", mode, size, sha256, owner, group] => Self::File {
                size: Word::of_word(size)?,
                sha256: (*sha256).to_owned(),
                attributes: Attributes::new(mode, owner, group),
            },
            ["directory", mode, owner, group] => {
                Self::Directory(Attributes::new(mode, owner, group))
            }
            ["link", owner, group, target @ ..] => Self::Link {
                owner: (*owner).to_owned(),
                group: (*group).to_owned(),
                target: target.join(" "),
            },
            ["other", mode, owner, group] => Self::Other(Attributes::new(mode, owner, group)),
            _ => return None,
        })
    }
}

/// When something was last changed, in microseconds since 1970: seconds with six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub u64);

impl Printed for Time {
    fn print(&self) -> String {
        format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }

    fn parse(text: &str) -> Option<Self> {
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
        let micros: u64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
        let seconds: u64 = seconds.parse().ok()?;
        Some(Self(seconds * 1_000_000 + micros))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Ask, codec::tests::same},
        *,
    };

    #[test]
    fn a_line_says_what_made_it() {
        for line in [
            "absent",
            "directory 1777 root adm",
            "file 644 12 abc root adm",
            "file 644 - abc root adm",
            "link root root /a  b",
            "other 660 root disk",
        ] {
            same::<Entry>(line);
        }
        for line in [
            "",
            "nothing",
            "file 644",
            "file 644 x abc root adm",
            "absent 1",
        ] {
            assert_eq!(Entry::parse(line), None, "{line}");
        }
        assert_eq!(same::<Time>("1764085447.123456").0, 1_764_085_447_123_456);
        assert_eq!(same::<OrAbsent<Time>>("absent").0, None);
        // What a host says without a fraction is whole seconds.
        assert_eq!(Time::parse("7").unwrap().0, 7_000_000);
        assert_eq!(Time::parse("never"), None);
    }

    #[test]
    fn the_file_system_of_a_cluster_has_its_own_modes_and_owners() {
        let new = |mode| Attributes::new(mode, "root", "www-data");
        for (path, file, folder) in [
            ("/etc/pve/a.cfg", new("640"), new("755")),
            ("/etc/pve/priv/a", new("600"), new("700")),
            ("/etc/pve/nodes/pve1/priv/a", new("600"), new("700")),
            (
                "/etc/pve",
                Attributes::of_root("644"),
                Attributes::of_root("755"),
            ),
        ] {
            assert_eq!(
                (Attributes::of_file(path), Attributes::of_folder(path)),
                (file, folder),
                "{path}"
            );
        }
    }

    #[test]
    fn a_call_says_what_made_it() {
        let write = Write::new("/etc/motd", Attributes::new("0644", "root", "-"), "text");
        let call = write.call();
        assert_eq!(call.args, ["/etc/motd", "644", "root", "-"]);
        assert_eq!(Write::of(&call), Some(write));
        assert_eq!(
            Mkdir::of(&call).map(|mkdir| mkdir.path),
            Some("/etc/motd".to_owned())
        );
        assert_eq!(Stat::of(&call), None, "there are too many arguments");
    }
}
