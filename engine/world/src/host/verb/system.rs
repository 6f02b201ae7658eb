//! What a host is, and its restart.

super::verbs! { SYSTEM:
    /// What a host is: its system, kernel, processor, memory, time.
    ABOUT = Read(ALL) "about" "" => "a line `NAME VALUE` each: os, os_version, os_name, kernel, architecture, cpu, cpus, virtualization (`vmx`, `svm`), memory (bytes), boot_id, uptime (seconds), efi, secure_boot, cmdline, time_sync (the running unit), synchronized, pve; a VALUE that isn't known is empty";
    /// Whether the clock is synchronised.
    TIME_STATE = Read() "time_state" "" => "`yes`, `no` or `unknown`; unless `yes`, then what chrony, else systemd, says of it";
    /// The disks with what is on them.
    DISKS = Read(FILES | STORAGE) "disks" "[DEVICE…]" => "lines of `lsblk --pairs`: NAME TYPE SIZE FSTYPE PTTYPE MOUNTPOINT SERIAL MODEL; status 66 if a DEVICE isn't there";
    /// Network interfaces with their addresses, and routes.
    INTERFACES = Read(NETWORK) "interfaces" "" => "the lines `interface NAME MAC MTU STATE`, `address NAME ADDRESS/PREFIX` (global ones), `route DESTINATION GATEWAY INTERFACE` (`-` for no gateway)";
    /// Has ifupdown2 (else ifupdown) put /etc/network/interfaces in force a second later, by systemd: the connection may not outlast it.
    NETWORK_RELOAD = Write(ALL) "network_reload" "" => "nothing";
    /// What became of that.
    NETWORK_STATE = Read() "network_state" "" => "`idle`, `reloading`, or `reloaded STATUS` and what was said";
    /// PCI devices, as `/sys` has them.
    PCI = Read(KERNEL) "pci" "" => "a line a device: `SLOT CLASS VENDOR:DEVICE SUBSYSTEM DRIVER GROUP`, `-` for what it lacks";
    /// The guests that run on a Proxmox VE node; nothing elsewhere.
    GUESTS = Read() "guests" "" => "a line a guest: `qemu ID NAME` or `lxc ID NAME`";
    /// Whether the start of the host has come to its end.
    SYSTEM_STATE = Read() "system_state" "" => "what `systemctl is-system-running` says, then a line for each failed unit";
    /// Restarts the host; the reply comes before it goes down.
    REBOOT = Write(ALL) "reboot" "" => "nothing";
}
