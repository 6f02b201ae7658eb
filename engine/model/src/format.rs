//! The formats of texts, each with the words that the API has for a text that doesn't fit.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use formats::names::{
    is_dns_name, is_guest_id, is_interface, is_label, is_plain, is_pool, is_storage_id,
    starts_with_letter, token_parts,
};

use super::{access, params::split_list};

/// What is wrong with `text` as `format`; nothing if it fits.
///
/// The text of an error ends in a line break, as the API's does.
pub(crate) fn check(format: &str, text: &str) -> Result<(), String> {
    if let Some(item) = format.strip_suffix("-list") {
        return split_list(text)
            .iter()
            .try_for_each(|part| check(item, part));
    }
    if let Some(inner) = format.strip_suffix("-opt") {
        return if text.is_empty() {
            Ok(())
        } else {
            check(inner, text)
        };
    }
    match known(format, text) {
        Some(result) => result.map_err(|words| format!("{words}\n")),
        // A test knows every format of what is modelled. Other calls are a 501 in the end.
        None => Ok(()),
    }
}

/// Whether the model knows a format that isn't made from another.
#[must_use]
pub fn is_known(format: &str) -> bool {
    known(format, "").is_some()
}

/// What is wrong with `text` as a format that isn't made from another; none if the model doesn't know it.
fn known(format: &str, text: &str) -> Checked {
    named(format, text)
        .or_else(|| addresses(format, text))
        .or_else(|| others(format, text))
}

type Checked = Option<Result<(), String>>;

fn need(fits: bool, words: impl FnOnce() -> String) -> Checked {
    Some(if fits { Ok(()) } else { Err(words()) })
}

/// Ids and names.
fn named(format: &str, text: &str) -> Checked {
    match format {
        "pve-configid" => need(starts_with_letter(text, 2, "-_"), || {
            format!("invalid configuration ID '{text}'")
        }),
        "pve-storage-id" => need(is_storage_id(text), || {
            format!("storage ID '{text}' contains illegal characters")
        }),
        "pve-node" => need(is_label(text), || {
            "value does not look like a valid node name".into()
        }),
        "pve-vmid" => need(is_guest_id(text), || {
            "value does not look like a valid VM ID".into()
        }),
        "pve-userid" => Some(access::check_userid(text)),
        "pve-tokenid" => need(is_tokenid(text), || {
            format!("value '{text}' does not look like a valid token ID")
        }),
        "pve-realm" => need(starts_with_letter(text, 2, ".-_"), || {
            "value does not look like a valid realm".into()
        }),
        "pve-groupid" => need(is_plain(text), || {
            format!("group name '{text}' contains invalid characters")
        }),
        "pve-roleid" => need(is_plain(text), || {
            format!("role name '{text}' contains invalid characters")
        }),
        "pve-poolid" => need(is_pool(text), || {
            format!("pool name '{text}' contains invalid characters")
        }),
        "pve-priv" => need(super::privilege::is_privilege(text), || {
            format!("invalid privilege '{text}'")
        }),
        "pve-iface" | "pve-bridge-id" => need(is_interface(text), || {
            format!("invalid network interface name '{text}'")
        }),
        "dns-name" => need(is_dns_name(text), || {
            "value does not look like a valid DNS name".into()
        }),
        _ => None,
    }
}

/// Addresses and networks.
fn addresses(format: &str, text: &str) -> Checked {
    let v4 = || text.parse::<Ipv4Addr>().is_ok();
    let v6 = || text.parse::<Ipv6Addr>().is_ok();
    let looks = |what: &str| format!("value does not look like a valid {what}");
    match format {
        "ipv4" => need(v4(), || looks("IPv4 address")),
        "ipv6" => need(v6(), || looks("IPv6 address")),
        "ip" => need(v4() || v6(), || looks("IP address")),
        "address" | "pve-storage-server" => need(v4() || v6() || is_dns_name(text), || {
            looks("IP address or host name")
        }),
        "ipv4mask" => need(is_netmask(text), || looks("IP netmask")),
        "CIDRv4" => need(is_cidr(text, 8, 32, IpAddr::is_ipv4), || {
            looks("IPv4 network")
        }),
        "CIDRv6" => need(is_cidr(text, 8, 128, IpAddr::is_ipv6), || {
            looks("IPv6 network")
        }),
        "CIDR" => need(is_network(text), || looks("CIDR network")),
        "IPorCIDR" => need(v4() || v6() || is_network(text), || {
            looks("IP address or CIDR network")
        }),
        "mac-addr" => need(is_unicast_mac(text), || looks("unicast MAC address")),
        "pve-storage-portal-dns" => need(is_portal(text), || looks("portal name (host:port)")),
        _ => None,
    }
}

/// The rest.
fn others(format: &str, text: &str) -> Checked {
    match format {
        "string" => Some(Ok(())),
        "email" => need(is_email(text), || {
            "value does not look like a valid email address".into()
        }),
        "email-or-username" => need(is_email(text) || is_mail_user(text), || {
            "value does not look like a valid email address or user name".into()
        }),
        "pve-volume-id" => need(
            text.split_once(':')
                .is_some_and(|(store, name)| is_storage_id(store) && !name.is_empty()),
            || format!("unable to parse volume ID '{text}'"),
        ),
        "pve-storage-path" => need(text.starts_with('/') && !text.contains('\n'), || {
            "value does not look like a valid path".into()
        }),
        "pve-tag" => need(
            text.bytes().enumerate().all(|(i, b)| {
                b.is_ascii_alphanumeric() || b == b'_' || (i > 0 && matches!(b, b'-' | b'+' | b'.'))
            }) && !text.is_empty(),
            || "invalid characters in tag".into(),
        ),
        "pve-vlan-id-or-range" => Some(check_vlans(text)),
        "pve-task-status-type" => need(
            matches!(text, "ok" | "error" | "warning" | "unknown"),
            || format!("invalid status '{text}'"),
        ),
        "ldap-simple-attr" => need(starts_with_letter(text, 1, "-"), || {
            "value does not look like a simple ldap attribute name".into()
        }),
        _ => super::format_more::check(format, text),
    }
}

fn is_tokenid(text: &str) -> bool {
    token_parts(text).is_some_and(|(user, _)| access::check_userid(user).is_ok())
}

fn is_netmask(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok_and(|mask| {
        let bits = u32::from(mask);
        bits != 0 && bits.leading_ones() + bits.trailing_zeros() >= 32
    })
}

fn is_cidr(text: &str, least: u8, most: u8, family: fn(&IpAddr) -> bool) -> bool {
    text.split_once('/').is_some_and(|(address, prefix)| {
        address.parse::<IpAddr>().is_ok_and(|ip| family(&ip))
            && prefix
                .parse::<u8>()
                .is_ok_and(|n| (least..=most).contains(&n))
    })
}

fn is_network(text: &str) -> bool {
    is_cidr(text, 8, 32, IpAddr::is_ipv4) || is_cidr(text, 8, 128, IpAddr::is_ipv6)
}

fn is_unicast_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() == 6
        && parts
            .iter()
            .all(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()))
        && u8::from_str_radix(parts[0], 16).is_ok_and(|first| first & 1 == 0)
}

fn is_portal(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
        _ => (text, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (host.parse::<IpAddr>().is_ok() || is_dns_name(host))
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// What stands before the `@` of a mail address.
fn is_mail_user(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_+-~".contains(c))
    };
    text.split('.').all(plain)
}

fn is_email(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-+~&".contains(c))
    };
    text.split_once('@')
        .is_some_and(|(name, host)| plain(name) && is_dns_name(host))
}

fn check_vlans(text: &str) -> Result<(), String> {
    let tag = |part: &str| {
        part.parse::<u16>()
            .ok()
            .filter(|tag| (1..=4094).contains(tag))
    };
    let fits = match text.split_once('-') {
        Some((from, to)) => {
            matches!((tag(from), tag(to)), (Some(from), Some(to)) if from <= to)
        }
        None => tag(text).is_some(),
    };
    if fits {
        Ok(())
    } else {
        Err(format!("invalid VLAN ID or range '{text}'"))
    }
}
