//! What an interface's name says about it.

/// Whether a name is that of a network card.
pub(super) fn is_card(name: &str) -> bool {
    let numbered = |stem: &str| {
        name.strip_prefix(stem).is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let longer = |stem: &str| {
        name.strip_prefix(stem)
            .is_some_and(|rest| !rest.is_empty() && !rest.contains([':', '.']))
    };
    numbered("eth") || numbered("nic") || longer("en") || longer("ib")
}

/// Whether a name is `bond` and a number.
pub(super) fn is_bond(name: &str) -> bool {
    name.strip_prefix("bond").is_some_and(is_number)
}

/// The number in a name such as `vlan40`.
pub(super) fn vlan_number(name: &str) -> Option<&str> {
    name.strip_prefix("vlan").filter(|number| is_number(number))
}

/// The device and number of `vmbr0.20`.
pub(super) fn dotted(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.')
        .filter(|(device, number)| !device.is_empty() && is_number(number))
}

/// The device of `vmbr0:1`.
pub(super) fn aliased(name: &str) -> Option<&str> {
    name.rsplit_once(':')
        .filter(|(device, number)| !device.is_empty() && is_number(number))
        .map(|(device, _)| device)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
