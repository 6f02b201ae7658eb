//! What a host knows of tracked calls, and when it was started.

use super::Printed;

super::asks! { TRACK:
    /// What became of a tracked call, by its token.
    SETTLE = Read() "settle" Settle { token } => Record;
    /// The last 20 lines of a tracked call, also while it runs, and on standard error those of its standard error; status 66 if there
    /// is no record.
    SAID = Read() "said" Said { token } => Option<String>;
    /// The host's boot id, renewed by every start.
    BOOT_ID = Read() "boot_id" BootId {} => String;
}

/// What a host's record says of a tracked call: `absent`, `running`, `ended STATUS` or `lost`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// It never began.
    Absent,
    /// It runs.
    Running,
    /// It ended with a status.
    Ended(i32),
    /// It began, and its end was never recorded; or nothing can be recorded here.
    Lost,
}

impl Printed for Record {
    fn print(&self) -> String {
        match self {
            Self::Absent => "absent".to_owned(),
            Self::Running => "running".to_owned(),
            Self::Ended(status) => format!("ended {status}"),
            Self::Lost => "lost".to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "absent" => Some(Self::Absent),
            "running" => Some(Self::Running),
            "lost" => Some(Self::Lost),
            text => Some(Self::Ended(text.strip_prefix("ended ")?.parse().ok()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_line_says_what_made_it() {
        for line in ["absent", "running", "lost"] {
            same::<Record>(line);
        }
        assert_eq!(same::<Record>("ended 100"), Record::Ended(100));
        assert_eq!(Record::parse("ended"), None);
    }
}
