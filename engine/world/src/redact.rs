//! Masking of free text by type: what may hold anything is masked, names by which things are found never are.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    Confidence, Origin,
    host::Call,
    proxmox::{Param, Request},
    secret::{MASK, Redactor},
};

/// A value of which free text is masked where it holds a secret.
///
/// Names, ids, paths, UPIDs and hashes are structure: they are looked up, compared and sent, and by their types no secret
/// gets into them. What is neither shown nor kept isn't masked.
pub trait Redact {
    /// Masks the secrets in free text.
    fn redact(&mut self, redactor: &Redactor);
}

/// Says of each field of a type whether it's free text (or holds some), or structure: `free_text!(Note { text; step })`.
///
/// A field that is named in neither list doesn't compile.
#[macro_export]
macro_rules! free_text {
    ($type:ident { $($text:ident),*; $($structure:ident),* }) => {
        impl $crate::redact::Redact for $type {
            fn redact(&mut self, redactor: &$crate::secret::Redactor) {
                _ = redactor;
                let Self { $($text,)* $($structure: _,)* } = self;
                $($crate::redact::Redact::redact($text, redactor);)*
            }
        }
    };
}

impl Redact for String {
    fn redact(&mut self, redactor: &Redactor) {
        if redactor.finds(self) {
            *self = redactor.redact(self);
        }
    }
}

impl<T: Redact + ?Sized> Redact for Box<T> {
    fn redact(&mut self, redactor: &Redactor) {
        (**self).redact(redactor);
    }
}

impl<T: Redact> Redact for Option<T> {
    fn redact(&mut self, redactor: &Redactor) {
        self.iter_mut().for_each(|value| value.redact(redactor));
    }
}

impl<T: Redact> Redact for Vec<T> {
    fn redact(&mut self, redactor: &Redactor) {
        self.iter_mut().for_each(|value| value.redact(redactor));
    }
}

/// Keys are structure.
impl<K, T: Redact> Redact for BTreeMap<K, T> {
    fn redact(&mut self, redactor: &Redactor) {
        self.values_mut().for_each(|value| value.redact(redactor));
    }
}

/// Nobody says what a JSON value means: keys are masked too, and a number whose digits are a secret's.
impl Redact for Value {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::String(text) => text.redact(redactor),
            Self::Array(items) => items.redact(redactor),
            Self::Object(map) => {
                let masked = std::mem::take(map).into_iter().map(|(mut key, mut value)| {
                    key.redact(redactor);
                    value.redact(redactor);
                    (key, value)
                });
                *map = masked.collect();
            }
            Self::Number(number) if redactor.finds(&number.to_string()) => *self = MASK.into(),
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
        }
    }
}

free_text!(Origin { what; step });

impl Redact for Confidence {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Unknown(origin) => origin.redact(redactor),
            Self::Read | Self::Predicted | Self::Opaque => {}
        }
    }
}

impl Redact for Param {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Text(text) => text.redact(redactor),
            Self::List(items) => items.redact(redactor),
            // It prints as a mask by itself.
            Self::Secret(_) => {}
        }
    }
}

impl Redact for Request {
    fn redact(&mut self, redactor: &Redactor) {
        let Self {
            method: _,
            path: _,
            params,
        } = self;
        for (_, value) in params {
            value.redact(redactor);
        }
    }
}

// A call's input is recorded by its hash alone.
free_text!(Call { args; verb, input, who, token, timeout });

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Secret;

    #[test]
    fn masks_text_wherever_it_stands_and_leaves_structure_alone() {
        let redactor = Redactor::default();
        redactor.register(&Secret::new("PROXMOX_PASSWORD", "pve1"));
        redactor.register(&Secret::new("PIN", "123456"));
        let mut request = Request::post("/nodes/pve1/disks").with("comment", "of pve1");
        request.redact(&redactor);
        assert_eq!(request.path, "/nodes/pve1/disks");
        assert_eq!(request.params, [("comment".to_owned(), "of ***".into())]);
        let mut value = json!({ "pve1": ["a pve1", { "b": 123_456 }, 7, true, null] });
        value.redact(&redactor);
        assert_eq!(
            value,
            json!({ "***": ["a ***", { "b": "***" }, 7, true, null] })
        );
        let mut origin = Origin {
            step: "1-pve1".to_owned(),
            what: "the output of pve1".to_owned(),
        };
        origin.redact(&redactor);
        assert_eq!(
            origin.to_string(),
            "the output of ***, known after step 1-pve1"
        );
    }
}
