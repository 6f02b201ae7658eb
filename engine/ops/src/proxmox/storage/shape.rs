//! A storage as it's wanted, and the difference to one that is there.

use runbook::failure::Failure;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use world::code;

use crate::{
    difference::text,
    field::{HostAddress, Names, Span},
    proxmox::object::Wanted,
};

/// The type of a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Type {
    /// A folder.
    Dir,
    /// An NFS export.
    Nfs,
    /// An iSCSI target; volumes come with LVM on top.
    Iscsi,
    /// A volume group.
    Lvm,
    /// A thin pool.
    LvmThin,
    /// A ZFS pool or data set.
    ZfsPool,
}

/// Ensures a storage of the cluster, and that it's active on every node that should have it.
///
/// What Proxmox fixes when a storage is made (type, path, server, target, …) is compared and never changed; the
/// content types and nodes are. Which fields a type needs: `dir` path; `nfs` server and export; `iscsi` portal
/// and target; `lvm` vgname, with base and lun a new volume group on that LUN; `lvmthin` vgname and thinpool;
/// `zfspool` pool. Answers `storage` and `nodes`, those on which it's active.
///
/// Errors: a fixed field differs; the server, the LUN or the pool isn't there; it isn't active in time.
///
/// ```rhai
/// proxmox::storage::ensure("spare", #{
///     type: "dir",
///     path: "/srv/spare",
///     content: ["iso", "vztmpl"],
///     nodes: ["pve1"]
/// })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StorageSpec {
    /// The storage's id.
    pub(super) storage: String,
    /// What it is.
    #[serde(rename = "type")]
    kind: Type,
    /// What it may hold: `images`, `rootdir`, `iso`, `vztmpl`, `import`, `snippets`, `backup`, or `none`.
    content: Names,
    /// The nodes that have it. Default: every node.
    #[serde(default)]
    pub(super) nodes: Names,
    /// Whether all its nodes see the same. Default: yes for `lvm` with a base; otherwise Proxmox's own.
    shared: Option<bool>,
    /// The folder of a `dir`.
    path: Option<String>,
    /// The server of an `nfs`.
    server: Option<HostAddress>,
    /// The path that the server of an `nfs` exports.
    export: Option<String>,
    /// Mount options of an `nfs`: `vers=4.2`. Default: as they are.
    options: Option<String>,
    /// The address of an iSCSI server.
    portal: Option<HostAddress>,
    /// The name of an iSCSI target.
    target: Option<String>,
    /// The iSCSI storage on which an `lvm` makes its volume group.
    pub(super) base: Option<String>,
    /// The LUN of the base's target. Default: 0.
    pub(super) lun: Option<u32>,
    /// The volume group of an `lvm` or `lvmthin`.
    vgname: Option<String>,
    /// The pool of an `lvmthin`.
    thinpool: Option<String>,
    /// The pool of a `zfspool`: `rpool/data`.
    pool: Option<String>,
    /// How long to wait until it's active on its nodes. Default: `1 min`.
    pub(super) timeout: Option<Span>,
    /// The volume on the base that a new one is made on.
    #[serde(skip)]
    pub(super) volume: Option<String>,
}

impl StorageSpec {
    /// The type's name in the API.
    const fn kind_name(&self) -> &'static str {
        match self.kind {
            Type::Dir => "dir",
            Type::Nfs => "nfs",
            Type::Iscsi => "iscsi",
            Type::Lvm => "lvm",
            Type::LvmThin => "lvmthin",
            Type::ZfsPool => "zfspool",
        }
    }

    /// The fields that can't change once the storage is made, but its base.
    fn fixed(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("type", Some(self.kind_name().to_owned())),
            ("path", self.path.clone().filter(|_| self.kind == Type::Dir)),
            ("server", self.server.as_ref().map(ToString::to_string)),
            ("export", self.export.clone()),
            ("portal", self.portal.as_ref().map(ToString::to_string)),
            ("target", self.target.clone()),
            ("vgname", self.vgname.clone()),
            ("thinpool", self.thinpool.clone()),
            ("pool", self.pool.clone()),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// Fails if a field that the type needs is missing, or one is given that it doesn't have.
    pub(super) fn fits_its_type(&self) -> Result<(), Failure> {
        let needed: &[&str] = match self.kind {
            Type::Dir => &["path"],
            Type::Nfs => &["server", "export"],
            Type::Iscsi => &["portal", "target"],
            Type::Lvm => &["vgname"],
            Type::LvmThin => &["vgname", "thinpool"],
            Type::ZfsPool => &["pool"],
        };
        let mut given: Vec<&str> = self
            .fixed()
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| *name != "type")
            .collect();
        given.extend(
            self.path
                .as_ref()
                .filter(|_| self.kind != Type::Dir)
                .map(|_| "path"),
        );
        let refused = |message: String| Failure::new(code::runbook::argument, message);
        if let Some(missing) = needed.iter().find(|name| !given.contains(name)) {
            return Err(refused(format!(
                "storage {} of type {} needs `{missing}`",
                self.storage,
                self.kind_name()
            )));
        }
        if let Some(surplus) = given.iter().find(|name| !needed.contains(name)) {
            return Err(refused(format!(
                "storage {} of type {} has no `{surplus}`",
                self.storage,
                self.kind_name()
            )));
        }
        if self.storage == "local" && !self.nodes.is_empty() {
            return Err(refused(
                "storage local is on every node: Proxmox drops its `nodes`".to_owned(),
            ));
        }
        if self.base.is_some() && self.kind != Type::Lvm {
            return Err(refused(format!(
                "storage {} has a `base`, which only type lvm takes",
                self.storage
            )));
        }
        Ok(())
    }

    /// Whether all nodes see the same.
    fn is_shared(&self) -> Option<bool> {
        self.shared.or_else(|| self.base.is_some().then_some(true))
    }

    /// The base in the words of the lab: `san LUN 1`. Its volume's id is the target's business.
    fn base_words(&self) -> Option<String> {
        let base = self.base.as_ref()?;
        Some(format!("{base} LUN {}", self.lun.unwrap_or_default()))
    }

    /// Wants a new storage.
    pub(super) fn want_all(&self, wanted: &mut Wanted<'_>) {
        for (name, value) in self.fixed() {
            wanted.set(name, None, value);
        }
        wanted.set("content", None, self.content.sorted().join(","));
        if !self.nodes.is_empty() {
            wanted.set("nodes", None, self.nodes.sorted().join(","));
        }
        if let Some(shared) = self.is_shared() {
            wanted.set("shared", None, u8::from(shared).to_string());
        }
        if let Some(options) = &self.options {
            wanted.set("options", None, options.as_str());
        }
        if let Some(base) = self.base_words() {
            wanted.set("base", None, base);
            wanted.send("base", self.volume.as_deref().unwrap_or_default());
        }
    }

    /// Wants what can be changed of a storage that is there.
    pub(super) fn want_changes(&self, wanted: &mut Wanted<'_>) {
        let none = Names(vec!["none".to_owned()]);
        let content = if self.content.is_empty() {
            &none
        } else {
            &self.content
        };
        wanted.names("content", Some(content));
        wanted.names("nodes", Some(&self.nodes));
        wanted.flag("shared", self.is_shared(), false);
        wanted.text("options", self.options.as_deref());
    }

    /// Fails if a field differs that can't be changed.
    pub(super) fn refuse_fixed(&self, observed: &Value) -> Result<(), Failure> {
        for (name, wanted) in self.fixed() {
            let is = text(observed, name);
            if is.trim_end_matches('/') != wanted.trim_end_matches('/') {
                return Err(self.differs(name, &is, &wanted));
            }
        }
        let is = text(observed, "base");
        let (Some(base), Some(words)) = (&self.base, self.base_words()) else {
            return Ok(());
        };
        if !is.is_empty() && !is_base(&is, base, self.lun.unwrap_or_default()) {
            return Err(self.differs("base", &is, &words));
        }
        Ok(())
    }

    fn differs(&self, name: &str, is: &str, wanted: &str) -> Failure {
        let is = if is.is_empty() { "none" } else { is };
        Failure::new(
            code::storage::fixed,
            format!(
                "storage {} has {name} {is}, not {wanted}, and Proxmox can't change it",
                self.storage
            ),
        )
        .help("correct docs, or remove the storage's entry by hand (its data stays) and run again")
    }
}

/// Whether a volume's id is that of a LUN of an iSCSI storage: `san:0.0.1.scsi-3600…`.
pub(super) fn is_base(volume: &str, storage: &str, lun: u32) -> bool {
    let Some((own, name)) = volume.split_once(':') else {
        return false;
    };
    own == storage && name.split('.').nth(2).and_then(|part| part.parse().ok()) == Some(lun)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::proxmox::object::write;

    fn spec(value: Value) -> StorageSpec {
        serde_json::from_value(value).unwrap()
    }

    /// The change of a storage that is there.
    fn change(wanted: Value, there: &Value) -> Result<Option<Value>, Failure> {
        let write = write(&spec(wanted), "pve1", Some(there))?;
        Ok(write.map(|write| write.change.after))
    }

    fn nas() -> Value {
        json!({"storage": "nas", "type": "nfs", "server": "10.0.0.2", "export": "/tank", "content": "iso, vztmpl"})
    }

    #[test]
    fn compares_content_and_nodes_as_sets() {
        let observed = json!({"storage": "nas", "type": "nfs", "server": "10.0.0.2", "export": "/tank/", "shared": 1,
            "content": "vztmpl,iso", "path": "/mnt/pve/nas", "options": "vers=4.2"});
        assert_eq!(change(nas(), &observed).unwrap(), None);
        let mut limited = observed.clone();
        limited["nodes"] = json!("pve1");
        assert_eq!(
            change(nas(), &limited).unwrap(),
            Some(json!({"nodes": null}))
        );
        let mut moved = observed;
        moved["server"] = json!("10.0.0.3");
        let failure = change(nas(), &moved).unwrap_err();
        assert_eq!(
            failure.message,
            "storage nas has server 10.0.0.3, not 10.0.0.2, and Proxmox can't change it"
        );
    }

    #[test]
    fn finds_the_base_by_its_lun() {
        let lvm = json!({"storage": "san-lvm", "type": "lvm", "vgname": "san", "base": "san", "lun": 1, "content": "images"});
        let observed = |base: &str| json!({"type": "lvm", "vgname": "san", "content": "images", "shared": 1, "base": base});
        assert_eq!(
            change(lvm.clone(), &observed("san:0.0.1.scsi-3600")).unwrap(),
            None
        );
        assert!(change(lvm.clone(), &observed("san:0.0.2.scsi-3600")).is_err());
        let new = write(&spec(lvm), "pve1", None).unwrap().unwrap();
        assert_eq!(new.change.after["base"], "san LUN 1");
        assert!(!is_base("other:0.0.1.x", "san", 1) && !is_base("x", "san", 1));
    }

    #[test]
    fn wants_the_fields_of_its_type() {
        let mut missing = nas();
        missing.as_object_mut().unwrap().remove("export");
        assert!(
            spec(missing)
                .fits_its_type()
                .unwrap_err()
                .message
                .ends_with("needs `export`")
        );
        let mut surplus = nas();
        surplus["vgname"] = json!("x");
        assert!(
            spec(surplus)
                .fits_its_type()
                .unwrap_err()
                .message
                .ends_with("has no `vgname`")
        );
        assert!(spec(nas()).fits_its_type().is_ok());
        let local = json!({"storage": "local", "type": "dir", "path": "/var/lib/vz", "content": "iso", "nodes": "pve1"});
        let failure = spec(local).fits_its_type().unwrap_err();
        assert!(
            failure
                .message
                .starts_with("storage local is on every node")
        );
    }
}
