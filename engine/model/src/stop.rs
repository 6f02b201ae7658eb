//! Why a handler stopped: an answer in the API's own words, or rows that gave none.

use serde_json::{Map, Value};

use super::rows::Fault;

/// An answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The whole message; its first line is the reason phrase.
    pub message: String,
    /// What is wrong with which parameter.
    pub errors: Map<String, Value>,
    /// Whether the answer has a JSON body.
    pub body: bool,
}

/// Why a handler stopped.
#[derive(Clone, Debug)]
pub enum Stop {
    /// The API refuses, in its own words.
    Api(Box<ApiAnswer>),
    /// Rows gave no answer.
    Fault(Fault),
}

/// A handler's refusal where only rows were asked: the store's failure, with the words.
impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Fault(fault) => fault,
            Stop::Api(answer) => Self::Store(answer.message),
        }
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Stop {
    /// Any status with a message.
    #[must_use]
    pub fn status(status: u16, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if !message.ends_with('\n') {
            message.push('\n');
        }
        Self::Api(Box::new(ApiAnswer {
            status,
            message,
            errors: Map::new(),
            body: true,
        }))
    }

    /// 500 with a message.
    #[must_use]
    pub fn fail(message: impl Into<String>) -> Self {
        Self::status(500, message)
    }

    /// 400 with what is wrong with each parameter.
    #[must_use]
    pub fn invalid<N: Into<String>, T: Into<String>>(
        errors: impl IntoIterator<Item = (N, T)>,
    ) -> Self {
        let errors = errors
            .into_iter()
            .map(|(name, text)| (name.into(), Value::String(text.into())))
            .collect();
        Self::Api(Box::new(ApiAnswer {
            status: 400,
            message: "Parameter verification failed.\n".to_owned(),
            errors,
            body: true,
        }))
    }

    /// 400 with what is wrong with one parameter.
    #[must_use]
    pub fn invalid_one(name: &str, text: impl Into<String>) -> Self {
        Self::invalid([(name, text.into())])
    }

    /// 403 that names a path and privileges.
    #[must_use]
    pub fn denied(path: &str, privileges: &str) -> Self {
        Self::forbidden(&format!("{path}, {privileges}"))
    }

    /// 403 with other words, or none.
    #[must_use]
    pub fn forbidden(words: &str) -> Self {
        let message = if words.is_empty() {
            "Permission check failed".to_owned()
        } else {
            format!("Permission check failed ({words})")
        };
        Self::status(403, message)
    }

    /// 501 for what isn't declared.
    #[must_use]
    pub fn not_implemented(method: &str, path: &str) -> Self {
        Self::status(501, format!("Method '{method} {path}' not implemented"))
    }

    /// 401 without a body.
    #[must_use]
    pub fn unauthorized(message: &str) -> Self {
        Self::Api(Box::new(ApiAnswer {
            status: 401,
            message: format!("{message}\n"),
            errors: Map::new(),
            body: false,
        }))
    }

    /// The same stop with words before an API's message: `create role failed: …`.
    #[must_use]
    pub fn within(self, words: &str) -> Self {
        match self {
            Self::Api(mut answer) => {
                answer.message = format!("{words}: {}", answer.message);
                Self::Api(answer)
            }
            fault @ Self::Fault(_) => fault,
        }
    }

    /// The message of an API's answer, in one line; empty for a fault.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Api(answer) => answer.message.trim_end(),
            Self::Fault(_) => "",
        }
    }

    /// Whether rows aren't known for good: a preview can't fill them, or doesn't know the node's cluster.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Fault(Fault::Unknown(_)) | Self::Api(_))
    }
}

/// What rows tell; none where they aren't known for good.
///
/// # Errors
/// The rows' other faults.
pub fn known<T>(told: Result<T, Stop>) -> Result<Option<T>, Stop> {
    match told {
        Err(stop) if stop.is_unknown() => Ok(None),
        told => told.map(Some),
    }
}
