//! What each type of storage is: its options, what it may hold, and what it holds where nothing is said.

/// What may be done with an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It has to be given when the storage is made, and never changes.
    Fixed,
    /// It may be given when the storage is made, and never changes.
    FixedOptional,
    /// It has to be there, and may change.
    Needed,
    /// It may be given, changed and deleted.
    Optional,
}

impl Rule {
    /// Whether the option never changes.
    #[must_use]
    pub const fn is_fixed(self) -> bool {
        matches!(self, Self::Fixed | Self::FixedOptional)
    }

    /// Whether the storage does without it.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::Optional | Self::FixedOptional)
    }
}

/// A type of storage.
#[derive(Debug)]
pub struct Plugin {
    /// The type's name.
    pub name: &'static str,
    fixed: &'static [&'static str],
    fixed_optional: &'static [&'static str],
    needed: &'static [&'static str],
    optional: &'static [&'static [&'static str]],
    /// What it may hold.
    pub content: &'static [&'static str],
    /// What it holds where nothing is said.
    pub default_content: &'static str,
    /// The formats of its images, the default one first; none for a type without a choice.
    pub formats: &'static [&'static str],
    /// Whether it's always shared by the nodes.
    pub is_shared: bool,
}

const COMMON: &[&str] = &["nodes", "disable", "content", "bwlimit"];
const FILES: &[&str] = &[
    "content-dirs",
    "create-base-path",
    "create-subdirs",
    "format",
    "max-protected-backups",
    "mkdir",
    "preallocation",
    "prune-backups",
];
const ALL_FILES: &[&str] = &[
    "images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import",
];
const ALL_FILES_OR_NONE: &[&str] = &[
    "images", "rootdir", "vztmpl", "iso", "backup", "snippets", "none", "import",
];
const DISKS: &[&str] = &["images", "rootdir"];
const FILE_FORMATS: &[&str] = &["raw", "qcow2", "vmdk", "subvol"];

/// A type of which nothing is said yet but its common options.
const PLAIN: Plugin = Plugin {
    name: "",
    fixed: &[],
    fixed_optional: &[],
    needed: &[],
    optional: &[COMMON],
    content: DISKS,
    default_content: "images",
    formats: &["raw"],
    is_shared: false,
};

/// Every type.
pub static PLUGINS: &[Plugin] = &[
    Plugin {
        name: "btrfs",
        fixed: &["path"],
        optional: &[COMMON, FILES, &["shared", "is_mountpoint", "nocow"]],
        content: ALL_FILES_OR_NONE,
        default_content: "images,rootdir",
        formats: &["raw", "subvol"],
        ..PLAIN
    },
    Plugin {
        name: "cephfs",
        fixed: &["path"],
        optional: &[
            COMMON,
            FILES,
            &[
                "fs-name", "fuse", "keyring", "monhost", "options", "subdir", "username",
            ],
        ],
        content: &["vztmpl", "iso", "backup", "snippets", "import"],
        default_content: "backup",
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "cifs",
        fixed: &["path", "server", "share"],
        optional: &[
            COMMON,
            FILES,
            &[
                "domain",
                "options",
                "password",
                "smbversion",
                "snapshot-as-volume-chain",
                "subdir",
                "username",
            ],
        ],
        content: ALL_FILES,
        formats: FILE_FORMATS,
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "dir",
        fixed: &["path"],
        optional: &[
            COMMON,
            FILES,
            &["shared", "is_mountpoint", "snapshot-as-volume-chain"],
        ],
        content: ALL_FILES_OR_NONE,
        default_content: "images,rootdir",
        formats: FILE_FORMATS,
        ..PLAIN
    },
    Plugin {
        name: "esxi",
        needed: &["server", "username"],
        optional: &[
            COMMON,
            &["password", "port", "shared", "skip-cert-verification"],
        ],
        content: &["import"],
        default_content: "import",
        formats: &[],
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "iscsi",
        fixed: &["portal", "target"],
        content: &["images", "none"],
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "iscsidirect",
        fixed: &["portal", "target"],
        content: &["images", "none"],
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "lvm",
        fixed: &["vgname"],
        fixed_optional: &["base"],
        optional: &[
            COMMON,
            &[
                "saferemove",
                "saferemove-stepsize",
                "saferemove_throughput",
                "shared",
                "snapshot-as-volume-chain",
                "tagged_only",
            ],
        ],
        ..PLAIN
    },
    Plugin {
        name: "lvmthin",
        fixed: &["vgname", "thinpool"],
        default_content: "images,rootdir",
        ..PLAIN
    },
    Plugin {
        name: "nfs",
        fixed: &["path", "server", "export"],
        optional: &[COMMON, FILES, &["options", "snapshot-as-volume-chain"]],
        content: ALL_FILES,
        formats: FILE_FORMATS,
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "pbs",
        fixed: &["server", "datastore"],
        optional: &[
            COMMON,
            &[
                "encryption-key",
                "fingerprint",
                "master-pubkey",
                "max-protected-backups",
                "namespace",
                "password",
                "port",
                "prune-backups",
                "skip-cert-verification",
                "username",
            ],
        ],
        content: &["backup", "none"],
        default_content: "backup",
        formats: &[],
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "rbd",
        optional: &[
            COMMON,
            &[
                "data-pool",
                "keyring",
                "krbd",
                "monhost",
                "namespace",
                "pool",
                "username",
            ],
        ],
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "zfs",
        fixed: &["portal", "target", "pool", "blocksize", "iscsiprovider"],
        optional: &[
            COMMON,
            &[
                "comstar_hg",
                "comstar_tg",
                "lio_tpg",
                "nowritecache",
                "sparse",
                "zfs-base-path",
            ],
        ],
        content: &["images"],
        is_shared: true,
        ..PLAIN
    },
    Plugin {
        name: "zfspool",
        fixed: &["pool"],
        optional: &[COMMON, &["blocksize", "mountpoint", "sparse"]],
        default_content: "images,rootdir",
        formats: &["raw", "subvol"],
        ..PLAIN
    },
];

impl Plugin {
    /// The type of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PLUGINS.iter().find(|plugin| plugin.name == name)
    }

    /// What may be done with an option; none if the type doesn't know it.
    #[must_use]
    pub fn rule(&self, option: &str) -> Option<Rule> {
        let lists = [
            (self.fixed, Rule::Fixed),
            (self.fixed_optional, Rule::FixedOptional),
            (self.needed, Rule::Needed),
        ];
        let listed = lists
            .into_iter()
            .find(|(names, _)| names.contains(&option))
            .map(|(_, rule)| rule);
        let is_optional = self.optional.iter().any(|names| names.contains(&option));
        listed.or(is_optional.then_some(Rule::Optional))
    }

    /// Every option that the type knows.
    pub fn options(&self) -> impl Iterator<Item = &'static str> {
        let optional = self.optional.iter().copied().flatten();
        self.required()
            .chain(self.fixed_optional.iter().copied())
            .chain(optional.copied())
    }

    /// The options that have to be given when a storage is made.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        self.fixed.iter().chain(self.needed).copied()
    }

    /// Whether files lie on it below a path.
    #[must_use]
    pub fn has_path(&self) -> bool {
        self.fixed.contains(&"path")
    }
}
