//! A node's hardware and what is made of its disks.

use model::kind;
use serde_json::{Map, Value, json};

use super::{
    Cell, Loaded, Row, Scope, Vantage,
    node::{below, items},
    objects, once, row, success, text, without,
};
use crate::preview::reader::Reading;

pub(super) const CELLS: &[Cell] = &[
    Cell {
        kinds: &[kind::DISK],
        what: "the disks",
        scope: Scope::Node,
        needs: &[],
        reads: |place, answers| once(answers, &[below(place, "disks/list?include-partitions=1")]),
        load: disks,
    },
    Cell {
        kinds: &[kind::PCI],
        what: "the PCI devices",
        scope: Scope::Node,
        needs: &[],
        // An empty list of classes to leave out: the one that is left out without it isn't.
        reads: |place, answers| {
            once(
                answers,
                &[below(place, "hardware/pci?pci-class-blacklist=")],
            )
        },
        load: |_, answers| {
            let answer = success(answers, 0)?;
            Ok(items(answer, kind::PCI, |device| text(device, "id"), &[]))
        },
    },
    Cell {
        kinds: &[kind::VOLUME_GROUP],
        what: "the volume groups and pools",
        scope: Scope::Node,
        needs: &[],
        reads: group_reads,
        load: groups,
    },
];

fn disks(_: &Vantage, answers: &[Reading]) -> Loaded {
    let answer = success(answers, 0)?;
    let is_part = |object: &&Map<String, Value>| object.contains_key("parent");
    let loaded = |disk: &Map<String, Value>| -> Row {
        let device = text(disk, "devpath");
        let parts: Vec<Map<String, Value>> = objects(answer)
            .filter(is_part)
            .filter(|part| text(part, "parent") == device)
            .map(|part| without(part, &["parent"]))
            .collect();
        let mut disk = disk.clone();
        if !parts.is_empty() {
            disk.insert("partitions".to_owned(), json!(parts));
        }
        row(kind::DISK, device, disk)
    };
    Ok(objects(answer)
        .filter(|object| !is_part(object))
        .map(loaded)
        .collect())
}

/// The four lists and the datasets, then each ZFS pool's devices.
fn group_reads(place: &Vantage, answers: &[Reading]) -> Vec<String> {
    match answers {
        [] => [
            "disks/lvm",
            "disks/lvmthin",
            "disks/zfs",
            "disks/directory",
            "scan/zfs",
        ]
        .map(|path| below(place, path))
        .to_vec(),
        [_, _, pools, _, _] => objects(pools)
            .map(|pool| below(place, &format!("disks/zfs/{}", text(pool, "name"))))
            .collect(),
        _ => Vec::new(),
    }
}

fn groups(_: &Vantage, answers: &[Reading]) -> Loaded {
    let mut rows = Vec::new();
    let lvm = success(answers, 0)?.data["children"].as_array();
    for group in lvm.into_iter().flatten().filter_map(Value::as_object) {
        let id = format!("lvm/{}", text(group, "name"));
        rows.push(row(kind::VOLUME_GROUP, id, group.clone()));
    }
    let thin =
        |pool: &Map<String, Value>| format!("lvmthin/{}/{}", text(pool, "vg"), text(pool, "lv"));
    rows.extend(items(success(answers, 1)?, kind::VOLUME_GROUP, thin, &[]));
    let datasets = success(answers, 4)?;
    for (pool, place) in objects(success(answers, 2)?).zip(5..) {
        let detail = &success(answers, place)?.data;
        rows.push(zpool(pool, detail, datasets));
    }
    for folder in objects(success(answers, 3)?) {
        let path = text(folder, "path");
        let name = path.rsplit('/').next().unwrap_or_default();
        let id = format!("directory/{name}");
        rows.push(row(kind::VOLUME_GROUP, id, folder.clone()));
    }
    Ok(rows)
}

/// A ZFS pool with its devices and datasets.
fn zpool(pool: &Map<String, Value>, detail: &Value, datasets: &Reading) -> Row {
    let name = text(pool, "name");
    let root = &detail["children"][0];
    let children = root["children"].as_array().cloned().unwrap_or_default();
    let mut devices = Vec::new();
    leaves(&children, &mut devices);
    // `mirror-0`, `raidz2-0`; devices without one stand side by side.
    let level = children
        .first()
        .filter(|child| child["leaf"] != 1)
        .and_then(|child| child["name"].as_str())
        .and_then(|name| name.split('-').next())
        .unwrap_or("single");
    let inside = format!("{name}/");
    let datasets: Vec<&str> = datasets
        .items()
        .iter()
        .filter_map(|item| item["pool"].as_str())
        .filter(|dataset| dataset.starts_with(&inside))
        .collect();
    let mut pool = pool.clone();
    pool.insert("devices".to_owned(), json!(devices));
    pool.insert("raidlevel".to_owned(), level.into());
    pool.insert("datasets".to_owned(), json!(datasets));
    row(kind::VOLUME_GROUP, format!("zfs/{name}"), pool)
}

fn leaves(children: &[Value], found: &mut Vec<String>) {
    for child in children {
        match child["children"].as_array() {
            Some(inner) => leaves(inner, found),
            None => found.extend(child["name"].as_str().map(str::to_owned)),
        }
    }
}
