//! An interface, as an object with the API's own field names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::params::{split_list, text_of};

/// An interface with the API's field names.
pub type Interface = Map<String, Value>;

/// The interfaces of a file by name.
pub type Interfaces = BTreeMap<String, Interface>;

/// A field's text, if it's set to something: as in Perl, an empty text and `0` are nothing.
pub fn set(interface: &Interface, field: &str) -> Option<String> {
    interface
        .get(field)
        .and_then(text_of)
        .filter(|text| !text.is_empty() && text != "0")
}

/// Whether the row of an interface says that it's up.
pub fn is_up(row: &Value) -> bool {
    row["active"] == 1 || row["active"] == true
}

/// An interface's type; empty if it has none.
pub fn type_of(interface: &Interface) -> &str {
    interface
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The ports of a bridge, the slaves of a bond.
pub fn ports_of(interface: &Interface) -> Vec<String> {
    ["bridge_ports", "ovs_ports", "slaves", "ovs_bonds"]
        .iter()
        .filter_map(|field| set(interface, field))
        .flat_map(|ports| split_list(&ports))
        .collect()
}
