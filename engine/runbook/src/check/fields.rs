//! Literal arguments that don't fit: of operations, of a step's options, of what a runbook declares.

use std::sync::LazyLock;

use rhai::Position;
use serde_json::{Value, json};
use world::{
    code::{self, Code},
    units::Timespan,
};

use super::{
    Request,
    file::File,
    finding::{Finding, meant},
    nodes::Call,
    schema::{Schema, words},
    shape::{Field, Shape},
};
use crate::nearest;

/// The options of a step.
static STEP: LazyLock<Value> = LazyLock::new(|| {
    let duration = json!({ "type": "string", "format": "duration" });
    json!({ "type": "object", "properties": {
        "when": { "type": "boolean" },
        "retry": { "type": "object", "properties": {
            "times": { "type": "integer" },
            "wait": duration,
            "on": { "type": "array", "items": { "type": "string" } },
        } },
        "timeout": duration,
        "confirm": { "type": "string" },
    } })
});

/// Checks every literal argument of a file.
pub(super) fn check(request: &Request, file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in file.calls().iter().filter(|call| !call.method) {
        if call.name == "step" && call.args.len() == 4 {
            let checker = Checker::new(file, call, code::step::option);
            findings.extend(checker.argument(Shape::of(&call.args[2]), Schema::new(&STEP), &[]));
        } else if call.name == "runbook" {
            findings.extend(version(file, call));
        } else if let Some(operation) = request.operations.get(&call.name)
            && let Some(last) = call.args.last()
        {
            let checker = Checker::new(file, call, code::runbook::argument);
            let shape = Shape::of(last);
            if matches!(shape, Shape::Map(_)) {
                findings.extend(checker.argument(
                    shape,
                    Schema::new(&operation.schema),
                    &operation.positional,
                ));
            }
        }
    }
    findings
}

fn version(file: &File, call: &Call) -> Option<Finding> {
    let version = call.text(1)?;
    let parts: Vec<&str> = version.split('.').collect();
    if parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok()) {
        return None;
    }
    let message = format!("\"{version}\" isn't a version");
    let finding = Finding::error(
        code::runbook::version,
        message,
        file.place(call.args[1].start_position()),
    );
    Some(finding.help("a version is MAJOR.MINOR.PATCH: \"1.0.0\""))
}

struct Checker<'a> {
    file: &'a File,
    call: &'a Call<'a>,
    code: Code,
    found: Vec<Finding>,
}

impl<'a> Checker<'a> {
    const fn new(file: &'a File, call: &'a Call<'a>, code: Code) -> Self {
        Self {
            file,
            call,
            code,
            found: Vec::new(),
        }
    }

    /// Checks a map; `positional` fields are given before it.
    fn argument(mut self, shape: Shape, schema: Schema, positional: &[String]) -> Vec<Finding> {
        match shape {
            Shape::Map(fields) => {
                let missing = self.map("", &fields, schema);
                for name in missing
                    .into_iter()
                    .filter(|name| !positional.iter().any(|own| own == name))
                {
                    let text = format!("`{}` needs the field `{name}`", self.call.name);
                    let help = format!(
                        "add {name}: …; `homelab doc {}` shows its fields",
                        self.call.name
                    );
                    self.push(self.code.clone(), text, self.call.position, help);
                }
            }
            other => self.value("", &other, self.call.position, schema),
        }
        self.found
    }

    fn push(&mut self, code: Code, message: String, position: Position, help: String) {
        let place = self
            .file
            .place(position)
            .or_else(|| self.file.place(self.call.position));
        self.found
            .push(Finding::error(code, message, place).help(help));
    }

    /// Checks a map's fields; gives the required ones that aren't there.
    fn map<'s>(&mut self, path: &str, fields: &[Field], schema: Schema<'s>) -> Vec<&'s str> {
        let Some(known) = schema.fields() else {
            return Vec::new();
        };
        let mut meant_by = Vec::new();
        for field in fields {
            let inner = if path.is_empty() {
                field.name.clone()
            } else {
                format!("{path}.{}", field.name)
            };
            match known.iter().find(|(name, _)| *name == field.name) {
                Some((_, schema)) => self.value(&inner, &field.value, field.position, *schema),
                None => meant_by.extend(self.unknown(&inner, field, &known)),
            }
        }
        let given = |name: &str| fields.iter().any(|field| field.name == name);
        // What a misspelt field stands for isn't missing as well.
        schema
            .required()
            .into_iter()
            .filter(|name| !given(name) && !meant_by.contains(name))
            .collect()
    }

    fn unknown<'s>(
        &mut self,
        path: &str,
        field: &Field,
        known: &[(&'s str, Schema)],
    ) -> Option<&'s str> {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let near = nearest::of(&field.name, names.iter().copied());
        let code = if self.code == code::runbook::argument {
            code::runbook::field
        } else {
            self.code.clone()
        };
        let what = if self.call.name == "step" {
            "a step has no option"
        } else {
            "has no field"
        };
        let message = if self.call.name == "step" {
            format!("{what} `{path}`")
        } else {
            format!("`{}` {what} `{path}`", self.call.name)
        };
        self.push(
            code,
            message,
            field.position,
            meant(near, format!("it has {}", names.join(", "))),
        );
        near.and_then(|near| {
            known
                .iter()
                .map(|(name, _)| *name)
                .find(|name| *name == near)
        })
    }

    fn value(&mut self, path: &str, shape: &Shape, position: Position, schema: Schema) {
        let what = if path.is_empty() {
            "its argument".to_owned()
        } else {
            format!("`{path}`")
        };
        if let Some(kinds) = schema.kinds()
            && !kinds.iter().any(|kind| shape.may_be(kind))
        {
            let message = format!(
                "{}: {what} must be {}, not {}",
                self.call.name,
                words(&kinds),
                shape.words()
            );
            let help = format!("write {}", words(&kinds));
            self.push(self.code.clone(), message, position, help);
            return;
        }
        match shape {
            Shape::Map(fields) => {
                for name in self.map(path, fields, schema) {
                    let message = format!("{}: {what} needs the field `{name}`", self.call.name);
                    self.push(
                        self.code.clone(),
                        message,
                        position,
                        format!("add {name}: …"),
                    );
                }
            }
            Shape::List(items) => {
                for (item, position) in items {
                    if let Some(schema) = schema.items() {
                        self.value(path, item, *position, schema);
                    }
                }
            }
            Shape::Text(Some(text)) => self.text(&what, text, position, schema),
            _ => {}
        }
    }

    fn text(&mut self, what: &str, text: &str, position: Position, schema: Schema) {
        if let Some(texts) = schema.texts()
            && !texts.contains(&text)
        {
            let message = format!("{}: {what} can't be \"{text}\"", self.call.name);
            let near = nearest::of(text, texts.iter().copied());
            self.push(
                self.code.clone(),
                message,
                position,
                meant(near, format!("it's one of {}", texts.join(", "))),
            );
        }
        if schema.format() == Some("duration") && text.parse::<Timespan>().is_err() {
            let message = format!("{}: {what} is a duration, not \"{text}\"", self.call.name);
            self.push(
                self.code.clone(),
                message,
                position,
                "write \"30 s\", \"5 min\" or \"1 h\"".to_owned(),
            );
        }
    }
}
