//! The lease of a live lab: a folder in `/etc/pve/priv`, which all nodes of a cluster have in common, with who has it.

use super::Printed;

super::asks! { LEASE:
    /// Who has the lease at a path; status 66 where nobody can: the host is no node of Proxmox VE.
    LEASE = Read() "lease" LookAtLease { path } => Option<LeaseState>;
    /// Takes it, from the owner with a token if one is given (`-`: from nobody); status 73 if somebody else has it.
    LEASE_TAKE = Write() "lease_take" TakeLease { path, over } < owner => ();
    /// Says that its owner is alive; status 75 if the token isn't its owner's.
    LEASE_RENEW = Write() "lease_renew" RenewLease { path, token } < owner => ();
    /// Gives it back; status 75 if the token isn't its owner's.
    LEASE_FREE = Write() "lease_free" FreeLease { path, token } => ();
}

/// The status of a lease that somebody else has.
pub const HELD: i32 = 73;

/// The state of a lease: `quorum yes`, or `quorum no` where nothing can be written; then `AGE TOKEN OWNER` if somebody has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseState {
    /// Whether the cluster has quorum.
    pub is_quorate: bool,
    /// Who has it.
    pub held: Option<LeaseOwner>,
}

/// The owner of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseOwner {
    /// How many seconds ago he was last alive.
    pub age: u64,
    /// His token; `?` where he hasn't written himself in.
    pub token: String,
    /// Who he is.
    pub name: String,
}

impl Printed for LeaseState {
    fn print(&self) -> String {
        let quorum = if self.is_quorate {
            "quorum yes"
        } else {
            "quorum no"
        };
        match &self.held {
            None => quorum.to_owned(),
            Some(LeaseOwner { age, token, name }) => format!("{quorum}\n{age} {token} {name}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (quorum, line) = match text.split_once('\n') {
            Some((quorum, line)) => (quorum, Some(line)),
            None => (text, None),
        };
        let owner = |line: &str| {
            let mut words = line.splitn(3, ' ');
            Some(LeaseOwner {
                age: words.next()?.parse().ok()?,
                token: words.next()?.to_owned(),
                name: words.next()?.to_owned(),
            })
        };
        Some(Self {
            is_quorate: match quorum {
                "quorum yes" => true,
                "quorum no" => false,
                _ => return None,
            },
            held: match line {
                Some(line) => Some(owner(line)?),
                None => None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_state_says_what_made_it() {
        assert_eq!(same::<LeaseState>("quorum no").held, None);
        let held = same::<LeaseState>("quorum yes\n12 4f2a ann@desk, process 4711, run of x").held;
        assert_eq!(held.unwrap().name, "ann@desk, process 4711, run of x");
        for garbled in ["", "quorum", "quorum yes\n", "quorum yes\nx 4f2a ann"] {
            assert_eq!(LeaseState::parse(garbled), None, "{garbled}");
        }
    }
}
