//! The content of a file, as a script gives it.

use std::borrow::Cow;

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};
use world::{Secret, code};

use super::probe;

/// Text, or a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Text that everybody may see.
    Plain(String),
    /// A secret, or text made from one.
    Secret(Secret),
}

impl Text {
    /// The text itself.
    pub(crate) fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }

    /// Whether it may be shown.
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Plain(text)),
            Value::Number(number) => Ok(Self::Plain(number.to_string())),
            other => serde_json::from_value(other)
                .map(Self::Secret)
                .map_err(|_| D::Error::custom("text or a secret is needed here")),
        }
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-words": "text or a secret" })
    }
}

/// Fills a template of the lab with values; a name without a value is an error.
///
/// # Errors
/// The template isn't there or is wrong, or a value is missing.
pub(super) async fn from_template(
    operation: &Operation,
    template: &str,
    values: &Map<String, Value>,
) -> Result<Text, Halt> {
    let source = probe::lab_file(operation, template).await?;
    if !source.is_there() {
        let text = format!("the lab has no template {template}");
        return Err(Failure::new(code::host::template, text)
            .help("a template is a text file of the lab: its path counts from the lab's folder")
            .into());
    }
    let (plain, secrets) = exposed(values);
    let text = render(template, source.text()?, &plain)?;
    Ok(if secrets {
        let secret = Secret::new(template, text);
        operation.run().redactor.register(&secret);
        Text::Secret(secret)
    } else {
        Text::Plain(text)
    })
}

/// Values with secrets laid open, and whether there were any.
fn exposed(values: &Map<String, Value>) -> (Value, bool) {
    fn open(value: &Value, found: &mut bool) -> Value {
        if let Ok(secret) = serde_json::from_value::<Secret>(value.clone()) {
            *found = true;
            return secret.expose().into();
        }
        match value {
            Value::Object(map) => map
                .iter()
                .map(|(name, value)| (name.clone(), open(value, found)))
                .collect::<Map<_, _>>()
                .into(),
            Value::Array(items) => items.iter().map(|item| open(item, found)).collect(),
            other => other.clone(),
        }
    }
    let mut found = false;
    let value = open(&Value::Object(values.clone()), &mut found);
    (value, found)
}

fn render(name: &str, source: &str, values: &Value) -> Result<String, Failure> {
    let mut engine = minijinja::Environment::new();
    engine.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    engine.set_keep_trailing_newline(true);
    let wrong = |error: minijinja::Error| {
        let line = error
            .line()
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        Failure::new(
            code::host::template,
            format!("the template {name}{line} can't be filled"),
        )
        .cause(error.to_string())
        .help("`values` gives a value to each name that the template uses")
    };
    engine.add_template(name, source).map_err(wrong)?;
    let template = engine.get_template(name).map_err(wrong)?;
    template.render(values).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fills_a_template_and_names_what_is_missing() {
        let values = json!({ "servers": ["a", "b"] });
        let source = "{% for s in servers %}server {{ s }}\n{% endfor %}";
        assert_eq!(
            render("x.j2", source, &values).unwrap(),
            "server a\nserver b\n"
        );
        let error = render("x.j2", "one\n{{ zone }}\n", &values).unwrap_err();
        assert!(error.message.contains("x.j2:2"), "{}", error.message);
    }

    #[test]
    fn a_secret_in_the_values_is_found() {
        let secret = Secret::new("A", "hidden").reveal_json();
        let Value::Object(values) = json!({ "a": { "b": [secret] } }) else {
            unreachable!("it's an object")
        };
        let (open, found) = exposed(&values);
        assert_eq!((open["a"]["b"][0].as_str(), found), (Some("hidden"), true));
    }
}
