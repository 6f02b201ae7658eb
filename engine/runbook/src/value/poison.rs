//! The diagnostic for a misused unknown or secret, and the flag that makes sure it isn't swallowed.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rhai::{Dynamic, EvalAltResult, Position};

use super::hidden::Hidden;

/// An unknown or a secret was used where its value would be needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What was used.
    pub hidden: Hidden,
    /// How it was used, in words: `as a condition`, `by the function 'len'`.
    pub used: String,
    /// Where, in the script `source`.
    pub position: Position,
    /// The script file, or nothing for the runbook itself.
    pub source: Option<String>,
}

// By hand, since thiserror takes a field called `source` for a cause.
impl std::error::Error for Diagnostic {}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} can't be used {}: {}",
            self.hidden,
            self.used,
            self.hidden.reason()
        )
    }
}

impl Diagnostic {
    /// What the user can do.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self.hidden {
            Hidden::Unknown(_) => {
                "the preview goes on with the next step; a run knows the value when it gets here"
            }
            Hidden::Secret(_) => {
                "pass the secret on as a whole, or inside a text, to the operation that needs it"
            }
        }
    }
}

/// A flag that the first misuse in a body sets; clones share it.
///
/// Why an error isn't enough: a script can catch it, and some built-in functions (`dedup`, `sort`,
/// `to_string` of a list) swallow errors of what they call.
#[derive(Clone, Default)]
pub struct Poison(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_set: AtomicBool,
    first: Mutex<Option<Diagnostic>>,
}

impl Poison {
    /// Remembers the first misuse.
    pub fn set(&self, diagnostic: Diagnostic) {
        let mut first = self.0.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            *first = Some(diagnostic);
        }
        self.0.is_set.store(true, Ordering::Release);
    }

    /// The first misuse, if there was one.
    #[must_use]
    pub fn get(&self) -> Option<Diagnostic> {
        if !self.0.is_set.load(Ordering::Acquire) {
            return None;
        }
        self.0
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The answer for `Engine::on_progress`: a token that ends the script, once there was a misuse.
    ///
    /// A misuse in the last expression of a body makes no more progress: ask [`Poison::get`] after it.
    #[must_use]
    pub fn check(&self) -> Option<Dynamic> {
        self.get().map(Dynamic::from)
    }

    /// Takes the first misuse out and clears the flag.
    #[must_use]
    pub fn take(&self) -> Option<Diagnostic> {
        let taken = self
            .0
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.0.is_set.store(false, Ordering::Release);
        taken
    }
}

impl fmt::Debug for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Poison").field(&self.get()).finish()
    }
}

/// The diagnostic in an error, also where the engine found no function that takes the value.
#[must_use]
pub fn as_diagnostic(error: &EvalAltResult) -> Option<Diagnostic> {
    let mut source = None;
    let mut inner = error;
    loop {
        match inner {
            EvalAltResult::ErrorInFunctionCall(_, file, cause, _) => {
                if !file.is_empty() {
                    source = Some(file.clone());
                }
                inner = cause;
            }
            EvalAltResult::ErrorInModule(_, cause, _) => inner = cause,
            _ => break,
        }
    }
    match inner {
        EvalAltResult::ErrorRuntime(value, _) | EvalAltResult::ErrorTerminated(value, _) => {
            value.read_lock::<Diagnostic>().map(|found| found.clone())
        }
        other => {
            let (hidden, used) = refused(other)?;
            Some(Diagnostic {
                hidden,
                used,
                position: inner.position(),
                source,
            })
        }
    }
}

/// The hidden value that the engine itself refused, told by the type names in its error.
fn refused(error: &EvalAltResult) -> Option<(Hidden, String)> {
    match error {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            let (name, types) = signature.split_once(" (")?;
            Some((named(types)?, format!("by the function '{name}'")))
        }
        EvalAltResult::ErrorMismatchDataType(_, actual, _)
        | EvalAltResult::ErrorMismatchOutputType(_, actual, _) => {
            Some((named(actual)?, "here".to_owned()))
        }
        EvalAltResult::ErrorIndexingType(types, _) => {
            Some((named(types)?, "as an index".to_owned()))
        }
        EvalAltResult::ErrorDotExpr(text, _) => {
            let (property, on) = text.split_once(" for type ")?;
            Some((named(on)?, format!("with a property ({property})")))
        }
        _ => None,
    }
}

/// The hidden value whose type name is one of the words of an engine's text about types.
pub(super) fn named(types: &str) -> Option<Hidden> {
    types
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .find_map(Hidden::of_type_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(make: fn(String, Position) -> EvalAltResult, text: &str) -> EvalAltResult {
        make(text.to_owned(), Position::NONE)
    }

    #[test]
    fn finds_the_hidden_value_in_the_engines_own_errors() {
        let cases = [
            (
                error(EvalAltResult::ErrorFunctionNotFound, "abs (Unknown)"),
                true,
            ),
            (
                error(EvalAltResult::ErrorFunctionNotFound, "f (i64, Secret)"),
                true,
            ),
            (
                error(EvalAltResult::ErrorFunctionNotFound, "Secret (i64)"),
                false,
            ),
            (
                error(EvalAltResult::ErrorFunctionNotFound, "f (Secrets)"),
                false,
            ),
            (
                error(EvalAltResult::ErrorIndexingType, "array [Unknown]"),
                true,
            ),
            (
                error(EvalAltResult::ErrorIndexingType, "array [string]"),
                false,
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(as_diagnostic(&error).is_some(), expected, "{error}");
        }
    }

    #[test]
    fn keeps_the_first_misuse_only() {
        let poison = Poison::default();
        assert!(poison.check().is_none());
        for used in ["first", "second"] {
            poison.set(Diagnostic {
                hidden: Hidden::Secret("X".into()),
                used: used.to_owned(),
                position: Position::NONE,
                source: None,
            });
        }
        assert_eq!(
            poison.clone().take().map(|d| d.used).as_deref(),
            Some("first")
        );
        assert!(poison.get().is_none());
    }
}
