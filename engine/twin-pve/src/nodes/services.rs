//! `/nodes/{node}/services`. All that is installed runs; what was stopped through the API is a row.

use model::{Effect, Key, Params, Stop, Tx, Work, kind, node_domain};
use serde_json::{Map, Value, json};

/// A service: its name, what it's called, its state, and whether it's started at boot.
type Service = (&'static str, &'static str, &'static str, &'static str);

const SERVICES: &[Service] = &[
    (
        "chrony",
        "chrony, an NTP client/server",
        "running",
        "enabled",
    ),
    ("corosync", "Corosync Cluster Engine", "dead", "enabled"),
    (
        "cron",
        "Regular background program processing daemon",
        "running",
        "enabled",
    ),
    (
        "ksmtuned",
        "Kernel Samepage Merging (KSM) Tuning Daemon",
        "running",
        "enabled",
    ),
    ("lxcfs", "FUSE filesystem for LXC", "running", "enabled"),
    (
        "postfix",
        "Postfix Mail Transport Agent (main/default instance)",
        "running",
        "enabled",
    ),
    (
        "proxmox-firewall",
        "Proxmox nftables firewall",
        "running",
        "enabled",
    ),
    (
        "pve-cluster",
        "The Proxmox VE cluster filesystem",
        "running",
        "enabled",
    ),
    ("pve-firewall", "Proxmox VE firewall", "running", "enabled"),
    (
        "pve-ha-crm",
        "PVE Cluster HA Resource Manager Daemon",
        "running",
        "enabled",
    ),
    (
        "pve-ha-lrm",
        "PVE Local HA Resource Manager Daemon",
        "running",
        "enabled",
    ),
    (
        "pve-lxc-syscalld",
        "Proxmox VE LXC Syscall Daemon",
        "running",
        "enabled",
    ),
    ("pvedaemon", "PVE API Daemon", "running", "enabled"),
    (
        "pvefw-logger",
        "Proxmox VE firewall logger",
        "running",
        "static",
    ),
    ("pveproxy", "PVE API Proxy Server", "running", "enabled"),
    ("pvescheduler", "Proxmox VE scheduler", "running", "enabled"),
    ("pvestatd", "PVE Status Daemon", "running", "enabled"),
    ("qmeventd", "PVE Qemu Event Daemon", "running", "enabled"),
    ("spiceproxy", "PVE SPICE Proxy Server", "running", "enabled"),
    ("sshd", "OpenBSD Secure Shell server", "running", "enabled"),
    ("syslog", "syslog.service", "dead", "not-found"),
    ("systemd-journald", "Journal Service", "running", "static"),
    (
        "systemd-timesyncd",
        "systemd-timesyncd.service",
        "dead",
        "not-found",
    ),
];

/// The services without which the API itself would be gone.
const ESSENTIAL: &[&str] = &["pveproxy", "pvedaemon", "pve-cluster"];

fn key(tx: &Tx<'_>, service: &str) -> Key {
    Key::new(node_domain(&tx.node), kind::SERVICE, service)
}

fn described(tx: &mut Tx<'_>, service: &Service) -> Result<Map<String, Value>, Stop> {
    let (name, words, state, unit) = *service;
    let key = key(tx, name);
    let is_member = tx.members()?.len() > 1;
    let state = match tx.read::<Value>(&key)? {
        Some(row) => row["state"].as_str().unwrap_or(state).to_owned(),
        None if name == "corosync" && is_member => "running".to_owned(),
        None => state.to_owned(),
    };
    let active = if state == "running" {
        "active"
    } else {
        "inactive"
    };
    let row = json!({
        "service": name, "name": name, "desc": words, "state": state,
        "unit-state": unit, "active-state": active,
    });
    Ok(row.as_object().cloned().unwrap_or_default())
}

fn named(params: &Params) -> Service {
    let wanted = params.required("service");
    SERVICES
        .iter()
        .find(|(name, ..)| *name == wanted)
        .copied()
        .unwrap_or(("", "", "dead", "not-found"))
}

pub(super) fn list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    SERVICES
        .iter()
        .map(|service| described(tx, service).map(Value::Object))
        .collect()
}

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = ["state", "start", "stop", "restart", "reload"];
    Ok(crate::index("subdir", &names))
}

pub(super) fn state(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    described(tx, &named(params)).map(Value::Object)
}

/// Starts the task that leaves a service in a state.
fn turn(tx: &mut Tx<'_>, params: &Params, task: &str, state: &str) -> Result<Value, Stop> {
    let (name, _, _, unit) = named(params);
    let work = Work::new(task, name);
    let work = if unit == "not-found" {
        work.failing(format!(
            "command 'systemctl {} {name}' failed: exit code 5",
            task.trim_start_matches("srv")
        ))
    } else {
        let rows = vec![(key(tx, name), Some(json!({ "state": state })))];
        work.doing(Effect::Rows { rows })
    };
    Ok(tx.start_task(work)?.into())
}

pub(super) fn start(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    turn(tx, params, "srvstart", "running")
}

pub(super) fn stop(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (name, ..) = named(params);
    if ESSENTIAL.contains(&name) {
        let work = Work::new("srvstop", name).failing(format!(
            "invalid service cmd '{name} stop': refusing to stop essential service!"
        ));
        return Ok(tx.start_task(work)?.into());
    }
    turn(tx, params, "srvstop", "dead")
}

pub(super) fn restart(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    turn(tx, params, "srvrestart", "running")
}

pub(super) fn reload(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    turn(tx, params, "srvreload", "running")
}
