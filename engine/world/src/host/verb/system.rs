//! What a host is: its system, disks, network and devices, and its restart.

use serde::{Deserialize, Serialize};

use super::{Pairs, Printed};

super::asks! { SYSTEM:
    /// What a host is: its system, kernel, processor, memory, time.
    ABOUT = Read(ALL) "about" About {} => Pairs<' '>;
    /// Whether the clock is synchronised.
    TIME_STATE = Read() "time_state" TimeState {} => Clock;
    /// The disks with what is on them; status 66 if one that is named isn't there.
    DISKS = Read(FILES | STORAGE) "disks" Disks { devices: Vec<String> } => Vec<Disk>;
    /// Network interfaces with their addresses, and routes.
    INTERFACES = Read(NETWORK) "interfaces" Interfaces {} => Vec<NetworkLine>;
    /// Has ifupdown2 (else ifupdown) put /etc/network/interfaces in force a second later, by systemd: the connection may not outlast it.
    NETWORK_RELOAD = Write(ALL) "network_reload" NetworkReload {} => ();
    /// What became of that.
    NETWORK_STATE = Read() "network_state" NetworkState {} => Reload;
    /// PCI devices, as `/sys` has them.
    PCI = Read(KERNEL) "pci" Pci {} => Vec<PciDevice>;
    /// The guests that run on a Proxmox VE node; nothing elsewhere.
    GUESTS = Read() "guests" Guests {} => Vec<Guest>;
    /// Whether the start of the host has come to its end.
    SYSTEM_STATE = Read() "system_state" SystemState {} => System;
    /// Restarts the host; the reply comes before it goes down.
    REBOOT = Write(ALL) "reboot" Reboot {} => ();
}

/// Whether a clock is synchronised: `yes`, `no` or `unknown`; unless `yes`, then what chrony, else systemd, says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Whether it is; none if nobody knows.
    pub is_synchronized: Option<bool>,
    /// What is said of it.
    pub said: String,
}

impl Printed for Clock {
    fn print(&self) -> String {
        let state = match self.is_synchronized {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        format!("{state}\n{}", self.said)
    }

    fn parse(text: &str) -> Option<Self> {
        let (state, said) = text.split_once('\n').unwrap_or((text, ""));
        Some(Self {
            is_synchronized: match state {
                "yes" => Some(true),
                "no" => Some(false),
                "unknown" => None,
                _ => return None,
            },
            said: said.to_owned(),
        })
    }
}

/// A disk or what is on it: a line of `lsblk --pairs`, with NAME TYPE SIZE FSTYPE PTTYPE MOUNTPOINT SERIAL MODEL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// Its path.
    pub name: String,
    /// What it is: `disk`, `part`.
    pub what: String,
    /// Its size in bytes; none where nobody knows it.
    pub size: Option<u64>,
    /// The file system on it; empty if there is none, as in all that follows.
    pub fstype: String,
    /// Its partition table.
    pub pttype: String,
    /// Where it's mounted.
    pub mountpoint: String,
    /// Its serial number.
    pub serial: String,
    /// Its model.
    pub model: String,
}

impl Printed for Disk {
    fn print(&self) -> String {
        let pairs = [
            ("NAME", &self.name),
            ("TYPE", &self.what),
            (
                "SIZE",
                &self.size.map(|size| size.to_string()).unwrap_or_default(),
            ),
            ("FSTYPE", &self.fstype),
            ("PTTYPE", &self.pttype),
            ("MOUNTPOINT", &self.mountpoint),
            ("SERIAL", &self.serial),
            ("MODEL", &self.model),
        ];
        pairs
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .join(" ")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut disk = Self::default();
        let mut rest = text;
        while !rest.trim().is_empty() {
            let (name, behind) = rest.split_once("=\"")?;
            let (value, behind) = behind.split_once('"')?;
            let value = unescaped(value);
            match name.trim() {
                "NAME" => disk.name = value,
                "TYPE" => disk.what = value,
                "SIZE" if value.is_empty() => {}
                "SIZE" => disk.size = Some(value.parse().ok()?),
                "FSTYPE" => disk.fstype = value,
                "PTTYPE" => disk.pttype = value,
                "MOUNTPOINT" => disk.mountpoint = value,
                "SERIAL" => disk.serial = value,
                "MODEL" => disk.model = value,
                _ => return None,
            }
            rest = behind;
        }
        (!disk.name.is_empty()).then_some(disk)
    }
}

/// A value of lsblk: it writes what is no plain character as `\x20`.
fn unescaped(value: &str) -> String {
    let mut pieces = value.split("\\x");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let code = piece
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) => {
                text.push(char::from(code));
                text.push_str(&piece[2..]);
            }
            None => text.push_str(piece),
        }
    }
    text.trim().to_owned()
}

super::lines! {
    /// A part of a host's network: `interface NAME MAC MTU STATE`, `address NAME ADDRESS/PREFIX` (global ones), `route DESTINATION
    /// GATEWAY INTERFACE`; `-` for nothing.
    NetworkLine {
        /// An interface.
        Interface "interface" {
            /// Its name.
            name: String,
            /// Its MAC address.
            mac: Option<String>,
            /// Its MTU.
            mtu: Option<u64>,
            /// What the kernel says of it: `UP`, `DOWN`, `UNKNOWN`.
            state: String,
        },
        /// An address of an interface.
        Address "address" {
            /// The interface's name.
            interface: String,
            /// The address with its prefix.
            address: String,
        },
        /// A route.
        Route "route" {
            /// Where it leads: a network, or `default`.
            destination: String,
            /// The gateway.
            gateway: Option<String>,
            /// The interface's name.
            interface: Option<String>,
        },
    }
}

/// What became of a reload of the network: `idle`, `reloading`, or `reloaded STATUS` and what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reload {
    /// There was none since the host's start.
    Idle,
    /// It goes on.
    Reloading,
    /// It ended.
    Reloaded {
        /// With this status.
        status: i32,
        /// What was said.
        said: String,
    },
}

impl Printed for Reload {
    fn print(&self) -> String {
        match self {
            Self::Idle => "idle".to_owned(),
            Self::Reloading => "reloading".to_owned(),
            Self::Reloaded { status, said } => format!("reloaded {status}\n{said}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (state, said) = text.split_once('\n').unwrap_or((text, ""));
        Some(match state {
            "idle" => Self::Idle,
            "reloading" => Self::Reloading,
            state => Self::Reloaded {
                status: state.strip_prefix("reloaded ")?.parse().ok()?,
                said: said.to_owned(),
            },
        })
    }
}

super::line! {
    /// A PCI device: `SLOT CLASS VENDOR:DEVICE SUBSYSTEM DRIVER GROUP`, `-` for what it lacks.
    #[derive(Serialize, Deserialize)]
    PciDevice {
        /// Its slot: `0000:01:00.0`.
        slot: String,
        /// Its class: `0x030000`.
        class: String,
        /// Its vendor and device: `10de:27b2`.
        id: String,
        /// The same of its subsystem.
        subsystem: String,
        /// The driver that has it.
        driver: String,
        /// Its IOMMU group.
        group: String,
    }
}

super::line! {
    /// A guest that runs: `qemu ID NAME` or `lxc ID NAME`.
    Guest {
        /// `qemu` or `lxc`.
        what: String,
        /// Its number.
        id: String,
        /// Its name; empty if it has none.
        name: String,
    }
}

/// How far the start of a host has come: what `systemctl is-system-running` says, then a line for each failed unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// `starting`, `running`, `degraded`.
    pub state: String,
    /// The failed units.
    pub failed: Vec<String>,
}

impl Printed for System {
    fn print(&self) -> String {
        let lines: Vec<&str> = std::iter::once(&self.state)
            .chain(&self.failed)
            .map(String::as_str)
            .collect();
        lines.join("\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::to_owned);
        let state = lines
            .next()
            .filter(|state| !state.is_empty() && !state.contains(' '))?;
        Some(Self {
            state,
            failed: lines.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_text_says_what_made_it() {
        assert_eq!(
            same::<Clock>("no\n506 Cannot talk to daemon").is_synchronized,
            Some(false)
        );
        assert_eq!(Clock::parse("perhaps"), None);
        for line in [
            "interface lo - 65536 UNKNOWN",
            "interface eno1 02:00:00:00:00:01 1500 UP",
            "address eno1 10.0.0.1/24",
            "route default 10.0.0.254 eno1",
            "route 10.0.0.0/24 - -",
        ] {
            same::<NetworkLine>(line);
        }
        assert_eq!(NetworkLine::parse("interface eno1 - big UP"), None);
        for text in ["idle", "reloading", "reloaded 1\nno such device\n"] {
            same::<Reload>(text);
        }
        assert_eq!(Reload::parse("reloaded"), None);
        same::<PciDevice>("0000:01:00.0 0x030000 10de:27b2 10de:181b vfio-pci 14");
        same::<PciDevice>("0000:02:00.0 0x020000 8086:1572 - - -");
        assert_eq!(PciDevice::parse("0000:01:00.0 0x030000"), None);
        assert_eq!(same::<Guest>("qemu 100 web").name, "web");
        assert_eq!(Guest::parse("lxc 101 ").unwrap().name, "");
        assert_eq!(
            same::<System>("degraded\na.service\nb.service")
                .failed
                .len(),
            2
        );
        assert_eq!(System::parse(""), None);
        assert_eq!(
            same::<Pairs<' '>>("os debian\nvirtualization \nmemory 1024").get("memory"),
            "1024"
        );
    }

    #[test]
    fn reads_lines_of_lsblk() {
        let line = r#"NAME="/dev/sda" TYPE="disk" SIZE="4000787030016" FSTYPE="" PTTYPE="gpt" MOUNTPOINT="" SERIAL="ZW60\x2d1" MODEL="ST4000VN006\x20""#;
        let disk = Disk::parse(line).unwrap();
        assert_eq!(
            (disk.name.as_str(), disk.size),
            ("/dev/sda", Some(4_000_787_030_016))
        );
        assert_eq!(
            (disk.fstype.as_str(), disk.model.as_str()),
            ("", "ST4000VN006")
        );
        assert_eq!(disk.serial, "ZW60-1");
        same::<Disk>(&disk.print());
        assert_eq!(Disk::parse("NAME=\"/dev/sda\" SIZE=\"big\""), None);
    }
}
