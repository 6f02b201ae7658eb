//! Parameters of a command line: which are to be there, which aren't.

use runbook::failure::Failure;
use world::code;

/// Parameters of which every one counts, by their plain names; `rd.*` are some, too.
const REPEATED: &[&str] = &[
    "acpi_osi",
    "bond",
    "bridge",
    "cgroup_disable",
    "cgroup_enable",
    "console",
    "crashkernel",
    "earlycon",
    "hugepages",
    "hugepagesz",
    "ifname",
    "initrd",
    "ip",
    "memmap",
    "modprobe.blacklist",
    "nameserver",
    "pci",
    "systemd.mask",
    "systemd.setenv",
    "systemd.wants",
    "team",
    "video",
    "vlan",
];

/// Parameters that boot loaders add, or nothing starts without.
const NEEDED: &[&str] = &["BOOT_IMAGE", "initrd", "root"];

/// What is wanted of a command line.
pub(super) struct Parameters<'a> {
    pub(super) present: &'a [String],
    pub(super) absent: &'a [String],
}

/// A parameter's name as the kernel compares it: a dash and an underscore are one.
fn name_of(word: &str) -> String {
    let name = word.split('=').next().unwrap_or_default();
    name.replace('-', "_")
}

fn is_repeated(name: &str) -> bool {
    REPEATED.contains(&name) || name.starts_with("rd.")
}

/// Whether two words say the same.
fn is_same(word: &str, other: &str) -> bool {
    let value = |word: &str| word.split_once('=').map(|(_, value)| value.to_owned());
    name_of(word) == name_of(other) && value(word) == value(other)
}

impl Parameters<'_> {
    /// A command line with what is wanted; all else stays where it is.
    pub(super) fn applied_to(&self, line: &str) -> String {
        if self.hold_for(line) {
            return line.to_owned();
        }
        let mut words: Vec<&str> = line.split_whitespace().collect();
        words.retain(|word| !self.absent.iter().any(|absent| takes_away(absent, word)));
        for wanted in self.present {
            if holds(&words, wanted) {
                continue;
            }
            let name = name_of(wanted);
            let mut place = words.len();
            if !is_repeated(&name) {
                place = words
                    .iter()
                    .position(|word| name_of(word) == name)
                    .unwrap_or(place);
                words.retain(|word| name_of(word) != name);
            }
            words.insert(place, wanted);
        }
        words.join(" ")
    }

    /// A command line without what is to be gone; all else stays as it is.
    pub(super) fn taken_from(&self, line: &str) -> String {
        Parameters {
            present: &[],
            ..*self
        }
        .applied_to(line)
    }

    /// Whether a command line is as it's wanted.
    pub(super) fn hold_for(&self, line: &str) -> bool {
        self.unmet_by(line).is_none()
    }

    /// The first wish that a command line doesn't meet.
    pub(super) fn unmet_by(&self, line: &str) -> Option<&str> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_missing = |wanted: &&String| !holds(&words, wanted);
        let is_left = |absent: &&String| words.iter().any(|word| takes_away(absent, word));
        let missing = self.present.iter().find(is_missing);
        let unmet = missing.or_else(|| self.absent.iter().find(is_left));
        unmet.map(String::as_str)
    }

    /// Looks at wishes that can't come true.
    ///
    /// # Errors
    /// Two contradict each other, or nothing could start.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let wrong = |text: String| {
            let text = format!("host::kernel_cmdline: {text}");
            Err(Failure::new(code::runbook::argument, text))
        };
        for (at, wanted) in self.present.iter().enumerate() {
            let name = name_of(wanted);
            let is_other = |other: &&String| name_of(other) == name && !is_same(other, wanted);
            if name.is_empty() || wanted.contains(char::is_whitespace) {
                return wrong(format!("'{wanted}' is no parameter"));
            }
            if self.absent.iter().any(|absent| takes_away(absent, wanted)) {
                return wrong(format!("'{wanted}' is to be there, and to be gone"));
            }
            if let Some(other) = self.present[..at].iter().find(is_other)
                && !is_repeated(&name)
            {
                return wrong(format!("'{other}' and '{wanted}' can't both hold"));
            }
        }
        match self
            .absent
            .iter()
            .find(|absent| NEEDED.contains(&absent.as_str()))
        {
            Some(needed) => wrong(format!("no host starts without '{needed}'")),
            None => Ok(()),
        }
    }
}

/// Whether a parameter stands among words, and no other value of it behind, where the last one counts.
fn holds(words: &[&str], wanted: &str) -> bool {
    let name = name_of(wanted);
    let mut own = words.iter().rev().filter(|word| name_of(word) == name);
    match is_repeated(&name) {
        true => own.any(|word| is_same(word, wanted)),
        false => own.next().is_some_and(|word| is_same(word, wanted)),
    }
}

fn takes_away(absent: &str, word: &str) -> bool {
    if absent.contains('=') {
        is_same(word, absent)
    } else {
        name_of(word) == name_of(absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_what_is_wanted_and_nothing_else() {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (line, present, absent, expected) in [
            (
                "quiet",
                &["iommu=pt"] as &[_],
                &[] as &[_],
                "quiet iommu=pt",
            ),
            ("quiet iommu=pt", &["iommu=pt"], &[], "quiet iommu=pt"),
            ("iommu=off quiet", &["iommu=pt"], &[], "iommu=pt quiet"),
            ("iommu=pt iommu=off", &["iommu=pt"], &[], "iommu=pt"),
            ("quiet splash=x", &[], &["quiet", "splash"], ""),
            ("a=1 a=2", &[], &["a=2"], "a=1"),
            (
                "console=tty0",
                &["console=ttyS0"],
                &[],
                "console=tty0 console=ttyS0",
            ),
            (
                "console=ttyS0 console=tty0",
                &["console=ttyS0"],
                &[],
                "console=ttyS0 console=tty0",
            ),
            (
                "video=efifb:off rd.driver.pre=a",
                &["video=vesafb:off", "rd.driver.pre=b", "pci=nommconf"],
                &[],
                "video=efifb:off rd.driver.pre=a video=vesafb:off rd.driver.pre=b pci=nommconf",
            ),
            (
                "vfio_pci.ids=1:2 quiet",
                &["vfio-pci.ids=3:4"],
                &[],
                "vfio-pci.ids=3:4 quiet",
            ),
            ("a-b=1", &[], &["a_b"], ""),
        ] {
            let (present, absent) = (texts(present), texts(absent));
            let wanted = Parameters {
                present: &present,
                absent: &absent,
            };
            let applied = wanted.applied_to(line);
            assert_eq!(applied, expected, "{line}");
            assert!(wanted.hold_for(&applied), "{line}");
            assert_eq!(wanted.hold_for(line), applied == line, "{line}");
            wanted.check().unwrap();
        }
    }

    #[test]
    fn refuses_what_can_never_hold() {
        for (present, absent, is_right) in [
            (&["iommu=pt", "iommu=off"] as &[_], &[] as &[_], false),
            (&["a-b=1", "a_b=2"], &[], false),
            (&["iommu=pt", "iommu=pt"], &[], true),
            (&["video=a:off", "video=b:off"], &[], true),
            (&["quiet"], &["quiet"], false),
            (&["iommu=pt"], &["iommu=off"], true),
            (&["a b"], &[], false),
            (&[""], &[], false),
            (&[], &["root"], false),
            (&[], &["BOOT_IMAGE"], false),
        ] {
            let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
            let (present, absent) = (texts(present), texts(absent));
            let wanted = Parameters {
                present: &present,
                absent: &absent,
            };
            assert_eq!(wanted.check().is_ok(), is_right, "{present:?} {absent:?}");
        }
    }
}
