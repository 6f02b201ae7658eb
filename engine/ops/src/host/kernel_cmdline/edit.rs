//! Parameters of a command line: which are to be there, which aren't.

/// Parameters that may stand several times.
const REPEATED: &[&str] = &["console", "earlycon", "hugepages", "hugepagesz", "initrd"];

/// What is wanted of a command line.
pub(super) struct Parameters<'a> {
    pub(super) present: &'a [String],
    pub(super) absent: &'a [String],
}

fn name_of(word: &str) -> &str {
    word.split('=').next().unwrap_or_default()
}

impl Parameters<'_> {
    /// A command line with what is wanted; all else stays where it is.
    pub(super) fn applied_to(&self, line: &str) -> String {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        words.retain(|word| !self.absent.iter().any(|absent| takes_away(absent, word)));
        for wanted in self.present {
            let name = name_of(wanted);
            if words.contains(&wanted.as_str()) && is_last(&words, wanted) {
                continue;
            }
            if !REPEATED.contains(&name) {
                let place = words.iter().position(|word| name_of(word) == name);
                words.retain(|word| name_of(word) != name);
                words.insert(place.unwrap_or(words.len()), wanted);
            } else if !words.contains(&wanted.as_str()) {
                words.push(wanted);
            }
        }
        words.join(" ")
    }

    /// Whether a command line is as it's wanted.
    pub(super) fn hold_for(&self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_there =
            |wanted: &String| words.contains(&wanted.as_str()) && is_last(&words, wanted);
        let is_gone = |absent: &String| !words.iter().any(|word| takes_away(absent, word));
        self.present.iter().all(is_there) && self.absent.iter().all(is_gone)
    }
}

/// Whether no other value of a parameter stands behind it: the last one holds.
fn is_last(words: &[&str], wanted: &str) -> bool {
    let name = name_of(wanted);
    let last = words.iter().rfind(|word| name_of(word) == name);
    REPEATED.contains(&name) || last == Some(&wanted)
}

fn takes_away(absent: &str, word: &str) -> bool {
    if absent.contains('=') {
        word == absent
    } else {
        name_of(word) == absent
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
        }
    }
}
