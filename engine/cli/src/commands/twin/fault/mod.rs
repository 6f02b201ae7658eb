//! `homelab twin fault`.

mod known;

use std::net::IpAddr;

use clap::{Args, Subcommand};
use twin::fault::{Fault, Happens, Trouble};

use crate::{
    exit::{Exit, Stop},
    lab_world::twin_failure,
    report,
    settings::Settings,
};

/// Let something go wrong on the twin, to see what a runbook does
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FaultArgs {
    #[command(subcommand)]
    fault: FaultCommand,
}

const EXAMPLES: &str = "\
Examples:
  homelab twin fault answer 'POST /storage' --status 500 --reason 'out of luck'
  homelab twin fault answer '* /nodes/pve2/*' --status 595 --nth 3
  homelab twin fault drop 'POST /cluster/config' --carried-out
  homelab twin fault drop 'HOST /pve1/write' --carried-out
  homelab twin fault host pve2 full-disk
  homelab twin fault silent 10.10.10.1
  homelab twin fault task clusterjoin --error 'no such host'
  homelab twin fault clear";

#[derive(Debug, Subcommand)]
enum FaultCommand {
    /// A call is answered with a status and reason of its own; it isn't carried out
    Answer {
        #[command(flatten)]
        call: Call,
        /// The HTTP status: 500, 595, 596 …
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(100..=599))]
        status: u16,
        /// The reason in the status line
        #[arg(long, default_value = "made to fail")]
        reason: String,
    },
    /// The connection ends before the answer does
    Drop {
        #[command(flatten)]
        call: Call,
        /// Carry the call out all the same
        #[arg(long)]
        carried_out: bool,
    },
    /// No answer ever comes; the call isn't carried out
    Hang {
        #[command(flatten)]
        call: Call,
    },
    /// A task fails
    Task {
        /// The task's type: clustercreate, clusterjoin, srvreload …; '*' for any
        #[arg(value_name = "TYPE")]
        kind: String,
        /// What it ends with
        #[arg(long, default_value = "made to fail")]
        error: String,
        #[command(flatten)]
        nth: Nth,
    },
    /// The cluster has no quorum until `clear`
    Quorum,
    /// A node doesn't answer, and its votes are missing, until `clear`
    Lost {
        /// The node
        node: String,
    },
    /// A node is in trouble as a host until `clear`
    Host {
        /// The node
        node: String,
        /// What is wrong with it
        #[arg(value_enum)]
        trouble: HostTrouble,
    },
    /// A storage is full until `clear`
    Full {
        /// The storage
        storage: String,
    },
    /// Nobody answers hosts at an address until `clear`
    Silent {
        /// The address: of a gateway, a name server, an appliance
        address: IpAddr,
    },
    /// List the faults that are to happen
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Forget all of them
    Clear,
}

/// What is wrong with a host
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum HostTrouble {
    /// It refuses connections
    Refused,
    /// It shows another key than before
    WrongKey,
    /// Nobody may become root
    NoRoot,
    /// A connection may have one session
    OneSession,
    /// Each call takes five seconds
    Slow,
    /// Its file systems are full
    FullDisk,
    /// Its file systems are read-only
    ReadOnly,
    /// Another program holds the lock of the packages
    PackageLock,
    /// It doesn't come back from a reboot
    NoReturn,
    /// The next change of its network cuts it off
    CutOff,
    /// Its clock isn't synchronised
    Unsynchronized,
}

impl From<HostTrouble> for Trouble {
    fn from(trouble: HostTrouble) -> Self {
        match trouble {
            HostTrouble::Refused => Self::Refused,
            HostTrouble::WrongKey => Self::WrongKey,
            HostTrouble::NoRoot => Self::NoRoot,
            HostTrouble::OneSession => Self::OneSession,
            HostTrouble::Slow => Self::Slow,
            HostTrouble::FullDisk => Self::FullDisk,
            HostTrouble::ReadOnly => Self::ReadOnly,
            HostTrouble::PackageLock => Self::PackageLock,
            HostTrouble::NoReturn => Self::NoReturn,
            HostTrouble::CutOff => Self::CutOff,
            HostTrouble::Unsynchronized => Self::Unsynchronized,
        }
    }
}

#[derive(Args, Debug)]
struct Call {
    /// The calls that it happens to: METHOD and path, '*' for any method or any part of the path; HOST /NODE/VERB for a
    /// call on a host
    #[arg(value_name = "'METHOD /PATH'")]
    call: String,
    #[command(flatten)]
    nth: Nth,
}

#[derive(Args, Clone, Copy, Debug)]
struct Nth {
    /// Which of those calls or tasks it is, counted from now; 0 for every one
    #[arg(long, value_name = "N", default_value_t = 1)]
    nth: u64,
}

/// Runs the command.
///
/// # Errors
/// The fault names what isn't there, or the twin can't be written.
pub(crate) fn run(args: &FaultArgs, settings: &Settings) -> Result<Exit, Stop> {
    let (twin, docs) = super::with_docs(settings)?;
    let fault = fault(&args.fault);
    if let Some(fault) = &fault {
        known::check(fault, &twin, &docs)?;
    }
    let done = match (&args.fault, fault) {
        (FaultCommand::List { json }, _) => list(&twin, *json),
        (_, Some(fault)) => twin.add_fault(&fault),
        (_, None) => twin.clear_faults(),
    };
    done.map_err(|error| twin_failure(&error))?;
    Ok(Exit::Success)
}

fn fault(command: &FaultCommand) -> Option<Fault> {
    let at = |call: &Call, happens| Fault::at_call(&call.call, call.nth.nth, happens);
    Some(match command {
        FaultCommand::Answer {
            call,
            status,
            reason,
        } => at(
            call,
            Happens::Answer {
                status: *status,
                reason: reason.clone(),
            },
        ),
        FaultCommand::Drop { call, carried_out } => at(
            call,
            Happens::Drop {
                carried_out: *carried_out,
            },
        ),
        FaultCommand::Hang { call } => at(call, Happens::Hang),
        FaultCommand::Task { kind, error, nth } => {
            let happens = Happens::Task {
                kind: kind.clone(),
                error: error.clone(),
            };
            Fault {
                nth: nth.nth,
                ..Fault::always(happens)
            }
        }
        FaultCommand::Quorum => Fault::always(Happens::NoQuorum),
        FaultCommand::Lost { node } => Fault::always(Happens::Lost { node: node.clone() }),
        FaultCommand::Host { node, trouble } => Fault::always(Happens::Host {
            node: node.clone(),
            trouble: (*trouble).into(),
        }),
        FaultCommand::Full { storage } => Fault::always(Happens::Full {
            storage: storage.clone(),
        }),
        FaultCommand::Silent { address } => Fault::always(Happens::Silent { address: *address }),
        FaultCommand::List { .. } | FaultCommand::Clear => return None,
    })
}

fn list(twin: &twin::Twin, json: bool) -> Result<(), twin::TwinError> {
    for fault in twin.faults()? {
        report::print(&if json {
            as_json(&fault)
        } else {
            format!("{}\n", line(&fault))
        });
    }
    Ok(())
}

const fn words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Refused => "it refuses connections",
        Trouble::WrongKey => "it shows another key",
        Trouble::NoRoot => "nobody may become root",
        Trouble::OneSession => "a connection may have one session",
        Trouble::Slow => "each call takes five seconds",
        Trouble::FullDisk => "its file systems are full",
        Trouble::ReadOnly => "its file systems are read-only",
        Trouble::PackageLock => "another program holds the lock of the packages",
        Trouble::NoReturn => "it doesn't come back from a reboot",
        Trouble::CutOff => "the next change of its network cuts it off",
        Trouble::Unsynchronized => "its clock isn't synchronised",
    }
}

fn as_json(fault: &Fault) -> String {
    format!("{}\n", serde_json::json!(fault))
}

fn line(fault: &Fault) -> String {
    let what = match &fault.happens {
        Happens::Answer { status, reason } => {
            format!("{} is answered {status} {reason}", fault.call)
        }
        Happens::Drop { carried_out: true } => {
            format!("{} is carried out, its connection drops", fault.call)
        }
        Happens::Drop { carried_out: false } => {
            format!("{} isn't carried out, its connection drops", fault.call)
        }
        Happens::Hang => format!("{} is never answered", fault.call),
        Happens::Task { kind, error } => format!("task {kind} fails: {error}"),
        Happens::NoQuorum => return "the cluster has no quorum".to_owned(),
        Happens::Lost { node } => return format!("node {node} is lost"),
        Happens::Host { node, trouble } => return format!("host {node}: {}", words(*trouble)),
        Happens::Full { storage } => return format!("storage {storage} is full"),
        Happens::Silent { address } => return format!("nobody answers at {address}"),
    };
    match fault.nth {
        0 => format!("{what} (every one; {} so far)", fault.seen),
        nth => format!("{what} (number {nth}; {} so far)", fault.seen),
    }
}
