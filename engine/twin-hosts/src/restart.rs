//! The restart of a host: away for a while, then started anew from what is configured.

use model::{
    HostEffect, Key, Passing, Stop, Tx, domain_of,
    fault::{self, Trouble},
    kind,
    stop::known,
};
use world::{
    clock::Moment,
    host::{
        Verb,
        verb::{Reboot, System, SystemState},
    },
};

use super::{
    Handler, Host,
    modules::Settings,
    pci::Iommu,
    typed::{Said, answers},
    units,
};

/// How long a host is away, in milliseconds.
const AWAY: u64 = 60_000;

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Reboot => reboot,
    SystemState => state,
};

fn reboot(host: &mut Host<'_, '_>, _: Reboot) -> Said<()> {
    let back = host.tx.now.0 + AWAY;
    host.restart(back)?;
    Ok(host.put(kind::BOOT, "away", &back)?)
}

/// Units take their time.
fn state(host: &mut Host<'_, '_>, _: SystemState) -> Said<System> {
    let booted = host.booted()?;
    let settled = Moment((booted + units::SETTLING) / 1000 + 1);
    let is = |state: &str, failed| System {
        state: state.to_owned(),
        failed,
    };
    if booted > 0 && host.tx.now < settled {
        if host.tx.config.passing != Passing::Polled {
            return Ok(is("starting", Vec::new()));
        }
        host.tx.now = settled;
    }
    // Where nobody can know them, every program that was started goes on.
    let failed = known(host.failed_units())?.unwrap_or_default();
    let state = if failed.is_empty() {
        "running"
    } else {
        "degraded"
    };
    Ok(is(state, failed))
}

impl Host<'_, '_> {
    /// What a start at a moment, in milliseconds, makes of the host.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn restart(&mut self, moment: u64) -> Result<(), Stop> {
        let old = self.boot_id()?;
        let id = self.tx.uuid(&format!("boot {} after {old}", self.name()));
        let stamp = self.stamp()?.max(moment * 1000);
        let cmdline = self.next_cmdline()?;
        let settings = Settings::read(self, &cmdline)?;
        let iommu = iommu(&self.cmdline()?, &cmdline);
        let drivers = self.start_devices(&settings, iommu)?;
        self.start_modules(&settings, &drivers)?;
        self.put(kind::KERNEL, "cmdline", &cmdline)?;
        for (unit, _) in self.scan::<bool>(kind::STALE_UNIT)? {
            self.delete(kind::STALE_UNIT, &unit)?;
        }
        self.happen(&HostEffect::ReadSshd)?;
        self.put(kind::BOOT, "id", &id)?;
        self.put(kind::BOOT, "at", &stamp)?;
        let name = self.name().to_owned();
        if let Some(mut row) = self.tx.node_row(&name)?
            && row.get("booted").is_some()
        {
            row["booted"] = (moment / 1000).into();
            self.tx.write(&Key::new("", kind::NODE, name), &row)?;
        }
        Ok(())
    }
}

/// What a start with another command line does with the IOMMU. Proxmox's kernels turn it on, with Intel's processors
/// too, unless they are told otherwise.
fn iommu(old: &str, new: &str) -> Iommu {
    let said = |cmdline: &str, wanted: &str| {
        let last = |name: &str| {
            let words = cmdline.split_whitespace();
            let mut values = words.filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            let value = values.next_back()?;
            Some(value.split(',').any(|part| part == wanted))
        };
        let mut names = ["iommu", "intel_iommu", "amd_iommu"].iter();
        names.any(|name| last(name) == Some(true))
    };
    if said(new, "off") {
        return Iommu::Off;
    }
    if said(old, "off") || (said(new, "on") && !said(old, "on")) {
        return Iommu::TurnedOn;
    }
    Iommu::On
}

/// Whether a host is away: it was restarted, and isn't back yet. Where time passes by polls alone, being asked is one.
///
/// # Errors
/// The rows' fault.
pub fn is_away(tx: &mut Tx<'_>, host: &str) -> Result<bool, Stop> {
    let key = Key::new(domain_of(host), kind::BOOT, "away");
    let Some(back) = tx.read::<u64>(&key)? else {
        return Ok(false);
    };
    if fault::troubles(tx, host)?.contains(&Trouble::NoReturn) {
        return Ok(true);
    }
    if back <= tx.now.0 {
        tx.rows.delete(&key)?;
        return Ok(false);
    }
    if tx.config.passing == Passing::Polled {
        tx.now.0 = back;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_iommu_is_on_unless_the_command_line_says_no() {
        for (old, new, expected) in [
            ("ro quiet", "ro quiet", Iommu::On),
            ("ro quiet", "quiet intel_iommu=on iommu=pt", Iommu::TurnedOn),
            ("intel_iommu=on", "intel_iommu=on iommu=pt", Iommu::On),
            ("quiet", "quiet intel_iommu=off", Iommu::Off),
            ("intel_iommu=off", "quiet", Iommu::TurnedOn),
            ("quiet", "amd_iommu=off amd_iommu=on", Iommu::TurnedOn),
            ("quiet", "iommu=off", Iommu::Off),
            ("quiet", "intel_iommu=on,sm_off", Iommu::TurnedOn),
        ] {
            assert_eq!(iommu(old, new), expected, "{old} -> {new}");
        }
    }
}
