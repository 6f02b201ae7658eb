//! The one table of verbs: name, read or write, what it takes and tells. A preview may send only what is marked read.
//!
//! A family of verbs is a file here with its rows and the types of what they tell, a file in `prelude/` with one
//! function per verb that is sent, and a file of handlers in the twin. What a verb is: see the rows.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

mod accounts;
mod checked;
mod codec;
mod command;
mod fetch;
mod files;
mod guard;
mod kernel;
mod lease;
mod measure;
mod packages;
mod reach;
mod storage;
mod system;
mod track;
mod trust;
mod units;

pub use self::{
    accounts::*,
    checked::*,
    codec::{ABSENT, Argument, Ask, OrAbsent, Pairs, Printed, Told, Untold, Word, parts, together},
    command::*,
    fetch::*,
    files::*,
    guard::*,
    kernel::*,
    lease::*,
    measure::*,
    packages::*,
    reach::*,
    storage::*,
    system::*,
    track::*,
    trust::*,
    units::*,
};

/// Whether a verb can change its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Leaves the host as it is.
    Read,
    /// May change it, at once: it's over when its reply is there, or soon after its connection is lost.
    Write,
    /// Leaves it as it was, and loads it meanwhile: what is left of it after a lost connection changes nothing.
    Load,
    /// May change it and take long. Its host keeps a record of it, so that it can be asked later whether it began,
    /// still runs or has ended: see [`Verb::SETTLE`].
    Tracked,
}

impl Effect {
    /// Whether the host stays as it is.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read)
    }
}

/// Parts of a host: what a read shows, and what a write may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Parts(u8);

impl Parts {
    /// None: what a read shows changes by itself, or by what other hosts do.
    pub const NONE: Self = Self(0);
    /// Files, and all that programs read from files: accounts, settings, apt's lists.
    pub const FILES: Self = Self(1);
    /// What dpkg has installed.
    pub const PACKAGES: Self = Self(1 << 1);
    /// systemd's units.
    pub const UNITS: Self = Self(1 << 2);
    /// The kernel's values, modules and devices.
    pub const KERNEL: Self = Self(1 << 3);
    /// Addresses and routes.
    pub const NETWORK: Self = Self(1 << 4);
    /// Disks, what is on them, and mounts.
    pub const STORAGE: Self = Self(1 << 5);
    /// All of them.
    pub const ALL: Self = Self((1 << 6) - 1);

    const fn of(parts: &[Self]) -> Self {
        let (mut all, mut at) = (0, 0);
        while at < parts.len() {
            all |= parts[at].0;
            at += 1;
        }
        Self(all)
    }

    /// Whether they have one in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// How a reply to several arguments is parted into those to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// A line an argument, in their order.
    Lines,
    /// Lines an argument, in their order, with a blank line between.
    Blocks,
    /// Lines whose first word is the argument; an argument may have none.
    Names,
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Row {
    name: &'static str,
    effect: Effect,
    parts: Parts,
    split: Option<Split>,
}

/// A verb of the host protocol: a row of [`VERBS`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verb(&'static Row);

impl Verb {
    /// The verb of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        all().find(|verb| verb.name() == name)
    }

    /// Its name: `stat`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What a failure calls it: what runs a lab's own command is no word that its author knows.
    #[must_use]
    pub fn shown(self) -> &'static str {
        if matches!(self, Self::RUN | Self::LOOK) {
            "the command"
        } else {
            self.0.name
        }
    }

    /// The name of its function in the prelude: `hl_stat`.
    #[must_use]
    pub fn function(self) -> String {
        format!("hl_{}", self.0.name)
    }

    /// Whether it's answered on this side of the connection, and never sent.
    #[must_use]
    pub fn is_near(self) -> bool {
        trust::TRUST.contains(&self)
    }

    /// Whether it can change its host.
    #[must_use]
    pub const fn effect(self) -> Effect {
        self.0.effect
    }

    /// What of the host a read shows, or a write may change. A read's reply holds as long as nothing of it is changed; of
    /// one that shows [`Parts::NONE`] nobody knows how long it holds.
    #[must_use]
    pub const fn parts(self) -> Parts {
        self.0.parts
    }

    /// How several calls of a read can be made one: by one call with all their arguments, whose reply is parted so.
    #[must_use]
    pub const fn split(self) -> Option<Split> {
        self.0.split
    }
}

impl fmt::Debug for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Verb {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Verb {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| D::Error::custom(format!("there is no verb '{name}'")))
    }
}

/// Every verb, by family.
pub const VERBS: &[&[Verb]] = &[
    files::FILES,
    guard::GUARD,
    reach::REACH,
    units::UNITS,
    command::COMMAND,
    track::TRACK,
    accounts::ACCOUNTS,
    checked::CHECKED,
    fetch::FETCH,
    packages::PACKAGES,
    system::SYSTEM,
    kernel::KERNEL,
    storage::STORAGE,
    measure::MEASURE,
    lease::LEASE,
    trust::TRUST,
];

/// Every verb.
pub fn all() -> impl Iterator<Item = Verb> {
    VERBS.iter().copied().flatten().copied()
}

/// Declares a family of verbs with the types of their calls:
/// `NAME = Effect(PARTS) "name" Type { argument, argument: Type } < input by Split => what it tells;` An argument is text if
/// its type isn't named.
macro_rules! asks {
    ($family:ident: $($(#[$doc:meta])* $constant:ident = $effect:ident($($part:ident)|*) $name:literal
        $ask:ident { $($field:ident $(: $type:ty)?),* } $(< $input:ident)? $(by $split:ident)? => $told:ty;)*) => {
        impl $crate::host::Verb {
            $($(#[$doc])*
            pub const $constant: Self = Self(&super::Row {
                name: $name,
                effect: $crate::host::Effect::$effect,
                parts: $crate::host::Parts::of(&[$($crate::host::Parts::$part),*]),
                split: super::split!($($split)?),
            });)*
        }

        $($(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $ask {
            $(#[doc = concat!("Its argument `", stringify!($field), "`.")]
            pub $field: super::type_of!($($type)?),)*
            $(#[doc = "What it reads from standard input."]
            pub $input: bytes::Bytes,)?
        }

        super::new_of! { $ask { $($field: super::type_of!($($type)?)),* } $($input)? }

        impl super::Ask for $ask {
            const VERB: super::Verb = super::Verb::$constant;
            type Reply = $told;

            fn call(&self) -> $crate::host::Call {
                let words: Vec<String> = Vec::new();
                $(let words = super::Argument::put(&self.$field, words);)*
                $crate::host::Call::new(Self::VERB, words)$(.with_input(self.$input.clone()))?
            }

            fn of(call: &$crate::host::Call) -> Option<Self> {
                let mut words = call.args.iter();
                let ask = Self {
                    $($field: super::Argument::take(&mut words)?,)*
                    $($input: call.input.clone(),)?
                };
                words.next().is_none().then_some(ask)
            }
        })*

        /// The family's verbs.
        pub(super) const $family: &[$crate::host::Verb] = &[$($crate::host::Verb::$constant),*];
    };
}
use asks;

/// How a call with arguments is made.
macro_rules! new_of {
    ($ask:ident {}) => {};
    ($ask:ident { $($field:ident: $type:ty),+ } $($input:ident)?) => {
        impl $ask {
            /// The call with these arguments.
            #[must_use]
            pub fn new($($field: impl Into<$type>,)+ $($input: impl Into<bytes::Bytes>)?) -> Self {
                Self { $($field: $field.into(),)+ $($input: $input.into())? }
            }
        }
    };
}
use new_of;

/// The type of an argument: text, if it isn't named.
macro_rules! type_of {
    () => {
        String
    };
    ($type:ty) => {
        $type
    };
}
use type_of;

/// Declares a type whose values are words: in a call, or all that a verb prints.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$of:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type {
            $($(#[$of])* $variant,)*
        }

        impl $type {
            /// Its word.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl super::Word for $type {
            fn word(&self) -> String {
                self.name().to_owned()
            }

            fn of_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl super::Printed for $type {
            fn print(&self) -> String {
                self.name().to_owned()
            }

            fn parse(text: &str) -> Option<Self> {
                super::Word::of_word(text)
            }
        }
    };
}
use words;

/// Declares a value that a verb prints as words in a line, behind the word that says what it is, if there is one. The last
/// word may hold blanks.
macro_rules! line {
    ($(#[$doc:meta])* $type:ident $($word:literal)? { $($(#[$of:meta])* $field:ident: $field_type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $type {
            $($(#[$of])* pub $field: $field_type,)*
        }

        impl super::Printed for $type {
            fn print(&self) -> String {
                [$($word.to_owned(),)? $(super::Word::word(&self.$field)),*].join(" ")
            }

            fn parse(text: &str) -> Option<Self> {
                let count = [$($word,)? $(stringify!($field)),*].len();
                let mut words = text.splitn(count, ' ');
                $(if words.next()? != $word {
                    return None;
                })?
                Some(Self { $($field: super::Word::of_word(words.next()?)?),* })
            }
        }
    };
}
use line;

/// Declares a value of several kinds, each of which a verb prints as a line of words behind its own.
macro_rules! lines {
    ($(#[$doc:meta])* $type:ident { $(
        $(#[$kind:meta])* $variant:ident $word:literal { $($(#[$of:meta])* $field:ident: $field_type:ty),* $(,)? }
    ),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $type {
            $($(#[$kind])* $variant { $($(#[$of])* $field: $field_type),* },)*
        }

        impl super::Printed for $type {
            fn print(&self) -> String {
                match self {
                    $(Self::$variant { $($field),* } => {
                        [$word.to_owned(), $(super::Word::word($field)),*].join(" ")
                    })*
                }
            }

            fn parse(text: &str) -> Option<Self> {
                let (word, rest) = text.split_once(' ')?;
                match word {
                    $($word => {
                        let mut words = rest.splitn([$(stringify!($field)),*].len(), ' ');
                        Some(Self::$variant { $($field: super::Word::of_word(words.next()?)?),* })
                    })*
                    _ => None,
                }
            }
        }
    };
}
use lines;

/// The way that a verb's row names, if it names one.
macro_rules! split {
    () => {
        None
    };
    ($split:ident) => {
        Some($crate::host::Split::$split)
    };
}
use split;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::host::PRELUDE;

    #[test]
    fn every_verb_has_one_name_and_a_function() {
        let mut names = BTreeSet::new();
        for verb in all() {
            assert!(names.insert(verb.name()), "{verb:?} stands twice");
            let function = format!("\n{}() {{", verb.function());
            assert_eq!(PRELUDE.contains(&function), !verb.is_near(), "{verb:?}");
            assert_eq!(Verb::named(verb.name()), Some(verb));
        }
        assert!(Verb::STAT.effect().is_read() && !Verb::WRITE.effect().is_read());
    }

    #[test]
    fn a_verb_is_recorded_by_its_name() {
        let text = serde_json::to_string(&Verb::STAT).unwrap();
        assert_eq!(text, "\"stat\"");
        assert_eq!(serde_json::from_str::<Verb>(&text).unwrap(), Verb::STAT);
        assert!(serde_json::from_str::<Verb>("\"frobnicate\"").is_err());
    }
}
