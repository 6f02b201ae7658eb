//! What fstab is to say of a mount, and what findmnt shows of it.

use std::collections::BTreeSet;

use formats::fstab::Entry;
use runbook::failure::Failure;
use world::{code, host::verb};

use super::{MountSpec, State};
use crate::operate::Operate as _;

/// Options that findmnt shows as they are given.
const FLAGS: &[&str] = &["ro", "nosuid", "nodev", "noexec", "noatime"];

/// A line of fstab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line(pub(super) Entry);

/// What is mounted at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::host) struct Mounted {
    pub(in crate::host) source: String,
    pub(in crate::host) fstype: String,
    pub(in crate::host) options: BTreeSet<String>,
}

impl Mounted {
    /// What a host tells.
    pub(in crate::host) fn of(told: &verb::Mount) -> Self {
        Self {
            source: told.source.replace("\\x20", " "),
            fstype: told.fstype.clone(),
            options: told.options.split(',').map(str::to_owned).collect(),
        }
    }

    /// It in a word.
    pub(in crate::host) fn shown(&self) -> String {
        format!("{} ({})", self.source, self.fstype)
    }
}

/// Both names of a logical volume are one.
fn device(source: &str) -> String {
    match source
        .strip_prefix("/dev/")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((group, volume)) if !matches!(group, "disk" | "mapper" | "block") => {
            let double = |name: &str| name.replace('-', "--");
            format!("/dev/mapper/{}-{}", double(group), double(volume))
        }
        _ => source.to_owned(),
    }
}

impl Line {
    /// The line that a spec wants.
    pub(super) fn wanted(spec: &MountSpec) -> Result<Self, Failure> {
        let needed = [("source", &spec.source), ("fstype", &spec.fstype)];
        for (name, value) in needed {
            if spec.state != State::Absent && value.is_empty() {
                let text = format!("{}: `{name}` is needed", MountSpec::NAME);
                return Err(Failure::new(code::runbook::argument, text));
            }
        }
        let mut options: BTreeSet<String> = spec
            .options
            .iter()
            .flat_map(|option| option.split(','))
            .map(str::to_owned)
            .collect();
        let is_bind = spec.fstype == "bind";
        if is_bind {
            options.insert("bind".to_owned());
        }
        Ok(Self(Entry {
            source: spec.source.clone(),
            path: (&spec.path).into(),
            fstype: if is_bind { "none" } else { &spec.fstype }.to_owned(),
            options: options.into_iter().collect(),
            rest: "0 0".to_owned(),
        }))
    }

    /// Whether two lines mean the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (&self.0.source, &self.0.fstype) == (&other.0.source, &other.0.fstype)
            && self.0.told() == other.0.told()
    }

    /// Whether what is mounted comes from this line, as far as its source can be compared.
    pub(super) fn is_source_of(&self, is: &Mounted) -> bool {
        if self.0.has("bind") {
            let within = is
                .source
                .split_once('[')
                .map(|(_, rest)| rest.trim_end_matches(']'));
            return within.is_none_or(|folder| self.0.source.ends_with(folder));
        }
        if !is.fstype.starts_with(&self.0.fstype) {
            return false;
        }
        let is_name = self
            .0
            .source
            .split_once('=')
            .is_some_and(|(name, _)| !name.contains('/'));
        is_name
            || self.0.source.starts_with("/dev/disk/")
            || device(&self.0.source) == device(&is.source).trim_end_matches('/')
            || self.0.source.trim_end_matches('/') == is.source.trim_end_matches('/')
    }

    /// Whether what is mounted has the flags of this line.
    pub(super) fn has_flags_of(&self, is: &Mounted) -> bool {
        FLAGS.iter().all(|flag| {
            let (wanted, has) = (self.0.has(flag), is.options.contains(*flag));
            // A server or another default may add flags; `ro` alone is taken away too.
            wanted == has || (!wanted && *flag != "ro")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line(Entry::read(text).unwrap())
    }

    fn mounted(text: &str) -> Mounted {
        Mounted::of(&verb::Printed::parse(text).unwrap())
    }

    #[test]
    fn options_are_a_set() {
        let a = line("10.0.0.1:/a /mnt/a nfs ro,soft 0 0");
        assert!(a.is_like(&line("10.0.0.1:/a  /mnt/a  nfs  soft,ro")));
        assert!(!a.is_like(&line("10.0.0.1:/a /mnt/a nfs soft")));
        assert!(line("/dev/a / ext4 defaults").is_like(&line("/dev/a / ext4 rw")));
    }

    #[test]
    fn knows_what_is_mounted() {
        for (wanted, is, fits) in [
            ("10.0.0.1:/a /m nfs ro", "mounted 10.0.0.1:/a nfs4 ro", true),
            (
                "10.0.0.1:/a /m nfs ro",
                "mounted 10.0.0.1:/b nfs4 ro",
                false,
            ),
            (
                "/dev/pve/a-b /m ext4 rw",
                "mounted /dev/mapper/pve-a--b ext4 rw",
                true,
            ),
            ("UUID=1 /m ext4 rw", "mounted /dev/sda1 ext4 rw", true),
            ("UUID=1 /m xfs rw", "mounted /dev/sda1 ext4 rw", false),
            (
                "/srv/a /m none bind",
                "mounted /dev/sda1[/srv/a] ext4 rw",
                true,
            ),
            (
                "/srv/a /m none bind",
                "mounted /dev/sda1[/srv/b] ext4 rw",
                false,
            ),
        ] {
            let is = mounted(is);
            assert_eq!(line(wanted).is_source_of(&is), fits, "{wanted} {is:?}");
        }
        let is = mounted("mounted a nfs4 rw,nosuid");
        assert!(line("a /m nfs soft").has_flags_of(&is));
        assert!(!line("a /m nfs ro").has_flags_of(&is));
    }
}
