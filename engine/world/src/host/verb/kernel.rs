//! The kernel: its parameters, modules and command line, and what it's started from.

use super::{OrAbsent, Pairs, Printed};

super::asks! { KERNEL:
    /// The running value of a kernel parameter.
    SYSCTL = Read(KERNEL) "sysctl" Sysctl { name } by Lines => OrAbsent<Value>;
    /// Sets the running value of a kernel parameter.
    SYSCTL_SET = Write(FILES | KERNEL | NETWORK) "sysctl_set" SysctlSet { name, value } => ();
    /// What is known of a module.
    MODULES = Read(FILES | KERNEL) "modules" Modules { name } by Lines => ModuleState;
    /// Every loaded module, sorted.
    MODULES_LOADED = Read(KERNEL) "modules_loaded" ModulesLoaded {} => Vec<String>;
    /// Loads a module with the options of `/etc/modprobe.d`.
    MODULE_LOAD = Write(ALL) "module_load" ModuleLoad { name } => ();
    /// The command line that the kernel was started with.
    CMDLINE = Read(KERNEL) "cmdline" Cmdline {} => String;
    /// What starts the kernel.
    BOOT_LOADER = Read(FILES | KERNEL) "boot_loader" ShowBootLoader {} => BootLoader;
    /// Brings the boot loader's configuration up to date, and prints what the tool said.
    BOOT_UPDATE = Tracked(FILES) "boot_update" BootUpdate { tool } => String;
    /// The initramfs images of the running and the newest kernel, the newest first, each with the files that it's made of
    /// (modprobe.d, initramfs-tools, modules, given ones) and that changed after it.
    INITRAMFS = Read(FILES | KERNEL) "initramfs" Initramfs { paths: Vec<String> } => Vec<Image>;
    /// Makes initramfs images anew, and prints what update-initramfs said.
    INITRAMFS_UPDATE = Tracked(FILES) "initramfs_update" InitramfsUpdate { kernels: Vec<String> } => String;
}

/// The value of a kernel parameter: `value VALUE`, white space as one blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(pub String);

impl Printed for Value {
    fn print(&self) -> String {
        format!("value {}", self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        let value = text.strip_prefix("value")?;
        (value.is_empty() || value.starts_with(' ')).then(|| Self(value.trim().to_owned()))
    }
}

super::words! {
    /// What a module is to the running kernel.
    ModuleState {
        /// It's loaded.
        Loaded = "loaded",
        /// It's a part of the kernel itself.
        Builtin = "builtin",
        /// It can be loaded.
        Available = "available",
        /// There is none.
        Absent = "absent",
    }
}

/// What starts the kernel: lines `NAME VALUE`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BootLoader {
    /// `grub`, `systemd-boot` or `none`.
    pub loader: String,
    /// What brings it up to date: `update-grub`, `proxmox-boot-tool` or `none`.
    pub tool: String,
    /// The file that has the command line.
    pub source: String,
    /// The file whose time says when it was brought up to date.
    pub generated: String,
    /// The command line of the first entry; empty where it can't be read.
    pub next: String,
    /// The files that changed since it was brought up to date.
    pub older: Vec<String>,
}

impl Printed for BootLoader {
    fn print(&self) -> String {
        let own = [
            ("loader", &self.loader),
            ("tool", &self.tool),
            ("source", &self.source),
            ("generated", &self.generated),
            ("next", &self.next),
        ];
        let older = self.older.iter().map(|path| ("older", path));
        let pairs = own.into_iter().chain(older);
        Pairs::<' '>(
            pairs
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
        )
        .print()
    }

    fn parse(text: &str) -> Option<Self> {
        let pairs = Pairs::<' '>::parse(text)?;
        let value = |name| pairs.get(name).to_owned();
        let older = pairs.0.iter().filter(|(name, _)| name == "older");
        (!pairs.get("loader").is_empty()).then(|| Self {
            loader: value("loader"),
            tool: value("tool"),
            source: value("source"),
            generated: value("generated"),
            next: value("next"),
            older: older.map(|(_, path)| path.clone()).collect(),
        })
    }
}

super::line! {
    /// A line of images: `image KERNEL PATH`, `missing KERNEL PATH`, or `newer KERNEL PATH` for what it's made of.
    Image {
        /// What the path is.
        what: ImageLine,
        /// The kernel.
        kernel: String,
        /// The path.
        path: String,
    }
}

super::words! {
    /// What a path is to an image.
    ImageLine {
        /// The image.
        Image = "image",
        /// The image that should be there.
        Missing = "missing",
        /// A file that the image is made of, and that changed after it.
        Newer = "newer",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_text_says_what_made_it() {
        assert_eq!(
            same::<OrAbsent<Value>>("value 4 4 1 7").0,
            Some(Value("4 4 1 7".to_owned()))
        );
        assert_eq!(same::<OrAbsent<Value>>("absent").0, None);
        assert_eq!(<OrAbsent<Value>>::parse("valued"), None);
        assert_eq!(same::<ModuleState>("builtin"), ModuleState::Builtin);
        assert_eq!(ModuleState::parse("odd"), None);
        let text = "loader grub\ntool update-grub\nsource /etc/default/grub\ngenerated /boot/grub/grub.cfg\n\
            next /vmlinuz root=/dev/a ro\nolder /etc/default/grub\nolder /etc/default/grub.d/a b";
        assert_eq!(same::<BootLoader>(text).older.len(), 2);
        assert_eq!(BootLoader::parse("odd"), None);
        assert_eq!(
            same::<Image>("newer 6.2 /etc/modprobe.d/a b.conf").path,
            "/etc/modprobe.d/a b.conf"
        );
        assert_eq!(Image::parse("odd 6.2 /x"), None);
    }
}
