//! A name or an address, with a port and a user or without.

/// What stands for a host in a declaration or as a jump: `[USER@]HOST[:PORT]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Address {
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.strip_prefix("ssh://").unwrap_or(text);
        let (user, place) = match text.rsplit_once('@') {
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, text),
        };
        let (host, port) = split_port(place);
        Self {
            user,
            host: host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port,
        }
    }
}

/// The host and the port of `HOST:PORT`; an IPv6 address needs brackets to have a port.
fn split_port(place: &str) -> (&str, Option<u16>) {
    let split = place
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
    match split.map(|(host, port)| (host, port.parse())) {
        Some((host, Ok(port))) => (host, Some(port)),
        _ => (place, None),
    }
}

/// `HOST:PORT`, with brackets around an IPv6 address.
pub(super) fn place(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_users_ports_and_brackets() {
        for (text, user, host, port) in [
            ("pve1", None, "pve1", None),
            ("root@10.0.0.1:2222", Some("root"), "10.0.0.1", Some(2222)),
            ("fd00::1", None, "fd00::1", None),
            ("[fd00::1]:22", None, "fd00::1", Some(22)),
            ("ssh://a@b:1", Some("a"), "b", Some(1)),
        ] {
            let address = Address::parse(text);
            let read = (address.user.as_deref(), address.host.as_str(), address.port);
            assert_eq!(read, (user, host, port));
        }
        assert_eq!(place("fd00::1", 22), "[fd00::1]:22");
    }
}
