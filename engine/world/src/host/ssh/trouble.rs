//! What became of a call that has no reply.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    elevate::no_root,
    link::Link,
    machine::{Reached, Running},
    words,
};
use crate::host::{Ask as _, Call, FrameError, HostError, NoReply, Who, verb::Said};

/// How long the last lines of a call that timed out may take.
const LAST: Duration = Duration::from_secs(5);

impl Reached<'_> {
    /// The connection ended before anything was sent.
    pub(super) fn lost(&self, link: &Link, error: &russh::Error) -> HostError {
        let cause = link.ending.get().unwrap_or_else(|| words::ssh(error));
        self.target()
            .unreachable(format!("the connection ended: {cause}"))
    }

    pub(super) fn failed(&self, failed: &NoReply, running: &Running, who: Who) -> HostError {
        let host = self.machine.name();
        let user = self.target().config.user.clone();
        match &failed.error {
            FrameError::NoShell(said) if !running.link.is_over() => {
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
                let last = &failed.last;
                let cause = if last.is_empty() {
                    cause
                } else {
                    format!("{cause}; its last lines: {last}")
                };
                HostError::Broken { host, cause }
            }
        }
    }

    /// Finds out what a tracked call said: its output is in a file on the host.
    pub(super) async fn timed_out(
        &self,
        call: &Call,
        limit: Duration,
        mut last: String,
    ) -> HostError {
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
        let running = self.start(self.who(who)).await.ok()?;
        let call = Said::new(token).call();
        let reply = running.shell.call(&call, LAST).await.ok()?;
        Some(format!("{}{}", reply.text(), reply.error))
    }
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
