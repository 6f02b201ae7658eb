//! Any bytes as text, and back: what isn't UTF-8 stands there as characters that nobody uses, one for each byte.

use std::borrow::Cow;

/// The character that stands for byte 0; those for the others follow it.
const FIRST: u32 = 0x0010_ff00;

fn stand_in(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn stands_for(letter: char) -> Option<u8> {
    u32::from(letter).checked_sub(FIRST)?.try_into().ok()
}

/// Bytes as text, of which [`bytes`] makes the same bytes again.
#[must_use]
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes)
        && text.chars().all(|letter| stands_for(letter).is_none())
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match stands_for(letter) {
                None => text.push(letter),
                Some(_) => text.extend(letter.encode_utf8(&mut [0; 4]).bytes().map(stand_in)),
            }
        }
        text.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    Cow::Owned(text)
}

/// The bytes of such a text.
#[must_use]
pub fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match stands_for(letter) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let odd = ["\u{10ff41}\u{10ffff}", "a\u{10feff}"]
            .concat()
            .into_bytes();
        for content in [
            &b""[..],
            b"a\nb",
            "gr\u{fc}n".as_bytes(),
            b"gr\xfcn\n\xff",
            &all,
            &odd,
            &[&*odd, &*all].concat(),
        ] {
            assert_eq!(bytes(&text(content)), content, "{}", content.escape_ascii());
        }
        assert_eq!(text(b"a\xffb").chars().count(), 3);
        assert!(matches!(text("gr\u{fc}n".as_bytes()), Cow::Borrowed(_)));
    }
}
