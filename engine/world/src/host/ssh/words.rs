//! What went wrong, in plain words.

use std::{io, time::Duration};

use russh::{ChannelOpenFailure, Error};

use super::watcher::Refusal;

/// Why a TCP connection wasn't made.
pub(super) fn tcp(place: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("connection refused by {place}"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("no route to {place}")
        }
        io::ErrorKind::TimedOut => format!("{place} gave no answer: timed out"),
        _ => format!("{place}: {error}"),
    }
}

/// Why a jump host forwards no connection.
pub(super) fn forwarding(jump: &str, place: &str, error: &Error) -> String {
    match error {
        Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited) => format!(
            "its jump host {jump} forwards nothing: administratively prohibited (AllowTcpForwarding in its sshd_config)"
        ),
        Error::ChannelOpenFailure(ChannelOpenFailure::ConnectFailed) => {
            format!("its jump host {jump} can't connect to {place}")
        }
        error => format!("its jump host {jump} forwards nothing: {}", ssh(error)),
    }
}

/// What took too long.
pub(super) fn timed_out(place: &str, limit: Duration) -> String {
    format!(
        "{place} gave no answer: timed out after {} s",
        limit.as_secs()
    )
}

/// Why there is no connection, or one no longer.
pub(super) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Ssh(error) => ssh(error),
        Refusal::Host(error) => error.to_string(),
    }
}

pub(super) fn ssh(error: &Error) -> String {
    match error {
        Error::Disconnect | Error::HUP => "it closed the connection".to_owned(),
        Error::KeepaliveTimeout => "it gave no sign of life any more".to_owned(),
        Error::IO(error) => stream(error),
        Error::NoCommonAlgo { kind, theirs, .. } => format!(
            "it offers no {kind:?} algorithm that homelab has: {}",
            theirs.join(", ")
        ),
        error => error.to_string(),
    }
}

fn stream(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it closed the connection".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "the connection was reset".to_owned()
        }
        io::ErrorKind::TimedOut => "it took nothing more that was sent".to_owned(),
        _ => error.to_string(),
    }
}

/// Whether the other side hung up before it said anything: it may take a later try.
pub(super) fn is_early_end(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Ssh(Error::Disconnect | Error::HUP) => true,
        Refusal::Ssh(Error::IO(error)) => matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
        ),
        _ => false,
    }
}
