//! Formats by name that are property strings. The published API names them and doesn't spell them out.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{declare::Declared, property};

const NAMED: &str = r#"{
  "prune-backups": {
    "keep-all": {"type": "boolean", "optional": true},
    "keep-daily": {"type": "integer", "minimum": 0, "optional": true},
    "keep-hourly": {"type": "integer", "minimum": 0, "optional": true},
    "keep-last": {"type": "integer", "minimum": 0, "optional": true},
    "keep-monthly": {"type": "integer", "minimum": 0, "optional": true},
    "keep-weekly": {"type": "integer", "minimum": 0, "optional": true},
    "keep-yearly": {"type": "integer", "minimum": 0, "optional": true}
  },
  "backup-performance": {
    "max-workers": {"type": "integer", "minimum": 1, "maximum": 256, "optional": true},
    "pbs-entries-max": {"type": "integer", "minimum": 1, "optional": true}
  },
  "backup-fleecing": {
    "enabled": {"type": "boolean", "default_key": true, "optional": true},
    "storage": {"format": "pve-storage-id", "optional": true}
  }
}"#;

/// What is wrong with `text` as a property string with a name; none if there's no such name.
pub(super) fn check(format: &str, text: &str) -> Option<Result<(), String>> {
    static KNOWN: LazyLock<BTreeMap<String, Declared>> =
        LazyLock::new(|| serde_json::from_str(NAMED).expect("a test checks each of them"));
    KNOWN
        .get(format)
        .map(|properties| fits(properties, format, text))
}

fn fits(properties: &Declared, format: &str, text: &str) -> Result<(), String> {
    let found = property::parse(properties, text, format)
        .map_err(|words| words.trim_end_matches('\n').to_owned())?;
    let keeps_all = found.get("keep-all").is_some_and(|value| *value == "1");
    if keeps_all && found.len() > 1 {
        return Err("keep-all cannot be set together with other options.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_words_of_retention_are_those_that_docs_are_checked_by() {
        let known: BTreeMap<String, Value> = serde_json::from_str(NAMED).unwrap();
        let words: Vec<&String> = known["prune-backups"].as_object().unwrap().keys().collect();
        assert_eq!(words, formats::retention::KEYS.iter().collect::<Vec<_>>());
    }
}
