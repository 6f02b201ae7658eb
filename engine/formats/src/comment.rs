//! Comments as Proxmox gives them back.

/// A comment of a user, a group, a pool, a token or a job: its file's fields lose the blanks at their ends; other white space
/// is encoded there, and stays.
#[must_use]
pub fn kept(text: &str) -> &str {
    text.trim_matches(' ')
}

/// Whether all characters are of Latin-1.
#[must_use]
pub fn is_latin1(text: &str) -> bool {
    text.chars().all(|c| u32::from(c) < 0x100)
}

/// The description of a mapping. With a character beyond Latin-1 its file has it as UTF-8, and each byte of that is read as a
/// character.
#[must_use]
pub fn described(text: &str) -> String {
    if is_latin1(text) {
        text.to_owned()
    } else {
        text.bytes().map(char::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_loses_its_blanks_and_a_description_what_latin1_lacks() {
        assert_eq!(kept("  People \t "), "People \t");
        assert_eq!(described("für Spiele"), "für Spiele");
        assert_eq!(described("ü — x"), "\u{c3}\u{bc} \u{e2}\u{80}\u{94} x");
    }
}
