//! What to do about an error of the API.

use super::{ApiError, PortError};

impl ApiError {
    /// What the reader can do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Port { source, .. } => return port_help(source),
            Self::UnknownNode { nearest: Some(nearest), .. } => format!("did you mean '{nearest}'?"),
            Self::UnknownNode { nearest: None, .. } => {
                "nodes are the rows of the table Nodes in docs/HARDWARE.md".to_owned()
            }
            Self::NoCredentials { what, .. } => format!("set {what} in .envrc or in the environment"),
            Self::Login { user, words, .. } if words.contains("second factor") => format!(
                "take the second factor off {user} while homelab runs (Datacenter, Permissions, Two Factor): no unattended login can give one"
            ),
            Self::Login { user, .. } => {
                format!("check the user {user} (with its realm, as in root@pam) and its password")
            }
            Self::Ticket { who, .. } if who.ends_with("ticket") => {
                "a ticket carries the time: compare the clocks of the nodes".to_owned()
            }
            Self::Ticket { who, .. } => {
                format!("check that {who} exists, is enabled, and that its kept secret is the present one")
            }
            Self::Permission { path, privileges, .. } if !path.is_empty() => {
                format!("grant {privileges} on {path} to the user and, if its privileges are separated, to the token")
            }
            Self::Permission { words, .. } if words.contains("need proper ticket") => {
                "this call is closed to tokens: it needs a user's password".to_owned()
            }
            Self::Permission { .. } => "grant the missing privileges with an ACL entry".to_owned(),
            Self::RootOnly { .. } => {
                "only the literal root@pam with its password may do this; no token will do".to_owned()
            }
            Self::Locked { .. } => {
                "wait for the task that holds the lock; if none runs, remove the lock on the node".to_owned()
            }
            Self::NoQuorum { .. } => {
                "bring back enough nodes (pvecm status shows the votes); until then the cluster is read-only".to_owned()
            }
            Self::Digest { .. } => "somebody else changed it just now: run again".to_owned(),
            Self::Proxy { .. } => "check that the node concerned is up and reached from the node asked".to_owned(),
            Self::Malformed { .. } => "check that the address and port are those of a Proxmox VE node".to_owned(),
            Self::TaskFailed { upid, .. } => format!("the task's whole log: pvesh get /nodes/{}/tasks/{upid}/log", upid.node),
            Self::TaskTimeout { .. } => "resume the run: it takes up the task again".to_owned(),
            Self::OldVersion { .. } => {
                "upgrade the node to Proxmox VE 9: pve8to9 --full names what is in the way".to_owned()
            }
            Self::Redirected { .. } => {
                "something in front of the node answers, such as a reverse proxy: give the node's own address in docs, over HTTPS and port 8006".to_owned()
            }
            Self::Server { words, .. } if words.contains("hostname lookup") => {
                "the node at that address has another name than docs say, or its cluster doesn't know it: `hostname` on it shows its name; correct the row in docs".to_owned()
            }
            Self::Parameters { .. }
            | Self::Server { .. }
            | Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::NotImplemented { .. } => self.words_help().to_owned(),
        })
    }

    /// What to do about an answer whose own words say most.
    const fn words_help(&self) -> &'static str {
        match self {
            Self::Parameters { .. } => "correct what the API names, in docs or in the runbook",
            Self::NotFound { .. } => {
                "check the name in docs or in the runbook; somebody may have removed it just now"
            }
            Self::AlreadyExists { .. } => "somebody else made it just now: run again",
            Self::NotImplemented { .. } => {
                "see whether the version of Proxmox VE has the call; a twin has those that operations make"
            }
            _ => {
                "do what its words say; the node's journal often has more: journalctl -u pvedaemon -u pveproxy"
            }
        }
    }
}

fn port_help(error: &PortError) -> Option<String> {
    match error {
        PortError::Unreachable { address, .. } => Some(format!(
            "check that {address} is up and that this machine may reach it"
        )),
        PortError::Refused { .. } => Some(
            "the machine is up: see whether the API runs there (systemctl status pveproxy), and whether docs have the right address and port".to_owned(),
        ),
        PortError::Broken { .. } => {
            Some("resume the run: what was done is found out first".to_owned())
        }
        PortError::Fingerprint { actual, .. } => Some(format!(
            "compare with 'pvenode cert info' on the node; if it is right, put {actual} into the column Fingerprint of the table Nodes"
        )),
        PortError::Unknown(_) | PortError::Unmodelled(_) => None,
    }
}
