//! One host: its connections, and the shells in them.

use std::{
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use russh::ChannelOpenFailure;
use tokio::{
    sync::{Mutex as Turn, OnceCell},
    time::timeout,
};

use super::{
    elevate::{AS_ROOT, Sudo, no_root},
    hop::Hop,
    link::{Link, Shared},
    pipe::{End, Streams},
    pool::Pool,
    words,
};
use crate::{
    Secret,
    host::{COMMAND, Call, Destination, Effect, FrameError, HostError, Reply, Shell, Start, Who},
};

/// How long sudo may take to let somebody in.
const SUDO: Duration = Duration::from_secs(60);

/// One host: its connections, and the shells in them.
pub(super) struct Machine {
    pub(super) destination: Destination,
    pub(super) way: OnceCell<Vec<Hop>>,
    login: Slot,
    root: Slot,
    links: Mutex<Vec<Weak<Link>>>,
}

/// The place of a shell.
#[derive(Default)]
struct Slot {
    kept: Turn<Kept>,
    /// How often a shell was started, or couldn't be.
    starts: AtomicU64,
}

/// A shell, or why there is none.
#[derive(Default)]
struct Kept {
    running: Option<Arc<Running>>,
    failed: Option<(u64, HostError)>,
}

/// A started shell.
pub(super) struct Running {
    pub(super) shell: Shell,
    pub(super) link: Arc<Link>,
    pub(super) end: End,
}

impl Running {
    fn is_up(&self) -> bool {
        !self.link.is_over() && !self.end.is_over() && !self.shell.is_over()
    }
}

impl Machine {
    pub(super) fn new(destination: Destination) -> Self {
        Self {
            destination,
            way: OnceCell::new(),
            login: Slot::default(),
            root: Slot::default(),
            links: Mutex::default(),
        }
    }

    /// The connections that are up.
    pub(super) fn links(&self) -> Vec<Arc<Link>> {
        let links = self.links.lock();
        links
            .map(|links| links.iter().filter_map(Weak::upgrade).collect())
            .unwrap_or_default()
    }

    /// The key that the host took for a connection that is up: `TYPE BASE64`.
    pub(super) fn login_key(&self) -> Option<String> {
        let links = self.links();
        let mut key = links.iter().find_map(|link| link.key.clone())?;
        key.set_comment("");
        key.to_openssh().ok().map(|key| key.trim().to_owned())
    }

    pub(super) fn name(&self) -> String {
        self.destination.name.clone()
    }
}

/// A host in the hands of a caller.
pub(super) struct Reached<'a> {
    pub(super) machine: &'a Machine,
    pub(super) way: &'a [Hop],
    pub(super) shared: &'a Shared,
    pub(super) pool: &'a Pool,
}

impl Reached<'_> {
    /// Calls a verb.
    pub(super) async fn call(&self, call: &Call) -> Result<Reply, HostError> {
        let who = self.who(call.who);
        let limit = call.timeout.unwrap_or(limit(call.verb.effect()));
        loop {
            let running = self.running(who).await?;
            let failed = match running.shell.call(call, limit).await {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            match failed.error {
                // It was never sent, or changes nothing: the next shell gets it.
                FrameError::GivenUp => {}
                FrameError::ZeroByte(position) => {
                    let verb = call.verb.name().to_owned();
                    return Err(HostError::ZeroByte { verb, position });
                }
                FrameError::Late => {
                    drop(running);
                    return Err(self.timed_out(call, limit, failed.last).await);
                }
                _ => return Err(self.failed(&failed, &running, who)),
            }
        }
    }

    /// The shell; starts one if none is up.
    async fn running(&self, who: Who) -> Result<Arc<Running>, HostError> {
        let slot = match who {
            Who::Root => &self.machine.root,
            Who::Login => &self.machine.login,
        };
        let seen = slot.starts.load(Ordering::SeqCst);
        let mut kept = slot.kept.lock().await;
        if let Some(running) = kept.running.take_if(|running| running.is_up()) {
            return Ok(Arc::clone(kept.running.insert(running)));
        }
        // Those who waited for the same try share its failure: each of them would be another login that fails. One that
        // began before they asked says nothing: what they did meanwhile may have mended it.
        if let Some((start, failed)) = &kept.failed
            && *start > seen
        {
            return Err(failed.clone());
        }
        let start = slot.starts.fetch_add(1, Ordering::SeqCst) + 1;
        let started = self.start(who).await;
        kept.failed = started.as_ref().err().map(|failed| (start, failed.clone()));
        let running = Arc::new(started?);
        Ok(Arc::clone(kept.running.insert(running)))
    }

    /// Root's own shell is the login's.
    pub(super) fn who(&self, who: Who) -> Who {
        if self.target().config.user == "root" {
            Who::Login
        } else {
            who
        }
    }

    pub(super) fn target(&self) -> &Hop {
        self.way.last().expect("a way has at least its end")
    }

    pub(super) async fn start(&self, who: Who) -> Result<Running, HostError> {
        let link = self.pool.link(self.shared, self.way).await?;
        let (link, channel) = match link.session().await {
            Ok(channel) => (link, channel),
            Err(russh::Error::ChannelOpenFailure(refusal)) => self.elsewhere(refusal).await?,
            Err(error) => return Err(self.lost(&link, &error)),
        };
        self.remember(&link);
        let sudo = match (who, self.sudo_password()) {
            (Who::Root, Some(password)) => Some(self.sudo(password)?),
            _ => None,
        };
        let command = match (who, &sudo) {
            (Who::Login, _) => COMMAND.to_owned(),
            (Who::Root, None) => AS_ROOT.to_owned(),
            (Who::Root, Some(sudo)) => sudo.command(),
        };
        let mut streams = Streams::run(channel, &command)
            .await
            .map_err(|error| self.lost(&link, &error))?;
        if let Some(sudo) = sudo {
            let silent = || no_root(sudo.host, sudo.user, "sudo gave no answer");
            timeout(SUDO, sudo.enter(&mut streams))
                .await
                .map_err(|_| silent())??;
        }
        let Streams {
            input,
            output,
            error,
            end,
        } = streams;
        let start = Start { mark: self.mark()? };
        let shell = Shell::new(input, output, error, &start);
        Ok(Running { shell, link, end })
    }

    /// A channel on a connection of its own: the host allows one a connection (`MaxSessions 1`).
    async fn elsewhere(
        &self,
        refusal: ChannelOpenFailure,
    ) -> Result<(Arc<Link>, russh::Channel<russh::client::Msg>), HostError> {
        let refused = |error: &dyn std::fmt::Display| HostError::NoShell {
            host: self.machine.name(),
            user: self.target().config.user.clone(),
            cause: format!("it opens no session: {error}"),
        };
        if self.machine.links().is_empty() {
            return Err(refused(&format!("{refusal:?}")));
        }
        let link = self.pool.another(self.shared, self.way).await?;
        let channel = link
            .session()
            .await
            .map_err(|error| refused(&words::ssh(&error)))?;
        Ok((link, channel))
    }

    fn remember(&self, link: &Arc<Link>) {
        if let Ok(mut links) = self.machine.links.lock() {
            links.retain(|link| link.strong_count() > 0);
            links.push(Arc::downgrade(link));
        }
    }

    fn sudo_password(&self) -> Option<&Secret> {
        let destination = &self.machine.destination;
        destination
            .sudo_password
            .as_ref()
            .or(destination.password.as_ref())
    }

    fn sudo<'a>(&'a self, password: &'a Secret) -> Result<Sudo<'a>, HostError> {
        Ok(Sudo {
            prompt: self.mark()?,
            inside: self.mark()?,
            password,
            host: &self.machine.destination.name,
            user: &self.target().config.user,
        })
    }

    /// A word that nobody else can have written.
    fn mark(&self) -> Result<String, HostError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)
            .map_err(|error| self.target().unreachable(error.to_string()))?;
        Ok(format!("hl{}", hex::encode(bytes)))
    }
}

/// How long a reply may take.
const fn limit(effect: Effect) -> Duration {
    Duration::from_secs(match effect {
        Effect::Read => 60,
        Effect::Write => 120,
        Effect::Load | Effect::Tracked => 30 * 60,
    })
}
