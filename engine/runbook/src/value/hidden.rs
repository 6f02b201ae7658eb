//! Values that a script carries without seeing them: what a preview can't know yet, and secrets.

use std::{fmt, sync::Arc};

use rhai::{Array, Dynamic, FnPtr, Map};
use world::{Origin, Secret};

/// A value that a preview cannot know yet; it carries where it will come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Where the value will come from.
    pub origin: Arc<Origin>,
}

impl Unknown {
    /// An unknown value from `origin`.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self {
            origin: Arc::new(origin),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(unknown: {})", self.origin)
    }
}

/// What kind of value a script must not look into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// A value that isn't known yet, and where it comes from.
    Unknown(Origin),
    /// The secret of this name.
    Secret(String),
}

impl Hidden {
    /// The name of the script type [`Unknown`].
    pub const UNKNOWN: &str = "Unknown";
    /// The name of the script type [`Secret`].
    pub const SECRET: &str = "Secret";

    /// The hidden value that `value` itself is.
    #[must_use]
    pub fn of(value: &Dynamic) -> Option<Self> {
        if !value.is_variant() && !value.is_shared() {
            return None;
        }
        if let Some(unknown) = value.read_lock::<Unknown>() {
            return Some(Self::Unknown((*unknown.origin).clone()));
        }
        let secret = value.read_lock::<Secret>()?;
        Some(Self::Secret(secret.name().to_owned()))
    }

    /// The first hidden value in `value`: itself, in a list, in a map, or captured by a function.
    ///
    /// An unknown comes before a secret, since it makes the whole unknown.
    #[must_use]
    pub fn within(value: &Dynamic) -> Option<Self> {
        if let Some(hidden) = Self::of(value) {
            return Some(hidden);
        }
        if let Some(items) = value.read_lock::<Array>() {
            return Self::worst(items.iter());
        }
        if let Some(map) = value.read_lock::<Map>() {
            return Self::worst(map.values());
        }
        let function = value.read_lock::<FnPtr>()?;
        Self::worst(function.curry().iter())
    }

    fn worst<'a>(values: impl Iterator<Item = &'a Dynamic>) -> Option<Self> {
        let mut secret = None;
        for value in values {
            match Self::within(value) {
                Some(unknown @ Self::Unknown(_)) => return Some(unknown),
                Some(found) if secret.is_none() => secret = Some(found),
                _ => {}
            }
        }
        secret
    }

    /// The hidden value that a type name in one of the engine's own errors stands for.
    pub(super) fn of_type_name(name: &str) -> Option<Self> {
        match name.rsplit("::").next()? {
            Self::UNKNOWN => Some(Self::Unknown(Origin {
                step: String::new(),
                what: "a step of this preview".to_owned(),
            })),
            Self::SECRET => Some(Self::Secret(String::new())),
            _ => None,
        }
    }

    /// Why a script must not look into it.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "its value isn't known before the run",
            Self::Secret(_) => "what a script does must not depend on a secret's value",
        }
    }
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(origin) => write!(f, "an unknown value ({origin})"),
            Self::Secret(name) if name.is_empty() => f.write_str("a secret"),
            Self::Secret(name) => write!(f, "the secret {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_hidden_values_at_any_depth_and_unknowns_first() {
        let unknown = || {
            Dynamic::from(Unknown::new(Origin {
                step: "1".into(),
                what: "x".into(),
            }))
        };
        let secret = || Dynamic::from(Secret::new("S", "v"));
        let list: Array = vec![secret(), Dynamic::from_array(vec![1.into(), unknown()])];
        let mut map = Map::new();
        map.insert("a".into(), secret());
        assert!(matches!(
            Hidden::within(&Dynamic::from_array(list)),
            Some(Hidden::Unknown(_))
        ));
        assert!(matches!(
            Hidden::within(&Dynamic::from_map(map)),
            Some(Hidden::Secret(_))
        ));
        assert!(matches!(
            Hidden::of(&unknown().into_shared()),
            Some(Hidden::Unknown(_))
        ));
        assert_eq!(
            Hidden::within(&Dynamic::from_array(vec![1.into(), "a".into()])),
            None
        );
    }
}
