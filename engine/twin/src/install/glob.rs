//! Patterns of an answer file's filters: `*`, `?`, `[abc]`, `[!a]`.

use regex::Regex;

/// Whether a text fits a pattern as a whole; a pattern that is none fits nothing.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let mut whole = String::from("^");
    let mut is_in_set = false;
    for letter in pattern.chars() {
        match letter {
            '*' if !is_in_set => whole.push_str(".*"),
            '?' if !is_in_set => whole.push('.'),
            '[' if !is_in_set => {
                is_in_set = true;
                whole.push('[');
            }
            ']' => {
                is_in_set = false;
                whole.push(']');
            }
            '!' if whole.ends_with('[') => whole.push('^'),
            '-' if is_in_set => whole.push('-'),
            other => whole.push_str(&regex::escape(&other.to_string())),
        }
    }
    whole.push('$');
    Regex::new(&whole).is_ok_and(|regex| regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_whole_texts() {
        for (pattern, text, fitting) in [
            ("*3cecef4a1020", "enx3cecef4a1020", true),
            ("enx3cecef4a1020", "enx3cecef4a1020", true),
            ("3cecef", "enx3cecef4a1020", false),
            ("S?", "S1", true),
            ("S[12]", "S2", true),
            ("S[!12]", "S2", false),
            ("a.c", "abc", false),
            ("[", "[", false),
        ] {
            assert_eq!(fits(pattern, text), fitting, "{pattern} {text}");
        }
    }
}
