//! The nearest known word to a misspelt one.

/// The known word that is most like `word`, if one is like it at all.
#[must_use]
pub fn of<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn finds_a_near_word_and_no_far_one() {
        let known = ["1.2-cluster", "1.3-network", "Create the cluster"];
        assert_eq!(of("1.2-clutser", known), Some("1.2-cluster"));
        assert_eq!(of("zzz", known), None);
    }
}
