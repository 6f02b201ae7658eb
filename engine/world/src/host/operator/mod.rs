//! The machine that homelab runs on, through one long-lived local `sh` in the lab's folder.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::{
    io::BufReader,
    process::{Child, Command},
    sync::Mutex,
};

use super::{
    Call, Destination, FrameError, HostError, NoReply, OPERATOR, Port, Reply, Shell, Start,
};

/// Where the programs that the prelude calls are found; nothing else of the environment is passed on.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The mark of a local shell: nobody else writes to its pipes.
const MARK: &str = "hl0operator0reply";

/// The host `operator`; any other host is unreachable through it.
pub struct Operator {
    root: PathBuf,
    shell: PathBuf,
    running: Mutex<Option<Arc<Running>>>,
}

/// A started shell. When it's dropped its input ends: it finishes the call that it's at, and exits.
struct Running {
    _child: Child,
    shell: Shell,
}

impl Operator {
    /// The operator whose relative paths start at `root`, which is made when it's first needed.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self::with_shell(root, PathBuf::from("/bin/sh"))
    }

    /// The same with another POSIX shell than `/bin/sh`.
    #[must_use]
    pub fn with_shell(root: PathBuf, shell: PathBuf) -> Self {
        Self {
            root,
            shell,
            running: Mutex::default(),
        }
    }

    fn start(&self) -> std::io::Result<Running> {
        std::fs::create_dir_all(&self.root)?;
        let mut child = Command::new(&self.shell)
            .env_clear()
            .env("PATH", PATH)
            .env("LC_ALL", "C")
            .current_dir(&self.root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (to, from, error) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let to = to.expect("standard input is piped above");
        let from = BufReader::new(from.expect("standard output is piped above"));
        let error = BufReader::new(error.expect("standard error is piped above"));
        let start = Start {
            mark: MARK.to_owned(),
        };
        Ok(Running {
            _child: child,
            shell: Shell::new(to, from, error, &start),
        })
    }

    async fn exchange(&self, call: &Call) -> Result<Reply, HostError> {
        loop {
            let running = self.running().await?;
            match running.shell.call(call, Duration::MAX).await {
                Ok(reply) => return Ok(reply),
                // It was never sent, or changes nothing.
                Err(NoReply {
                    error: FrameError::GivenUp,
                    ..
                }) => {}
                Err(failed) => return Err(no_reply(call, &failed.error)),
            }
        }
    }

    async fn running(&self) -> Result<Arc<Running>, HostError> {
        let mut kept = self.running.lock().await;
        let running = match kept.take().filter(|running| !running.shell.is_over()) {
            Some(running) => running,
            None => Arc::new(self.start().map_err(|error| HostError::Unreachable {
                host: OPERATOR.to_owned(),
                cause: format!(
                    "{} in {}: {error}",
                    self.shell.display(),
                    self.root.display()
                ),
            })?),
        };
        Ok(Arc::clone(kept.insert(running)))
    }
}

fn no_reply(call: &Call, error: &FrameError) -> HostError {
    match error {
        FrameError::ZeroByte(position) => HostError::ZeroByte {
            verb: call.verb.name().to_owned(),
            position: *position,
        },
        error => HostError::Broken {
            host: OPERATOR.to_owned(),
            cause: error.to_string(),
        },
    }
}

impl Port for Operator {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            if host != OPERATOR {
                let cause = "only the operator's own machine is reached without SSH".to_owned();
                return Err(HostError::Unreachable { host, cause });
            }
            self.exchange(&call).await
        })
    }

    fn declare(&self, _: Vec<Destination>) {}
}

#[cfg(test)]
mod leases;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod several;
#[cfg(test)]
pub(super) mod tests;
