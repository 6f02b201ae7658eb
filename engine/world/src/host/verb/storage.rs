//! Mounts, iSCSI, LVM, and what is on disks.

use serde::{Deserialize, Serialize};

use super::{OrAbsent, Printed};

super::asks! { STORAGE:
    /// What is mounted at a path.
    MOUNTS = Read(FILES | STORAGE) "mounts" Mounts { path } by Lines => OrAbsent<Mount>;
    /// Mounts a path as fstab says, or takes it away, within a limit of time.
    MOUNT_DO = Tracked(ALL) "mount_do" MountDo { action: MountAction, path, seconds: u64 } => ();
    /// What the initiator knows of a target, and its session; status 69 without open-iscsi.
    ISCSI = Read(FILES | STORAGE) "iscsi" Iscsi { target, portal } => Vec<IscsiLine>;
    /// Asks a portal for its targets and keeps records of them.
    ISCSI_DISCOVER = Tracked(FILES | KERNEL | STORAGE) "iscsi_discover" IscsiDiscover { portal } => Vec<String>;
    /// Sets values of a target's record, lines `NAME VALUE`; they may be secret.
    ISCSI_SET = Write(FILES | STORAGE) "iscsi_set" IscsiSet { target, portal } < values => ();
    /// Logs in to a target or out of it.
    ISCSI_DO = Tracked(ALL) "iscsi_do" IscsiDo { action: IscsiAction, target, portal } => ();
    /// A volume group with its physical and logical volumes; status 66 if there is none.
    LVM = Read(FILES | STORAGE) "lvm" Lvm { group } => Option<Vec<LvmLine>>;
    /// What is on a block device, down to the last signature; status 66 if it isn't there.
    SIGNATURES = Read(FILES | STORAGE) "signatures" Signatures { device } by Lines => Block;
    /// Makes something of LVM, and prints what it said: `group GROUP DEVICE…`, `extend GROUP DEVICE…`, `thin GROUP POOL
    /// SIZE`, `volume GROUP NAME SIZE`.
    LVM_DO = Tracked(FILES | KERNEL | STORAGE) "lvm_do" LvmDo { what, group, arguments: Vec<String> } => String;
}

super::line! {
    /// What is mounted: `mounted SOURCE FSTYPE OPTIONS`, white space as `\x20`.
    #[derive(Serialize, Deserialize)]
    Mount "mounted" {
        /// What is mounted: `SERVER:PATH`, `/dev/…`.
        source: String,
        /// Its file system.
        fstype: String,
        /// Its options, a comma list.
        options: String,
    }
}

super::words! {
    /// What is done about a mount.
    MountAction {
        /// It's mounted.
        Mount = "mount",
        /// It gets other options.
        Remount = "remount",
        /// It's taken away.
        Unmount = "unmount",
    }
}

super::words! {
    /// What is done about a session.
    IscsiAction {
        /// The host logs in.
        Login = "login",
        /// It logs out.
        Logout = "logout",
    }
}

super::lines! {
    /// What the initiator knows of a target: `record STARTUP AUTHMETHOD USERNAME`, `session PORTAL`, `device NAME LUN`.
    IscsiLine {
        /// There is a record of it.
        Record "record" {
            /// `automatic`, `manual` or `onboot`.
            startup: String,
            /// `CHAP` or `None`.
            method: String,
            /// The user's name for CHAP; none if there is none.
            user: Option<String>,
        },
        /// There is a session.
        Session "session" {
            /// At this portal.
            portal: String,
        },
        /// A device of the session.
        Device "device" {
            /// Its path.
            path: String,
            /// Its number.
            lun: u64,
        },
    }
}

super::lines! {
    /// A part of a volume group, sizes in bytes: `group NAME SIZE FREE`, `physical DEVICE SIZE` (without links), `logical NAME
    /// SIZE ATTRIBUTES POOL` (`-` for none).
    LvmLine {
        /// The group itself.
        Group "group" {
            /// Its name.
            name: String,
            /// Its size.
            size: u64,
            /// What of it is free.
            free: u64,
        },
        /// A physical volume.
        Physical "physical" {
            /// Its path.
            device: String,
            /// Its size.
            size: u64,
        },
        /// A logical volume.
        Logical "logical" {
            /// Its name.
            name: String,
            /// Its size.
            size: u64,
            /// What `lvs` calls its attributes: `t` begins those of a thin pool.
            attributes: String,
            /// The thin pool that it's in.
            pool: Option<String>,
        },
    }
}

/// A block device with what is on it: `DEVICE REAL SIZE SERIAL USE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its path as it was given.
    pub device: String,
    /// Its path without links.
    pub real: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its serial number; `-` for none.
    pub serial: String,
    /// What is on it: `mounted`, `held`, `partitions`, and the types that blkid or wipefs find; a comma list, or `empty`.
    pub used: Vec<String>,
}

impl Printed for Block {
    fn print(&self) -> String {
        let used = match self.used.join(",") {
            used if used.is_empty() => "empty".to_owned(),
            used => used,
        };
        let Self {
            device,
            real,
            size,
            serial,
            ..
        } = self;
        format!("{device} {real} {size} {serial} {used}")
    }

    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let [device, real, size, serial, used] = words[..] else {
            return None;
        };
        let used = used.split(',').filter(|word| *word != "empty");
        Some(Self {
            device: device.to_owned(),
            real: real.to_owned(),
            size: size.parse().ok()?,
            serial: serial.to_owned(),
            used: used.map(str::to_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_line_says_what_made_it() {
        let mount: OrAbsent<Mount> = same("mounted 10.0.0.1:/a nfs4 rw,vers=4.2");
        assert_eq!(mount.0.unwrap().fstype, "nfs4");
        assert_eq!(<OrAbsent<Mount>>::parse("mounted x"), None);
        for line in [
            "record automatic CHAP lab",
            "record manual None -",
            "session 10.0.0.1:3260",
            "device /dev/x 1",
        ] {
            same::<IscsiLine>(line);
        }
        assert_eq!(IscsiLine::parse("device /dev/x one"), None);
        for line in [
            "group fast 4000 100",
            "physical /dev/sdb 4000",
            "logical vm 10 Vwi-a-tz-- fast",
        ] {
            same::<LvmLine>(line);
        }
        assert_eq!(LvmLine::parse("group fast 4,0 g"), None);
        assert_eq!(
            same::<Block>("/dev/disk/by-id/a /dev/sda 1000 S1 gpt,PMBR")
                .used
                .len(),
            2
        );
        assert!(
            same::<Block>("/dev/sdb /dev/sdb 1000 - empty")
                .used
                .is_empty()
        );
        assert_eq!(Block::parse("/dev/sda"), None);
    }
}
