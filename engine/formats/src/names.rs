//! Names and ids as Proxmox takes them.

/// What storages may hold.
pub const CONTENT: &[&str] = &[
    "images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import", "none",
];

/// A letter, at least `least` letters, digits and `others`.
#[must_use]
pub fn starts_with_letter(text: &str, least: usize, others: &str) -> bool {
    text.len() >= least
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// Letters, digits, `.`, `-` and `_`: the name of a group, a role, a part of a pool.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
}

/// The name of a pool, with those of up to two that it's in.
#[must_use]
pub fn is_pool(text: &str) -> bool {
    text.split('/').count() <= 3 && text.split('/').all(is_plain)
}

/// The id of a storage.
#[must_use]
pub fn is_storage_id(text: &str) -> bool {
    starts_with_letter(text, 2, "-_.") && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// The name of a volume group or of a pool in it.
#[must_use]
pub fn is_volume_group(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// A part of a host's name.
#[must_use]
pub fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// A host's name, or a domain.
#[must_use]
pub fn is_dns_name(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(is_label)
}

/// The id of a guest.
#[must_use]
pub fn is_guest_id(text: &str) -> bool {
    (3..=9).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit())
        && !text.starts_with('0')
}

/// The name of a network interface, with the number of a VLAN.
#[must_use]
pub fn is_interface(text: &str) -> bool {
    let (name, number) = match text.find([':', '.']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    (2..=21).contains(&name.len())
        && starts_with_letter(name, 2, "_")
        && number.is_none_or(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// A token's id in its parts, the user with the realm and the token's name: `homelab@pve!runbooks`. A user's name may have an
/// exclamation mark, a token's can't.
#[must_use]
pub fn token_parts(text: &str) -> Option<(&str, &str)> {
    let (user, name) = text.rsplit_once('!')?;
    (is_user_id(user) && starts_with_letter(name, 2, ".-_")).then_some((user, name))
}

/// A user with the realm, `NAME@REALM`, whatever its length.
#[must_use]
pub fn is_user_id(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(name, realm)| {
        !name.is_empty()
            && !name.contains(|c: char| c.is_whitespace() || c == ':' || c == '/')
            && starts_with_letter(realm, 2, ".-_")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_split_behind_its_users_realm() {
        for (text, parts) in [
            ("a@pve!ci", Some(("a@pve", "ci"))),
            ("a!b@pve!tok", Some(("a!b@pve", "tok"))),
            ("a!b@pve", None),
            ("a@b@pve!tok", Some(("a@b@pve", "tok"))),
            ("a@pve!t", None),
            ("a@pve!1st", None),
            ("a!tok", None),
        ] {
            assert_eq!(token_parts(text), parts, "{text}");
        }
    }
}
