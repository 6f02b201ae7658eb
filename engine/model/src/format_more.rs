//! Formats that belong to one family of endpoints: content types, schedules, days.

use formats::names::{CONTENT, is_dns_name, is_guest_id, is_label, is_volume_group};

/// What is wrong with `text`; none if the format isn't known.
pub(super) fn check(format: &str, text: &str) -> Option<Result<(), String>> {
    let need = |fits: bool, words: String| Some(if fits { Ok(()) } else { Err(words) });
    match format {
        "pve-storage-content" => need(
            CONTENT.contains(&text),
            format!("invalid content type '{text}'"),
        ),
        "pve-day-of-week" => need(
            matches!(text, "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun"),
            "value does not look like a valid day of week".to_owned(),
        ),
        "pve-calendar-event" => Some(
            formats::calendar::Event::parse(text)
                .map(|_| ())
                .map_err(|why| format!("invalid calendar event '{text}' - {why}")),
        ),
        "pve-storage-path-in-property-string" => need(
            text.starts_with('/') && !text.contains(['\n', ',', ';', '(', ')']),
            "value does not look like a valid absolute path".to_owned(),
        ),
        "pve-dir-override" => need(
            text.split_once('=').is_some_and(|(kind, path)| {
                CONTENT.contains(&kind) && !path.is_empty() && !path.contains("..")
            }),
            format!("invalid override '{text}'"),
        ),
        "pve-storage-vgname" => need(
            is_volume_group(text),
            format!("lvm name '{text}' contains illegal characters"),
        ),
        "pve-storage-options" | "pve-tfa-config" | "pve-command-batch" | "realm-sync-options" => {
            Some(Ok(()))
        }
        "pve-storage-zfs-blocksize" => need(
            text.trim_end_matches(['k', 'K', 'm', 'M'])
                .parse::<u64>()
                .is_ok(),
            "value does not look like a valid block size".to_owned(),
        ),
        "pve-acme-domain" | "pve-acme-alias" => need(
            is_dns_name(text.trim_start_matches("*.")),
            "value does not look like a valid domain name".to_owned(),
        ),
        _ => super::format_properties::check(format, text).or_else(|| check_cluster(format, text)),
    }
}

/// The formats of the datacenter's options and of high availability.
fn check_cluster(format: &str, text: &str) -> Option<Result<(), String>> {
    let need = |fits: bool, words: &str| Some(if fits { Ok(()) } else { Err(words.to_owned()) });
    match format {
        "pve-ha-resource-or-vm-id" if text.bytes().all(|b| b.is_ascii_digit()) => {
            need(is_guest_id(text), "value does not look like a valid VM ID")
        }
        "pve-ha-resource-id" | "pve-ha-resource-or-vm-id" => need(
            text.split_once(':').is_some_and(|(kind, name)| {
                !kind.is_empty()
                    && kind.bytes().all(|b| b.is_ascii_lowercase())
                    && !name.is_empty()
                    && !name.contains(char::is_whitespace)
            }),
            "value does not look like a valid ha resource id",
        ),
        "pve-ha-node" => need(
            is_label(text.split(':').next().unwrap_or_default()),
            "value does not look like a valid ha group node",
        ),
        "mac-prefix" => need(
            is_mac_prefix(text),
            "value is not a valid unicast MAC address prefix",
        ),
        "pve-node-location" => need(
            !text.is_empty() && !text.contains(char::is_control),
            "value does not look like a valid location",
        ),
        _ => None,
    }
}

/// One to three bytes of a unicast MAC address, with or without a colon at the end.
fn is_mac_prefix(text: &str) -> bool {
    let parts: Vec<&str> = text.strip_suffix(':').unwrap_or(text).split(':').collect();
    let byte = |part: &&str| {
        let fits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
        u8::from_str_radix(part, 16).ok().filter(|_| fits)
    };
    (1..=3).contains(&parts.len())
        && parts.iter().all(|part| byte(part).is_some())
        && parts
            .first()
            .and_then(byte)
            .is_some_and(|first| first & 1 == 0)
}
