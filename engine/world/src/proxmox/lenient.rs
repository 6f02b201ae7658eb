//! Reads answers leniently: Proxmox sends numbers as text, booleans as `1`, `"1"` or `true`.

use serde_json::Value;

/// Reads a boolean: `true`, `1`, `"1"`, `"yes"`, `"on"`, `"true"` and their opposites.
#[must_use]
pub fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_f64().map(|n| n != 0.0),
        Value::String(text) => formats::property::boolean(text),
        _ => None,
    }
}

/// Reads an integer from a number or from text.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

/// Reads text; numbers and booleans become the text that Proxmox would have sent for them.
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(u8::from(*flag).to_string()),
        _ => None,
    }
}

/// Splits a `-list` value at commas, semicolons and blanks.
#[must_use]
pub fn list(text: &str) -> Vec<String> {
    text.split([',', ';', ' ', '\t', '\n'])
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_proxmox_sends() {
        for yes in [json!(1), json!("1"), json!(true), json!("yes")] {
            assert_eq!(boolean(&yes), Some(true), "{yes}");
        }
        for no in [json!(0), json!("0"), json!(false), json!("off"), json!("")] {
            assert_eq!(boolean(&no), Some(false), "{no}");
        }
        assert_eq!(boolean(&json!("maybe")), None);
        assert_eq!(integer(&json!("42")), Some(42));
        assert_eq!(integer(&json!(42)), Some(42));
        assert_eq!(integer(&json!("4x")), None);
        assert_eq!(text(&json!(3)).as_deref(), Some("3"));
        assert_eq!(list("a,b; c"), ["a", "b", "c"]);
    }
}
