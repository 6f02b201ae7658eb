//! What comes from a shell: sections of two streams that end with a mark.

use std::io::ErrorKind;

use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt},
    sync::oneshot,
};

use super::{Reply, call::OUTPUT, frame::FrameError};
use crate::Confidence;

/// How much of standard error is kept: its end.
const ERROR: usize = 64 << 10;

/// How many lines of standard error are shown.
const ERROR_LINES: usize = 20;

/// The word behind the mark by which a call asks for its input.
const GO: &str = "go";

/// What comes from a shell.
pub(super) struct Streams<R, E> {
    output: Marked<R>,
    error: Marked<E>,
    is_ready: bool,
}

impl<R: AsyncBufRead + Unpin, E: AsyncBufRead + Unpin> Streams<R, E> {
    pub(super) fn new(output: R, error: E, mark: &str) -> Self {
        Self {
            output: Marked::new(output, mark, OUTPUT),
            error: Marked::new(error, mark, ERROR),
            is_ready: false,
        }
    }

    /// Reads a reply; says when the call asks for its input.
    pub(super) async fn reply(
        &mut self,
        mut asked: Option<oneshot::Sender<()>>,
    ) -> Result<Reply, FrameError> {
        if !self.is_ready {
            self.ready().await?;
        }
        let Self { output, error, .. } = self;
        let answered = async {
            let word = output.section().await?;
            match asked.take_if(|_| word == GO) {
                // Who isn't there any more sends nothing, and the call ends for want of it.
                Some(asked) => {
                    let _ = asked.send(());
                    output.section().await
                }
                None => Ok(word),
            }
        };
        let (status, ()) = futures_util::try_join!(answered, error.tail())?;
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

    /// The last lines that came, for a call that has no reply.
    pub(super) fn last_lines(&self) -> String {
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
