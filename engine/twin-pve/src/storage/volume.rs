//! Volume ids: what the name of a volume says about it.

use model::{
    Params, Stop,
    node::storages::{Storage, property},
};
use regex::Regex;
use std::sync::LazyLock;

/// What a volume's name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Volume {
    /// What it is: `images`, `iso` …
    pub(super) kind: &'static str,
    /// The guest that it belongs to.
    pub(super) owner: Option<u64>,
    /// Its format as lists show it.
    pub(super) format: String,
}

/// The storage and the whole id of a volume that a call names, with the storage's id before it or without.
///
/// # Errors
/// 400 where the two storages differ, or none is named.
pub(super) fn of_call(params: &Params) -> Result<(String, String), Stop> {
    let volume = params.required("volume");
    let named = params.text("storage");
    match (volume.split_once(':'), named) {
        (Some((id, name)), named) => {
            if !formats::names::is_storage_id(id) || name.is_empty() {
                let words = format!("unable to parse volume ID '{volume}'\n");
                return Err(Stop::invalid_one("volume", words));
            }
            match named {
                Some(named) if named != id => Err(Stop::invalid_one(
                    "volume",
                    format!("storage ID mismatch ({id} != {named})\n"),
                )),
                _ => Ok((id.to_owned(), volume)),
            }
        }
        (None, Some(id)) => Ok((id.clone(), format!("{id}:{volume}"))),
        (None, None) => Err(Stop::invalid_one(
            "volume",
            "no storage specified - incomplete volume ID",
        )),
    }
}

/// Reads a volume's name as its type of storage does.
///
/// # Errors
/// 500 for a name that isn't a volume's.
pub(super) fn parse(storage: &Storage, name: &str) -> Result<Volume, Stop> {
    let kind = property(storage, "type");
    let (parsed, what) = match kind.as_str() {
        "lvm" | "lvmthin" => (disk(name), "lvm"),
        "zfspool" | "zfs" => (disk(name), "zfs"),
        "iscsi" | "iscsidirect" => (unit(name), "iscsi"),
        "rbd" => (disk(name), "rbd"),
        "pbs" => (None, "pbs"),
        _ => (file(name), "directory"),
    };
    parsed.ok_or_else(|| Stop::fail(format!("unable to parse {what} volume name '{name}'")))
}

fn captures<'a>(pattern: &LazyLock<Regex>, name: &'a str) -> Option<regex::Captures<'a>> {
    pattern.captures(name)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant")
}

fn disk(name: &str) -> Option<Volume> {
    static DISK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?:(?:base|basevol)-\d+-\S+/)?(vm|base|subvol|basevol)-(\d+)-[^\s/]+$")
    });
    let found = captures(&DISK, name)?;
    let is_folder = found[1].contains("vol");
    Some(Volume {
        kind: if is_folder { "rootdir" } else { "images" },
        owner: found[2].parse().ok(),
        format: if is_folder { "subvol" } else { "raw" }.to_owned(),
    })
}

fn unit(name: &str) -> Option<Volume> {
    static UNIT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\d+\.\d+\.\d+\.[^/\s]+$"));
    captures(&UNIT, name)?;
    Some(Volume {
        kind: "images",
        owner: None,
        format: "raw".to_owned(),
    })
}

fn file(name: &str) -> Option<Volume> {
    static IMAGE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:\d+/[^\s/]+/)?(\d+)/((?:vm|base|subvol)-\d+-[^\s/]+|[^\s/]+)\.(raw|qcow2|vmdk|subvol)$",
        )
    });
    static BACKUP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^backup/([^/]+)\.(tgz|tar(?:\.(?:gz|lzo|zst|bz2))?|vma(?:\.(?:gz|lzo|zst))?)$")
    });
    static GUEST: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^vzdump-(?:qemu|lxc|openvz)-(\d+)-"));
    static TEMPLATE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^vztmpl/[^/]+\.tar(?:\.(gz|xz|zst|bz2))?$"));
    static IMPORT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^import/[a-zA-Z0-9_.+=:\-]+\.(ova|ovf|qcow2|raw|vmdk)$"));
    if let Some(found) = captures(&IMAGE, name) {
        return Some(volume("images", found[1].parse().ok(), &found[3]));
    }
    if let Some(found) = captures(&BACKUP, name) {
        let owner = captures(&GUEST, &found[1]).and_then(|guest| guest[1].parse().ok());
        return Some(volume("backup", owner, &found[2]));
    }
    if let Some(found) = captures(&TEMPLATE, name) {
        let packed = found.get(1).map_or("ar", |packed| packed.as_str());
        return Some(volume("vztmpl", None, &format!("t{packed}")));
    }
    if let Some(found) = captures(&IMPORT, name) {
        return Some(volume("import", None, &found[1]));
    }
    let (folder, rest) = name.split_once('/')?;
    let is_plain = !rest.is_empty() && !rest.contains('/');
    let lower = rest.to_ascii_lowercase();
    match folder {
        "iso" if is_plain && (lower.ends_with(".iso") || lower.ends_with(".img")) => {
            Some(volume("iso", None, "iso"))
        }
        "snippets" if is_plain => Some(volume("snippets", None, "snippet")),
        "rootdir" if rest.parse::<u64>().is_ok() => {
            Some(volume("rootdir", rest.parse().ok(), "subvol"))
        }
        _ => None,
    }
}

fn volume(kind: &'static str, owner: Option<u64>, format: &str) -> Volume {
    Volume {
        kind,
        owner,
        format: format.to_owned(),
    }
}

/// Where a volume lies on its node.
pub(super) fn path(storage: &Storage, volume: &Volume, name: &str) -> String {
    let rest = name.split_once('/').map_or(name, |(_, rest)| rest);
    let root = property(storage, "path");
    let root = root.trim_end_matches('/');
    match (property(storage, "type").as_str(), volume.kind) {
        ("lvm" | "lvmthin", _) => format!("/dev/{}/{name}", property(storage, "vgname")),
        ("zfspool", "rootdir") => format!("/{}/{name}", property(storage, "pool")),
        ("zfspool", _) => format!("/dev/zvol/{}/{name}", property(storage, "pool")),
        ("iscsi", _) => {
            let device = name.splitn(4, '.').nth(3).unwrap_or_default();
            format!("/dev/disk/by-id/{device}")
        }
        (_, "iso") => format!("{root}/template/iso/{rest}"),
        (_, "vztmpl") => format!("{root}/template/cache/{rest}"),
        (_, "backup") => format!("{root}/dump/{rest}"),
        (_, "snippets") => format!("{root}/snippets/{rest}"),
        (_, "import") => format!("{root}/import/{rest}"),
        (_, "rootdir") => format!("{root}/private/{rest}"),
        _ => {
            // A linked clone's name has that of its base before it.
            let parts: Vec<&str> = name.split('/').collect();
            let own = parts[parts.len().saturating_sub(2)..].join("/");
            format!("{root}/images/{own}")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Name, kind, owner, format, and where it lies below the storage's path.
    type Case = (
        &'static str,
        &'static str,
        Option<u64>,
        &'static str,
        &'static str,
    );

    #[rustfmt::skip]
    const FILES: &[Case] = &[
        ("iso/a.iso", "iso", None, "iso", "template/iso/a.iso"),
        ("vztmpl/a.tar.zst", "vztmpl", None, "tzst", "template/cache/a.tar.zst"),
        ("import/a.qcow2", "import", None, "qcow2", "import/a.qcow2"),
        ("snippets/u.yaml", "snippets", None, "snippet", "snippets/u.yaml"),
        ("100/vm-100-disk-0.raw", "images", Some(100), "raw", "images/100/vm-100-disk-0.raw"),
        ("backup/vzdump-qemu-101-x.vma.zst", "backup", Some(101), "vma.zst", "dump/vzdump-qemu-101-x.vma.zst"),
    ];

    #[test]
    fn reads_names_of_files() {
        let dir = json!({ "type": "dir", "path": "/data/" });
        let dir = dir.as_object().unwrap();
        for (name, kind, owner, format, path) in FILES {
            let found = parse(dir, name).unwrap();
            assert_eq!(
                (found.kind, found.owner, &*found.format),
                (*kind, *owner, *format),
                "{name}"
            );
            assert_eq!(super::path(dir, &found, name), format!("/data/{path}"));
        }
        for bad in [
            "a.iso",
            "iso/a.txt",
            "iso/b/a.iso",
            "images/x",
            "import/a b.qcow2",
            "",
        ] {
            assert!(parse(dir, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reads_names_of_volumes() {
        let lvm = json!({ "type": "lvm", "vgname": "san" });
        let lvm = lvm.as_object().unwrap();
        assert_eq!(parse(lvm, "vm-100-disk-0").unwrap().owner, Some(100));
        let error = parse(lvm, "disk-0").unwrap_err();
        assert_eq!(error.message(), "unable to parse lvm volume name 'disk-0'");
    }

    #[test]
    fn finds_the_storage_of_a_volume() {
        let call =
            |params: serde_json::Value| of_call(&Params(params.as_object().cloned().unwrap()));
        let (id, volume) = call(json!({ "storage": "local", "volume": "iso/a.iso" })).unwrap();
        assert_eq!((id.as_str(), volume.as_str()), ("local", "local:iso/a.iso"));
        assert!(call(json!({ "storage": "local", "volume": "other:iso/a.iso" })).is_err());
        assert!(call(json!({ "volume": "iso/a.iso" })).is_err());
    }
}
