//! One host: its connections, and the shells in them.

use std::{
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use russh::ChannelOpenFailure;
use tokio::{
    sync::{Mutex as Turn, OnceCell},
    time::timeout,
};

use super::{
    elevate::{Sudo, as_login, as_root, no_root},
    hop::Hop,
    link::{Link, Shared},
    pipe::{End, Input, Pipe, Streams},
    pool::Pool,
    words,
};
use crate::{
    Secret,
    host::{Call, Destination, Effect, FrameError, HostError, Reply, Shell, Start, Verb, Who},
};

/// How long sudo may take to let somebody in.
const SUDO: Duration = Duration::from_secs(60);

/// How long the last lines of a call that timed out may take.
const LAST: Duration = Duration::from_secs(5);

/// One host: its connections, and the shells in them.
pub(super) struct Machine {
    pub(super) destination: Destination,
    pub(super) way: OnceCell<Vec<Hop>>,
    login: Turn<Option<Running>>,
    root: Turn<Option<Running>>,
    links: Mutex<Vec<Weak<Link>>>,
}

/// A started shell.
struct Running {
    shell: Shell<Input, Pipe, Pipe>,
    link: Arc<Link>,
    end: End,
}

impl Running {
    fn is_up(&self) -> bool {
        !self.link.is_closed() && !self.end.is_over()
    }
}

impl Machine {
    pub(super) fn new(destination: Destination) -> Self {
        Self {
            destination,
            way: OnceCell::new(),
            login: Turn::default(),
            root: Turn::default(),
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

    fn name(&self) -> String {
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
        let turn = match who {
            Who::Root => &self.machine.root,
            Who::Login => &self.machine.login,
        };
        let mut kept = turn.lock().await;
        // Taken out: after an error, or if this is dropped half-way, the next call starts another shell.
        let mut running = match kept.take().filter(Running::is_up) {
            Some(running) => running,
            None => self.start(who).await?,
        };
        let limit = call.timeout.unwrap_or(limit(call.verb.effect()));
        match timeout(limit, running.shell.call(call)).await {
            Ok(Ok(reply)) => {
                *kept = Some(running);
                Ok(reply)
            }
            Ok(Err(FrameError::ZeroByte(position))) => {
                *kept = Some(running);
                let verb = call.verb.name().to_owned();
                Err(HostError::ZeroByte { verb, position })
            }
            Ok(Err(error)) => Err(self.failed(&error, &running, who)),
            Err(_) => Err(self.timed_out(call, limit, running).await),
        }
    }

    /// Root's own shell is the login's.
    fn who(&self, who: Who) -> Who {
        if self.target().config.user == "root" {
            Who::Login
        } else {
            who
        }
    }

    fn target(&self) -> &Hop {
        self.way.last().expect("a way has at least its end")
    }

    async fn start(&self, who: Who) -> Result<Running, HostError> {
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
            (Who::Login, _) => as_login(),
            (Who::Root, None) => as_root(),
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
        let shell = Shell::start(input, output, error, &start).await;
        let shell = shell.map_err(|error| self.target().unreachable(error.to_string()))?;
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

    /// The connection ended before anything was sent.
    fn lost(&self, link: &Link, error: &russh::Error) -> HostError {
        let cause = link.ending.get().unwrap_or_else(|| words::ssh(error));
        self.target()
            .unreachable(format!("the connection ended: {cause}"))
    }

    fn failed(&self, error: &FrameError, running: &Running, who: Who) -> HostError {
        let host = self.machine.name();
        let user = self.target().config.user.clone();
        match error {
            FrameError::NoShell(said) if !running.link.is_closed() => {
                let cause = no_shell(said, running.end.get());
                match who {
                    Who::Root => no_root(&host, &user, &cause),
                    Who::Login => HostError::NoShell { host, user, cause },
                }
            }
            error => {
                let ended = running
                    .end
                    .get()
                    .map(|how| format!("its shell ended {how}"));
                let cause = running
                    .link
                    .ending
                    .get()
                    .or(ended)
                    .unwrap_or_else(|| error.to_string());
                let last = running.shell.last_lines();
                let cause = if last.is_empty() {
                    cause
                } else {
                    format!("{cause}; its last lines: {last}")
                };
                HostError::Broken { host, cause }
            }
        }
    }

    /// Drops the shell, and finds out what a tracked call said: its output is in a file on the host.
    async fn timed_out(&self, call: &Call, limit: Duration, running: Running) -> HostError {
        let mut last = running.shell.last_lines();
        drop(running);
        if let (true, Some(token)) = (last.is_empty(), &call.token) {
            let said = timeout(LAST, self.said(token, call.who)).await;
            last = said.ok().flatten().unwrap_or_default();
        }
        HostError::Timeout {
            host: self.machine.name(),
            verb: call.verb.name().to_owned(),
            seconds: limit.as_secs(),
            last,
        }
    }

    async fn said(&self, token: &str, who: Who) -> Option<String> {
        let mut running = self.start(self.who(who)).await.ok()?;
        let reply = running
            .shell
            .call(&Call::new(Verb::SAID, [token]))
            .await
            .ok()?;
        Some(format!("{}{}", reply.text(), reply.error))
    }
}

/// How long a reply may take.
const fn limit(effect: Effect) -> Duration {
    Duration::from_secs(match effect {
        Effect::Read => 60,
        Effect::Write => 120,
        Effect::Tracked => 30 * 60,
    })
}

fn no_shell(said: &str, end: Option<String>) -> String {
    let how = end.map(|how| format!("it ended {how}")).unwrap_or_default();
    if said.contains("This account is currently not available") {
        format!("its login shell is nologin: {said}")
    } else if said.is_empty() || said == "unexpected end of file" {
        format!("{how} without a word, as /bin/false does")
    } else {
        said.to_owned()
    }
}
