//! Calls and replies as text that passes any pipe.
//!
//! A call is one command of the shell, in braces, so that a line that the connection cut is never carried out:
//!
//! ```text
//! { hl_stat '/etc/motd' </dev/null; hl_end; }
//! { hl_size=6; printf %s 'hello
//! ' 2>/dev/null | hl_track 7-1 hl_write '/etc/motd' '644' 'root' 'root'; hl_end; }
//! { hl_size=104857600; hl_feed hl_write '/srv/image' '644' 'root' 'root'; hl_end; }
//! ```
//!
//! The first form has no input, the second one carries it, the third one asks for it by a line with `go`; the bytes follow
//! as they are. A reply is what the verb prints, byte for byte, then on standard output a line with the connection's mark
//! and the status, and on standard error a line with the mark. The mark is random, so no output holds it by chance.

use std::{fmt::Write as _, io::ErrorKind, sync::Arc};

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::{
    Call,
    prelude::{Defined, Start, Told, told},
};

/// How many bytes of input a command may carry: a shell keeps all of a command in memory.
const CARRIED: usize = 64 << 10;

/// Why a shell gives no reply.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FrameError {
    /// Reading or writing failed.
    #[error(transparent)]
    Stream(Arc<std::io::Error>),
    /// The shell's output isn't a reply.
    #[error("the shell sent '{0}', which is no part of a reply")]
    Garbled(String),
    /// What was started is no shell: it ended before it said that it's ready.
    #[error("it ended before it was ready: {0}")]
    NoShell(String),
    /// The call can't be sent: an argument of a command can't hold a zero byte.
    #[error("argument {0} of the call holds a zero byte")]
    ZeroByte(usize),
    /// The reply took too long.
    #[error("it gave no reply in time")]
    Late,
    /// The shell was given up before the call's turn came; what changes nothing may be asked again.
    #[error("the shell was given up before the call's turn")]
    GivenUp,
}

impl From<std::io::Error> for FrameError {
    fn from(error: std::io::Error) -> Self {
        Self::Stream(Arc::new(error))
    }
}

/// A call as a shell gets it.
pub(super) struct Frame {
    /// The command, behind what the shell lacks for it.
    pub(super) text: Vec<u8>,
    /// The input that is sent when it's asked for.
    pub(super) input: Option<Bytes>,
}

/// A call as a shell gets it that has got what `known` says.
///
/// # Errors
/// An argument holds a zero byte.
pub(super) fn encode(call: &Call, known: &mut Defined) -> Result<Frame, FrameError> {
    if let Some(at) = call.args.iter().position(|arg| arg.contains('\0')) {
        return Err(FrameError::ZeroByte(at + 1));
    }
    let is_long = call.input.len() > CARRIED;
    let mut needs = Vec::new();
    if call.token.is_some() {
        needs.push("hl_track");
    }
    if is_long {
        needs.push("hl_feed");
    }
    let mut text = known.lacks(call, &needs).into_bytes();
    text.extend_from_slice(b"{ ");
    if !call.input.is_empty() {
        text.extend_from_slice(format!("hl_size={}; ", call.input.len()).as_bytes());
        if is_long {
            text.extend_from_slice(b"hl_feed ");
        } else {
            print(&call.input, &mut text);
            text.extend_from_slice(b" 2>/dev/null | ");
        }
    }
    if let Some(token) = &call.token {
        text.extend_from_slice(format!("hl_track {token} ").as_bytes());
    }
    text.extend_from_slice(call.verb.function().as_bytes());
    for arg in &call.args {
        text.push(b' ');
        quote(arg.as_bytes(), &mut text);
    }
    if call.input.is_empty() {
        text.extend_from_slice(b" </dev/null");
    }
    text.extend_from_slice(b"; hl_end; }\n");
    Ok(Frame {
        text,
        input: is_long.then(|| call.input.clone()),
    })
}

/// Adds the command that prints bytes.
fn print(bytes: &[u8], text: &mut Vec<u8>) {
    if bytes.contains(&0) {
        let mut escaped = String::new();
        escape(bytes, &mut escaped);
        text.extend_from_slice(b"printf %b ");
        quote(escaped.as_bytes(), text);
    } else {
        text.extend_from_slice(b"printf %s ");
        quote(bytes, text);
    }
}

/// Adds a word as a shell reads it.
fn quote(word: &[u8], text: &mut Vec<u8>) {
    text.push(b'\'');
    for (at, part) in word.split(|byte| *byte == b'\'').enumerate() {
        if at > 0 {
            text.extend_from_slice(br"'\''");
        }
        text.extend_from_slice(part);
    }
    text.push(b'\'');
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
    /// The input; empty where it's still to be asked for.
    pub input: Bytes,
    /// How many bytes of input come when they are asked for.
    pub awaits: Option<usize>,
}

/// What a shell is told, for who plays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What it's started with.
    Start(Start),
    /// A call.
    Call(Request),
}

/// Reads what a shell is told next, behind parts of the prelude; none where the input ends.
///
/// # Errors
/// The input ends within a command, or what it holds is none of homelab's.
pub async fn read_line(from: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<Line>, FrameError> {
    loop {
        let mut line = Vec::new();
        if from.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let garbled = |line: &[u8]| FrameError::Garbled(String::from_utf8_lossy(line).into_owned());
        if line.starts_with(b"{ ") {
            loop {
                if let Some(tokens) = tokens(&line) {
                    let request = request(tokens).ok_or_else(|| garbled(&line))?;
                    return Ok(Some(Line::Call(request)));
                }
                if from.read_until(b'\n', &mut line).await? == 0 {
                    return Err(std::io::Error::from(ErrorKind::UnexpectedEof).into());
                }
            }
        }
        match told(&String::from_utf8_lossy(&line)) {
            Told::Start(start) => return Ok(Some(Line::Start(start))),
            Told::Part(rest) => {
                let mut read = vec![0; rest.len()];
                from.read_exact(&mut read).await?;
                if read != rest.as_bytes() {
                    return Err(garbled(&line));
                }
            }
            Told::Other => return Err(garbled(&line)),
        }
    }
}

/// A word of a command, and whether it stood in quotes.
type Token = (Vec<u8>, bool);

/// The words of a command; none where its end isn't there yet.
fn tokens(text: &[u8]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut word: Option<Token> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' => {
                let (word, is_quoted) = word.get_or_insert_default();
                *is_quoted = true;
                loop {
                    match bytes.next()? {
                        b'\'' => break,
                        byte => word.push(byte),
                    }
                }
            }
            b'\\' => word.get_or_insert_default().0.push(bytes.next()?),
            b' ' | b'\n' => tokens.extend(word.take()),
            byte => word.get_or_insert_default().0.push(byte),
        }
    }
    Some(tokens)
}

fn text((word, _): Token) -> Option<String> {
    String::from_utf8(word).ok()
}

/// The call that a command's words make.
fn request(tokens: Vec<Token>) -> Option<Request> {
    let mut tokens = tokens.into_iter();
    if text(tokens.next()?)? != "{" {
        return None;
    }
    let mut verb = text(tokens.next()?)?;
    let (mut input, mut awaits) = (Bytes::new(), None);
    if let Some(size) = verb.strip_prefix("hl_size=") {
        let size = size.strip_suffix(';')?.parse().ok()?;
        match text(tokens.next()?)?.as_str() {
            "hl_feed" => awaits = Some(size),
            "printf" => input = printed(&mut tokens).filter(|input| input.len() == size)?,
            _ => return None,
        }
        verb = text(tokens.next()?)?;
    }
    let mut token = None;
    if verb == "hl_track" {
        token = Some(text(tokens.next()?)?);
        verb = text(tokens.next()?)?;
    }
    let mut words: Vec<Token> = tokens.collect();
    let mut ends = |end: &[u8]| {
        words
            .pop_if(|(word, is_quoted)| !*is_quoted && word == end)
            .map(drop)
    };
    ends(b"}")?;
    ends(b"hl_end;")?;
    // With input nothing stands between the last word and the `;`.
    if input.is_empty() && awaits.is_none() {
        ends(b"</dev/null;")?;
    } else if let Some((last, _)) = words.last_mut() {
        last.pop_if(|byte| *byte == b';')?;
    } else {
        verb.truncate(verb.strip_suffix(';')?.len());
    }
    let args = words
        .into_iter()
        .map(|(word, _)| String::from_utf8_lossy(&word).into_owned());
    Some(Request {
        verb: verb.strip_prefix("hl_")?.to_owned(),
        token,
        args: args.collect(),
        input,
        awaits,
    })
}

/// The bytes that the rest of a `printf` prints into a pipe.
fn printed(tokens: &mut impl Iterator<Item = Token>) -> Option<Bytes> {
    let form = text(tokens.next()?)?;
    let (word, _) = tokens.next().filter(|(_, is_quoted)| *is_quoted)?;
    let pipe: Vec<String> = tokens.take(2).filter_map(text).collect();
    if pipe != ["2>/dev/null", "|"] {
        return None;
    }
    match form.as_str() {
        "%s" => Some(word.into()),
        "%b" => Some(unescape(std::str::from_utf8(&word).ok()?).into()),
        _ => None,
    }
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

    async fn read(text: &[u8]) -> Result<Option<Line>, FrameError> {
        read_line(&mut &text[..]).await
    }

    #[tokio::test]
    async fn what_is_sent_is_what_is_read() {
        let all: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let some: Vec<u8> = (1..=255).cycle().take(10_000).collect();
        let odd = ["a 'b\" \\0101\n-é", "600; hl_end; }", "", ";"];
        let calls = [
            Call::new(Verb::WRITE, odd).with_input(all),
            Call::new(Verb::WRITE, odd).with_input(some),
            Call::new(Verb::STAT, odd),
            Call::bare(Verb::ABOUT),
            Call::bare(Verb::RUN).with_input("x"),
            Call::new(Verb::WRITE, odd).with_input(vec![b'x'; CARRIED + 1]),
        ];
        let start = Start {
            mark: "abc".to_owned(),
        };
        for mut call in calls {
            for token in [None, Some("7-1")] {
                call.token = token.map(ToOwned::to_owned);
                let (text, mut known) = start.text();
                let frame = encode(&call, &mut known).unwrap();
                let sent = [text.as_bytes(), &frame.text].concat();
                let mut from = &sent[..];
                let first = read_line(&mut from).await.unwrap();
                assert_eq!(first, Some(Line::Start(start.clone())));
                let Some(Line::Call(read)) = read_line(&mut from).await.unwrap() else {
                    panic!("no call: {}", String::from_utf8_lossy(&frame.text));
                };
                let is_awaited = call.input.len() > CARRIED;
                assert_eq!(read.awaits, is_awaited.then_some(call.input.len()));
                let input = if is_awaited {
                    Bytes::new()
                } else {
                    call.input.clone()
                };
                assert_eq!(
                    (read.verb.as_str(), &read.args, &read.input, &read.token),
                    (call.verb.name(), &call.args, &input, &call.token)
                );
                assert_eq!(read_line(&mut from).await.unwrap(), None);
            }
        }
    }

    #[tokio::test]
    async fn what_is_none_of_homelabs_is_refused() {
        assert!(read(b"echo hello\n").await.is_err());
        assert!(read(b"{ echo hello; }\n").await.is_err());
        assert!(read(b"hl_within() {\nrm -rf /\n").await.is_err());
        assert!(read(b"{ hl_stat 'x").await.is_err());
        assert!(read(b"").await.unwrap().is_none());
    }
}
