//! `/nodes/{node}/dns` and `/nodes/{node}/hosts`.

use model::{Key, Params, Stop, Tx, kind, node_domain};
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};
use std::net::IpAddr;

fn key(tx: &Tx<'_>, kind: &str) -> Key {
    Key::new(node_domain(&tx.node), kind, kind)
}

pub(super) fn dns(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let key = key(tx, kind::DNS);
    Ok(tx.read::<Value>(&key)?.unwrap_or_else(|| json!({})))
}

/// Replaces all that the resolver knows: a server that isn't named is forgotten.
pub(super) fn set_dns(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let row = resolver(params);
    let key = key(tx, kind::DNS);
    tx.write(&key, &row)?;
    Ok(Value::Null)
}

/// What is read back from the resolver's file: one search domain, and each server once, without gaps.
fn resolver(params: &Params) -> Map<String, Value> {
    let mut row = Map::new();
    let search = params.required("search");
    if let Some(domain) = search.split_whitespace().next().filter(|word| *word != "0") {
        row.insert("search".to_owned(), domain.into());
    }
    let mut servers: Vec<String> = Vec::new();
    for server in ["dns1", "dns2", "dns3"].map(|name| params.required(name)) {
        if !matches!(server.as_str(), "" | "0.0.0.0") && !servers.contains(&server) {
            servers.push(server);
        }
    }
    for (server, number) in servers.into_iter().zip(1..) {
        row.insert(format!("dns{number}"), server.into());
    }
    row
}

fn hosts_text(tx: &mut Tx<'_>) -> Result<String, Stop> {
    let key = key(tx, kind::HOSTS);
    let row = tx.read::<Value>(&key)?.unwrap_or_default();
    Ok(row["data"].as_str().unwrap_or_default().to_owned())
}

fn digest(text: &str) -> String {
    hex::encode(Sha1::digest(text))
}

pub(super) fn hosts(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let text = hosts_text(tx)?;
    Ok(json!({ "digest": digest(&text), "data": text }))
}

pub(super) fn set_hosts(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let before = digest(&hosts_text(tx)?);
    if params
        .text("digest")
        .is_some_and(|expected| !expected.is_empty() && expected != before)
    {
        return Err(Stop::fail(
            "detected modified configuration - file changed by other user? Try again.",
        ));
    }
    let text = params.required("data");
    check_hosts(&text)?;
    let key = key(tx, kind::HOSTS);
    tx.write(&key, &json!({ "data": text }))?;
    Ok(Value::Null)
}

/// Every line that isn't empty or a comment is an address and names.
fn check_hosts(text: &str) -> Result<(), Stop> {
    for line in text.lines() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let mut words = line.trim_end().split(char::is_whitespace);
        let address = words.next().unwrap_or_default();
        if address.parse::<IpAddr>().is_err() {
            return Err(Stop::invalid_one("data", format!("Invalid IP '{address}'")));
        }
        let is_plain = |name: &str| {
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        };
        if let Some(name) = words.find(|name| !is_plain(name)) {
            let words = format!("Invalid Hostname '{name}'");
            return Err(Stop::invalid_one("data", words));
        }
    }
    Ok(())
}

/// `/etc/hosts` as the installer leaves it.
pub fn installed_hosts(name: &str, address: &str, search: &str) -> Value {
    let full = if search.is_empty() {
        name.to_owned()
    } else {
        format!("{name}.{search} {name}")
    };
    let address = address.split('/').next().unwrap_or_default();
    let text = format!(
        "127.0.0.1 localhost.localdomain localhost\n\
         {address} {full}\n\
         \n\
         # The following lines are desirable for IPv6 capable hosts\n\
         \n\
         ::1     ip6-localhost ip6-loopback\n\
         fe00::0 ip6-localnet\n\
         ff00::0 ip6-mcastprefix\n\
         ff02::1 ip6-allnodes\n\
         ff02::2 ip6-allrouters\n\
         ff02::3 ip6-allhosts\n"
    );
    json!({ "data": text })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_the_resolver_as_its_file_would_say() {
        let sent =
            json!({ "search": "lab.test other.test", "dns2": "10.0.0.1", "dns3": "10.0.0.1" });
        let row = resolver(&Params(sent.as_object().unwrap().clone()));
        assert_eq!(
            Value::Object(row),
            json!({ "search": "lab.test", "dns1": "10.0.0.1" })
        );
    }

    #[test]
    fn takes_hosts_that_are_addresses_and_names() {
        for (text, wrong) in [
            (
                "127.0.0.1 localhost\n# note\n\n::1\tip6-localhost ip6-loopback\n",
                None,
            ),
            ("10.0.0.1\n", None),
            ("nonsense here\n", Some("Invalid IP 'nonsense'")),
            (" 10.0.0.1 indented\n", Some("Invalid IP ''")),
            (
                "10.0.0.1 under_score\n",
                Some("Invalid Hostname 'under_score'"),
            ),
        ] {
            let found = check_hosts(text).err().map(|stop| match stop {
                Stop::Api(answer) => answer.errors["data"].as_str().unwrap_or("").to_owned(),
                Stop::Fault(fault) => fault.to_string(),
            });
            assert_eq!(found.as_deref(), wrong, "{text}");
        }
    }
}
