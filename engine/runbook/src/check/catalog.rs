//! The functions that an engine has, by name.

use std::collections::{BTreeMap, BTreeSet};

use rhai::Engine;
use serde::Deserialize;

/// Words of the language that look like functions.
const KEYWORDS: &[&str] = &[
    "Fn",
    "call",
    "curry",
    "debug",
    "eval",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "print",
    "type_of",
];

/// One way to call a function.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    /// How many arguments it takes.
    pub(super) count: usize,
    /// The whole line: name, arguments, what comes out.
    pub(super) text: String,
}

/// All functions.
pub(super) struct Catalog {
    functions: BTreeMap<String, Vec<Signature>>,
    namespaces: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    modules: BTreeMap<String, Listing>,
    #[serde(default)]
    functions: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    num_params: usize,
    #[serde(default)]
    namespace: String,
    signature: String,
}

impl Catalog {
    /// The functions of an engine, from the metadata that it keeps of them.
    ///
    /// # Panics
    /// Never: the engine's listing is its own JSON.
    pub(super) fn of(engine: &Engine) -> Self {
        let json = engine
            .gen_fn_metadata_to_json(true)
            .expect("the listing of functions is JSON");
        let listing: Listing = serde_json::from_str(&json)
            .expect("the listing of functions has modules and functions");
        let mut catalog = Self {
            functions: BTreeMap::new(),
            namespaces: BTreeSet::new(),
        };
        catalog.add("", listing);
        catalog
    }

    fn add(&mut self, namespace: &str, listing: Listing) {
        for function in listing.functions {
            if !namespace.is_empty() {
                if function.namespace == "global" {
                    self.add_one(function.name.clone(), &function, "");
                }
                self.namespaces.insert(namespace.to_owned());
            }
            let prefix = if namespace.is_empty() {
                String::new()
            } else {
                format!("{namespace}::")
            };
            self.add_one(format!("{prefix}{}", function.name), &function, &prefix);
        }
        for (name, inner) in listing.modules {
            let name = if namespace.is_empty() {
                name
            } else {
                format!("{namespace}::{name}")
            };
            self.namespaces.insert(name.clone());
            self.add(&name, inner);
        }
    }

    fn add_one(&mut self, name: String, function: &Listed, prefix: &str) {
        self.functions.entry(name).or_default().push(Signature {
            count: function.num_params,
            text: format!("{prefix}{}", function.signature),
        });
    }

    /// The ways to call a function; none if there is no such function.
    pub(super) fn get(&self, name: &str) -> Option<&[Signature]> {
        self.functions.get(name).map(Vec::as_slice)
    }

    /// Whether a word is the language's own.
    pub(super) fn is_keyword(name: &str) -> bool {
        KEYWORDS.contains(&name)
    }

    /// Whether functions stand under a namespace.
    pub(super) fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }

    /// The names that a script can write.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let writable = |name: &&String| {
            name.chars()
                .all(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
        };
        self.functions.keys().filter(writable).map(String::as_str)
    }
}
