//! A long-lived `sh` that reads calls as commands, over any three streams.
//!
//! Calls that change nothing follow each other without waiting, and their replies come in the same order. One that may
//! change something is sent only when every reply before it is there: what stands behind a call that hangs was never
//! sent.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncBufRead, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    Call, Reply, Start,
    frame::{FrameError, encode},
    marked::Streams,
    prelude::Defined,
};

/// How long what has ended may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A long-lived shell. When it's dropped, its streams are.
pub struct Shell {
    orders: mpsc::UnboundedSender<Order>,
    _end: DropGuard,
}

/// Why a call has no reply.
#[derive(Clone, Debug)]
pub struct NoReply {
    /// Why.
    pub error: FrameError,
    /// The last lines that came.
    pub last: String,
}

impl From<FrameError> for NoReply {
    fn from(error: FrameError) -> Self {
        Self {
            error,
            last: String::new(),
        }
    }
}

type ReplySender = oneshot::Sender<Result<Reply, NoReply>>;

/// A call that is to be sent.
struct Order {
    call: Call,
    limit: Duration,
    answer: ReplySender,
}

/// A call that is about to be sent, or was.
struct Sent {
    limit: Duration,
    answer: ReplySender,
    /// Told when the shell asks for the call's input.
    asked: Option<oneshot::Sender<()>>,
}

impl Shell {
    /// A `sh` that reads commands from `to`. Nothing is sent before the first call.
    #[must_use]
    pub fn new<W, R, E>(to: W, output: R, error: E, start: &Start) -> Self
    where
        W: AsyncWrite + Unpin + Send + 'static,
        R: AsyncBufRead + Unpin + Send + 'static,
        E: AsyncBufRead + Unpin + Send + 'static,
    {
        let (orders, taken) = mpsc::unbounded_channel();
        let (sent, replies) = mpsc::unbounded_channel();
        let (done, replied) = watch::channel(0);
        let end = CancellationToken::new();
        let failed = Arc::default();
        let (text, known) = start.text();
        let writer = Writer {
            to,
            text: text.into_bytes(),
            known,
            sent,
            count: 0,
            replied,
            failed: Arc::clone(&failed),
        };
        let reader = Reader {
            streams: Streams::new(output, error, &start.mark),
            done,
            failed,
        };
        tokio::spawn(writer.run(taken, end.clone()));
        tokio::spawn(reader.run(replies, end.clone()));
        Self {
            orders,
            _end: end.drop_guard(),
        }
    }

    /// Sends a call and reads its reply, which may take `limit` from when those before it are there. A call that is given
    /// up takes the shell with it.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn call(&self, call: &Call, limit: Duration) -> Result<Reply, NoReply> {
        let (answer, reply) = oneshot::channel();
        let call = call.clone();
        let order = Order {
            call,
            limit,
            answer,
        };
        // An order that nobody takes is dropped with its answer.
        drop(self.orders.send(order));
        reply.await.unwrap_or(Err(FrameError::GivenUp.into()))
    }

    /// Whether it takes calls no more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.orders.is_closed()
    }
}

/// Why writing failed.
type Failed = Arc<OnceLock<FrameError>>;

/// Sends calls.
struct Writer<W> {
    to: W,
    /// What is to be sent.
    text: Vec<u8>,
    known: Defined,
    sent: mpsc::UnboundedSender<Sent>,
    /// How many calls were sent.
    count: u64,
    /// How many of them have a reply.
    replied: watch::Receiver<u64>,
    failed: Failed,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    async fn run(mut self, orders: mpsc::UnboundedReceiver<Order>, end: CancellationToken) {
        if let Some(Err(error)) = until(&end, self.all(orders)).await {
            let _ = self.failed.set(error);
            // What takes no more has ended, and its own words tell more.
            drop(timeout(LAST_WORDS, end.cancelled()).await);
        }
        end.cancel();
    }

    async fn all(&mut self, mut orders: mpsc::UnboundedReceiver<Order>) -> Result<(), FrameError> {
        while let Some(first) = orders.recv().await {
            let mut next = Some(first);
            while let Some(order) = next {
                self.order(order).await?;
                next = orders.try_recv().ok();
            }
            self.flush().await?;
        }
        Ok(())
    }

    /// Sends a call, or keeps it to be sent with those that were asked in the same moment.
    async fn order(&mut self, order: Order) -> Result<(), FrameError> {
        if !order.call.verb.effect().is_read() {
            self.flush().await?;
            self.all_replied().await;
        }
        if order.answer.is_closed() {
            return Ok(());
        }
        let frame = match encode(&order.call, &mut self.known) {
            Ok(frame) => frame,
            Err(error) => {
                drop(order.answer.send(Err(error.into())));
                return Ok(());
            }
        };
        let (asked, asks) = oneshot::channel();
        let sent = Sent {
            limit: order.limit,
            answer: order.answer,
            asked: frame.input.is_some().then_some(asked),
        };
        if self.sent.send(sent).is_err() {
            return Ok(());
        }
        self.count += 1;
        self.text.extend_from_slice(&frame.text);
        if let Some(input) = frame.input {
            self.flush().await?;
            self.input(input, asks).await?;
            // What takes the input may read ahead: nothing may stand behind it.
            self.all_replied().await;
        }
        Ok(())
    }

    /// Waits until every call that was sent has its reply, or the reader has ended: then nothing is sent any more.
    async fn all_replied(&mut self) {
        let count = self.count;
        drop(self.replied.wait_for(|replied| *replied == count).await);
    }

    async fn flush(&mut self) -> Result<(), FrameError> {
        if !self.text.is_empty() {
            self.to.write_all(&self.text).await?;
            self.to.flush().await?;
            self.text.clear();
        }
        Ok(())
    }

    async fn input(&mut self, input: Bytes, asks: oneshot::Receiver<()>) -> Result<(), FrameError> {
        if asks.await.is_ok() {
            self.to.write_all(&input).await?;
            self.to.flush().await?;
        }
        Ok(())
    }
}

/// Reads replies.
struct Reader<R, E> {
    streams: Streams<R, E>,
    done: watch::Sender<u64>,
    failed: Failed,
}

impl<R: AsyncBufRead + Unpin, E: AsyncBufRead + Unpin> Reader<R, E> {
    async fn run(mut self, mut sent: mpsc::UnboundedReceiver<Sent>, end: CancellationToken) {
        let _end = end.clone().drop_guard();
        while let Some(mut call) = sent.recv().await {
            let asked = call.asked.take();
            let reply = tokio::select! {
                reply = timeout(call.limit, self.streams.reply(asked)) => reply.unwrap_or(Err(FrameError::Late)),
                () = call.answer.closed() => Err(FrameError::GivenUp),
                () = end.cancelled() => Err(self.failed.get().cloned().unwrap_or(FrameError::GivenUp)),
            };
            let error = match reply {
                Ok(reply) => {
                    drop(call.answer.send(Ok(reply)));
                    self.done.send_modify(|done| *done += 1);
                    continue;
                }
                Err(error) => error,
            };
            // Those behind it change nothing. They share what became of the shell, but not that one call hung.
            let others = match &error {
                FrameError::Late => FrameError::GivenUp,
                error => error.clone(),
            };
            let last = self.streams.last_lines();
            drop(call.answer.send(Err(NoReply {
                error,
                last: last.clone(),
            })));
            sent.close();
            while let Some(call) = sent.recv().await {
                let error = others.clone();
                drop(call.answer.send(Err(NoReply {
                    error,
                    last: last.clone(),
                })));
            }
            return;
        }
    }
}

/// What comes of something, if it comes before the end.
async fn until<T>(end: &CancellationToken, something: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = something => Some(done),
        () = end.cancelled() => None,
    }
}
