//! What a host reaches.

use super::Printed;

super::asks! { REACH:
    /// Whether an address answers an echo request, from an address of the host's or any.
    PING = Read() "ping" Ping { address, seconds: u64, source: Option<String> } => Echo;
    /// Whether a TCP connection to a port can be made.
    PORT_OPEN = Read() "port_open" PortOpen { address, port: u16, seconds: u64 } => Port;
    /// The addresses of a name, as the host resolves it; nothing if the name isn't known.
    RESOLVE = Read() "resolve" Resolve { name } => Vec<String>;
    /// The way that packets to an address take; nothing if there is no way.
    ROUTE = Read(FILES | NETWORK) "route" Route { address } => Vec<Way>;
}

super::words! {
    /// Whether an address answers.
    Echo {
        /// It does.
        Answers = "answers",
        /// It doesn't.
        Silent = "silent",
    }
}

/// Whether a port takes connections: `open`, or `closed: ` and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// It does.
    Open,
    /// It doesn't.
    Closed(String),
}

impl Printed for Port {
    fn print(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Closed(why) => format!("closed: {why}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            text => text
                .strip_prefix("closed:")
                .map(|why| Self::Closed(why.trim().to_owned())),
        }
    }
}

/// The way that packets take: `dev INTERFACE src SOURCE`, and `via GATEWAY` if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The interface that they leave by.
    pub interface: String,
    /// The address that they come from; empty if they have none.
    pub source: String,
    /// The gateway, if there is one.
    pub via: Option<String>,
}

impl Printed for Way {
    fn print(&self) -> String {
        let via = self.via.as_ref().map(|via| format!(" via {via}"));
        format!(
            "dev {} src {}{}",
            self.interface,
            self.source,
            via.unwrap_or_default()
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let (interface, source, via) = match words[..] {
            ["dev", interface, "src", source] => (interface, source, None),
            ["dev", interface, "src", source, "via", via] => (interface, source, Some(via)),
            _ => return None,
        };
        Some(Self {
            interface: interface.to_owned(),
            source: source.to_owned(),
            via: via.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_line_says_what_made_it() {
        assert_eq!(
            same::<Port>("closed: Connection refused"),
            Port::Closed("Connection refused".to_owned())
        );
        assert_eq!(same::<Port>("open"), Port::Open);
        assert_eq!(Port::parse("ajar"), None);
        assert_eq!(same::<Way>("dev vmbr0 src 10.0.0.1").via, None);
        assert_eq!(
            same::<Way>("dev vmbr0 src 10.0.0.1 via 10.0.0.254")
                .via
                .as_deref(),
            Some("10.0.0.254")
        );
        assert_eq!(Way::parse("via 10.0.0.254"), None);
        assert_eq!(same::<Echo>("silent"), Echo::Silent);
    }
}
