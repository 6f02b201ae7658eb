//! How deep lists and maps may lie in each other: a value that is recorded is read again.

use rhai::{Array, Dynamic, Map};

/// The deepest: JSON is read 128 levels deep, and an entry of the journal has some of its own.
const DEEPEST: usize = 100;

/// Whether a value lies deeper than what is recorded may.
pub(super) fn is_too_deep(value: &Dynamic) -> bool {
    is_deeper(value, DEEPEST)
}

fn is_deeper(value: &Dynamic, levels: usize) -> bool {
    let below = |item: &Dynamic| levels == 0 || is_deeper(item, levels - 1);
    if let Some(items) = value.read_lock::<Array>() {
        return items.iter().any(below);
    }
    let map = value.read_lock::<Map>();
    map.is_some_and(|map| map.values().any(below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{NotArgument, NotData, from_data, to_argument, to_data};

    fn nested(levels: usize) -> Dynamic {
        let inner = Dynamic::from_array(vec![1.into()]);
        (1..levels).fold(inner, |inner, _| Dynamic::from_array(vec![inner]))
    }

    #[test]
    fn a_value_is_as_deep_as_can_be_read_again() {
        let data = to_data(&nested(DEEPEST)).unwrap();
        let text =
            serde_json::to_string(&serde_json::json!({ "entry": { "value": data } })).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(from_data(&read["entry"]["value"]).type_name(), "array");
        assert_eq!(to_data(&nested(DEEPEST + 1)), Err(NotData::Deep));
        assert_eq!(to_argument(&nested(DEEPEST + 1)), Err(NotArgument::Deep));
        // As deep as memory allows, a script can make them.
        assert_eq!(to_data(&nested(2_000)), Err(NotData::Deep));
    }
}
