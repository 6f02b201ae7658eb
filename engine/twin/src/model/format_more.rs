//! Formats that belong to one family of endpoints: content types, schedules, days.

use super::format::{is_label, is_vmid};

const CONTENT: &[&str] = &[
    "images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import", "none",
];

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
        "pve-calendar-event" => need(
            super::calendar::is_event(text),
            format!("unable to parse calendar event - '{text}'"),
        ),
        "pve-dir-override" => need(text.contains('='), "invalid directory override".to_owned()),
        "pve-storage-vgname" => need(
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c))
                && text.starts_with(|c: char| c.is_ascii_alphanumeric()),
            format!("lvm name '{text}' contains illegal characters"),
        ),
        "pve-storage-options" | "pve-tfa-config" | "pve-command-batch" | "realm-sync-options" => {
            Some(Ok(()))
        }
        "pve-ha-resource-or-vm-id" => need(
            is_vmid(text.trim_start_matches("vm:").trim_start_matches("ct:")),
            "value does not look like a valid HA resource or VM ID".to_owned(),
        ),
        "pve-storage-zfs-blocksize" => need(
            text.trim_end_matches(['k', 'K', 'm', 'M'])
                .parse::<u64>()
                .is_ok(),
            "value does not look like a valid block size".to_owned(),
        ),
        "pve-ha-node" => need(
            is_label(text.split(':').next().unwrap_or_default()),
            "value does not look like a valid ha group node".to_owned(),
        ),
        "mac-prefix" => need(
            text.len() >= 8
                && text
                    .split(':')
                    .all(|p| p.len() <= 2 && u8::from_str_radix(p, 16).is_ok()),
            "value is not a valid unicast MAC address prefix".to_owned(),
        ),
        "pve-acme-domain" | "pve-acme-alias" => need(
            super::format::is_dns_name(text.trim_start_matches("*.")),
            "value does not look like a valid domain name".to_owned(),
        ),
        "pve-node-location" => need(
            !text.is_empty() && !text.contains(char::is_control),
            "value does not look like a valid location".to_owned(),
        ),
        "prune-backups" | "backup-performance" | "backup-fleecing" => {
            Some(super::format_properties::check(format, text))
        }
        _ => None,
    }
}
