//! The keys of an answer file as the installer's documentation gives them, with their types and values.

use std::{net::IpAddr, sync::OnceLock};

use ipnet::IpNet;
use serde::Deserialize;
use toml::{Table, Value};

/// What a key's value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Texts,
    Flag,
    Integer,
    Number,
    Address,
    Cidr,
    Country,
    Fqdn,
    Mail,
    Hash,
    /// Names of the user's own choice, each with a text.
    Table,
}

/// A documented key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Documented {
    key: String,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    one_of: Vec<String>,
    least: Option<i64>,
    most: Option<i64>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Documented>,
}

fn documented() -> &'static [Documented] {
    static ALL: OnceLock<Vec<Documented>> = OnceLock::new();
    ALL.get_or_init(|| {
        let keys: Keys = serde_json::from_str(include_str!("keys.json"))
            .expect("the table of keys is part of the program");
        keys.keys
    })
}

/// What in an answer file isn't as documented: keys, types, values; nothing if all is.
#[must_use]
pub fn mistakes(file: &Table) -> Vec<String> {
    let mut leaves = Vec::new();
    flatten(file, "", &mut leaves);
    let mut found: Vec<String> = leaves
        .iter()
        .filter_map(|(key, value)| mistake(key, value))
        .collect();
    let is_there = |wanted: &str| {
        let inside = format!("{wanted}.");
        leaves
            .iter()
            .any(|(key, _)| key == wanted || key.starts_with(&inside))
    };
    let missing = documented()
        .iter()
        .filter(|documented| documented.required && !is_there(&documented.key));
    found.extend(missing.map(|documented| format!("the key '{}' is missing", documented.key)));
    found
}

/// Whether a key takes a text.
#[must_use]
pub fn takes(key: &str, text: &str) -> bool {
    mistake(key, &Value::String(text.to_owned())).is_none()
}

/// The texts that a key takes, where they can be listed.
pub fn known(key: &str) -> impl Iterator<Item = &'static str> {
    let documented = documented().iter().filter(move |own| own.key == key);
    documented.flat_map(|own| own.one_of.iter().map(String::as_str))
}

/// Every value with its dotted key; a table of free names is one value.
fn flatten(table: &Table, prefix: &str, leaves: &mut Vec<(String, Value)>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::Table(inner) if !is_free(&key) => flatten(inner, &key, leaves),
            _ => leaves.push((key, value.clone())),
        }
    }
}

fn is_free(key: &str) -> bool {
    let mut all = documented().iter();
    all.any(|documented| documented.kind == Kind::Table && documented.key == key)
}

fn mistake(key: &str, value: &Value) -> Option<String> {
    let mut all = documented().iter();
    let Some(documented) = all.find(|documented| documented.key == key) else {
        return Some(format!("there is no key '{key}'"));
    };
    if !fits(documented.kind, value) {
        return Some(format!("'{key}' can't be {value}"));
    }
    let text = value.as_str().unwrap_or_default().to_ascii_lowercase();
    if !documented.one_of.is_empty() && !documented.one_of.contains(&text) {
        let known = documented.one_of.join(", ");
        return Some(format!("'{key}' can't be {value}: it's one of {known}"));
    }
    let number = value.as_float().or_else(|| whole(value));
    let is_outside = number.is_some_and(|number| {
        documented.least.is_some_and(|least| number < float(least))
            || documented.most.is_some_and(|most| number > float(most))
    });
    is_outside.then(|| format!("'{key}' can't be {value}: it's out of range"))
}

fn whole(value: &Value) -> Option<f64> {
    value.as_integer().map(float)
}

/// Limits and sizes in GiB are far below the numbers that a float can't hold.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
const fn float(number: i64) -> f64 {
    number as f64
}

fn fits(kind: Kind, value: &Value) -> bool {
    let text = value.as_str();
    match kind {
        Kind::Text => text.is_some_and(|text| !text.is_empty()),
        Kind::Texts => value
            .as_array()
            .is_some_and(|all| all.iter().all(Value::is_str)),
        Kind::Flag => value.is_bool(),
        Kind::Integer => value.is_integer(),
        Kind::Number => value.is_integer() || value.is_float(),
        Kind::Address => text.is_some_and(|text| text.parse::<IpAddr>().is_ok()),
        Kind::Cidr => text.is_some_and(|text| text.parse::<IpNet>().is_ok()),
        Kind::Country => text.is_some_and(is_country),
        Kind::Fqdn => text.is_some_and(is_fqdn),
        Kind::Mail => text.is_some_and(is_mail),
        Kind::Hash => text.is_some_and(|text| text.starts_with('$') && text.len() > 20),
        Kind::Table => value
            .as_table()
            .is_some_and(|table| table.values().all(Value::is_str)),
    }
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// A host's name with its domain.
fn is_fqdn(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

fn is_mail(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
[global]
keyboard = "en-us"
country = "at"
fqdn = "pve1.example.test"
mailto = "root@example.test"
timezone = "UTC"
root-password = "12345678"
[network]
source = "from-dhcp"
[disk-setup]
filesystem = "zfs"
zfs.raid = "RAID1"
zfs.hdsize = 32.5
disk-list = ["sda", "sdb"]
"#;

    fn found(text: &str) -> Vec<String> {
        mistakes(&text.parse::<Table>().unwrap())
    }

    #[test]
    fn a_sound_file_has_no_mistakes() {
        assert_eq!(found(SOUND), Vec::<String>::new());
        let from_dhcp = SOUND.replace(
            "fqdn = \"pve1.example.test\"",
            "fqdn.source = \"from-dhcp\"",
        );
        assert_eq!(found(&from_dhcp), Vec::<String>::new());
    }

    #[test]
    fn refuses_unknown_keys_other_types_and_values() {
        let table = [
            (
                "timezone",
                "time-zone",
                "there is no key 'global.time-zone'",
            ),
            ("[network]", "[net]", "there is no key 'net.source'"),
            ("\"at\"", "\"AT\"", "'global.country' can't be \"AT\""),
            (
                "\"pve1.example.test\"",
                "\"pve1\"",
                "'global.fqdn' can't be",
            ),
            (
                "\"en-us\"",
                "\"us\"",
                "'global.keyboard' can't be \"us\": it's one of de,",
            ),
            (
                "[\"sda\", \"sdb\"]",
                "\"sda\"",
                "'disk-setup.disk-list' can't be",
            ),
            (
                "32.5",
                "1",
                "'disk-setup.zfs.hdsize' can't be 1: it's out of range",
            ),
            ("root@example.test", "root", "'global.mailto' can't be"),
            (
                "root-password",
                "root_password",
                "there is no key 'global.root_password'",
            ),
        ];
        for (from, to, wanted) in table {
            let found = found(&SOUND.replacen(from, to, 1));
            assert!(
                found.iter().any(|text| text.starts_with(wanted)),
                "{to}: {found:?}"
            );
        }
    }

    #[test]
    fn names_what_is_missing() {
        let found = found(&SOUND.replace("mailto = \"root@example.test\"\n", ""));
        assert_eq!(found, ["the key 'global.mailto' is missing"]);
    }
}
