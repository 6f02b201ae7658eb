//! What OpenSSH's configuration says about a host. OpenSSH itself reads it (`ssh -G`): no library knows all of
//! Include, Match and the order in which the first value wins.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use super::{NewKeys, Settings, address::Address, tokens::Tokens};

/// Where `ssh` is looked for, and what it starts itself.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How long a connection may take to be made, where nothing else is said.
const CONNECT: Duration = Duration::from_secs(10);

/// A dead peer is found after two of these: within five seconds.
const ALIVE: Alive = Alive {
    interval: Duration::from_millis(2200),
    count: 1,
};

/// Which keys OpenSSH tries where none is named.
const DEFAULT_KEYS: [&str; 3] = ["~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"];

/// How a dead peer is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alive {
    /// After how long without a word the peer is asked for one.
    pub(super) interval: Duration,
    /// How many questions may stay without an answer.
    pub(super) count: usize,
}

impl Alive {
    /// After how long a peer counts as dead.
    pub(super) fn limit(self) -> Duration {
        self.interval * u32::try_from(self.count.saturating_add(1)).unwrap_or(u32::MAX)
    }
}

/// Which agent is asked for keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Agent {
    /// The caller's own.
    Own,
    /// None at all.
    Nobody,
    /// The one at this socket.
    At(PathBuf),
}

/// What OpenSSH's configuration says about a host.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) identities: Vec<PathBuf>,
    pub(super) certificates: Vec<PathBuf>,
    pub(super) identities_only: bool,
    pub(super) agent: Agent,
    pub(super) jumps: Vec<String>,
    pub(super) proxy_command: Option<String>,
    pub(super) new_keys: NewKeys,
    /// What it says of keys and isn't followed.
    pub(super) unfollowed: Vec<String>,
    pub(super) key_alias: Option<String>,
    /// The first one takes new keys.
    pub(super) own_known: Vec<PathBuf>,
    pub(super) global_known: Vec<PathBuf>,
    pub(super) hash_names: bool,
    pub(super) connect: Duration,
    pub(super) alive: Alive,
    pub(super) compress: bool,
    /// Why the configuration wasn't read, for errors.
    pub(super) remark: Option<String>,
}

impl Config {
    /// Asks OpenSSH.
    ///
    /// # Errors
    /// OpenSSH refuses its configuration, in its own words.
    pub(super) async fn ask(settings: &Settings, address: &Address) -> Result<Self, String> {
        let mut command = Command::new(&settings.program);
        // Secrets stand in the caller's environment: no child gets it.
        command
            .env_clear()
            .env("PATH", PATH)
            .env("HOME", &settings.home)
            .env("USER", &settings.user);
        if let Some(agent) = &settings.agent {
            command.env("SSH_AUTH_SOCK", agent);
        }
        command.arg("-TG");
        if let Some(file) = &settings.config {
            command.arg("-F").arg(file);
        }
        if let Some(user) = &address.user {
            command.arg("-l").arg(user);
        }
        if let Some(port) = address.port {
            command.arg("-p").arg(port.to_string());
        }
        command.arg("--").arg(&address.host).stdin(Stdio::null());
        let defaults = Self::defaults(settings, address);
        match command.output().await {
            Ok(output) if output.status.success() => {
                Ok(defaults.read(&String::from_utf8_lossy(&output.stdout), settings, address))
            }
            Ok(output) => Err(format!(
                "ssh -G refuses its configuration: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )),
            Err(error) => Ok(Self {
                remark: Some(format!(
                    "~/.ssh/config wasn't read: {}: {error}",
                    settings.program.display()
                )),
                ..defaults
            }),
        }
    }

    /// What counts where nothing is configured.
    fn defaults(settings: &Settings, address: &Address) -> Self {
        let home = |path: &str| settings.home.join(path);
        Self {
            host: address.host.clone(),
            port: address.port.unwrap_or(22),
            user: address
                .user
                .clone()
                .unwrap_or_else(|| settings.user.clone()),
            identities: DEFAULT_KEYS.map(|key| home(&key[2..])).to_vec(),
            certificates: Vec::new(),
            identities_only: false,
            agent: Agent::Own,
            jumps: Vec::new(),
            proxy_command: None,
            new_keys: settings.new_keys,
            unfollowed: Vec::new(),
            key_alias: None,
            own_known: vec![home(".ssh/known_hosts")],
            global_known: vec![PathBuf::from("/etc/ssh/ssh_known_hosts")],
            hash_names: false,
            connect: CONNECT,
            alive: ALIVE,
            compress: false,
            remark: None,
        }
    }

    /// Takes over what `ssh -G` prints: a line a setting, its name first.
    fn read(mut self, text: &str, settings: &Settings, address: &Address) -> Self {
        self.identities.clear();
        let mut alive = (0, 3);
        for line in text.lines() {
            let (name, value) = line.split_once(' ').unwrap_or((line, ""));
            match name {
                "serveraliveinterval" => alive.0 = value.parse().unwrap_or(0),
                "serveralivecountmax" => alive.1 = value.parse().unwrap_or(3),
                "identityfile" => self.identities.push(PathBuf::from(value)),
                "certificatefile" => self.certificates.push(PathBuf::from(value)),
                name => self.take(name, value),
            }
        }
        if alive.0 > 0 {
            self.alive = Alive {
                interval: Duration::from_secs(alive.0),
                count: alive.1,
            };
        }
        let tokens = Tokens {
            config: &self,
            settings,
            said: &address.host,
        };
        let expand = |paths: &[PathBuf]| paths.iter().map(|path| tokens.path(path)).collect();
        let (identities, certificates) = (expand(&self.identities), expand(&self.certificates));
        (self.identities, self.certificates) = (identities, certificates);
        self
    }

    fn take(&mut self, name: &str, value: &str) {
        let is_yes = matches!(value, "yes" | "true");
        match name {
            "hostname" => value.clone_into(&mut self.host),
            "user" => value.clone_into(&mut self.user),
            "port" => self.port = value.parse().unwrap_or(self.port),
            "identitiesonly" => self.identities_only = is_yes,
            "identityagent" => self.agent = agent(value),
            "proxyjump" if value != "none" => {
                self.jumps = value.split(',').map(ToOwned::to_owned).collect();
            }
            "proxycommand" if value != "none" => self.proxy_command = Some(value.to_owned()),
            "stricthostkeychecking" if value == "accept-new" => self.new_keys = NewKeys::Accept,
            "stricthostkeychecking" if matches!(value, "false" | "no" | "off") => {
                self.unfollowed.push("StrictHostKeyChecking no".to_owned());
            }
            "knownhostscommand" if value != "none" => {
                self.unfollowed.push(format!("KnownHostsCommand {value}"));
            }
            "hostkeyalias" => self.key_alias = Some(value.to_owned()),
            "userknownhostsfile" => self.own_known = files(value),
            "globalknownhostsfile" => self.global_known = files(value),
            "hashknownhosts" => self.hash_names = is_yes,
            "connecttimeout" => {
                let seconds = value.parse().ok().filter(|seconds| *seconds > 0);
                self.connect = seconds.map_or(CONNECT, Duration::from_secs);
            }
            "compression" => self.compress = is_yes,
            _ => {}
        }
    }

    /// The name under which known_hosts files have the host.
    pub(super) fn known_name(&self) -> String {
        let host = self.key_alias.as_ref().unwrap_or(&self.host).to_lowercase();
        if self.port == 22 || self.key_alias.is_some() {
            host
        } else {
            format!("[{host}]:{}", self.port)
        }
    }
}

fn agent(value: &str) -> Agent {
    match value {
        "none" => Agent::Nobody,
        "SSH_AUTH_SOCK" => Agent::Own,
        path => Agent::At(PathBuf::from(path)),
    }
}

/// The files of a list. OpenSSH prints it without quotes: where the whole line is a file, it's one name with blanks.
fn files(value: &str) -> Vec<PathBuf> {
    if value == "none" {
        Vec::new()
    } else if Path::new(value).exists() {
        vec![PathBuf::from(value)]
    } else {
        value.split_whitespace().map(PathBuf::from).collect()
    }
}
