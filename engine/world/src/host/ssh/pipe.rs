//! A channel of a connection as the three streams of a shell.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use russh::{Channel, ChannelMsg, ChannelReadHalf, client::Msg};
use tokio::{
    io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc::{Receiver, Sender, channel},
    time::timeout,
};

/// How many pieces wait to be read.
const AHEAD: usize = 64;

/// How long a piece may wait. A shell that talks on while nobody listens is ended: it would hold up all others of its
/// connection.
const UNHEARD: Duration = Duration::from_secs(5);

/// How long output may come after the program's end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Where a shell reads.
pub(super) type Input = Pin<Box<dyn AsyncWrite + Send>>;

/// Whether and how a program ended.
#[derive(Clone, Default)]
pub(super) struct End {
    how: Arc<OnceLock<String>>,
    is_over: Arc<AtomicBool>,
}

impl End {
    /// How it ended: `with status 1`.
    pub(super) fn get(&self) -> Option<String> {
        self.how.get().cloned()
    }

    /// Whether its streams have ended.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// The streams of a program on a host.
pub(super) struct Streams {
    pub(super) input: Input,
    pub(super) output: Pipe,
    pub(super) error: Pipe,
    pub(super) end: End,
}

impl Streams {
    /// Runs a command in a channel. No answer is waited for: what goes wrong ends the streams.
    pub(super) async fn run(channel: Channel<Msg>, command: &str) -> Result<Self, russh::Error> {
        channel.exec(true, command).await?;
        let (reads, writes) = channel.split();
        let input = Box::pin(writes.make_writer());
        let (to_output, output) = channel_of_bytes();
        let (to_error, error) = channel_of_bytes();
        let end = End::default();
        let pump = Pump {
            output: to_output,
            error: to_error,
            end: end.clone(),
        };
        tokio::spawn(async move {
            let is_over = Arc::clone(&pump.end.is_over);
            pump.run(reads).await;
            is_over.store(true, Ordering::Relaxed);
            // The connection may be gone, and the channel with it.
            drop(writes.close().await);
        });
        Ok(Self {
            input,
            output,
            error,
            end,
        })
    }
}

type Piece = io::Result<Bytes>;

fn channel_of_bytes() -> (Sender<Piece>, Pipe) {
    let (to, from) = channel(AHEAD);
    let left = Bytes::new();
    (to, Pipe { from, left })
}

/// Takes a channel's messages apart.
struct Pump {
    output: Sender<Piece>,
    error: Sender<Piece>,
    end: End,
}

impl Pump {
    async fn run(self, mut from: ChannelReadHalf) {
        loop {
            let limit = if self.end.get().is_some() {
                LAST_WORDS
            } else {
                Duration::MAX
            };
            let message = tokio::select! {
                message = timeout(limit, from.wait()) => message,
                () = self.output.closed() => return,
            };
            match message {
                Ok(Some(message)) => {
                    if self.pass(message).await.is_none() {
                        return;
                    }
                }
                Ok(None) if self.end.get().is_none() => return self.broken().await,
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// Passes a message on; none where it's the last one.
    async fn pass(&self, message: ChannelMsg) -> Option<()> {
        match message {
            ChannelMsg::Data { data } => put(&self.output, Ok(data)).await,
            ChannelMsg::ExtendedData { data, .. } => put(&self.error, Ok(data)).await,
            ChannelMsg::ExitStatus { exit_status } => {
                self.ended(format!("with status {exit_status}"))
            }
            ChannelMsg::ExitSignal { signal_name, .. } => {
                self.ended(format!("by signal {signal_name:?}"))
            }
            ChannelMsg::Failure | ChannelMsg::Close => None,
            _ => Some(()),
        }
    }

    /// Keeps how the program ended; output may still come.
    fn ended(&self, how: String) -> Option<()> {
        self.end.how.get_or_init(|| how);
        Some(())
    }

    /// The connection ended, and not the program: its streams didn't end, they broke.
    async fn broken(&self) {
        for to in [&self.output, &self.error] {
            let error = io::Error::from(io::ErrorKind::ConnectionAborted);
            put(to, Err(error)).await;
        }
    }
}

async fn put(to: &Sender<Piece>, piece: Piece) -> Option<()> {
    timeout(UNHEARD, to.send(piece)).await.ok()?.ok()
}

/// A stream that a shell writes.
pub(super) struct Pipe {
    from: Receiver<Piece>,
    left: Bytes,
}

impl AsyncBufRead for Pipe {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.left.is_empty() {
            match ready!(this.from.poll_recv(context)) {
                Some(Ok(piece)) => this.left = piece,
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => break,
            }
        }
        Poll::Ready(Ok(&this.left))
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        self.left.advance(count);
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let there = ready!(self.as_mut().poll_fill_buf(context))?;
        let count = there.len().min(into.remaining());
        into.put_slice(&there[..count]);
        self.consume(count);
        Poll::Ready(Ok(()))
    }
}
