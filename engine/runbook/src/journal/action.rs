//! Actions, proofs and changes as data: they can be printed, recorded, predicted, compared and carried out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use world::{
    free_text,
    host::Call,
    proxmox::{Identity, Request, lenient::text},
    redact::Redact,
    secret::Redactor,
};

/// A request to the Proxmox VE API: where an action goes, or a read that proves one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToNode {
    /// The node that is asked.
    pub node: String,
    /// Who asks.
    pub identity: Identity,
    /// What is asked.
    pub request: Request,
}

/// A verb called on a host: where an action goes, or a read that proves one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToHost {
    /// The host's name.
    pub host: String,
    /// The call; its input isn't recorded.
    pub call: Call,
}

free_text!(ToNode { request; node, identity });
free_text!(ToHost { call; host });

/// One write to the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "port", rename_all = "snake_case")]
pub enum Action {
    /// A request to the Proxmox VE API.
    Proxmox(ToNode),
    /// A verb called on a host.
    Host {
        /// The call.
        #[serde(flatten)]
        to: ToHost,
        /// SHA-256 of the input, keyed with the journal's secret, in hexadecimal.
        input: String,
    },
    /// An answer file for the installer of a machine.
    Install {
        /// The node that the machine becomes.
        node: String,
        /// The answer file with its password masked.
        answer: String,
    },
}

impl Action {
    /// What the action does, in one line: `POST /cluster/config on pve1`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Proxmox(ToNode { node, request, .. }) => format!("{request} on {node}"),
            Self::Host { to, .. } => {
                let ToHost { host, call } = to;
                format!("{} {} on {host}", call.verb.name(), call.args.join(" "))
            }
            Self::Install { node, .. } => format!("install {node}"),
        }
    }
}

impl Redact for Action {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Proxmox(to) => to.redact(redactor),
            Self::Host { to, input: _ } => to.redact(redactor),
            Self::Install { node: _, answer } => answer.redact(redactor),
        }
    }
}

/// How it can be found out later whether an action was carried out.
///
/// Stored with the intent, so that a run that was killed between action and answer is settled before any
/// script code runs again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Proof {
    /// A read of the Proxmox VE API and what its answer must be.
    Proxmox {
        /// The read.
        #[serde(flatten)]
        to: ToNode,
        /// What its answer must be.
        condition: Condition,
        /// How the action's task is found, where it has one.
        task: Option<TaskTrace>,
    },
    /// A read verb and what its output must be.
    Host {
        /// The read.
        #[serde(flatten)]
        to: ToHost,
        /// The output's text, without the newline at its end.
        output: String,
        /// How the two are compared.
        #[serde(default)]
        compared: Compared,
    },
    /// Nothing that can be read shows it: only the host's own record of the tracked call does.
    Record,
    /// A node that answers: before, its machine had no system.
    Installed {
        /// The node.
        node: String,
    },
    /// Nothing needs to be known: the operation reads the state again and repeats the action if it's needed.
    Repeatable,
}

impl Redact for Proof {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Proxmox {
                to,
                condition,
                task: _,
            } => {
                to.redact(redactor);
                condition.redact(redactor);
            }
            Self::Host {
                to,
                output,
                compared: _,
            } => {
                to.redact(redactor);
                output.redact(redactor);
            }
            Self::Record | Self::Installed { node: _ } | Self::Repeatable => {}
        }
    }
}

/// How the output of a proof is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// It's the text.
    #[default]
    Is,
    /// It's another text.
    Differs,
    /// It begins with the text.
    Starts,
    /// One of its lines is the text.
    HasLine,
}

impl Compared {
    /// Whether an output fits a text.
    #[must_use]
    pub fn fits(self, output: &str, text: &str) -> bool {
        match self {
            Self::Is => output == text,
            Self::Differs => output != text,
            Self::Starts => output.starts_with(text),
            Self::HasLine => output.lines().any(|line| line == text),
        }
    }
}

/// How the task of an action is found when the run was killed before its UPID was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskTrace {
    /// The task's type: `clustercreate`.
    pub kind: String,
    /// UPIDs of that type that were there before the action.
    pub before: Vec<String>,
}

/// What an answer must be for a proof to hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "what")]
pub enum Condition {
    /// There is an answer.
    Exists,
    /// The object is absent.
    Absent,
    /// The answer holds these fields (numbers equal their text; comma lists compare as sets).
    Matches(Value),
    /// The answer is a list and one item of it holds these fields.
    Contains(Value),
    /// The answer is a list and no item of it holds these fields.
    Lacks(Value),
}

impl Redact for Condition {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Matches(value) | Self::Contains(value) | Self::Lacks(value) => {
                value.redact(redactor);
            }
            Self::Exists | Self::Absent => {}
        }
    }
}

impl Condition {
    /// Whether the condition holds for an answer's data, or for an absent object.
    #[must_use]
    pub fn holds(&self, data: Option<&Value>) -> bool {
        let items = || data.and_then(Value::as_array);
        match self {
            Self::Exists => data.is_some(),
            Self::Absent => data.is_none(),
            Self::Matches(want) => data.is_some_and(|got| covers(got, want)),
            Self::Contains(want) => {
                items().is_some_and(|list| list.iter().any(|got| covers(got, want)))
            }
            Self::Lacks(want) => {
                items().is_some_and(|list| !list.iter().any(|got| covers(got, want)))
            }
        }
    }
}

/// Whether `got` holds all that `want` has.
#[must_use]
pub fn covers(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (Value::Object(got), Value::Object(want)) => {
            want.iter().all(|(key, want)| match got.get(key) {
                Some(got) => covers(got, want),
                None => matches!(text(want).as_deref(), Some("" | "0")) || want.is_null(),
            })
        }
        (Value::Array(got), Value::Array(want)) => {
            got.len() == want.len()
                && want
                    .iter()
                    .all(|want| got.iter().any(|got| covers(got, want)))
        }
        (got, want) => match (text(got), text(want)) {
            (Some(got), Some(want)) => got == want || same_list(&got, &want),
            _ => got == want,
        },
    }
}

fn same_list(a: &str, b: &str) -> bool {
    fn sorted(list: &str) -> Vec<&str> {
        let mut parts: Vec<_> = list
            .split([',', ';', ' '])
            .filter(|part| !part.is_empty())
            .collect();
        parts.sort_unstable();
        parts
    }
    sorted(a) == sorted(b)
}

/// What an action does to its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Makes something that wasn't there.
    Create,
    /// Changes something.
    Update,
    /// Removes something.
    Delete,
    /// Puts something staged into effect, or starts something.
    Apply,
}

/// What an operation did or would do: resource, before, after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The resource: `storage nas`, `network interface vmbr0 on pve1`.
    pub resource: String,
    /// What is done to it.
    pub kind: Kind,
    /// The fields that change, as they were; null where there was nothing.
    pub before: Value,
    /// The same fields as they become; null where nothing remains.
    pub after: Value,
    /// A text diff, where the resource is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The things of a set that are made or removed: from a creation on they're homelab's own, to their removal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub things: Vec<String>,
}

free_text!(Change { before, after, diff; resource, kind, things });

impl Change {
    /// Something new.
    #[must_use]
    pub fn create(resource: impl Into<String>, after: Value) -> Self {
        Self::new(resource, Kind::Create, Value::Null, after)
    }

    /// Changed fields.
    #[must_use]
    pub fn update(resource: impl Into<String>, before: Value, after: Value) -> Self {
        Self::new(resource, Kind::Update, before, after)
    }

    /// Something removed.
    #[must_use]
    pub fn delete(resource: impl Into<String>, before: Value) -> Self {
        Self::new(resource, Kind::Delete, before, Value::Null)
    }

    /// A change of any kind.
    #[must_use]
    pub fn new(resource: impl Into<String>, kind: Kind, before: Value, after: Value) -> Self {
        Self {
            resource: resource.into(),
            kind,
            before,
            after,
            diff: None,
            things: Vec::new(),
        }
    }

    /// The same change, which makes or removes these things of a set.
    #[must_use]
    pub fn with_things(mut self, things: Vec<String>) -> Self {
        self.things = things;
        self
    }

    /// The same change with a text diff.
    #[must_use]
    pub fn with_diff(mut self, diff: impl Into<String>) -> Self {
        self.diff = Some(diff.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_compare_as_the_api_answers() {
        let got = json!({"content": "iso,backup", "nodes": "pve1", "shared": 1, "digest": "x"});
        let cases = [
            (Condition::Exists, true),
            (Condition::Absent, false),
            (
                Condition::Matches(json!({"content": "backup,iso", "shared": "1"})),
                true,
            ),
            (
                Condition::Matches(json!({"shared": true, "disable": 0})),
                true,
            ),
            (Condition::Matches(json!({"content": "iso"})), false),
            (Condition::Matches(json!({"missing": "x"})), false),
            (Condition::Contains(json!({"nodes": "pve1"})), false),
        ];
        for (condition, holds) in cases {
            assert_eq!(condition.holds(Some(&got)), holds, "{condition:?}");
        }
        let list = json!([got]);
        assert!(Condition::Contains(json!({"nodes": "pve1"})).holds(Some(&list)));
        assert!(Condition::Lacks(json!({"nodes": "pve2"})).holds(Some(&list)));
        assert!(Condition::Absent.holds(None) && !Condition::Exists.holds(None));
    }
}
