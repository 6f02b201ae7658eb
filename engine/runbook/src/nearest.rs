//! The nearest known word to a misspelt one.

/// The known word that is most like `word`, if one is like it at all.
#[must_use]
pub fn of<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let slips = 1 + word.chars().count() / 5;
    known
        .into_iter()
        .filter(|candidate| {
            strsim::jaro_winkler(word, candidate) > 0.75
                || strsim::osa_distance(word, candidate) <= slips
        })
        .min_by(|a, b| distance(word, a).total_cmp(&distance(word, b)))
}

/// Slips of the finger count, and of equally many the likelier word wins.
fn distance(word: &str, candidate: &str) -> f64 {
    1.0 - strsim::normalized_damerau_levenshtein(word, candidate)
        - strsim::jaro_winkler(word, candidate) / 100.0
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn finds_a_near_word_and_no_far_one() {
        let known = ["1.2-cluster", "1.3-network", "Create the cluster"];
        assert_eq!(of("1.2-clutser", known), Some("1.2-cluster"));
        assert_eq!(of("zzz", known), None);
        assert_eq!(of("tow", ["one", "two"]), Some("two"));
    }
}
