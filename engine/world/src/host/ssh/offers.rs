//! Which keys a host is offered, in OpenSSH's order: configured ones that the agent holds, the agent's others, then
//! configured ones from files; certificates before plain keys.

use std::{path::PathBuf, time::Duration};

use russh::{
    client::Handle,
    keys::{
        Certificate, PublicKey,
        agent::{AgentIdentity, client::AgentClient},
    },
};

use super::{
    Settings,
    config::{self, Config},
    keyring::{KeyFile, Keyring, certificate, longer},
    signer::Agent,
    watcher::Watcher,
};

/// How long the agent may take to list its keys.
const AGENT: Duration = Duration::from_secs(5);

/// A key that a host is offered.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// How errors name it.
    pub(super) label: String,
    pub(super) public: PublicKey,
    pub(super) certificate: Option<Certificate>,
    pub(super) holder: Holder,
}

/// Who has the private half.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    Agent(Box<AgentIdentity>),
    File(PathBuf),
}

/// Connects to the agent that a host's configuration names; none if there is none.
pub(super) async fn agent(
    settings: &Settings,
    config: &Config,
    handle: &Handle<Watcher>,
) -> Option<(Agent, Vec<AgentIdentity>)> {
    let socket = match &config.agent {
        config::Agent::Own => settings.agent.as_ref()?,
        config::Agent::Nobody => return None,
        config::Agent::At(socket) => socket,
    };
    let listed = async {
        let mut agent = AgentClient::connect_uds(socket).await.ok()?;
        if let Some(binding) = handle.agent_session_binding() {
            // Agents that don't know it refuse it, and need none.
            drop(agent.bind_session(binding, false).await);
        }
        let keys = agent.request_identities().await.ok()?;
        Some((agent, keys))
    };
    tokio::time::timeout(AGENT, listed).await.ok().flatten()
}

/// The keys that a host is offered.
pub(super) async fn offers(
    config: &Config,
    keyring: &Keyring,
    agent: &[AgentIdentity],
) -> Vec<Offer> {
    let mut files = Vec::new();
    for path in &config.identities {
        files.extend(keyring.key_file(path).await);
    }
    let certificates = certificates(config);
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for file in &files {
        let (held, offers) = of_file(file, &certificates, agent);
        if held {
            first.extend(offers)
        } else {
            last.extend(offers)
        }
    }
    let is_new = |key: &&AgentIdentity| {
        !files
            .iter()
            .any(|file| is_of(&file.public, &key.public_key()))
    };
    if !config.identities_only {
        for key in agent.iter().filter(is_new) {
            first.extend(of_agent(key, &certificates));
        }
    }
    first.extend(last);
    first
}

fn certificates(config: &Config) -> Vec<Certificate> {
    let beside = config
        .identities
        .iter()
        .map(|path| longer(path, "-cert.pub"));
    let files: Vec<PathBuf> = config.certificates.iter().cloned().chain(beside).collect();
    files.iter().filter_map(|file| certificate(file)).collect()
}

fn is_of(one: &PublicKey, other: &PublicKey) -> bool {
    one.key_data() == other.key_data()
}

/// The offers of a key file, and whether the agent holds its key.
fn of_file(
    file: &KeyFile,
    certificates: &[Certificate],
    agent: &[AgentIdentity],
) -> (bool, Vec<Offer>) {
    let held = agent
        .iter()
        .find(|key| is_of(&file.public, &key.public_key()));
    let holder = match held {
        Some(key) => Holder::Agent(Box::new(key.clone())),
        None if file.signs => Holder::File(file.path.clone()),
        None => return (false, Vec::new()),
    };
    let label = file.path.display().to_string();
    (
        held.is_some(),
        of_key(&file.public, certificates, &holder, &label),
    )
}

fn of_agent(key: &AgentIdentity, certificates: &[Certificate]) -> Vec<Offer> {
    let label = format!("agent key {}", key.comment());
    let holder = Holder::Agent(Box::new(key.clone()));
    match key {
        AgentIdentity::PublicKey { key, .. } => of_key(key, certificates, &holder, &label),
        AgentIdentity::Certificate { certificate, .. } => vec![Offer {
            label,
            public: key.public_key().into_owned(),
            certificate: Some(certificate.clone()),
            holder,
        }],
    }
}

fn of_key(
    public: &PublicKey,
    certificates: &[Certificate],
    holder: &Holder,
    label: &str,
) -> Vec<Offer> {
    let offer = |certificate: Option<Certificate>| Offer {
        label: match &certificate {
            Some(certificate) => format!("{label} with certificate {}", certificate.key_id()),
            None => label.to_owned(),
        },
        public: public.clone(),
        certificate,
        holder: holder.clone(),
    };
    let own = certificates
        .iter()
        .filter(|one| one.public_key() == public.key_data());
    own.cloned().map(Some).chain([None]).map(offer).collect()
}
