//! The kinds of rows. Rows of the lab stand in domain `""`, a cluster's in `etc/FOUNDER`, a node's in
//! `node/NAME`.

/// A node of the lab; domain `""`, id is its name. It names its cluster's domain.
pub const NODE: &str = "node";
/// A task that has not ended; domain `""`, id is its UPID.
pub const RUNNING: &str = "running";
/// A counter or another single value of the twin itself; domain `""`.
pub const TWIN: &str = "twin";
/// A fault that is to happen; domain `""`.
pub const FAULT: &str = "fault";
/// A fact of the lab outside the nodes: an appliance; domain `""`, id is its name.
pub const APPLIANCE: &str = "appliance";
/// What is at a path of a host: a file, a folder, a link; a node's domain or `operator`, id is the path.
pub const FILE: &str = "file";
/// The names in a folder of a host, where they were read as a list; a node's domain, id is the path.
pub const LISTING: &str = "listing";
/// A unit of systemd, as its properties; a node's domain, id is its name.
pub const UNIT: &str = "unit";
/// A unit whose files changed since systemd read them; a node's domain, id is its name.
pub const STALE_UNIT: &str = "stale_unit";
/// What a start of a host decides; a node's domain. Id `id`: its boot id, `at`: when it was in microseconds, both if
/// it's another than the first; `away`: until when the host doesn't answer, in milliseconds.
pub const BOOT: &str = "boot";
/// A change that reverts itself unless it's confirmed; a node's domain.
pub const GUARD: &str = "guard";
/// The interfaces as they were, where a guard keeps the network; a node's domain, id is the guard's.
pub const GUARDED: &str = "guarded";
/// What sshd goes by since it last read its settings; a node's domain, id `read`.
pub const SSHD: &str = "sshd";
/// The gateway of a network; domain `""`, id is the network.
pub const GATEWAY: &str = "gateway";
/// What name servers know, and where they are; domain `""`, id `names`.
pub const NAMES: &str = "names";
/// What a command of the lab answers and changes; domain `""`.
pub const COMMAND: &str = "command";
/// A package that a repository of the lab's own has; domain `""`.
pub const OFFER: &str = "offer";
/// What a host's kernel was started with and from; a node's domain. Ids `cmdline`, `next` (that of the next start),
/// `loader`, `kernels` (the newest first), `modules` (those that are loaded), `by_hand` (those that no start loads).
pub const KERNEL: &str = "kernel";
/// What is known of a module that isn't loaded; a node's domain, id is its name.
pub const MODULE: &str = "module";
/// A kernel parameter's running value; a node's domain, id is its name with slashes.
pub const SYSCTL: &str = "sysctl";
/// A host's devices with drivers and IOMMU groups; a node's domain, id `pci`.
pub const BUS: &str = "bus";
/// What is mounted at a path; a node's domain, id is the path.
pub const MOUNT: &str = "mount";
/// What the initiator of a host knows of a target; a node's domain, id is `TARGET PORTAL`.
pub const ISCSI: &str = "iscsi";
/// The logical volumes of a volume group, where they aren't those that its making made; a node's domain, id is the
/// group.
pub const LOGICAL: &str = "logical";
/// When names in a folder of a host last changed, in microseconds; a node's domain, id is the path.
pub const FOLDER_TIME: &str = "folder_time";
/// A host's own answer to a read, where a preview can't tell it from rows; a node's domain, id is the verb.
pub const ANSWER: &str = "answer";
/// What was read again; a node's domain. Id `units`: systemd's units. Id `said`: the network, once. Id `network`: a preview loses it, as nobody sees
/// the network before it's set up.
pub const RELOAD: &str = "reload";
/// What the operator knows a host's key by; domain `operator`, id is the host's name.
pub const KNOWN_KEYS: &str = "known_keys";
/// A tracked call that has ended, as its status; a node's domain, id is its token.
pub const CALL: &str = "call";
/// A user of a host, as `/etc/passwd`, `/etc/group` and `/etc/shadow` have it; a node's domain, id is its name.
pub const ACCOUNT: &str = "account";
/// A group of a host; a node's domain, id is its name.
pub const UNIX_GROUP: &str = "unix_group";
/// The ids of users and groups that are taken, where they were read as such; a node's domain, id `all`.
pub const USED_IDS: &str = "used_ids";
/// A package that dpkg knows; a node's domain, id is its name.
pub const PACKAGE: &str = "package";
/// The version of a package that apt would install, where it was read as such; a node's domain, id is its name.
pub const CANDIDATE: &str = "candidate";
/// How old apt's lists are; a node's domain, id `lists`.
pub const PACKAGE_LISTS: &str = "package_lists";
/// Repositories changed since apt read its lists; a node's domain, id `lists`.
pub const STALE_LISTS: &str = "stale_lists";

/// A task; a node's domain, id is its UPID.
pub const TASK: &str = "task";
/// A disk; a node's domain, id is its device path.
pub const DISK: &str = "disk";
/// A network port as the machine has it; a node's domain, id is its name.
pub const PORT: &str = "port";
/// A PCI device; a node's domain, id is its slot.
pub const PCI: &str = "pci";
/// One interface of `/etc/network/interfaces`, as the API shows it; a node's domain, id is its name.
pub const INTERFACE: &str = "interface";
/// One interface of `/etc/network/interfaces.new`; none at all, not even `lo`, where nothing is staged.
pub const INTERFACE_NEW: &str = "interface_new";
/// A node's `/etc/hosts`; a node's domain, id `hosts`.
pub const HOSTS: &str = "hosts";
/// A node's time zone; a node's domain, id `time`.
pub const TIME: &str = "time";
/// A node's own options; a node's domain, id `config`.
pub const NODE_CONFIG: &str = "node_config";
/// A service that was started or stopped through the API; a node's domain, id is its name.
pub const SERVICE: &str = "service";
/// A node's resolver; a node's domain, id `dns`.
pub const DNS: &str = "dns";
/// A volume group, thin pool, ZFS pool or mounted directory; a node's domain, id `TYPE/NAME`: `lvm/pve`,
/// `lvmthin/pve/data`, `zfs/rpool`, `directory/NAME`.
pub const VOLUME_GROUP: &str = "volume_group";
/// A file or volume on a storage; a cluster's domain for shared ones, else a node's; id is its volume id.
pub const CONTENT: &str = "content";

/// What a cluster has one of, in a cluster's domain: `options` of the datacenter as `GET /cluster/options` shows
/// them, and `totem` as `GET /cluster/config/totem` does; a node that is in no cluster has no `totem`.
pub const CLUSTER: &str = "cluster";
/// A node of `corosync.conf`, as `GET /cluster/config/nodes` lists it; a cluster's domain, id is its name.
pub const COROSYNC_NODE: &str = "corosync_node";
/// A guest that is kept running; a cluster's domain, id is `vm:NUMBER`.
pub const HA_RESOURCE: &str = "ha_resource";
/// A realm; a cluster's domain, id is its name.
pub const REALM: &str = "realm";
/// A user; a cluster's domain, id is `NAME@REALM`.
pub const USER: &str = "user";
/// The hash of a user's password; a cluster's domain, id is `NAME@REALM`.
pub const PASSWORD: &str = "password";
/// A group; a cluster's domain.
pub const GROUP: &str = "group";
/// A role that is not built in; a cluster's domain.
pub const ROLE: &str = "role";
/// An API token; a cluster's domain, id is `NAME@REALM!TOKEN`.
pub const TOKEN: &str = "token";
/// An entry of the access control list; a cluster's domain, id is `PATH|TYPE|UGID|ROLE`.
pub const ACL: &str = "acl";
/// A pool; a cluster's domain.
pub const POOL: &str = "pool";
/// A storage; a cluster's domain.
pub const STORAGE: &str = "storage";
/// A PCI mapping; a cluster's domain.
pub const PCI_MAPPING: &str = "pci_mapping";
/// A USB mapping; a cluster's domain.
pub const USB_MAPPING: &str = "usb_mapping";
/// A mapping of a directory; a cluster's domain.
pub const DIR_MAPPING: &str = "dir_mapping";
/// A backup job; a cluster's domain.
pub const BACKUP: &str = "backup";
/// A guest; a cluster's domain, id is its number.
pub const GUEST: &str = "guest";
/// Who has the lab's lease; a cluster's domain, id is its path.
pub const LEASE: &str = "lease";

/// Every kind of a cluster's domain: what stands in `/etc/pve`, which a joining node loses.
pub const OF_CLUSTER: &[&str] = &[
    ACL,
    BACKUP,
    CLUSTER,
    CONTENT,
    COROSYNC_NODE,
    DIR_MAPPING,
    GROUP,
    GUEST,
    HA_RESOURCE,
    LEASE,
    PASSWORD,
    PCI_MAPPING,
    POOL,
    REALM,
    ROLE,
    STORAGE,
    TOKEN,
    USB_MAPPING,
    USER,
];
