//! A storage as it's wanted, and the difference to one that is there.

use runbook::failure::Failure;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    difference::{Difference, text},
    field::{HostAddress, Names, Span},
    spec::spec,
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

/// The argument of `proxmox::storage::ensure`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StorageSpec {
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
}
spec!(StorageSpec, |spec| format!("storage {}", spec.storage));

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
    pub(super) fn check(&self) -> Result<(), Failure> {
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
        let refused = |message: String| Failure::new("homelab::runbook::argument", message);
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

    /// The fields of a new storage, as the API takes them.
    pub(super) fn created(&self) -> Vec<(&'static str, String)> {
        let mut fields = self.fixed();
        fields.push(("content", self.content.sorted().join(",")));
        fields.extend((!self.nodes.is_empty()).then(|| ("nodes", self.nodes.sorted().join(","))));
        fields.extend(
            self.is_shared()
                .map(|shared| ("shared", u8::from(shared).to_string())),
        );
        fields.extend(self.options.clone().map(|options| ("options", options)));
        fields
    }

    /// The fields of a change that makes the storage.
    pub(super) fn described(&self) -> Value {
        let mut fields: Map<String, Value> = self
            .created()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        fields.extend(
            self.base_words()
                .map(|base| ("base".to_owned(), base.into())),
        );
        fields.into()
    }

    /// What can be changed and differs.
    ///
    /// # Errors
    /// A field differs that can't be changed.
    pub(super) fn difference(&self, observed: &Value) -> Result<Difference, Failure> {
        for (name, wanted) in self.fixed() {
            let is = text(observed, name);
            if is.trim_end_matches('/') != wanted.trim_end_matches('/') {
                return Err(self.differs(name, &is, &wanted));
            }
        }
        let base = text(observed, "base");
        if let Some(wanted) = self.base_words()
            && !base.is_empty()
            && !is_base(
                &base,
                self.base.as_deref().unwrap_or_default(),
                self.lun.unwrap_or_default(),
            )
        {
            return Err(self.differs("base", &base, &wanted));
        }
        let mut difference = Difference::default();
        let none = Names(vec!["none".to_owned()]);
        let content = if self.content.is_empty() {
            &none
        } else {
            &self.content
        };
        difference.names(observed, "content", Some(content));
        difference.names(observed, "nodes", Some(&self.nodes));
        difference.flag(observed, "shared", self.is_shared(), false);
        difference.text(observed, "options", self.options.as_deref());
        Ok(difference)
    }

    fn differs(&self, name: &str, is: &str, wanted: &str) -> Failure {
        let is = if is.is_empty() { "none" } else { is };
        Failure::new(
            "homelab::storage::fixed",
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

    fn spec(value: Value) -> StorageSpec {
        serde_json::from_value(value).unwrap()
    }

    fn nas() -> Value {
        json!({"storage": "nas", "type": "nfs", "server": "10.0.0.2", "export": "/tank", "content": "iso, vztmpl"})
    }

    #[test]
    fn compares_content_and_nodes_as_sets() {
        let observed = json!({"storage": "nas", "type": "nfs", "server": "10.0.0.2", "export": "/tank/", "shared": 1,
            "content": "vztmpl,iso", "path": "/mnt/pve/nas", "options": "vers=4.2"});
        assert!(spec(nas()).difference(&observed).unwrap().is_empty());
        let mut limited = observed.clone();
        limited["nodes"] = json!("pve1");
        let difference = spec(nas()).difference(&limited).unwrap();
        assert_eq!(Value::Object(difference.after), json!({"nodes": null}));
        let mut moved = observed;
        moved["server"] = json!("10.0.0.3");
        let failure = spec(nas()).difference(&moved).unwrap_err();
        assert_eq!(
            failure.message,
            "storage nas has server 10.0.0.3, not 10.0.0.2, and Proxmox can't change it"
        );
    }

    #[test]
    fn finds_the_base_by_its_lun() {
        let lvm = spec(
            json!({"storage": "san-lvm", "type": "lvm", "vgname": "san", "base": "san", "lun": 1, "content": "images"}),
        );
        let observed = |base: &str| json!({"type": "lvm", "vgname": "san", "content": "images", "shared": 1, "base": base});
        assert!(
            lvm.difference(&observed("san:0.0.1.scsi-3600"))
                .unwrap()
                .is_empty()
        );
        assert!(lvm.difference(&observed("san:0.0.2.scsi-3600")).is_err());
        assert_eq!(lvm.described()["base"], "san LUN 1");
        assert!(!is_base("other:0.0.1.x", "san", 1) && !is_base("x", "san", 1));
    }

    #[test]
    fn wants_the_fields_of_its_type() {
        let mut missing = nas();
        missing.as_object_mut().unwrap().remove("export");
        assert!(
            spec(missing)
                .check()
                .unwrap_err()
                .message
                .ends_with("needs `export`")
        );
        let mut surplus = nas();
        surplus["vgname"] = json!("x");
        assert!(
            spec(surplus)
                .check()
                .unwrap_err()
                .message
                .ends_with("has no `vgname`")
        );
        assert!(spec(nas()).check().is_ok());
    }
}
