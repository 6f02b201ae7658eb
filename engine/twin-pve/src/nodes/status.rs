//! `/nodes/{node}/status` and `/nodes/{node}/subscription`.

use model::{HostEffect, Key, Params, Stop, Tx, kind, node::KERNEL, permission};
use serde_json::{Map, Value, json};

/// How the memory and swap of an idle node are used.
const IDLE_SHARE: u64 = 16;

pub(super) fn show(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let node = tx.node.clone();
    let row = tx.node_row(&node)?.unwrap_or_default();
    let version = row["version"].as_str().unwrap_or_default();
    let repoid = hex::encode(&tx.derive(&format!("repoid/{version}"))[..8]);
    let booted = row["booted"].as_u64().unwrap_or_default();
    let memory = row["memory"].as_u64().unwrap_or_default();
    let (size, used) = (
        row["root_size"].as_u64().unwrap_or_default(),
        row["root_used"].as_u64().unwrap_or_default(),
    );
    let cores = row["cores"].as_u64().unwrap_or_default();
    Ok(json!({
        "uptime": tx.now.seconds().saturating_sub(booted),
        "cpu": 0.01, "wait": 0, "idle": 0,
        "loadavg": ["0.00", "0.00", "0.00"],
        "kversion": format!("Linux {} {}", KERNEL.0, KERNEL.1),
        "current-kernel": {
            "sysname": "Linux", "release": KERNEL.0, "version": KERNEL.1, "machine": "x86_64",
        },
        "boot-info": { "mode": "efi", "secureboot": 0 },
        "cpuinfo": {
            "model": "Twin", "sockets": 1, "cores": cores, "cpus": cores, "hvm": "1",
            "mhz": "2400.000", "user_hz": 100, "flags": "vmx",
        },
        "memory": space(memory, memory / IDLE_SHARE, "available"),
        "swap": { "total": 0, "used": 0, "free": 0 },
        "rootfs": space(size, used, "avail"),
        "ksm": { "shared": 0 },
        "pveversion": format!("pve-manager/{version}/{repoid}"),
    }))
}

fn space(total: u64, used: u64, free: &str) -> Map<String, Value> {
    let left = Value::from(total.saturating_sub(used));
    let mut space = Map::new();
    space.insert("total".to_owned(), total.into());
    space.insert("used".to_owned(), used.into());
    space.insert("free".to_owned(), left.clone());
    space.insert(free.to_owned(), left);
    space
}

/// A reboot takes no time: the node answers on, started anew from what is configured.
pub(super) fn command(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let node = tx.node.clone();
    if params.required("command") != "reboot" {
        return Err(Stop::not_implemented(
            "POST",
            &format!("/nodes/{node}/status"),
        ));
    }
    let mut row = tx.node_row(&node)?.unwrap_or_default();
    row["booted"] = tx.now.seconds().into();
    tx.write(&Key::new("", kind::NODE, &*node), &row)?;
    tx.happen(&node, &HostEffect::Restart)?;
    Ok(Value::Null)
}

pub(super) fn subscription(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let path = format!("/nodes/{}", tx.node);
    let mut answer = json!({
        "status": "notfound",
        "message": "There is no subscription key",
        "url": "https://www.proxmox.com/en/proxmox-virtual-environment/pricing",
    });
    if permission::has_any(tx, &path, &["Sys.Audit"])? {
        let id = tx.derive(&format!("serverid/{}", tx.node));
        answer["serverid"] = hex::encode_upper(&id[..16]).into();
    }
    Ok(answer)
}

/// Asking for news of a key, or taking it away: there is none.
pub(super) fn no_subscription(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(Value::Null)
}
