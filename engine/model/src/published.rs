//! The calls of the API as they're published, and what answers those that are modelled.
//!
//! They come as lines, one call each. A line is read when its call is first made: a world that makes ten calls reads ten
//! of more than six hundred.

use std::{
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{declare::Declaration, params::Params, stop::Stop, transaction::Tx};

/// Answers a call that is known to be allowed and well-formed.
pub type Handler = fn(&mut Tx<'_>, &Params) -> Result<Value, Stop>;

/// What answers a call.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// The call: `GET /pools/{poolid}`.
    pub call: &'static str,
    /// What answers it.
    pub handler: Handler,
}

impl Endpoint {
    /// Binds a handler to a call.
    #[must_use]
    pub const fn new(call: &'static str, handler: Handler) -> Self {
        Self { call, handler }
    }
}

/// The published calls.
pub struct Calls {
    /// The parameters that stand in several calls, each as its line.
    shared: BTreeMap<&'static str, &'static str>,
    calls: Vec<Call>,
}

/// One call.
pub struct Call {
    /// Its method and path; `{name}` stands for a parameter.
    pub name: &'static str,
    parts: Vec<&'static str>,
    line: &'static str,
    declaration: OnceLock<Declaration>,
}

/// The published calls, and what answers those that are modelled.
pub struct Api {
    /// The calls.
    pub calls: &'static Calls,
    handlers: HashMap<&'static str, Handler>,
}

impl Api {
    /// Binds handlers to calls.
    #[must_use]
    pub fn new(calls: &'static Calls, endpoints: &[&[Endpoint]]) -> Self {
        let bound = endpoints.iter().copied().flatten();
        let handlers = bound.map(|each| (each.call, each.handler)).collect();
        Self { calls, handlers }
    }

    /// What answers a call; none if it isn't modelled.
    #[must_use]
    pub fn handler(&self, call: &Call) -> Option<Handler> {
        self.handlers.get(call.name).copied()
    }
}

impl Calls {
    /// Takes the lines of the published calls.
    #[must_use]
    pub fn new(lines: &'static str) -> Self {
        let (mut shared, mut calls) = (BTreeMap::new(), Vec::new());
        for line in lines.lines() {
            if let Some(name) = value_of(line, r#"{"call":""#) {
                calls.push(Call::new(name, line));
            } else if let Some(name) = value_of(line, r#"{"param":""#) {
                shared.insert(name, line);
            }
        }
        Self { shared, calls }
    }

    /// Every call, as it's published.
    pub fn all(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter()
    }

    /// What is published about a call by its name, `GET /pools/{poolid}`.
    ///
    /// # Panics
    /// There's no such call: handlers name calls that a test looks up.
    #[must_use]
    pub fn declaration(&self, name: &str) -> &Declaration {
        let call = self.calls.iter().find(|call| call.name == name);
        self.read(call.expect("a handler names a call that is published"))
    }

    /// What is published about a call.
    pub fn read<'a>(&self, call: &'a Call) -> &'a Declaration {
        call.declaration.get_or_init(|| {
            let mut line: Value = parsed(call.line);
            let params = line.get_mut("params").and_then(Value::as_object_mut);
            for param in params.into_iter().flat_map(Map::values_mut) {
                if let Some(shared) = param.as_str().and_then(|name| self.shared.get(name)) {
                    *param = parsed(shared);
                }
            }
            serde_json::from_value(line).expect("a test reads every line")
        })
    }

    /// The call that a method and path are, with the parameters that stand in the path.
    ///
    /// A fixed part wins over a parameter; a parameter takes no blanks. The last parameter of a volume's path
    /// takes slashes too.
    pub(crate) fn find(
        &self,
        method: &str,
        parts: &[String],
    ) -> Option<(&Call, Map<String, Value>)> {
        let fitting = self.calls.iter().filter_map(|call| {
            let (params, fixed) = call.fit(method, parts)?;
            Some((fixed, call, params))
        });
        // The first of those that are equally good, as they're published.
        let best = fitting.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, call, params)| (call, params))
    }
}

impl Call {
    fn new(name: &'static str, line: &'static str) -> Self {
        let path = name.split_once(' ').map_or("", |(_, path)| path);
        Self {
            name,
            parts: path.split('/').filter(|part| !part.is_empty()).collect(),
            line,
            declaration: OnceLock::new(),
        }
    }

    /// The parameters in a path that fits, and how many of its parts are fixed.
    fn fit(&self, method: &str, parts: &[String]) -> Option<(Map<String, Value>, usize)> {
        let takes_rest = self.parts.last() == Some(&"{volume}");
        let is_long_enough =
            parts.len() == self.parts.len() || (takes_rest && parts.len() > self.parts.len());
        if !is_long_enough || self.name.split(' ').next() != Some(method) {
            return None;
        }
        let mut params = Map::new();
        let mut fixed = 0;
        for (place, piece) in self.parts.iter().enumerate() {
            let Some(name) = piece
                .strip_prefix('{')
                .and_then(|piece| piece.strip_suffix('}'))
            else {
                if *piece != parts[place] {
                    return None;
                }
                fixed += 1;
                continue;
            };
            let value = if name == "volume" {
                parts[place..].join("/")
            } else {
                parts[place].clone()
            };
            if value.contains(char::is_whitespace) {
                return None;
            }
            params.insert(name.to_owned(), value.into());
        }
        Some((params, fixed))
    }
}

fn value_of<'a>(line: &'a str, field: &str) -> Option<&'a str> {
    Some(line.strip_prefix(field)?.split_once('"')?.0)
}

fn parsed<T: DeserializeOwned>(line: &str) -> T {
    serde_json::from_str(line).expect("a test reads every line")
}
