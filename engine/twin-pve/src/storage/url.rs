//! What the internet answers the lab's nodes: every host with a public name has any file that it's asked for;
//! addresses and reserved names answer nobody.

use model::{Params, Stop, Tx};
use serde_json::{Value, json};

/// What would be fetched from an address.
#[derive(Debug)]
pub(super) struct Source {
    /// Its size in bytes.
    pub(super) size: u64,
}

/// The last labels of names that nobody has, and names that mean the node itself.
const RESERVED: &[&str] = &[
    "example",
    "home",
    "internal",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "test",
];

/// Host and port of an address.
fn host(address: &str) -> (&str, u16) {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let usual = if scheme == "https" { 443 } else { 80 };
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => (host, port.parse().unwrap_or(usual)),
        _ => (authority, usual),
    }
}

/// What an address holds.
///
/// # Errors
/// Why nobody answers there.
pub(super) fn fetch(tx: &Tx<'_>, address: &str) -> Result<Source, String> {
    let (host, port) = host(address);
    let last = host
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_name = host.contains('.') && !last.bytes().all(|b| b.is_ascii_digit());
    if !is_name || RESERVED.contains(&last.as_str()) {
        let why = if is_name {
            "Name or service not known"
        } else {
            "Connection refused"
        };
        return Err(format!("Can't connect to {host}:{port} ({why})"));
    }
    let sum = tx.derive(&format!("file at {address}"));
    let spread = u64::from(u32::from_be_bytes([sum[0], sum[1], sum[2], sum[3]])) % (1 << 30);
    Ok(Source {
        size: (400 << 20) + spread / 2048 * 2048,
    })
}

/// The last part of an address's path.
fn file_name(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let rest = path.split_once("://").map_or(path, |(_, rest)| rest);
    match rest.rsplit_once('/') {
        Some((_, name)) => name,
        None => "",
    }
}

fn mime_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "iso" => "application/x-iso9660-image",
        "gz" => "application/x-gzip",
        "xz" => "application/x-xz",
        "html" => "text/html",
        _ => "application/octet-stream",
    }
}

pub(super) fn metadata(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let address = params.required("url");
    let source = fetch(tx, &address)
        .map_err(|why| Stop::fail(format!("invalid server response: '500 {why}'")))?;
    let name = file_name(&address);
    Ok(json!({ "filename": name, "mimetype": mime_type(name), "size": source.size }))
}

/// A file's name as it may stand in a task's id.
pub(super) fn encode(name: &str) -> String {
    name.replace('%', "%25").replace(':', "%3A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses_apart() {
        for (address, wanted, name) in [
            (
                "https://cloud.example.com/a/b.img?x=1",
                ("cloud.example.com", 443),
                "b.img",
            ),
            (
                "http://user@10.0.0.1:8080/x.iso",
                ("10.0.0.1", 8080),
                "x.iso",
            ),
            ("http://localhost", ("localhost", 80), ""),
        ] {
            assert_eq!(host(address), wanted);
            assert_eq!(file_name(address), name);
        }
    }
}
