//! Mounts, iSCSI, LVM.

super::verbs! { STORAGE:
    /// What is mounted at paths.
    MOUNTS = Read(FILES | STORAGE) by Lines "mounts" "PATH…" => "a line a path: `mounted SOURCE FSTYPE OPTIONS` (white space as `\\x20`) or `absent`";
    /// Mounts a path as fstab says, or with `unmount` takes it away, within a limit of time.
    MOUNT_DO = Tracked(ALL) "mount_do" "mount|remount|unmount PATH SECONDS" => "nothing";
    /// What the initiator knows of a target, and its session.
    ISCSI = Read(FILES | STORAGE) "iscsi" "TARGET PORTAL" => "lines: `record STARTUP AUTHMETHOD USERNAME` (`-` for none), `session PORTAL`, `device NAME LUN`; none of them where there is no record and no session; status 69 without open-iscsi";
    /// Asks a portal for its targets and keeps records of them.
    ISCSI_DISCOVER = Tracked(FILES | KERNEL | STORAGE) "iscsi_discover" "PORTAL" => "a line a target: `PORTAL,GROUP TARGET`";
    /// Sets values of a target's record; they may be secret.
    ISCSI_SET = Write(FILES | STORAGE) "iscsi_set" "TARGET PORTAL <NAME VALUE lines" => "nothing";
    /// Logs in to a target or out of it.
    ISCSI_DO = Tracked(ALL) "iscsi_do" "login|logout TARGET PORTAL" => "nothing";
    /// A volume group with its physical and logical volumes.
    LVM = Read(FILES | STORAGE) "lvm" "GROUP" => "lines `group NAME SIZE FREE`, `physical DEVICE SIZE` (without links), `logical NAME SIZE ATTRIBUTES POOL` (`-` for none), sizes in bytes; status 66 if there is none";
    /// What is on block devices, down to the last signature.
    SIGNATURES = Read(FILES | STORAGE) by Lines "signatures" "DEVICE…" => "a line each: `DEVICE REAL SIZE SERIAL USE`, REAL without links, with `-` for no serial, and as USE `empty` or a comma list of `mounted`, `held`, `partitions` and the types that blkid or wipefs find; status 66 if one isn't there";
    /// Makes something of LVM.
    LVM_DO = Tracked(FILES | KERNEL | STORAGE) "lvm_do" "group GROUP DEVICE…|extend GROUP DEVICE…|thin GROUP POOL SIZE|volume GROUP NAME SIZE" => "what LVM said";
}
