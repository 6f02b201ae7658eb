//! A host that is a real shell, whose streams are counted.

use std::{
    pin::Pin,
    process::Stdio,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    io::{self, AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf},
    process::{Child, ChildStdin, Command},
};
use world::host::{Call, Destination, HostError, Port, Reply, Shell, Start};

use crate::lab::Lab;

/// What went through a shell's streams.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// How often homelab spoke after the host had.
    trips: u64,
    sent: u64,
    received: u64,
    is_sending: bool,
}

impl Counts {
    /// Round trips, bytes sent, bytes received since an earlier count.
    pub(crate) fn since(self, earlier: Self) -> (u64, u64, u64) {
        (
            self.trips - earlier.trips,
            self.sent - earlier.sent,
            self.received - earlier.received,
        )
    }
}

type Shared = Arc<Mutex<Counts>>;

/// A host that is a `dash` in a process namespace of its own, where processes are numbered one by one.
pub(crate) struct Counted {
    shell: Shell,
    counts: Shared,
    _child: Child,
}

impl Counted {
    pub(crate) fn start(lab: &Lab) -> Self {
        let _entered = lab.runtime().enter();
        let is_root = std::process::Command::new("id")
            .arg("-u")
            .output()
            .unwrap()
            .stdout
            == b"0\n";
        let mut command = Command::new("unshare");
        if !is_root {
            command.args(["--user", "--map-root-user"]);
        }
        let mut child = command
            .args(["--pid", "--fork", "--kill-child", "dash"])
            .current_dir(lab.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let counts = Shared::default();
        let to = Input(child.stdin.take().unwrap(), Arc::clone(&counts));
        let output = Output(
            BufReader::new(child.stdout.take().unwrap()),
            Arc::clone(&counts),
        );
        let error = Output(
            BufReader::new(child.stderr.take().unwrap()),
            Arc::clone(&counts),
        );
        let start = Start {
            mark: "0123456789".to_owned(),
        };
        Self {
            shell: Shell::new(to, output, error, &start),
            counts,
            _child: child,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        *self.counts.lock().unwrap()
    }
}

impl Port for Counted {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            let reply = self.shell.call(&call, Duration::from_secs(60)).await;
            reply.map_err(|failed| HostError::Broken {
                host,
                cause: format!("{}: {}", failed.error, failed.last),
            })
        })
    }

    fn declare(&self, _: Vec<Destination>) {}
}

struct Input(ChildStdin, Shared);

impl AsyncWrite for Input {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.0).poll_write(context, bytes))?;
        let mut counts = self.1.lock().unwrap();
        counts.trips += u64::from(!counts.is_sending);
        counts.is_sending = true;
        counts.sent += count as u64;
        drop(counts);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

struct Output<R>(BufReader<R>, Shared);

impl<R: AsyncRead + Unpin> AsyncBufRead for Output<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        let bytes = ready!(Pin::new(&mut this.0).poll_fill_buf(context))?;
        this.1.lock().unwrap().is_sending = false;
        Poll::Ready(Ok(bytes))
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        self.1.lock().unwrap().received += count as u64;
        Pin::new(&mut self.0).consume(count);
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Output<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}
