//! The lab's `.envrc`: read and written on the operator's machine, which is a host like any other.

use formats::envrc::Envrc;
use runbook::{
    action::{Change, Compared, Kind, Proof, ToHost},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::{Dispatch, Write},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::{
    Secret, code,
    host::{
        Ask as _, Told as _,
        verb::{self, Attributes, Entry, Stat},
    },
    secret::MASK,
};

use crate::{
    host::probe,
    info::Effect,
    operate::{Operate, answered},
};

const OPERATOR: &str = "operator";
const FILE: &str = ".envrc";
const MODE: &str = "600";

/// Ensures a line of the lab's `.envrc`; every other line stays as it is, and the file's mode becomes 0600.
///
/// The name must stand literally in the runbook, so that it's known as one that the runbook keeps. Answers `name`.
///
/// Errors: the name or the value can't stand in `.envrc`; the file can't be written.
///
/// ```rhai
/// envrc::set("EXAMPLE_API", "https://pve1.example.test:8006")
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetSpec {
    /// The name: letters, digits and `_`.
    name: String,
    /// The value: text, a number, an address, or a secret.
    #[schemars(with = "String")]
    value: Value,
}

impl Operate for SetSpec {
    const NAME: &str = "envrc::set";
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["name", "value"];

    fn resource(&self) -> String {
        format!(".envrc {}", self.name)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let line = match self.value {
            Value::String(text) => Line::Plain(text),
            Value::Number(number) => Line::Plain(number.to_string()),
            Value::Bool(flag) => Line::Plain(flag.to_string()),
            other => Line::Secret(serde_json::from_value(other).map_err(|_| {
                Failure::new(
                    code::runbook::argument,
                    format!("the value of {} is neither text nor a secret", self.name),
                )
            })?),
        };
        keep(operation, &[(&self.name, line)]).await?;
        Ok(answered([("name", json!(self.name))]))
    }
}

/// A line to keep.
pub(crate) enum Line {
    /// Text that everybody may see.
    Plain(String),
    /// A secret.
    Secret(Secret),
}

impl Line {
    fn value(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }

    fn shown(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(_) => MASK,
        }
    }
}

/// Reads the lab's `.envrc` as it is in this world; without a file it's empty.
pub(crate) async fn read(operation: &Operation) -> Result<String, Halt> {
    let found = probe::file(operation, OPERATOR, FILE).await?;
    let text = std::str::from_utf8(found.bytes()?);
    Ok(text.map_err(|_| no_text())?.to_owned())
}

fn no_text() -> Failure {
    Failure::new(code::environment::unreadable, format!("{FILE} is no text"))
        .help("write it in UTF-8, and resume")
}

/// Ensures lines of `.envrc` with one write.
pub(crate) async fn keep(operation: &Operation, lines: &[(&str, Line)]) -> Result<(), Halt> {
    let old = read(operation).await?;
    for (_, line) in lines {
        if let Line::Secret(secret) = line {
            operation.run().redactor.register(secret);
        }
    }
    if let Some(new) = difference(&old, lines)? {
        operation.write(writing(new)).await?;
    }
    Ok(())
}

/// The new text, and what changes in it.
struct New {
    text: String,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

fn difference(old: &str, lines: &[(&str, Line)]) -> Result<Option<New>, Failure> {
    let mut new = New {
        text: old.to_owned(),
        before: Map::new(),
        after: Map::new(),
    };
    for (name, line) in lines {
        let envrc = Envrc::parse(&new.text);
        let is = envrc.get(name);
        if is == Some(line.value()) {
            continue;
        }
        let masked = matches!(line, Line::Secret(_));
        let before = is.map(|is| if masked { MASK } else { is });
        new.before.insert((*name).to_owned(), before.into());
        new.after.insert((*name).to_owned(), line.shown().into());
        let set = envrc
            .set(name, line.value())
            .map_err(|error| Failure::of(code::envrc::refused, &error))?;
        new.text = set;
    }
    Ok((!new.after.is_empty()).then_some(new))
}

fn writing(new: New) -> Write {
    let file = Entry::file(new.text.as_bytes(), Attributes::new(MODE, "", ""));
    let kind = if new.before.values().all(Value::is_null) {
        Kind::Create
    } else {
        Kind::Update
    };
    let to = |call| ToHost {
        host: OPERATOR.to_owned(),
        call,
    };
    let call = verb::Write::new(FILE, Attributes::new(MODE, "-", "-"), new.text).call();
    // A secret of before and after prints the same; that it becomes another one is said by the change itself.
    Write {
        change: Change::new(FILE, kind, new.before.into(), new.after.into()),
        proof: Proof::Host {
            to: to(Stat::new(FILE).call()),
            // Whose it is doesn't matter.
            output: format!("{} ", file.shown()),
            compared: Compared::Starts,
        },
        action: Dispatch::Call(to(call)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "# lab\nexport A='1'\nexport TOKEN='old'\n";

    #[test]
    fn changes_only_lines_that_differ() {
        assert!(
            difference(OLD, &[("A", Line::Plain("1".into()))])
                .unwrap()
                .is_none()
        );
        let secret = Secret::new("TOKEN", "new");
        let new = difference(
            OLD,
            &[
                ("TOKEN", Line::Secret(secret)),
                ("B", Line::Plain("2".into())),
            ],
        )
        .unwrap()
        .unwrap();
        assert_eq!(
            new.text,
            "# lab\nexport A='1'\nexport TOKEN='new'\nexport B='2'\n"
        );
        assert_eq!(
            Value::Object(new.before),
            json!({"TOKEN": "***", "B": null})
        );
        assert_eq!(Value::Object(new.after), json!({"TOKEN": "***", "B": "2"}));
        assert!(difference(OLD, &[("1x", Line::Plain("2".into()))]).is_err());
    }

    #[test]
    fn proves_by_the_files_hash_and_keeps_its_mode() {
        let write = writing(
            difference("", &[("B", Line::Plain("2".into()))])
                .unwrap()
                .unwrap(),
        );
        let Proof::Host { output, to, .. } = write.proof else {
            panic!("a host's proof");
        };
        assert!(output.starts_with("file 600 13 "), "{output}");
        assert_eq!(
            (to.call.verb, write.change.kind),
            (Stat::VERB, Kind::Create)
        );
    }
}
