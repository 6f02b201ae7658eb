//! Patterns for names. Proxmox's installer reads those of answer files with the same crate.

use glob::Pattern;

/// Whether a text fits a pattern of `*`, `?`, `[abc]` and `[!a]` as a whole; a pattern that is none fits nothing.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(text))
}

/// Whether a text fits a pattern of `*` and `?`, in which brackets stand for themselves.
#[must_use]
pub fn fits_plainly(pattern: &str, text: &str) -> bool {
    let mut plain = pattern.replace('[', "[[]");
    while plain.contains("**") {
        plain = plain.replace("**", "*");
    }
    fits(&plain, text)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn brackets_of_addresses_stand_for_themselves() {
        for (pattern, text, fitting) in [
            ("[a.b]:22", "[a.b]:22", true),
            ("[*]:22", "[x]:22", true),
            ("[a]", "a", false),
            ("a**b?", "axxbc", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits_plainly(pattern, text), fitting, "{pattern} {text}");
        }
    }
}
