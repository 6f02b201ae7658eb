//! The prelude, and the framing of calls to a long-lived `sh` that has it.
//!
//! A call's arguments and input travel over the shell's standard input, so nothing of them is seen in a list
//! of processes. Both directions are text of a few safe characters: any byte passes any terminal or shell.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};

use super::{Call, Reply};
use crate::Confidence;

/// The functions that a host's `sh` gets once per connection: one a verb, in POSIX sh.
pub const PRELUDE: &str = include_str!("prelude.sh");

/// How many bytes of input stand in one line.
const LINE: usize = 1024;

/// How much of standard error is kept.
const ERROR_LINES: usize = 20;

/// The SHA-256 of the prelude in hexadecimal: a server that models hosts knows it by this.
#[must_use]
pub fn prelude_hash() -> String {
    hex::encode(Sha256::digest(PRELUDE))
}

/// The command that a host's `sh` runs for a connection: the prelude, then its loop.
#[must_use]
pub fn serve_command() -> String {
    format!("{PRELUDE}\nhl_serve\n")
}

/// Why a shell gives no reply.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Reading or writing failed.
    #[error(transparent)]
    Stream(#[from] std::io::Error),
    /// The shell's output isn't a reply.
    #[error("the shell sent '{0}', which is no part of a reply")]
    Garbled(String),
    /// The call can't be sent: an argument of a command can't hold a zero byte.
    #[error("argument {0} of the call holds a zero byte")]
    ZeroByte(usize),
}

/// A long-lived shell that has the prelude, over any two streams.
pub struct Shell<W, R> {
    to: W,
    from: R,
}

impl<W: AsyncWrite + Unpin, R: AsyncBufRead + Unpin> Shell<W, R> {
    /// A shell that runs [`serve_command`].
    pub const fn new(to: W, from: R) -> Self {
        Self { to, from }
    }

    /// Sends a call and reads its reply. After an error, or if it's dropped, the shell is of no more use.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub async fn call(&mut self, call: &Call) -> Result<Reply, FrameError> {
        self.to.write_all(frame(call)?.as_bytes()).await?;
        self.to.flush().await?;
        let mut output = self.section("-").await?;
        let status = take_status(&mut output)?;
        let error = self.section(".").await?;
        Ok(Reply {
            status,
            output: output.into(),
            error: tail(&String::from_utf8_lossy(&error)),
            confidence: Confidence::Read,
        })
    }

    /// Reads lines of hexadecimal bytes up to the line `end`.
    async fn section(&mut self, end: &str) -> Result<Vec<u8>, FrameError> {
        let mut bytes = Vec::new();
        let mut line = String::new();
        loop {
            line.clear();
            if self.from.read_line(&mut line).await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            if line.trim_end() == end {
                return Ok(bytes);
            }
            for pair in line.split_ascii_whitespace() {
                let byte = u8::from_str_radix(pair, 16);
                bytes.push(byte.map_err(|_| FrameError::Garbled(line.trim_end().to_owned()))?);
            }
        }
    }
}

/// A call as the prelude's loop reads it.
fn frame(call: &Call) -> Result<String, FrameError> {
    if let Some(at) = call.args.iter().position(|arg| arg.contains('\0')) {
        return Err(FrameError::ZeroByte(at + 1));
    }
    let lines: Vec<String> = call.input.chunks(LINE).map(escape).collect();
    let mut frame = format!(
        "{}\n{}\n{}\n",
        call.verb.function(),
        call.args.len(),
        lines.len()
    );
    for line in call
        .args
        .iter()
        .map(|arg| escape(arg.as_bytes()))
        .chain(lines)
    {
        frame.push_str(&line);
        frame.push('\n');
    }
    Ok(frame)
}

/// Bytes as `printf %b` reads them.
fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b' '..=b'~' if *byte != b'\\' => text.push(char::from(*byte)),
            _ => write!(text, "\\0{byte:03o}").expect("writing to a string can't fail"),
        }
    }
    text
}

/// Takes the blank and the status from the end of a verb's output.
fn take_status(output: &mut Vec<u8>) -> Result<i32, FrameError> {
    let garbled = |output: &[u8]| FrameError::Garbled(String::from_utf8_lossy(output).into_owned());
    let blank = output
        .iter()
        .rposition(|byte| *byte == b' ')
        .ok_or_else(|| garbled(output))?;
    let digits = String::from_utf8_lossy(&output[blank + 1..]).into_owned();
    let status = digits.parse().map_err(|_| garbled(digits.as_bytes()))?;
    output.truncate(blank);
    Ok(status)
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(ERROR_LINES)..].join("\n")
}
