//! The reference of script functions as Markdown: the same text on the terminal and in `docs/reference/`.

use super::{Function, field::Field};

/// The entry of a function.
pub(crate) fn entry(function: &Function) -> String {
    let mut text = format!("### `{}`\n\n{}\n", function.signature, function.summary);
    for paragraph in &function.text {
        text.push_str(&format!("\n{paragraph}\n"));
    }
    if !function.fields.is_empty() {
        text.push_str("\n| field | type | default | is |\n| --- | --- | --- | --- |\n");
        text.extend(function.fields.iter().map(row));
    }
    if let Some(errors) = &function.errors {
        text.push_str(&format!("\nErrors: {errors}\n"));
    }
    if let Some(effect) = function.effect {
        let root = if function.needs_root {
            "; only `root@pam` with its password may do it"
        } else {
            ""
        };
        text.push_str(&format!("\nEffect: {effect}{root}.\n"));
    }
    if !function.learns.is_empty() {
        text.push_str(&format!(
            "\nLearns, for `homelab docs sync`: {}.\n",
            function.learns.join("; ")
        ));
    }
    if let Some(example) = &function.example {
        text.push_str(&format!("\n```rhai\n{example}\n```\n"));
    }
    text
}

fn row(field: &Field) -> String {
    let default = match (&field.default, field.required) {
        (Some(value), _) => format!("`{value}`"),
        (None, true) => "needed".to_owned(),
        (None, false) => String::new(),
    };
    let place = if field.positional {
        " Stands before the map."
    } else {
        ""
    };
    let cell = |text: &str| text.replace('|', "\\|");
    format!(
        "| `{}` | {} | {} | {}{place} |\n",
        field.name,
        cell(&field.kind),
        cell(&default),
        cell(&field.text)
    )
}

/// The page of all functions.
pub(crate) fn page(functions: &[Function]) -> String {
    let mut text = String::from(
        "# Functions\n\nEverything that a script can call. This page is generated from the functions' own doc comments: \
         `homelab reference --write`.\n",
    );
    let mut module = None;
    for function in functions {
        if module != Some(function.module()) {
            module = Some(function.module());
            let title = if function.module().is_empty() {
                "The language's own words"
            } else {
                function.module()
            };
            text.push_str(&format!("\n## {title}\n"));
        }
        text.push_str(&format!("\n{}", entry(function)));
    }
    text
}
