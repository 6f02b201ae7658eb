//! What homelab's SSH takes from the process: home, agent, flags, and who is asked for passphrases.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use world::{
    Secret,
    host::ssh::{Ask, NewKeys, Settings as Ssh},
};

use crate::{flags::HostFlags, report::Screen, settings::Settings};

/// The variable that names another file than `~/.ssh/config`.
const CONFIG: &str = "HOMELAB_SSH_CONFIG";

/// Asks at the terminal for the passphrases of keys.
#[derive(Default)]
pub(crate) struct Passphrases {
    can_ask: bool,
    /// What writes to the terminal meanwhile.
    screen: Mutex<Option<Arc<dyn Screen>>>,
}

impl Passphrases {
    /// Says what writes to the terminal, so that it can step aside for a question.
    pub(crate) fn step_aside(&self, screen: &Arc<dyn Screen>) {
        let mut own = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        *own = Some(Arc::clone(screen));
    }

    fn prompt(&self, key: &str) -> Option<Secret> {
        let text = format!("Passphrase of {key}: ");
        let screen = self
            .screen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut answer = None;
        let mut ask = || answer = rpassword::prompt_password(&text).ok();
        match screen {
            Some(screen) => screen.pause(&mut ask),
            None => ask(),
        }
        answer.map(|answer| Secret::new("passphrase", answer))
    }
}

/// The same for whoever connects.
pub(crate) struct Shared(Arc<Passphrases>);

impl Ask for Shared {
    fn passphrase<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Secret>> {
        let (own, key) = (Arc::clone(&self.0), key.to_owned());
        Box::pin(async move {
            if !own.can_ask {
                return None;
            }
            let asked = tokio::task::spawn_blocking(move || own.prompt(&key));
            asked.await.ok().flatten()
        })
    }
}

/// The settings of SSH, and who asks for passphrases.
pub(crate) fn settings(process: &Settings, flags: &HostFlags) -> (Ssh, Arc<Passphrases>) {
    let passphrases = Arc::new(Passphrases {
        can_ask: process.can_ask,
        screen: Mutex::default(),
    });
    let variable = |name| process.variable(name).map(str::to_owned);
    let home = variable("HOME").unwrap_or_else(|| "/".to_owned());
    let user = variable("USER").or_else(|| variable("LOGNAME"));
    let settings = Ssh {
        config: variable(CONFIG).map(|file| process.folder.join(file)),
        agent: variable("SSH_AUTH_SOCK").map(PathBuf::from),
        new_keys: if flags.accept_new {
            NewKeys::Accept
        } else {
            NewKeys::Refuse
        },
        ask: Arc::new(Shared(Arc::clone(&passphrases))),
        connecting: flags.at_once.max(1),
        ..Ssh::new(home, user.unwrap_or_else(|| "root".to_owned()))
    };
    (settings, passphrases)
}
