//! A host on the way to another one, or the last one: how it's reached, who logs in, what proves it.

use super::{
    Settings,
    address::{Address, place},
    config::Config,
    configs::Configs,
    watcher::Pin,
};
use crate::{
    Secret,
    host::{Destination, HostError},
};

/// How many jumps may lie behind each other; more are a circle.
const JUMPS: usize = 8;

/// A host on a way.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    /// How errors name it.
    pub(super) name: String,
    pub(super) config: Config,
    pub(super) pin: Option<Pin>,
    pub(super) password: Option<Secret>,
    /// Where it listens if that isn't where its name says.
    pub(super) listens: Option<String>,
}

impl Hop {
    /// `HOST:PORT` as connected to.
    pub(super) fn place(&self) -> String {
        match &self.listens {
            Some(listens) => listens.clone(),
            None => place(&self.config.host, self.config.port),
        }
    }

    /// An error of this host, with what is to be known about its configuration.
    pub(super) fn unreachable(&self, cause: String) -> HostError {
        let remark = self.config.remark.as_ref();
        HostError::Unreachable {
            host: self.name.clone(),
            cause: remark.map_or(cause.clone(), |remark| format!("{cause} ({remark})")),
        }
    }

    /// What two ways have in common if they may share a connection.
    pub(super) fn key(&self) -> String {
        format!("{}@{} {:?}", self.config.user, self.place(), self.pin)
    }
}

/// The hosts of a run as they're declared.
pub(super) struct Ways<'a> {
    pub(super) settings: &'a Settings,
    pub(super) configs: &'a Configs,
    pub(super) declared: Vec<Destination>,
}

impl Ways<'_> {
    /// The way to a host: its jump hosts, then itself.
    pub(super) async fn way(&self, to: &Destination) -> Result<Vec<Hop>, HostError> {
        let mut address = Address::parse(&to.address);
        if to.user.is_some() {
            address.user.clone_from(&to.user);
        }
        let mut hop = self.hop(&to.name, &address, Some(to)).await?;
        let route = self.settings.routes.get(&to.address);
        if let Some(fingerprint) = route.host_key {
            let place = "the served twin";
            hop.pin = Some(Pin { fingerprint, place });
        }
        hop.listens = route.listens;
        let mut jumps = std::mem::take(&mut hop.config.jumps);
        let mut way = vec![hop];
        if way[0].listens.is_some() {
            return Ok(way);
        }
        // The first jump may have jumps of its own; the others are reached through the one before them.
        while let Some(nearest) = jumps.first().cloned() {
            for jump in jumps.iter().skip(1).rev() {
                way.insert(0, self.jump(jump).await?);
            }
            let mut hop = self.jump(&nearest).await?;
            jumps = std::mem::take(&mut hop.config.jumps);
            way.insert(0, hop);
            if way.len() > JUMPS {
                return Err(
                    way[way.len() - 1].unreachable("its jump hosts lead in a circle".to_owned())
                );
            }
        }
        Ok(way)
    }

    async fn jump(&self, said: &str) -> Result<Hop, HostError> {
        let mut address = Address::parse(said);
        let declared = self.declared.iter().find(|host| {
            host.name == address.host || Address::parse(&host.address).host == address.host
        });
        if let (Some(declared), None) = (declared, &address.user) {
            address.user.clone_from(&declared.user);
        }
        self.hop(&address.host.clone(), &address, declared).await
    }

    async fn hop(
        &self,
        name: &str,
        address: &Address,
        declared: Option<&Destination>,
    ) -> Result<Hop, HostError> {
        let unreachable = |cause: String| HostError::Unreachable {
            host: name.to_owned(),
            cause,
        };
        let config = self
            .configs
            .get(self.settings, address)
            .await
            .map_err(unreachable)?;
        if let Some(command) = &config.proxy_command {
            return Err(HostError::NotFollowed {
                host: name.to_owned(),
                setting: format!("ProxyCommand {command}"),
                instead: "homelab runs no command to reach a host: name the host in between with `ProxyJump`, or forward a port \
                          to it and say where with `HostName` and `Port`",
            });
        }
        let pinned = declared.and_then(|host| host.host_key.clone());
        Ok(Hop {
            name: name.to_owned(),
            config,
            pin: pinned.map(|fingerprint| Pin {
                fingerprint,
                place: "docs",
            }),
            password: declared.and_then(|host| host.password.clone()),
            listens: None,
        })
    }
}
