//! The options of `useradd` and its kin.

use world::host::Reply;

use super::ids::Range;

/// Options that take a value.
const VALUED: &[&str] = &["-u", "-g", "-G", "-c", "-d", "-s"];

/// The name and the options of a call.
pub(super) struct Options<'a> {
    /// Whose they are.
    pub(super) name: &'a str,
    all: Vec<(&'a str, &'a str)>,
}

impl<'a> Options<'a> {
    /// The options of a call; a reply for those that the model doesn't know.
    pub(super) fn of(name: &'a str, options: &'a [String], known: &[&str]) -> Result<Self, Reply> {
        let mut rest = options.iter().map(String::as_str);
        let mut all = Vec::new();
        while let Some(option) = rest.next() {
            if !known.contains(&option) {
                let text = format!("option {option} isn't modelled");
                return Err(Reply::failed(127, text));
            }
            let value = if VALUED.contains(&option) {
                rest.next().unwrap_or_default()
            } else {
                ""
            };
            all.push((option, value));
        }
        Ok(Self { name, all })
    }

    /// Whether an option is there.
    pub(super) fn has(&self, option: &str) -> bool {
        self.value(option).is_some()
    }

    /// From which range a new id is taken.
    pub(super) fn range(&self) -> Range {
        if self.has("-r") {
            Range::System
        } else {
            Range::Own
        }
    }

    /// The value of an option.
    pub(super) fn value(&self, option: &str) -> Option<&'a str> {
        let found = self.all.iter().find(|(own, _)| *own == option);
        found.map(|(_, value)| *value)
    }

    /// The value of an option as an id; none for what is no number.
    pub(super) fn id(&self, option: &str) -> Option<u32> {
        self.value(option)?.parse().ok()
    }
}
