//! A twin that is served: what its line says, and the world that is reached through it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use runbook::failure::Failure;
use serde::{Deserialize, Serialize};
use world::{
    World, WorldId,
    clock::RealClock,
    code,
    docs::Docs,
    door::Door,
    host::ssh::{Route as HostRoute, Settings, Ssh},
    install::HttpInstaller,
    lease::LeaseError,
    private,
    proxmox::{HttpsPort, Route, Routes, Trust},
};

use crate::{
    exit::{refused, unusable},
    lab_docs::{DocsNode, listen, nodes},
    session::Session,
    via_hosts::ViaHosts,
    via_key,
};

/// A served twin, as `twin serve --json` prints it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServedLine {
    /// The twin's id when it was served.
    pub(crate) world: WorldId,
    /// Its door, which says what it is now: `127.0.0.1:PORT`.
    pub(crate) door: String,
    /// The nodes.
    pub(crate) nodes: Vec<ServedNode>,
    /// A user that can log in; for other clients.
    pub(crate) user: String,
    /// That user's password; for other clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    /// The private SSH key that stands for homelab's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) login_key: Option<String>,
    /// The public key that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stands_for: Option<String>,
}

impl ServedLine {
    /// Where a twin is served, without its password.
    pub(crate) fn of(served: &twin::Served) -> Self {
        let node = |node: &twin::ServedNode| ServedNode {
            name: node.name.clone(),
            api: node.api.clone(),
            fingerprint: node.fingerprint.clone(),
            ssh: Some(node.ssh.clone()),
            host_key: Some(node.host_key.clone()),
        };
        Self {
            world: served.world.clone(),
            door: served.door.clone(),
            nodes: served.nodes.iter().map(node).collect(),
            user: served.user.to_owned(),
            password: None,
            login_key: Some(served.login_key.clone()),
            stands_for: Some(served.stands_for.clone()).filter(|key| !key.is_empty()),
        }
    }
}

/// A node of a served twin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServedNode {
    /// Its name.
    pub(crate) name: String,
    /// `https://127.0.0.1:PORT`.
    pub(crate) api: String,
    /// The SHA-256 fingerprint of its certificate.
    pub(crate) fingerprint: String,
    /// Where its SSH is: `127.0.0.1:PORT`.
    #[serde(default)]
    pub(crate) ssh: Option<String>,
    /// The SHA-256 fingerprint of its host key, as OpenSSH prints it.
    #[serde(default)]
    pub(crate) host_key: Option<String>,
}

/// Opens the world of a served twin, whose line stands in a file.
///
/// # Errors
/// The file can't be read, or serves another lab.
pub(crate) fn via(session: &Session<'_>, file: &Path, docs: &Docs) -> Result<World, Failure> {
    let mut served = served_line(file)?;
    let routes = Routes::default();
    let nodes = nodes(docs)?;
    for node in &nodes {
        let Some(real) = served.nodes.iter().find(|served| served.name == node.name) else {
            let text = format!(
                "{} serves no node {}, which docs/HARDWARE.md names",
                file.display(),
                node.name
            );
            return Err(refused(code::via::node, text)
                .help("serve the twin of this lab: `homelab twin serve --json`"));
        };
        let listens = real
            .api
            .trim_start_matches("https://")
            .trim_end_matches('/')
            .to_owned();
        let trust = Trust::Fingerprint(real.fingerprint.clone());
        routes.set(
            &node.address,
            Route {
                listens: Some(listens),
                trust,
            },
        );
    }
    let door = session.runtime.block_on(Door::at(&served.door));
    let door = Arc::new(door.map_err(|error| lease_failure(&error))?);
    // A reset twin is another world, whatever it was called when it was served.
    served.world = door.world().clone();
    let folder = session.lab.state().join("via");
    let files = folder.join(&served.world.0);
    private::folder(&session.lab.state())
        .and_then(|()| private::folder(&folder))
        .map_err(|error| unusable(&folder, &error))?;
    fs::create_dir_all(&files).map_err(|error| unusable(&files, &error))?;
    if let Some(key) = &served.login_key {
        via_key::keep(&files, key).map_err(|error| unusable(&files, &error))?;
    }
    remember(&folder, &served)?;
    Ok(World {
        id: served.world.clone(),
        proxmox: Arc::new(HttpsPort::new(routes)),
        hosts: Arc::new(ViaHosts::new(
            Arc::clone(&door),
            Ssh::new(served_hosts(&served, &nodes, &files)),
        )),
        installer: Arc::new(HttpInstaller::new(listen(session, docs)?)),
        lease: door,
        clock: Arc::new(RealClock),
    })
}

/// How the hosts of a served twin are reached: nothing of the caller's own configuration counts.
fn served_hosts(served: &ServedLine, nodes: &[DocsNode], files: &Path) -> Settings {
    let settings = Settings {
        config: Some(PathBuf::from("/dev/null")),
        stands_for: served.stands_for.clone(),
        ..Settings::new(files, "root")
    };
    for node in nodes {
        let real = served.nodes.iter().find(|served| served.name == node.name);
        let route = HostRoute {
            listens: real.and_then(|real| real.ssh.clone()),
            host_key: real.and_then(|real| real.host_key.clone()),
        };
        settings.routes.set(&node.address, route);
    }
    settings
}

/// Which world is served where a file says; nothing if nobody serves one there.
pub(crate) fn world_at(session: &Session<'_>, file: &Path) -> Result<Option<WorldId>, Failure> {
    let door = served_line(file)?.door;
    let door = session.runtime.block_on(Door::at(&door));
    Ok(door.ok().map(|door| door.world().clone()))
}

/// Why a world can't be used, as a failure.
pub(crate) fn lease_failure(error: &LeaseError) -> Failure {
    refused(error.code(), error.to_string()).help(error.help())
}

/// Whether a text is a twin's id: it becomes the name of a folder.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Keeps where a served twin listens, for `resume`; its password isn't written anywhere.
fn remember(folder: &Path, served: &ServedLine) -> Result<(), Failure> {
    let line = ServedLine {
        password: None,
        login_key: None,
        ..served.clone()
    };
    let file = remembered(folder, &served.world);
    let text =
        serde_json::to_string(&line).map_err(|error| Failure::of(code::via::file, &error))?;
    private::write(&file, format!("{text}\n").as_bytes()).map_err(|error| unusable(&file, &error))
}

/// Where a served twin that was used before listens.
pub(crate) fn remembered(folder: &Path, world: &WorldId) -> PathBuf {
    folder.join(format!("{world}.json"))
}

fn served_line(file: &Path) -> Result<ServedLine, Failure> {
    let wrong = |cause: String| {
        refused(
            code::via::file,
            format!("{} doesn't say where a twin is served", file.display()),
        )
        .cause(cause)
        .help("write the first line of `homelab twin serve --json` into it")
    };
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let line = text.lines().next().unwrap_or_default();
    let served: ServedLine =
        serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
    if !is_id(&served.world.0) {
        return Err(wrong(format!("'{}' is no id of a twin", served.world)));
    }
    Ok(served)
}
