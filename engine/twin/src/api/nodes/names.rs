//! `/nodes/{node}/dns` and `/nodes/{node}/hosts`.

use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};

use crate::model::{Key, Params, Stop, Tx, kind, node_domain};

fn key(tx: &Tx<'_>, kind: &str) -> Key {
    Key::new(node_domain(&tx.node), kind, kind)
}

pub(super) fn dns(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let key = key(tx, kind::DNS);
    Ok(tx.read::<Value>(&key)?.unwrap_or_else(|| json!({})))
}

/// Replaces all that the resolver knows: a server that isn't named is forgotten.
pub(super) fn set_dns(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let row: Map<String, Value> = ["search", "dns1", "dns2", "dns3"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), params.text(name)?.into())))
        .collect();
    let key = key(tx, kind::DNS);
    tx.write(&key, &row)?;
    Ok(Value::Null)
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
    let key = key(tx, kind::HOSTS);
    tx.write(&key, &json!({ "data": params.required("data") }))?;
    Ok(Value::Null)
}

/// `/etc/hosts` as the installer leaves it.
pub(crate) fn installed_hosts(name: &str, address: &str, search: &str) -> Value {
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
