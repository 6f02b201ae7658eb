//! A shell on a node, as far as homelab needs one: it answers the calls of the prelude.

use std::sync::Arc;

use russh::{Channel, server::Msg};
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use world::{
    Clock as _,
    clock::RealClock,
    host::{Call, FrameError, Line, Reply, Request, Start, Verb, read_line, ssh::Started},
};

use super::SshNode;
use crate::hosts::Outcome;

/// The status of what isn't known.
const UNKNOWN: u32 = 127;

/// Runs a command to its end, and ends its channel.
pub(super) async fn run(
    node: Arc<SshNode>,
    mut channel: Channel<Msg>,
    (user, command): (String, String),
) {
    let status = match Started::by(&command) {
        None => unknown(&channel, &command).await,
        Some(Started::Login) => serve(&node, &mut channel).await,
        Some(_) if !node.may_sudo(&user) => no_sudo(&channel, &user).await,
        Some(Started::Root) => serve(&node, &mut channel).await,
        Some(Started::Asked { inside }) => match let_in(&channel, &inside).await {
            Ok(()) => serve(&node, &mut channel).await,
            Err(error) => Err(error),
        },
    };
    // A client that is gone needs none of this any more.
    if let Ok(status) = status {
        let _ = channel.exit_status(status).await;
        let _ = channel.eof().await;
    }
    let _ = channel.close().await;
}

/// sudo's words for who isn't among its users.
async fn no_sudo(channel: &Channel<Msg>, user: &str) -> std::io::Result<u32> {
    let text = format!("sudo: {user} is not in the sudoers file.\n");
    let mut error = channel.make_writer_ext(Some(1));
    error.write_all(text.as_bytes()).await?;
    error.flush().await?;
    Ok(1)
}

/// The twin's sudo asks for no password.
async fn let_in(channel: &Channel<Msg>, inside: &str) -> std::io::Result<()> {
    let mut output = channel.make_writer();
    output.write_all(format!("{inside}\n").as_bytes()).await?;
    output.flush().await
}

async fn unknown(channel: &Channel<Msg>, command: &str) -> std::io::Result<u32> {
    let text = format!("the twin knows no program for: {command}\n");
    let mut error = channel.make_writer_ext(Some(1));
    error.write_all(text.as_bytes()).await?;
    error.flush().await?;
    Ok(UNKNOWN)
}

/// Answers calls until the input ends.
async fn serve(node: &SshNode, channel: &mut Channel<Msg>) -> std::io::Result<u32> {
    let mut output = channel.make_writer();
    let mut error = channel.make_writer_ext(Some(1));
    let mut input = BufReader::new(channel.make_reader());
    let mut mark = String::new();
    loop {
        let mut request = match read_line(&mut input).await {
            Ok(Some(Line::Start(start))) => {
                Start { mark } = start;
                say(&mut output, b"", &format!("{mark} ready")).await?;
                say(&mut error, b"", &mark).await?;
                continue;
            }
            Ok(Some(Line::Call(request))) => request,
            Err(FrameError::Garbled(_)) => {
                let text = "the twin knows this version of homelab's prelude only\n";
                error.write_all(text.as_bytes()).await?;
                error.flush().await?;
                return Ok(UNKNOWN);
            }
            Ok(None) | Err(_) => return Ok(0),
        };
        if let Some(size) = request.awaits {
            say(&mut output, b"", &format!("{mark} go")).await?;
            let mut bytes = vec![0; size];
            input.read_exact(&mut bytes).await?;
            request.input = bytes.into();
        }
        let Some(reply) = answer(node, request).await? else {
            return Err(std::io::ErrorKind::ConnectionReset.into());
        };
        let end = format!("{mark} {}", reply.status);
        say(&mut output, &reply.output, &end).await?;
        say(&mut error, reply.error.as_bytes(), &mark).await?;
    }
}

async fn say(to: &mut (impl AsyncWrite + Unpin), text: &[u8], end: &str) -> std::io::Result<()> {
    let mut bytes = text.to_vec();
    bytes.extend_from_slice(format!("\n{end}\n").as_bytes());
    to.write_all(&bytes).await?;
    to.flush().await
}

/// The reply to a call; none if the connection is to end instead.
async fn answer(node: &SshNode, request: Request) -> std::io::Result<Option<Reply>> {
    if let Some(log) = &node.log {
        // A call that can't be logged isn't answered: the log is complete.
        log.write_call(&node.name, &request.verb)?;
    }
    let Some(verb) = Verb::named(&request.verb) else {
        let text = format!("hl_{}: not found", request.verb);
        return Ok(Some(Reply::failed(127, text)));
    };
    let mut call = Call::new(verb, request.args).with_input(request.input);
    call.token = request.token;
    match node.twin.call_host(&node.name, &call) {
        Ok(Outcome::Replied(reply, after)) => {
            if !after.is_zero() {
                RealClock.sleep(after).await;
            }
            Ok(Some(reply))
        }
        Ok(Outcome::Dropped) => Ok(None),
        Ok(Outcome::Hanging) => std::future::pending().await,
        Err(why) => Ok(Some(Reply::failed(1, why))),
    }
}
