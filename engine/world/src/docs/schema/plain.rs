//! The formats of single cells: each has a name on the page, a reader, and words for what is wanted.

use std::net::SocketAddr;

use formats::{authorized_keys, calendar, comment, names, privileges, retention, zones};

use super::{Meaning, Unfit};
use crate::{
    docs::{Value, value},
    install::keys,
    units::{Bytes, Speed, Timespan},
};

/// A format.
#[derive(Debug)]
pub struct Plain {
    /// Its name on the page.
    pub name: &'static str,
    /// What is wanted, with an article and an example.
    pub wanted: &'static str,
    /// When two texts say the same.
    pub meaning: Meaning,
    reads: fn(&str) -> Option<Value>,
    /// What may have been meant by a text that isn't one.
    near: fn(&str) -> Option<String>,
}

/// Two formats are the same if their names are.
impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Plain {
    const fn new(
        name: &'static str,
        wanted: &'static str,
        reads: fn(&str) -> Option<Value>,
    ) -> Self {
        Self {
            name,
            wanted,
            meaning: Meaning::Text,
            reads,
            near: |_| None,
        }
    }

    const fn means(self, meaning: Meaning) -> Self {
        Self { meaning, ..self }
    }

    const fn near(self, near: fn(&str) -> Option<String>) -> Self {
        Self { near, ..self }
    }

    /// Reads a text that isn't empty.
    pub(super) fn read(&self, text: &str) -> Result<Value, Unfit> {
        (self.reads)(text).ok_or_else(|| Unfit {
            text: text.to_owned(),
            what: self.wanted.to_owned(),
            nearest: (self.near)(text),
        })
    }
}

/// The format of a name.
pub(super) fn find(name: &str) -> Option<&'static Plain> {
    ALL.iter().find(|plain| plain.name == name)
}

/// Every format.
pub(super) static ALL: &[Plain] = &[
    Plain::new("text", "a text", |text| Some(Value::Text(text.to_owned()))),
    Plain::new(
        "Latin-1 text",
        "a text that Proxmox keeps: letters of Latin-1 alone, `-` for a dash",
        |text| shaped(text, comment::is_latin1),
    ),
    Plain::new("serial number", "a serial number", |text| {
        Some(Value::Text(text.to_owned()))
    })
    .means(Meaning::Serial),
    Plain::new("yes or no", "yes or no", value::flag),
    Plain::new("version", "a version: 9.2", |text| {
        shaped(text, |text| {
            text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(' ')
        })
    })
    .means(Meaning::Version),
    // Machines and networks.
    Plain::new(
        "host name",
        "a host name: letters, digits and dashes",
        |text| shaped(text, names::is_label),
    ),
    Plain::new("domain", "a domain: lab.home.arpa", |text| {
        shaped(text, names::is_dns_name)
    }),
    Plain::new(
        "interface name",
        "a name of an interface: eno1, vmbr0.20",
        |text| shaped(text, names::is_interface),
    ),
    Plain::new("address", "an address: 10.10.10.2", |text| {
        text.parse().ok().map(Value::Address)
    })
    .near(|text| Some(text.split_once('/')?.0.to_owned())),
    Plain::new(
        "address/prefix",
        "an address with its network's prefix: 10.10.10.11/24",
        value::interface,
    )
    .means(Meaning::Address),
    Plain::new(
        "address:port",
        "an address with a port: 10.10.10.5:8100",
        |text| shaped(text, |text| text.parse::<SocketAddr>().is_ok()),
    ),
    Plain::new("network", "a network: 10.10.10.0/24", value::network)
        .near(|text| Some(text.parse::<ipnet::IpNet>().ok()?.trunc().to_string())),
    Plain::new("MAC", "a MAC address: 3c:ec:ef:4a:10:20", value::mac).means(Meaning::Mac),
    Plain::new("speed", "a speed: 10 Gbit/s", |text| {
        text.parse::<Speed>().ok().map(Value::Speed)
    }),
    // Disks and devices.
    Plain::new("size", "a size: 64 GiB", |text| {
        text.parse::<Bytes>()
            .ok()
            .filter(|size| size.0 > 0)
            .map(Value::Size)
    }),
    Plain::new("path", "a path that begins with /", |text| {
        shaped(text, |text| text.starts_with('/'))
    })
    .means(Meaning::Path),
    Plain::new("device", "a device: /dev/sda", |text| {
        shaped(text, |text| text.starts_with("/dev/"))
    }),
    Plain::new("PCI slot", "a PCI slot: 0000:01:00.0", |text| {
        shaped(text, is_slot)
    })
    .near(|text| Some(format!("0000:{text}").to_lowercase()).filter(|slot| is_slot(slot))),
    Plain::new("PCI id", "vendor and device: 10de:27b2", |text| {
        shaped(text, |text| {
            text.split_once(':')
                .is_some_and(|(a, b)| is_hex(a, 4) && is_hex(b, 4))
        })
    })
    .means(Meaning::Hex),
    Plain::new("PCI class", "a PCI class: 0x030000", |text| {
        shaped(text, |text| {
            text.strip_prefix("0x").is_some_and(|code| is_hex(code, 6))
        })
    }),
    // Keys.
    Plain::new("fingerprint", "a SHA-256 in hexadecimal", |text| {
        shaped(text, |text| is_hex(&Meaning::Fingerprint.bare(text), 64))
    })
    .means(Meaning::Fingerprint),
    Plain::new("host key", "a host key's fingerprint: SHA256:…", |text| {
        let is_one = |text: &str| Meaning::HostKey.bare(text).len() == 43;
        shaped(text, |text| text.is_ascii() && is_one(text))
    })
    .means(Meaning::HostKey),
    Plain::new(
        "public key",
        "a public SSH key: ssh-ed25519 AAAA…",
        |text| {
            shaped(text, |text| {
                authorized_keys::Key::read(text.as_bytes()).is_some()
            })
        },
    ),
    // The installer.
    Plain::new(
        "keyboard",
        "a keyboard that the installer knows: de, en-us",
        |text| shaped(text, |text| keys::takes("global.keyboard", text)),
    )
    .near(|text| crate::docs::nearest(text, keys::known("global.keyboard"))),
    Plain::new(
        "country",
        "a country's two letters, in lower case",
        |text| shaped(text, |text| keys::takes("global.country", text)),
    )
    .near(|text| Some(text.to_lowercase()).filter(|text| keys::takes("global.country", text))),
    Plain::new("mail address", "a mail address", |text| {
        shaped(text, |text| keys::takes("global.mailto", text))
    }),
    Plain::new("time zone", "a time zone: Europe/Berlin", |text| {
        shaped(text, zones::is_zone)
    })
    .near(|text| crate::docs::nearest(text, zones::names())),
    // Proxmox.
    Plain::new("duration", "a duration: 30 s", |text| {
        text.parse::<Timespan>().ok().map(Value::Duration)
    }),
    Plain::new("schedule", "a calendar event: 02:30, sun 04:15", |text| {
        shaped(text, |text| calendar::Event::parse(text).is_ok())
    }),
    Plain::new(
        "retention",
        "what is kept: keep-daily=7,keep-weekly=4",
        |text| shaped(text, |text| retention::check(text).is_ok()),
    ),
    Plain::new(
        "selection",
        "all, a list of guests' ids, or pool:NAME",
        |text| shaped(text, is_selection),
    ),
    Plain::new(
        "id",
        "a name of letters, digits, '.', '-' and '_'",
        |text| shaped(text, names::is_plain),
    ),
    Plain::new(
        "storage id",
        "a storage's name: a letter, then letters, digits, '.', '-' and '_'",
        |text| shaped(text, names::is_storage_id),
    ),
    Plain::new("volume group", "a volume group: pve", |text| {
        shaped(text, names::is_volume_group)
    }),
    Plain::new(
        "volume group/pool",
        "a volume group and its pool: pve/data",
        |text| {
            let both = |(group, pool): (&str, &str)| {
                names::is_volume_group(group) && names::is_volume_group(pool)
            };
            shaped(text, |text| text.split_once('/').is_some_and(both))
        },
    ),
    Plain::new("user id", "a user with the realm: admin@pve", |text| {
        shaped(text, names::is_user_id)
    }),
    Plain::new("pool", "a pool: lab, lab/tests", |text| {
        shaped(text, names::is_pool)
    }),
    Plain::new("privilege", "a privilege: VM.Audit", |text| {
        shaped(text, |text| privileges::ALL.contains(&text))
    })
    .near(|text| crate::docs::nearest(text, privileges::ALL.iter().copied())),
];

fn shaped(text: &str, fits: impl Fn(&str) -> bool) -> Option<Value> {
    fits(text).then(|| Value::Text(text.to_owned()))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `0000:01:00.0`, as sysfs writes it.
fn is_slot(text: &str) -> bool {
    let lower = |part: &str, length| is_hex(part, length) && part == part.to_lowercase();
    let parts: Vec<&str> = text.split([':', '.']).collect();
    let [domain, bus, device, function] = parts.as_slice() else {
        return false;
    };
    let joined = format!("{domain}:{bus}:{device}.{function}");
    joined == text && lower(domain, 4) && lower(bus, 2) && lower(device, 2) && lower(function, 1)
}

/// As a backup job takes it.
fn is_selection(text: &str) -> bool {
    let mut ids = text.split([',', ' ']).filter(|part| !part.is_empty());
    let pool = text.strip_prefix("pool:");
    text == "all" || pool.is_some_and(names::is_pool) || ids.all(names::is_guest_id)
}
