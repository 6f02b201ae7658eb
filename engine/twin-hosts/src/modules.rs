//! The kernel's modules: which are there, which are loaded, and what a start loads.

use formats::modprobe::{Kind, plain};
use model::{Stop, kind, node::KERNEL};
use std::collections::{BTreeMap, BTreeSet};
use world::host::{
    Verb,
    verb::{ModuleLoad, ModuleState, Modules, Printed as _},
};

use super::{
    Filling, Handler, Host,
    typed::{Said, answers, fails, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Modules => |host, Modules { name }| Ok(host.module(&name)?),
    ModulesLoaded => |host, _| Ok(host.loaded()?.into_iter().collect()),
    ModuleLoad => load,
};

pub(super) const FILLINGS: &[Filling] =
    &[filling!(kind::MODULE, |name| Modules::new(name), |told| {
        Some(told.name())
    })];

/// Modules that Proxmox's kernel has, beside those that are loaded at the start.
const AVAILABLE: &str = "8021q amdgpu bonding br_netfilter ceph cifs dummy e1000e ebtables fuse i2c_dev i915 igb igc \
    ip_vs ipmi_devintf ipmi_si it87 ixgbe k10temp kvmgt macvlan mdev nbd nct6775 nf_conntrack nfs nfsd nouveau \
    nvidiafb overlay r8169 radeon rbd rpcsec_gss_krb5 snd_hda_codec_hdmi target_core_mod tun vfio vfio_iommu_type1 \
    vfio_mdev vfio_pci vfio_pci_core vhost vhost_net vhost_vsock vxlan wireguard xe xt_conntrack zram";

/// Modules that are part of the kernel itself.
const BUILTIN: &str = "configfs crc32c ext4 fbcon loop md_mod vesafb";

/// Modules that are loaded after a start.
pub(super) const LOADED: &[&str] = &[
    "bridge",
    "coretemp",
    "dm_thin_pool",
    "iscsi_tcp",
    "kvm",
    "kvm_intel",
    "llc",
    "nvme",
    "softdog",
    "spl",
    "stp",
    "vhost_net",
    "zfs",
];

fn has(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|own| own == name)
}

impl Host<'_, '_> {
    fn loaded(&mut self) -> Result<BTreeSet<String>, Stop> {
        Ok(self.get(kind::KERNEL, "modules")?.unwrap_or_default())
    }

    /// What a module is.
    fn module(&mut self, name: &str) -> Result<ModuleState, Stop> {
        if self.loaded()?.contains(name) {
            return Ok(ModuleState::Loaded);
        }
        let known = self.get::<String>(kind::MODULE, name)?;
        Ok(match known.as_deref().and_then(ModuleState::parse) {
            // It was loaded when it was looked at, and isn't any more.
            Some(ModuleState::Loaded) => ModuleState::Available,
            Some(known) => known,
            None if has(BUILTIN, name) => ModuleState::Builtin,
            None if has(AVAILABLE, name) || LOADED.contains(&name) || name == "snd_hda_intel" => {
                ModuleState::Available
            }
            None => ModuleState::Absent,
        })
    }

    /// The modules after a start: those that were loaded, but by hand, and that nothing forbids, those that
    /// configuration names, and those of drivers.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn start_modules(
        &mut self,
        settings: &Settings,
        drivers: &[String],
    ) -> Result<(), Stop> {
        let by_hand: BTreeSet<String> = self.get(kind::KERNEL, "by_hand")?.unwrap_or_default();
        let mut loaded = self.loaded()?;
        loaded.retain(|name| !by_hand.contains(name) && !settings.blacklist.contains(name));
        loaded.extend(drivers.iter().cloned());
        for name in settings.load.iter().chain(&settings.early) {
            let is_there = self.module(name)? != ModuleState::Absent;
            if is_there && !settings.blacklist.contains(name) {
                loaded.insert(name.clone());
            }
        }
        self.put(kind::KERNEL, "modules", &loaded)?;
        self.put(kind::KERNEL, "by_hand", &BTreeSet::<String>::new())
    }
}

fn load(host: &mut Host<'_, '_>, ModuleLoad { name }: ModuleLoad) -> Said<()> {
    match host.module(&name)? {
        ModuleState::Absent => fails(
            1,
            format!(
                "modprobe: FATAL: Module {name} not found in directory /lib/modules/{}",
                KERNEL.0
            ),
        ),
        ModuleState::Available => {
            let mut loaded = host.loaded()?;
            loaded.insert(name.clone());
            host.put(kind::KERNEL, "modules", &loaded)?;
            let by_hand = host.get::<BTreeSet<String>>(kind::KERNEL, "by_hand")?;
            let mut by_hand = by_hand.unwrap_or_default();
            by_hand.insert(name);
            host.put(kind::KERNEL, "by_hand", &by_hand)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What a host's files say of modules.
#[derive(Debug, Default)]
pub(super) struct Settings {
    blacklist: BTreeSet<String>,
    options: BTreeMap<String, Vec<String>>,
    /// Loaded by systemd.
    load: BTreeSet<String>,
    /// Loaded from the initramfs.
    early: BTreeSet<String>,
    /// Modules that others want loaded before them.
    before: BTreeMap<String, BTreeSet<String>>,
    /// Whether the initramfs was made since the files changed.
    is_fresh: bool,
}

impl Settings {
    /// Reads the files of a host that is started with a command line.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn read(host: &mut Host<'_, '_>, cmdline: &str) -> Result<Self, Stop> {
        let mut settings = Self {
            is_fresh: host.is_initramfs_fresh()?,
            ..Self::default()
        };
        for text in host.texts_in("/etc/modprobe.d", ".conf")? {
            settings.read_modprobe(&text);
        }
        for text in host.texts_in("/etc/modules-load.d", ".conf")? {
            settings.load.extend(names(&text));
        }
        if let Some(text) = host.text("/etc/modules")? {
            settings.load.extend(names(&text));
        }
        if let Some(text) = host.text("/etc/initramfs-tools/modules")? {
            settings.early.extend(names(&text));
        }
        for word in cmdline.split_whitespace() {
            for name in ["modprobe.blacklist=", "module_blacklist="] {
                let list = word.strip_prefix(name).unwrap_or_default();
                let named = list.split(',').filter(|name| !name.is_empty());
                settings.blacklist.extend(named.map(plain));
            }
        }
        Ok(settings)
    }

    fn read_modprobe(&mut self, text: &str) {
        for line in Kind::Directives.lines(text) {
            let words = line.words.iter();
            match line.directive.as_str() {
                "blacklist" => {
                    self.blacklist.insert(line.module());
                }
                "options" => {
                    let own = self.options.entry(line.module()).or_default();
                    own.extend(words.cloned());
                }
                "softdep" if line.words.first().is_some_and(|word| word == "pre:") => {
                    let own = self.before.entry(line.module()).or_default();
                    own.extend(words.skip(1).map(|name| plain(name)));
                }
                _ => {}
            }
        }
    }

    /// The driver of a device after a start; none if it's the one that it has: an initramfs that is older than the
    /// files does what it did at the last start.
    pub(super) fn driver(&self, id: &str, own: &str, current: &str) -> Option<String> {
        if !self.is_fresh && current != "-" {
            return None;
        }
        let wanted = self.options.get("vfio_pci").into_iter().flatten();
        let is_vfio = wanted
            .filter_map(|option| option.strip_prefix("ids="))
            .flat_map(|ids| ids.split(','))
            .any(|wanted| wanted == id);
        let is_first = self.early.contains("vfio_pci")
            || self
                .before
                .get(own)
                .is_some_and(|before| before.contains("vfio_pci"));
        let is_loaded = is_first || self.load.contains("vfio_pci");
        let is_free = own == "-" || self.blacklist.contains(own);
        Some(match () {
            () if is_vfio && (is_first || (is_loaded && is_free)) => "vfio-pci".to_owned(),
            () if is_free => "-".to_owned(),
            () => own.to_owned(),
        })
    }
}

/// The names in a list of modules.
fn names(text: &str) -> impl Iterator<Item = String> {
    let lines = Kind::List.lines(text).into_iter();
    lines.map(|line| line.module())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vfio_takes_a_device_where_it_comes_first() {
        let driver = |files: &str, early: &str, is_fresh: bool| {
            let mut settings = Settings {
                is_fresh,
                early: names(early).collect(),
                ..Settings::default()
            };
            settings.read_modprobe(files);
            settings
                .driver("10de:27b2", "nouveau", "nouveau")
                .unwrap_or_default()
        };
        let ids = "options vfio-pci ids=10de:27b2,10de:22bc disable_vga=1\n";
        assert_eq!(driver(ids, "vfio-pci\n", true), "vfio-pci");
        assert_eq!(driver(ids, "", true), "nouveau");
        assert_eq!(
            driver(&format!("{ids}softdep nouveau pre: vfio-pci\n"), "", true),
            "vfio-pci"
        );
        assert_eq!(driver("blacklist nouveau\n", "", true), "-");
        assert_eq!(driver(ids, "vfio-pci\n", false), "", "as it was");
    }
}
