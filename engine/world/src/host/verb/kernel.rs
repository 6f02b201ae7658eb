//! The kernel: its parameters, modules and command line, and what it's started from.

super::verbs! { KERNEL:
    /// The running values of kernel parameters.
    SYSCTL = Read(KERNEL) by Lines "sysctl" "NAME…" => "a line a name: `value VALUE` (white space as one blank) or `absent`";
    /// Sets the running value of a kernel parameter.
    SYSCTL_SET = Write(FILES | KERNEL | NETWORK) "sysctl_set" "NAME VALUE" => "nothing";
    /// What is known of modules.
    MODULES = Read(FILES | KERNEL) by Lines "modules" "NAME…" => "a line a name: `loaded`, `builtin`, `available` or `absent`";
    /// Every loaded module.
    MODULES_LOADED = Read(KERNEL) "modules_loaded" "" => "their names, sorted, a line each";
    /// Loads a module with the options of `/etc/modprobe.d`.
    MODULE_LOAD = Write(ALL) "module_load" "NAME" => "nothing";
    /// The command line that the kernel was started with.
    CMDLINE = Read(KERNEL) "cmdline" "" => "the line";
    /// What starts the kernel.
    BOOT_LOADER = Read(FILES | KERNEL) "boot_loader" "" => "lines `NAME VALUE`: loader (`grub`, `systemd-boot`, `none`), tool (`update-grub`, `proxmox-boot-tool`, `none`), source, generated (the file whose time says when it was brought up to date), next (the command line of the first entry, where it can be read), older (each source that changed since)";
    /// Brings the boot loader's configuration up to date.
    BOOT_UPDATE = Tracked(FILES) "boot_update" "TOOL" => "what the tool said";
    /// The initramfs images of the running and the newest kernel.
    INITRAMFS = Read(FILES | KERNEL) "initramfs" "[PATH…]" => "lines `image KERNEL PATH`, the newest first, and `newer KERNEL PATH` for each file that it's made of (modprobe.d, initramfs-tools, modules, given ones) and that changed after it; an image that isn't there is `missing KERNEL PATH`";
    /// Makes initramfs images anew.
    INITRAMFS_UPDATE = Tracked(FILES) "initramfs_update" "KERNEL…" => "what update-initramfs said";
}
