//! The one table of verbs: name, read or write. A preview may send only what is marked read.

use serde::{Deserialize, Serialize};

/// Whether a verb can change its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leaves the host as it is.
    Read,
    /// May change it.
    Write,
}

/// A verb of the host protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `PATH` -> `TYPE MODE SIZE SHA256` (type `file`, `directory`, `link`, `other`, or `absent`; hash of files only).
    Stat,
    /// `PATH` -> the file's bytes; status 66 if there is no such file.
    Read,
    /// `PATH MODE` with the bytes as input: writes a new file beside it, syncs it, renames it over the old one.
    Write,
    /// `PATH`: removes a file; nothing happens if there is none.
    Remove,
}

/// Every verb with its function in the prelude and its effect.
pub const VERBS: &[(Verb, &str, Effect)] = &[
    (Verb::Stat, "hl_stat", Effect::Read),
    (Verb::Read, "hl_read", Effect::Read),
    (Verb::Write, "hl_write", Effect::Write),
    (Verb::Remove, "hl_remove", Effect::Write),
];

impl Verb {
    fn row(self) -> &'static (Self, &'static str, Effect) {
        VERBS
            .iter()
            .find(|row| row.0 == self)
            .expect("every verb has a row, which a test proves")
    }

    /// The name of the verb's function in the prelude.
    #[must_use]
    pub fn function(self) -> &'static str {
        self.row().1
    }

    /// Whether the verb can change its host.
    #[must_use]
    pub fn effect(self) -> Effect {
        self.row().2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::PRELUDE;

    #[test]
    fn every_verb_has_a_row_and_a_function() {
        for verb in [Verb::Stat, Verb::Read, Verb::Write, Verb::Remove] {
            // Fails to compile when a verb is added and this list isn't.
            match verb {
                Verb::Stat | Verb::Read | Verb::Write | Verb::Remove => {}
            }
            assert!(
                PRELUDE.contains(&format!("\n{}() {{", verb.function())),
                "{verb:?}"
            );
        }
        assert_eq!(VERBS.len(), 4);
        assert_eq!(
            (Verb::Stat.effect(), Verb::Write.effect()),
            (Effect::Read, Effect::Write)
        );
    }
}
