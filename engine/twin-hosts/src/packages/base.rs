//! The packages and repositories that an installed Proxmox VE 9 has.

use model::{Fault, Key, Rows, kind};
use serde_json::json;

use super::{package::Package, sources::FOLDER, table::KNOWN};
use crate::entry::Entry;

/// Repositories as the installer of Proxmox VE 9 writes them.
const SOURCES: &[(&str, &str)] = &[
    (
        "ceph.sources",
        "Types: deb
URIs: https://enterprise.proxmox.com/debian/ceph-squid
Suites: trixie
Components: enterprise
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
",
    ),
    (
        "debian.sources",
        "Types: deb
URIs: http://deb.debian.org/debian/
Suites: trixie trixie-updates
Components: main contrib non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.debian.org/debian-security/
Suites: trixie-security
Components: main contrib non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
",
    ),
    (
        "pve-enterprise.sources",
        "Types: deb
URIs: https://enterprise.proxmox.com/debian/pve
Suites: trixie
Components: pve-enterprise
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
",
    ),
];

/// What `/etc/os-release` links to says.
const OS_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"
NAME=\"Debian GNU/Linux\"
VERSION_ID=\"13\"
VERSION=\"13 (trixie)\"
VERSION_CODENAME=trixie
ID=debian
HOME_URL=\"https://www.debian.org/\"
SUPPORT_URL=\"https://www.debian.org/support\"
BUG_REPORT_URL=\"https://bugs.debian.org/\"
";

/// Writes the packages and repositories of an installed node. Its lists were never read.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant(rows: &mut dyn Rows, domain: &str, booted: u64) -> Result<(), Fault> {
    for known in KNOWN.iter().filter(|known| known.is_installed) {
        let package = Package::installed(known.version);
        rows.put(&Key::new(domain, kind::PACKAGE, known.name), json!(package))?;
    }
    let mut file = |path: String, mut entry: Entry| {
        entry.changed = booted;
        rows.put(&Key::new(domain, kind::FILE, path), json!(entry))
    };
    for (name, text) in SOURCES {
        file(
            format!("{FOLDER}/{name}"),
            Entry::file("644", text.as_bytes()),
        )?;
    }
    file(
        "/etc/os-release".to_owned(),
        Entry::link("../usr/lib/os-release"),
    )?;
    file(
        "/usr/lib/os-release".to_owned(),
        Entry::file("644", OS_RELEASE.as_bytes()),
    )?;
    Ok(())
}
