//! Formats by name that are property strings.

use super::{declare::Param, property};

const KEEP: &[Param] = &[
    Param::boolean("keep-all").optional(),
    Param::integer("keep-daily").minimum(0.0).optional(),
    Param::integer("keep-hourly").minimum(0.0).optional(),
    Param::integer("keep-last").minimum(0.0).optional(),
    Param::integer("keep-monthly").minimum(0.0).optional(),
    Param::integer("keep-weekly").minimum(0.0).optional(),
    Param::integer("keep-yearly").minimum(0.0).optional(),
];

const PERFORMANCE: &[Param] = &[
    Param::integer("max-workers")
        .minimum(1.0)
        .maximum(256.0)
        .default("16")
        .optional(),
    Param::integer("pbs-entries-max")
        .minimum(1.0)
        .default("1048576")
        .optional(),
];

const FLEECING: &[Param] = &[
    Param::boolean("enabled")
        .default("0")
        .default_key()
        .optional(),
    Param::string("storage").format("pve-storage-id").optional(),
];

/// What is wrong with `text` as a property string with a name.
pub(super) fn check(format: &str, text: &str) -> Result<(), String> {
    let properties = match format {
        "prune-backups" => KEEP,
        "backup-performance" => PERFORMANCE,
        _ => FLEECING,
    };
    let found = property::parse(properties, text, format)
        .map_err(|words| words.trim_end_matches('\n').to_owned())?;
    let keeps_all = found.get("keep-all").is_some_and(|value| *value == "1");
    if keeps_all && found.len() > 1 {
        return Err("keep-all cannot be set together with other options.".to_owned());
    }
    Ok(())
}
