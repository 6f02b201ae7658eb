//! Calls and replies as text that passes any pipe.
//!
//! A call is lines: the verb; its token, or `-`; the count of arguments; the counts of input lines and of input
//! bytes; the arguments; the input. Arguments and input lines are as `printf %b` reads them. A reply is what the verb prints, byte for
//! byte, then on standard output a line with the connection's mark and the status, and on standard error a line
//! with the mark. The mark is random, so no output holds it by chance.

use std::fmt::Write as _;

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::Call;

/// How many bytes of input stand in one line.
const LINE: usize = 4096;

/// Why a shell gives no reply.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Reading or writing failed.
    #[error(transparent)]
    Stream(#[from] std::io::Error),
    /// The shell's output isn't a reply.
    #[error("the shell sent '{0}', which is no part of a reply")]
    Garbled(String),
    /// What was started is no shell: it ended before it said that it's ready.
    #[error("it ended before it was ready: {0}")]
    NoShell(String),
    /// The call can't be sent: an argument of a command can't hold a zero byte.
    #[error("argument {0} of the call holds a zero byte")]
    ZeroByte(usize),
}

/// A call as the other side reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The verb's name.
    pub verb: String,
    /// The token of a tracked call.
    pub token: Option<String>,
    /// The arguments.
    pub args: Vec<String>,
    /// The input.
    pub input: Bytes,
}

/// A call as the prelude's loop reads it.
///
/// # Errors
/// An argument holds a zero byte.
pub(super) fn encode(call: &Call) -> Result<String, FrameError> {
    if let Some(at) = call.args.iter().position(|arg| arg.contains('\0')) {
        return Err(FrameError::ZeroByte(at + 1));
    }
    let token = call.token.as_deref().unwrap_or("-");
    let input = call.input.chunks(LINE);
    let mut frame = format!(
        "{}\n{token}\n{}\n{} {}\n",
        call.verb.name(),
        call.args.len(),
        input.len(),
        call.input.len()
    );
    let args = call.args.iter().map(String::as_bytes);
    for line in args.chain(input) {
        escape(line, &mut frame);
        frame.push('\n');
    }
    Ok(frame)
}

/// Reads a call; none where the input ends between two.
///
/// # Errors
/// The input ends within a call, or what it holds is none.
pub async fn read_request(
    from: &mut (impl AsyncBufRead + Unpin),
) -> Result<Option<Request>, FrameError> {
    let Some(verb) = line(from).await? else {
        return Ok(None);
    };
    let token = inner(from).await?;
    let count = number(&inner(from).await?)?;
    let counts = inner(from).await?;
    let (lines, size) = counts.split_once(' ').unwrap_or((&counts, ""));
    let (lines, size) = (number(lines)?, number(size)?);
    let mut args = Vec::new();
    for _ in 0..count {
        let arg = unescape(&inner(from).await?);
        args.push(String::from_utf8_lossy(&arg).into_owned());
    }
    let mut input = Vec::new();
    for _ in 0..lines {
        input.extend(unescape(&inner(from).await?));
    }
    if input.len() != size {
        return Err(FrameError::Garbled(counts));
    }
    Ok(Some(Request {
        verb,
        token: (token != "-").then_some(token),
        args,
        input: input.into(),
    }))
}

async fn line(from: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<String>, FrameError> {
    let mut line = String::new();
    if from.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    line.truncate(line.trim_end_matches('\n').len());
    Ok(Some(line))
}

async fn inner(from: &mut (impl AsyncBufRead + Unpin)) -> Result<String, FrameError> {
    let ended = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    Ok(line(from).await?.ok_or_else(ended)?)
}

fn number(text: &str) -> Result<usize, FrameError> {
    text.parse()
        .map_err(|_| FrameError::Garbled(text.to_owned()))
}

/// Adds bytes as `printf %b` reads them.
pub(super) fn escape(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        match byte {
            b' '..=b'~' if *byte != b'\\' => text.push(char::from(*byte)),
            _ => write!(text, "\\0{byte:03o}").expect("writing to a string can't fail"),
        }
    }
}

/// The bytes of a line that [`escape`] made.
pub(super) fn unescape(line: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(1..4).filter(|_| *first == b'\\');
        let octal = octal.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            bytes.push(byte);
            rest = &after[4..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Verb;

    #[tokio::test]
    async fn what_is_sent_is_what_is_read() {
        let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let mut call =
            Call::new(Verb::WRITE, ["a 'b\" \\0101\n-é", "600", "-", "-"]).with_input(bytes);
        call.token = Some("7-1".to_owned());
        let frame = encode(&call).unwrap() + "stat\n-\n0\n0 0\n";
        let mut from = frame.as_bytes();
        let read = read_request(&mut from).await.unwrap().unwrap();
        assert_eq!(
            (read.verb.as_str(), &read.args, &read.input, read.token),
            ("write", &call.args, &call.input, call.token)
        );
        assert_eq!(read_request(&mut from).await.unwrap().unwrap().verb, "stat");
        assert!(read_request(&mut from).await.unwrap().is_none());
        assert!(read_request(&mut "stat\n-\nx\n".as_bytes()).await.is_err());
    }
}
