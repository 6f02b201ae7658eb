//! fio's figures as the docs suggest them: nominal ones of a kind of disk, and what the slowest network port on the way
//! to a NAS lets through. No measurement of anything.

use model::{Stop, kind, node::appliances};
use serde_json::{Value, json};
use std::net::IpAddr;
use world::host::{Verb, verb::Fio};

use super::{
    Handler, Host, packages,
    typed::{Said, answers, fails},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! { Fio => fio };

/// What a store can do: bytes a second, and nanoseconds until a small read or write is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Nominal {
    read: u64,
    write: u64,
    reads_after: u64,
    writes_after: u64,
}

/// A disk on PCI Express.
const NVME: Nominal = Nominal {
    read: 3_000_000_000,
    write: 2_000_000_000,
    reads_after: 80_000,
    writes_after: 25_000,
};

/// A solid-state disk on SATA.
const SSD: Nominal = Nominal {
    read: 520_000_000,
    write: 480_000_000,
    reads_after: 120_000,
    writes_after: 60_000,
};

/// A disk that turns.
const HDD: Nominal = Nominal {
    read: 180_000_000,
    write: 170_000_000,
    reads_after: 9_000_000,
    writes_after: 9_000_000,
};

impl Nominal {
    /// A NAS behind a port of so many bits a second.
    const fn behind(bits: u64) -> Self {
        // Headers take their part.
        let bytes = bits / 100 * 94 / 8;
        Self {
            read: bytes,
            write: bytes,
            reads_after: 350_000,
            writes_after: 600_000,
        }
    }

    fn of_disk(row: &Value) -> Self {
        match row["type"].as_str() {
            Some("nvme") => NVME,
            Some("ssd") => SSD,
            _ => HDD,
        }
    }

    fn jobs(self, is_read_only: bool) -> Value {
        // Sixteen mebibytes are under way at once; of small ones there is one.
        let of_side = |side: &str, bytes: u64, after: u64| {
            [
                job(
                    side,
                    (side, bytes),
                    MEBIBYTE,
                    16 * MEBIBYTE * SECOND / bytes,
                ),
                job(
                    &format!("random {side}"),
                    (side, SMALL * (SECOND / after)),
                    SMALL,
                    after,
                ),
            ]
        };
        let writes = of_side("write", self.write, self.writes_after);
        let reads = of_side("read", self.read, self.reads_after);
        let writes = writes.into_iter().filter(|_| !is_read_only);
        Value::Array(writes.chain(reads).collect())
    }
}

/// A second, in nanoseconds.
const SECOND: u64 = 1_000_000_000;
const MEBIBYTE: u64 = 1 << 20;
const SMALL: u64 = 4096;

/// A job as fio prints it: so many bytes a second, a block each time, and so many nanoseconds until one is done.
fn job(name: &str, (side, bytes): (&str, u64), block: u64, after: u64) -> Value {
    json!({
        "jobname": name,
        "error": 0,
        side: {
            "bw_bytes": bytes,
            "iops": bytes / block,
            "clat_ns": { "mean": after, "percentile": { "99.000000": after * 2 } },
        },
    })
}

fn fio(host: &mut Host<'_, '_>, Fio { path, .. }: Fio) -> Said<String> {
    if packages::installed_version(host, "fio")?.is_none() {
        return fails(69, "fio isn't installed");
    }
    let is_device = path.starts_with("/dev/");
    let nominal = if is_device {
        device(host, &path)?
    } else {
        folder(host, &path)?
    };
    match nominal {
        Some(nominal) => Ok(json!({ "jobs": nominal.jobs(is_device) }).to_string()),
        None => fails(66, format!("{path}: neither a folder nor a block device")),
    }
}

/// What a block device can do: a disk of the node, or what a logged in target offers.
fn device(host: &mut Host<'_, '_>, path: &str) -> Result<Option<Nominal>, Stop> {
    if let Some(rest) = path.strip_prefix("/dev/disk/by-path/ip-") {
        let Some((portal, rest)) = rest.split_once("-iscsi-") else {
            return Ok(None);
        };
        let target = rest.rsplit_once("-lun-").map_or(rest, |(target, _)| target);
        return match host.has_session(target, portal)? {
            true => network(host, appliances::portal_host(portal)),
            false => Ok(None),
        };
    }
    let device = host.without_links(path)?;
    let row = host.get::<Value>(kind::DISK, &device)?;
    Ok(row.as_ref().map(Nominal::of_disk))
}

/// What a folder can do: that of the share which is mounted there, or of the disk with the root file system.
fn folder(host: &mut Host<'_, '_>, path: &str) -> Result<Option<Nominal>, Stop> {
    let mut above = path;
    while !above.is_empty() {
        if let Some(source) = host.mounted_share(above)? {
            let server = source.split(':').next().unwrap_or_default();
            return network(host, server);
        }
        above = above.rsplit_once('/').map_or("", |(above, _)| above);
    }
    if host.entry(path)?.is_none() {
        return Ok(None);
    }
    let disks = host.scan::<Value>(kind::DISK)?;
    let root = disks.iter().find(|(_, row)| row["partitions"].is_array());
    Ok(root.map(|(_, row)| Nominal::of_disk(row)))
}

/// What gets through from a server.
fn network(host: &mut Host<'_, '_>, server: &str) -> Result<Option<Nominal>, Stop> {
    let Ok(address) = server.parse::<IpAddr>() else {
        return Ok(None);
    };
    let Some(interface) = host.interface_to(address)? else {
        return Ok(None);
    };
    Ok(host.speed_of(&interface)?.map(Nominal::behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_lets_through_a_little_less_than_it_says() {
        let nominal = Nominal::behind(10_000_000_000);
        assert_eq!(nominal.read, 1_175_000_000);
        let names = |is_read_only| {
            let jobs = nominal.jobs(is_read_only);
            let jobs = jobs.as_array().unwrap();
            jobs.iter()
                .map(|job| job["jobname"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(true), ["read", "random read"]);
        assert_eq!(names(false).len(), 4);
    }
}
