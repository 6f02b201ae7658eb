//! Where nodes really listen, and what proves that they are who they say.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, RwLock},
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// The port of the API where an address names none.
const DEFAULT_PORT: u16 = 8006;

/// How a node proves itself.
#[derive(Clone, Default)]
pub enum Trust {
    /// By nothing yet: its certificate is refused, and the error shows its fingerprint.
    #[default]
    Nothing,
    /// By the SHA-256 of its certificate, colon form.
    Fingerprint(String),
    /// By a certificate authority; the certificate must be made out to the node's address.
    Authority(Arc<RootCertStore>),
}

/// Why a file of certificate authorities can't be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "the certificate authorities in {path} can't be used: {cause}; it must hold certificates in PEM form"
)]
pub struct TrustError {
    path: String,
    cause: String,
}

impl Trust {
    /// Trusts the certificate authorities of a PEM file.
    ///
    /// # Errors
    /// The file can't be read or holds no certificate.
    pub fn authority(path: &Path) -> Result<Self, TrustError> {
        let error = |cause: String| TrustError {
            path: path.display().to_string(),
            cause,
        };
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|e| error(e.to_string()))? {
            let certificate = certificate.map_err(|e| error(e.to_string()))?;
            store.add(certificate).map_err(|e| error(e.to_string()))?;
        }
        if store.is_empty() {
            return Err(error("there is none".to_owned()));
        }
        Ok(Self::Authority(Arc::new(store)))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Fingerprint(fingerprint) => write!(f, "Fingerprint({fingerprint})"),
            Self::Authority(store) => write!(f, "Authority({} certificates)", store.len()),
        }
    }
}

/// How one node is reached.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The `HOST:PORT` that is connected to, where it isn't the address itself.
    pub listens: Option<String>,
    /// What proves the node.
    pub trust: Trust,
}

/// The routes to all nodes, by address. Clones share one table, so a new certificate counts at once.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    table: Arc<RwLock<BTreeMap<String, Route>>>,
}

impl Routes {
    /// Sets the route to the node at `address`, as docs name it.
    pub fn set(&self, address: &str, route: Route) {
        if let Ok(mut table) = self.table.write() {
            table.insert(authority(address), route);
        }
    }

    /// Pins the certificate of the node at `address`; where it listens stays as it is.
    pub fn pin(&self, address: &str, fingerprint: &str) {
        if let Ok(mut table) = self.table.write() {
            table.entry(authority(address)).or_default().trust =
                Trust::Fingerprint(fingerprint.to_owned());
        }
    }

    /// Pins the certificate of the node at `address`, unless one is pinned.
    pub fn pin_first(&self, address: &str, fingerprint: &str) {
        if !matches!(self.get(address).trust, Trust::Fingerprint(_)) {
            self.pin(address, fingerprint);
        }
    }

    /// Returns the route to the node at `address`; without one nothing is trusted.
    #[must_use]
    pub fn get(&self, address: &str) -> Route {
        let table = self.table.read();
        table
            .ok()
            .and_then(|table| table.get(&authority(address)).cloned())
            .unwrap_or_default()
    }
}

/// `HOST:PORT` of an address that may lack the port; an IPv6 address gets its brackets.
#[must_use]
pub(super) fn authority(address: &str) -> String {
    if address.parse::<std::net::Ipv6Addr>().is_ok() {
        return format!("[{address}]:{DEFAULT_PORT}");
    }
    let port = address
        .rsplit_once(':')
        .filter(|(host, _)| !host.ends_with(':'));
    match port {
        Some((_, port)) if port.parse::<u16>().is_ok() => address.to_owned(),
        _ => format!("{address}:{DEFAULT_PORT}"),
    }
}

/// The host of `HOST:PORT`, without brackets.
#[must_use]
pub(super) fn host(authority: &str) -> &str {
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_the_port_where_there_is_none() {
        for (address, whole) in [
            ("10.0.0.1", "10.0.0.1:8006"),
            ("10.0.0.1:443", "10.0.0.1:443"),
            ("fd00::1", "[fd00::1]:8006"),
            ("[fd00::1]:443", "[fd00::1]:443"),
            ("pve1.example.test", "pve1.example.test:8006"),
        ] {
            assert_eq!(authority(address), whole);
        }
        assert_eq!(
            (host("[fd00::1]:443"), host("10.0.0.1:8006")),
            ("fd00::1", "10.0.0.1")
        );
    }

    #[test]
    fn clones_share_one_table() {
        let routes = Routes::default();
        let clone = routes.clone();
        clone.set(
            "10.0.0.1",
            Route {
                listens: Some("127.0.0.1:7001".to_owned()),
                trust: Trust::Nothing,
            },
        );
        routes.pin("10.0.0.1:8006", "AA:BB");
        let route = clone.get("10.0.0.1");
        assert_eq!(route.listens.as_deref(), Some("127.0.0.1:7001"));
        assert!(matches!(route.trust, Trust::Fingerprint(pin) if pin == "AA:BB"));
    }

    #[test]
    fn names_a_file_without_certificates() {
        let error = Trust::authority(Path::new("/nowhere/ca.pem")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
    }
}
