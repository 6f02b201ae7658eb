//! Names under which guests ask for devices and folders of the nodes.

use model::{Params, Stop, Tx, dispatch, kind, permission, published::Endpoint};
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};

mod check;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /cluster/mapping", index),
    Endpoint::new("GET /cluster/mapping/pci", |tx, params| {
        list(tx, params, &PCI)
    }),
    Endpoint::new("POST /cluster/mapping/pci", |tx, params| {
        create(tx, params, &PCI)
    }),
    Endpoint::new("GET /cluster/mapping/pci/{id}", |tx, params| {
        show(tx, params, &PCI)
    }),
    Endpoint::new("PUT /cluster/mapping/pci/{id}", |tx, params| {
        update(tx, params, &PCI)
    }),
    Endpoint::new("DELETE /cluster/mapping/pci/{id}", |tx, params| {
        remove(tx, params, &PCI)
    }),
    Endpoint::new("GET /cluster/mapping/usb", |tx, params| {
        list(tx, params, &USB)
    }),
    Endpoint::new("POST /cluster/mapping/usb", |tx, params| {
        create(tx, params, &USB)
    }),
    Endpoint::new("GET /cluster/mapping/usb/{id}", |tx, params| {
        show(tx, params, &USB)
    }),
    Endpoint::new("PUT /cluster/mapping/usb/{id}", |tx, params| {
        update(tx, params, &USB)
    }),
    Endpoint::new("DELETE /cluster/mapping/usb/{id}", |tx, params| {
        remove(tx, params, &USB)
    }),
    Endpoint::new("GET /cluster/mapping/dir", |tx, params| {
        list(tx, params, &DIR)
    }),
    Endpoint::new("POST /cluster/mapping/dir", |tx, params| {
        create(tx, params, &DIR)
    }),
    Endpoint::new("GET /cluster/mapping/dir/{id}", |tx, params| {
        show(tx, params, &DIR)
    }),
    Endpoint::new("PUT /cluster/mapping/dir/{id}", |tx, params| {
        update(tx, params, &DIR)
    }),
    Endpoint::new("DELETE /cluster/mapping/dir/{id}", |tx, params| {
        remove(tx, params, &DIR)
    }),
];

/// A family of mappings.
struct Family {
    /// Its part of the path.
    name: &'static str,
    kind: &'static str,
    /// What it's called in errors.
    word: &'static str,
    /// Options besides the map, with whether they are flags.
    options: &'static [(&'static str, bool)],
}

const PCI: Family = Family {
    name: "pci",
    kind: kind::PCI_MAPPING,
    word: "hardware",
    options: &[
        ("description", false),
        ("live-migration-capable", true),
        ("mdev", true),
    ],
};
const USB: Family = Family {
    name: "usb",
    kind: kind::USB_MAPPING,
    word: "hardware",
    options: &[("description", false)],
};
const DIR: Family = Family {
    name: "dir",
    kind: kind::DIR_MAPPING,
    word: "dir",
    options: &[("description", false)],
};

/// A mapping, as the API names its properties.
type Mapping = Map<String, Value>;

const SEE: &[&str] = &["Mapping.Modify", "Mapping.Use", "Mapping.Audit"];

fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(crate::index("name", &["dir", "pci", "usb"]))
}

/// The digest of all mappings of a family.
fn digest(tx: &mut Tx<'_>, family: &Family) -> Result<String, Stop> {
    let mut hash = Sha1::new();
    for (id, mapping) in tx.scan::<Mapping>(family.kind)? {
        let mut lines: Vec<String> = mapping
            .iter()
            .map(|(name, value)| format!("\t{name} {value}\n"))
            .collect();
        lines.sort();
        hash.update(format!("{id}\n{}", lines.concat()));
    }
    Ok(hex::encode(hash.finalize()))
}

fn list(tx: &mut Tx<'_>, params: &Params, family: &Family) -> Result<Value, Stop> {
    let checked = params.text("check-node");
    if let Some(node) = &checked {
        dispatch::proxy(tx, node)?;
    }
    let digest = digest(tx, family)?;
    let mut rows = Vec::new();
    for (id, mut mapping) in tx.scan::<Mapping>(family.kind)? {
        if !permission::has_any(tx, &format!("/mapping/{}/{id}", family.name), SEE)? {
            continue;
        }
        if checked.is_some() {
            let (name, checks) = check::mapping(tx, family.name, (&id, &mapping))?;
            mapping.insert(name.to_owned(), checks);
        }
        mapping.insert("id".to_owned(), id.into());
        mapping.insert("digest".to_owned(), digest.clone().into());
        rows.push(Value::Object(mapping));
    }
    Ok(Value::Array(rows))
}

fn show(tx: &mut Tx<'_>, params: &Params, family: &Family) -> Result<Value, Stop> {
    let id = params.required("id");
    let Some(mut mapping) = tx.get::<Mapping>(family.kind, &id)? else {
        return Err(Stop::fail(format!("mapping '{id}' not found")));
    };
    mapping.insert("digest".to_owned(), digest(tx, family)?.into());
    Ok(Value::Object(mapping))
}

/// The mapping that parameters describe.
fn described(params: &Params, family: &Family) -> Result<Mapping, Stop> {
    if !params.has("map") {
        return Err(Stop::fail("missing value for required option 'map'"));
    }
    let mut mapping = Mapping::new();
    mapping.insert("type".to_owned(), family.name.into());
    mapping.insert("map".to_owned(), json!(params.array("map")));
    for (name, is_flag) in family.options {
        let value = if *is_flag {
            params.flag(name).map(|flag| u8::from(flag).into())
        } else {
            params
                .text(name)
                .map(|text| formats::comment::described(&text).into())
        };
        mapping.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    Ok(mapping)
}

fn create(tx: &mut Tx<'_>, params: &Params, family: &Family) -> Result<Value, Stop> {
    let id = params.required("id");
    let mapping = described(params, family)?;
    if tx.get::<Mapping>(family.kind, &id)?.is_some() {
        return Err(Stop::fail(format!(
            "create {} mapping failed: {} ID '{id}' already defined",
            family.word, family.name
        )));
    }
    tx.put(family.kind, &id, &mapping)?;
    Ok(Value::Null)
}

fn update(tx: &mut Tx<'_>, params: &Params, family: &Family) -> Result<Value, Stop> {
    changed(tx, params, family)
        .map_err(|stop| stop.within(&format!("update {} mapping failed", family.word)))
}

fn changed(tx: &mut Tx<'_>, params: &Params, family: &Family) -> Result<Value, Stop> {
    let id = params.required("id");
    if let Some(sent) = params.text("digest").filter(|digest| !digest.is_empty())
        && sent != digest(tx, family)?
    {
        let words = "detected modified configuration - file changed by other user? Try again.";
        return Err(Stop::fail(words));
    }
    let Some(mut mapping) = tx.get::<Mapping>(family.kind, &id)? else {
        return Err(Stop::fail(format!(
            "{} ID '{id}' does not exist",
            family.name
        )));
    };
    let set = described(params, family)?;
    for name in params.list("delete") {
        let is_option = family.options.iter().any(|(option, _)| *option == name);
        let refusal = if name == "map" {
            Some("unable to delete required option 'map'".to_owned())
        } else if !is_option {
            Some(format!("no such option '{name}'"))
        } else if set.contains_key(&name) {
            Some(format!(
                "cannot set and delete property '{name}' at the same time!"
            ))
        } else {
            None
        };
        if let Some(words) = refusal {
            return Err(Stop::fail(words));
        }
        mapping.shift_remove(&name);
    }
    mapping.extend(set);
    tx.put(family.kind, &id, &mapping)?;
    Ok(Value::Null)
}

fn remove(tx: &mut Tx<'_>, params: &Params, family: &Family) -> Result<Value, Stop> {
    tx.delete(family.kind, &params.required("id"))?;
    Ok(Value::Null)
}

/// The entries of a mapping's map that are a node's.
fn entries_of(mapping: &Mapping, node: &str) -> Vec<Map<String, Value>> {
    let items = mapping
        .get("map")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    items
        .filter_map(Value::as_str)
        .map(|entry| {
            let parts = formats::property::parts(entry);
            parts
                .filter_map(|part| Some((part.key?.to_owned(), part.value.into())))
                .collect::<Map<_, _>>()
        })
        .filter(|entry| entry.get("node").is_some_and(|name| name == node))
        .collect()
}
