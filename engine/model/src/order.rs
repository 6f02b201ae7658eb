//! What has no order in an answer comes in another one each time: Perl draws the order of its hashes anew.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::{Map, Value};

/// Fields that are sets, as texts with commas or as lists.
pub const SETS: &[&str] = &["content", "nodes", "groups", "members", "users"];

/// How many answers were given, by which each gets an order of its own. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Answers(Arc<AtomicU64>);

impl Answers {
    /// Gives an answer an order that depends on the seed, and on how many there were before.
    pub(super) fn order(&self, seed: &str, answer: &mut Value) {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let drawn = super::transaction::derive(seed, &format!("order/{number}"));
        let (first, _) = drawn.split_at(8);
        let mut draw = Draw(
            first
                .iter()
                .fold(0, |all, byte| all << 8 | u64::from(*byte)),
        );
        draw.value(answer);
    }
}

/// Random numbers, by SplitMix64.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap_or_default()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Object(object) => self.object(object),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            _ => {}
        }
    }

    fn object(&mut self, object: &mut Map<String, Value>) {
        let mut fields: Vec<(String, Value)> = std::mem::take(object).into_iter().collect();
        for (name, value) in &mut fields {
            self.value(value);
            if SETS.contains(&name.as_str()) {
                self.set(value);
            }
        }
        self.shuffle(&mut fields);
        object.extend(fields);
    }

    fn set(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => self.shuffle(items),
            Value::String(text) if text.contains(',') => {
                let mut items: Vec<&str> = text.split(',').collect();
                self.shuffle(&mut items);
                *text = items.join(",");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn each_answer_comes_in_another_order_and_says_the_same() {
        let answers = Answers::default();
        let said = json!({"data": {
            "prune-backups": {"keep-last": "3", "keep-daily": "7", "keep-weekly": "4"},
            "content": "iso,backup,vztmpl", "schedule": "mon,tue", "groups": ["a", "b", "c"],
        }});
        let mut texts = BTreeSet::new();
        for _ in 0..20 {
            let mut answer = said.clone();
            answers.order("seed", &mut answer);
            texts.insert(answer.to_string());
            let data = &mut answer["data"];
            let mut content: Vec<&str> = data["content"].as_str().unwrap().split(',').collect();
            content.sort_unstable();
            assert_eq!(content, ["backup", "iso", "vztmpl"]);
            assert_eq!(data["schedule"], "mon,tue");
            assert_eq!(data["prune-backups"], said["data"]["prune-backups"]);
        }
        assert!(texts.len() > 15, "{texts:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_orders() {
        let orders = |seed: &str| -> Vec<String> {
            let answers = Answers::default();
            let ordered = |_| {
                let mut answer = json!({"a": 1, "b": 2, "c": 3, "d": 4});
                answers.order(seed, &mut answer);
                answer.to_string()
            };
            (0..5).map(ordered).collect()
        };
        assert_eq!(orders("one"), orders("one"));
        assert_ne!(orders("one"), orders("two"));
    }
}
