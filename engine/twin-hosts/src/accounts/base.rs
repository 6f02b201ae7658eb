//! The users and groups of an installed Debian 13.

use model::{Fault, Key, Rows, kind};
use serde_json::json;
use world::host::verb::Password;

use super::{Account, Group};

/// Users: name, uid, group, comment, home, shell. Those of Debian 13's base-passwd, systemd, D-Bus, chrony and OpenSSH.
const USERS: &[(&str, u32, &str, &str, &str, &str)] = &[
    ("root", 0, "root", "root", "/root", "/bin/bash"),
    (
        "daemon",
        1,
        "daemon",
        "daemon",
        "/usr/sbin",
        "/usr/sbin/nologin",
    ),
    ("bin", 2, "bin", "bin", "/bin", "/usr/sbin/nologin"),
    ("sys", 3, "sys", "sys", "/dev", "/usr/sbin/nologin"),
    ("sync", 4, "nogroup", "sync", "/bin", "/bin/sync"),
    (
        "games",
        5,
        "games",
        "games",
        "/usr/games",
        "/usr/sbin/nologin",
    ),
    (
        "man",
        6,
        "man",
        "man",
        "/var/cache/man",
        "/usr/sbin/nologin",
    ),
    ("lp", 7, "lp", "lp", "/var/spool/lpd", "/usr/sbin/nologin"),
    ("mail", 8, "mail", "mail", "/var/mail", "/usr/sbin/nologin"),
    (
        "news",
        9,
        "news",
        "news",
        "/var/spool/news",
        "/usr/sbin/nologin",
    ),
    (
        "uucp",
        10,
        "uucp",
        "uucp",
        "/var/spool/uucp",
        "/usr/sbin/nologin",
    ),
    ("proxy", 13, "proxy", "proxy", "/bin", "/usr/sbin/nologin"),
    (
        "www-data",
        33,
        "www-data",
        "www-data",
        "/var/www",
        "/usr/sbin/nologin",
    ),
    (
        "backup",
        34,
        "backup",
        "backup",
        "/var/backups",
        "/usr/sbin/nologin",
    ),
    (
        "list",
        38,
        "list",
        "Mailing List Manager",
        "/var/list",
        "/usr/sbin/nologin",
    ),
    ("irc", 39, "irc", "ircd", "/run/ircd", "/usr/sbin/nologin"),
    (
        "_apt",
        42,
        "nogroup",
        "",
        "/nonexistent",
        "/usr/sbin/nologin",
    ),
    (
        "nobody",
        65534,
        "nogroup",
        "nobody",
        "/nonexistent",
        "/usr/sbin/nologin",
    ),
    (
        "systemd-network",
        998,
        "systemd-network",
        "systemd Network Management",
        "/",
        "/usr/sbin/nologin",
    ),
    (
        "messagebus",
        996,
        "messagebus",
        "System Message Bus",
        "/nonexistent",
        "/usr/sbin/nologin",
    ),
    (
        "_chrony",
        100,
        "_chrony",
        "Chrony daemon",
        "/var/lib/chrony",
        "/usr/sbin/nologin",
    ),
    (
        "sshd",
        990,
        "nogroup",
        "sshd user",
        "/run/sshd",
        "/usr/sbin/nologin",
    ),
];

/// Groups: name and gid.
const GROUPS: &[(&str, u32)] = &[
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("sys", 3),
    ("adm", 4),
    ("tty", 5),
    ("disk", 6),
    ("lp", 7),
    ("mail", 8),
    ("news", 9),
    ("uucp", 10),
    ("man", 12),
    ("proxy", 13),
    ("kmem", 15),
    ("dialout", 20),
    ("fax", 21),
    ("voice", 22),
    ("cdrom", 24),
    ("floppy", 25),
    ("tape", 26),
    ("sudo", 27),
    ("audio", 29),
    ("dip", 30),
    ("www-data", 33),
    ("backup", 34),
    ("operator", 37),
    ("list", 38),
    ("irc", 39),
    ("src", 40),
    ("shadow", 42),
    ("utmp", 43),
    ("video", 44),
    ("sasl", 45),
    ("plugdev", 46),
    ("staff", 50),
    ("games", 60),
    ("users", 100),
    ("nogroup", 65534),
    ("systemd-journal", 999),
    ("systemd-network", 998),
    ("crontab", 997),
    ("messagebus", 996),
    ("input", 995),
    ("sgx", 994),
    ("clock", 993),
    ("kvm", 992),
    ("render", 991),
    ("rdma", 101),
    ("_ssh", 102),
    ("_chrony", 103),
];

/// Writes the users and groups that an installed node has. Root's password is the one that the installer was given.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant(rows: &mut dyn Rows, domain: &str) -> Result<(), Fault> {
    for (name, gid) in GROUPS {
        let group = Group {
            gid: *gid,
            members: Vec::new(),
        };
        rows.put(&Key::new(domain, kind::UNIX_GROUP, *name), json!(group))?;
    }
    for (name, uid, group, comment, home, shell) in USERS {
        let account = Account {
            uid: *uid,
            group: (*group).to_owned(),
            groups: Vec::new(),
            comment: (*comment).to_owned(),
            home: (*home).to_owned(),
            shell: (*shell).to_owned(),
            password: Password::Locked(None),
        };
        rows.put(&Key::new(domain, kind::ACCOUNT, *name), json!(account))?;
    }
    Ok(())
}
