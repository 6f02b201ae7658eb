//! A long-lived `sh` that has the prelude, over any three streams.

use std::{io::ErrorKind, pin::pin, time::Duration};

use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{Call, Reply, Start, frame::FrameError, frame::encode};
use crate::Confidence;

/// How much of a reply's output is kept; what comes after it is counted, not kept.
const OUTPUT: usize = 16 << 20;

/// How much of standard error is kept: its end.
const ERROR: usize = 64 << 10;

/// How many lines of standard error are shown.
const ERROR_LINES: usize = 20;

/// How long what has ended may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A long-lived shell that has the prelude.
pub struct Shell<W, R, E> {
    to: W,
    streams: Streams<R, E>,
}

impl<W, R, E> Shell<W, R, E>
where
    W: AsyncWrite + Unpin,
    R: AsyncBufRead + Unpin,
    E: AsyncBufRead + Unpin,
{
    /// Sends the prelude to a `sh` that runs [`BOOTSTRAP`](super::BOOTSTRAP), whose streams these are.
    ///
    /// # Errors
    /// It can't be written.
    pub async fn start(mut to: W, output: R, error: E, start: &Start) -> Result<Self, FrameError> {
        to.write_all(start.line().as_bytes()).await?;
        Ok(Self {
            to,
            streams: Streams {
                output: Marked::new(output, &start.mark, OUTPUT),
                error: Marked::new(error, &start.mark, ERROR),
                is_ready: false,
            },
        })
    }

    /// Sends a call and reads its reply. After an error, or if it's dropped, the shell is of no more use.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn call(&mut self, call: &Call) -> Result<Reply, FrameError> {
        let frame = encode(call)?;
        let Self { to, streams } = self;
        let send = async {
            to.write_all(frame.as_bytes()).await?;
            to.flush().await
        };
        let mut receive = pin!(streams.reply());
        // At the same time: a verb may print before it has read all of its input, and what is written to a connection
        // that broke may wait for ever.
        tokio::select! {
            reply = &mut receive => reply,
            sent = send => match sent {
                Ok(()) => receive.await,
                // What takes no more has ended, and its own words tell more.
                Err(error) => timeout(LAST_WORDS, receive).await.unwrap_or(Err(error.into())),
            },
        }
    }

    /// The last lines that came, for a call that has no reply.
    #[must_use]
    pub fn last_lines(&self) -> String {
        self.streams.last_lines()
    }
}

/// What comes from a shell.
struct Streams<R, E> {
    output: Marked<R>,
    error: Marked<E>,
    is_ready: bool,
}

impl<R: AsyncBufRead + Unpin, E: AsyncBufRead + Unpin> Streams<R, E> {
    async fn reply(&mut self) -> Result<Reply, FrameError> {
        if !self.is_ready {
            self.ready().await?;
        }
        let (status, ()) = futures_util::try_join!(self.output.section(), self.error.tail())?;
        let status = status
            .parse()
            .map_err(|_| FrameError::Garbled(status.clone()))?;
        Ok(Reply {
            status,
            output: std::mem::take(&mut self.output.kept).into(),
            cut: self.output.cut,
            error: last_lines(&self.error.kept),
            confidence: Confidence::Read,
        })
    }

    fn last_lines(&self) -> String {
        let error = last_lines(&self.error.so_far());
        if error.is_empty() {
            last_lines(&self.output.so_far())
        } else {
            error
        }
    }

    /// Leaves out what login and rc files print before the shell is ready.
    async fn ready(&mut self) -> Result<(), FrameError> {
        match self.output.section().await {
            Ok(_) => {}
            // It ended by itself; a connection that broke says so with another kind, and then a call behind the start
            // may have been carried out.
            Err(FrameError::Stream(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                drop(self.error.tail().await);
                let said = self.last_lines();
                let said = if said.is_empty() {
                    error.to_string()
                } else {
                    said
                };
                return Err(FrameError::NoShell(said));
            }
            Err(error) => return Err(error),
        }
        self.error.tail().await?;
        self.is_ready = true;
        Ok(())
    }
}

/// A stream whose sections end with a mark.
struct Marked<R> {
    from: R,
    mark: Vec<u8>,
    limit: usize,
    /// What was read and isn't part of a section yet.
    ahead: Vec<u8>,
    /// The section, up to the limit.
    kept: Vec<u8>,
    /// How much of it wasn't kept.
    cut: u64,
}

impl<R: AsyncBufRead + Unpin> Marked<R> {
    fn new(from: R, mark: &str, limit: usize) -> Self {
        Self {
            from,
            mark: format!("\n{mark}").into_bytes(),
            limit,
            ahead: Vec::new(),
            kept: Vec::new(),
            cut: 0,
        }
    }

    /// Reads a section, whose start is kept, and gives the word behind the mark.
    async fn section(&mut self) -> Result<String, FrameError> {
        self.read(Keep::Start).await
    }

    /// Reads a section, whose end is kept.
    async fn tail(&mut self) -> Result<(), FrameError> {
        self.read(Keep::End).await.map(drop)
    }

    async fn read(&mut self, keep: Keep) -> Result<String, FrameError> {
        self.kept.clear();
        self.cut = 0;
        loop {
            if let Some(at) = find(&self.ahead, &self.mark)
                && let Some(end) = self.ahead[at + self.mark.len()..]
                    .iter()
                    .position(|byte| *byte == b'\n')
            {
                let start = at + self.mark.len();
                let word = String::from_utf8_lossy(&self.ahead[start..start + end]);
                let word = word.trim().to_owned();
                self.keep(at, keep);
                self.ahead.drain(..=start - at + end);
                return Ok(word);
            }
            // A mark may have begun at the end of what is there.
            let known = self.ahead.len().saturating_sub(self.mark.len() + 16);
            let sure = find(&self.ahead, &self.mark).unwrap_or(known);
            self.keep(sure.min(known), keep);
            let more = self.from.fill_buf().await?;
            if more.is_empty() {
                let all = self.ahead.len();
                self.keep(all, keep);
                return Err(std::io::Error::from(ErrorKind::UnexpectedEof).into());
            }
            let length = more.len();
            self.ahead.extend_from_slice(more);
            self.from.consume(length);
        }
    }

    /// Takes the first bytes of what was read into the section.
    fn keep(&mut self, count: usize, keep: Keep) {
        let taken = &self.ahead[..count];
        match keep {
            Keep::Start => {
                let room = count.min(self.limit - self.kept.len());
                self.kept.extend_from_slice(&taken[..room]);
                self.cut += (count - room) as u64;
            }
            Keep::End => {
                self.kept.extend_from_slice(taken);
                // Not at every byte too much: what is left has to be moved each time.
                if self.kept.len() >= 2 * self.limit {
                    let over = self.kept.len() - self.limit;
                    self.kept.drain(..over);
                    self.cut += over as u64;
                }
            }
        }
        self.ahead.drain(..count);
    }

    /// The section as far as it was read.
    fn so_far(&self) -> Vec<u8> {
        [&self.kept[..], &self.ahead[..]].concat()
    }
}

/// Which part of a long section is kept.
#[derive(Clone, Copy)]
enum Keep {
    Start,
    End,
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}

fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(ERROR_LINES)..]
        .join("\n")
        .trim()
        .to_owned()
}
