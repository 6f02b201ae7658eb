//! Figures that no plan changes: how full a storage is, how busy a node. The model would make them up; the world
//! below knows them.

use bytes::Bytes;
use http::Response;
use model::{Key, kind};
use serde_json::{Map, Value};
use world::proxmox::PortError;

use super::{
    driver::{Preview, Ran},
    reader::Reading,
};

/// What nodes and guests measure.
const MEASURED: &[&str] = &[
    "cpu",
    "maxcpu",
    "mem",
    "maxmem",
    "memhost",
    "disk",
    "maxdisk",
    "uptime",
    "level",
    "netin",
    "netout",
    "diskread",
    "diskwrite",
];
/// What a node says of a storage.
const ROOM: &[&str] = &["active", "total", "used", "avail", "used_fraction"];
/// What a list of all storages says of one.
const LISTED: &[&str] = &["status", "disk", "maxdisk"];

/// An answer in which figures stand, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows<'a> {
    /// Nodes, or all that a cluster has.
    Resources,
    /// A node's storages.
    Storages(&'a str),
    /// One storage on a node.
    Storage(&'a str, &'a str),
}

fn shows<'a>(parts: &[&'a str]) -> Option<Shows<'a>> {
    match parts {
        ["nodes"] | ["cluster", "resources"] => Some(Shows::Resources),
        ["nodes", node, "storage"] => Some(Shows::Storages(node)),
        ["nodes", node, "storage", id, "status"] => Some(Shows::Storage(node, id)),
        _ => None,
    }
}

impl Preview {
    /// Puts the world's own figures into what the model answered.
    pub(super) async fn measured(&self, parts: &[&str], ran: Ran) -> Result<Ran, PortError> {
        let Some(shown) = shows(parts).filter(|_| ran.response.status().is_success()) else {
            return Ok(ran);
        };
        let Ok(mut body) = serde_json::from_slice::<Value>(ran.response.body()) else {
            return Ok(ran);
        };
        match shown {
            Shows::Resources => self.measure_resources(&mut body["data"]).await?,
            Shows::Storages(node) => {
                let below = self.ask(node, &format!("/nodes/{node}/storage")).await?;
                for item in items(&mut body["data"]) {
                    let id = text(item, "storage");
                    if let Some(own) = self.unchanged(&below, node, &id, "storage", &id) {
                        copy(own, item, ROOM);
                    }
                }
            }
            Shows::Storage(node, id) => {
                let below = self.ask(node, &format!("/nodes/{node}/storage")).await?;
                if let (Some(own), Some(item)) = (
                    self.unchanged(&below, node, id, "storage", id),
                    body["data"].as_object_mut(),
                ) {
                    copy(own, item, ROOM);
                    // Its own answer has no share.
                    item.shift_remove("used_fraction");
                }
            }
        }
        let (head, _) = ran.response.into_parts();
        Ok(Ran {
            response: Response::from_parts(head, Bytes::from(body.to_string())),
            is_touched: ran.is_touched,
        })
    }

    async fn measure_resources(&self, list: &mut Value) -> Result<(), PortError> {
        let mut nodes: Vec<String> = items(list).map(|item| text(item, "node")).collect();
        nodes.sort();
        nodes.dedup();
        nodes.retain(|node| !node.is_empty());
        for node in nodes {
            let below = self.ask(&node, "/cluster/resources").await?;
            for item in items(list).filter(|item| text(item, "node") == node) {
                let id = text(item, "id");
                if text(item, "type") != "storage" {
                    if let Some(own) = find(&below, "id", &id) {
                        copy(own, item, MEASURED);
                    }
                    continue;
                }
                let storage = text(item, "storage");
                if let Some(own) = self.unchanged(&below, &node, &storage, "id", &id) {
                    copy(own, item, LISTED);
                }
            }
        }
        Ok(())
    }

    /// What a node answers as it is now; nothing where nobody can ask it.
    async fn ask(&self, node: &str, path: &str) -> Result<Reading, PortError> {
        let asked = {
            let state = self.state();
            let home = state.homes.of(node).cloned();
            home.and_then(|home| {
                let credential = state.credential_for(&home.domain)?;
                Some((home.address, credential))
            })
        };
        match asked {
            Some((address, credential)) => {
                let response = self.read(&address, path, &credential).await?;
                Ok(Reading::of(&response))
            }
            None => Ok(Reading::default()),
        }
    }

    /// The world's item about a storage that the plan leaves alone, and that is the same in the node's cluster now.
    fn unchanged<'a>(
        &self,
        below: &'a Reading,
        node: &str,
        storage: &str,
        field: &str,
        id: &str,
    ) -> Option<&'a Map<String, Value>> {
        let state = self.state();
        let domain = state.cluster_of(node)?;
        let is_home = state
            .homes
            .of(node)
            .is_some_and(|home| home.domain == domain);
        let key = Key::new(domain, kind::STORAGE, storage);
        if !is_home || state.rows.predicted(&key).is_some() {
            return None;
        }
        find(below, field, id)
    }
}

fn items(list: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let items = list.as_array_mut().map_or(&mut [][..], Vec::as_mut_slice);
    items.iter_mut().filter_map(Value::as_object_mut)
}

fn find<'a>(below: &'a Reading, field: &str, id: &str) -> Option<&'a Map<String, Value>> {
    let items = below.items().iter();
    items
        .filter_map(Value::as_object)
        .find(|item| item.get(field).and_then(Value::as_str) == Some(id))
}

fn text(item: &Map<String, Value>, field: &str) -> String {
    let text = item.get(field).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Takes figures over. What the daemons haven't reported on yet has none: it will have some.
fn copy(own: &Map<String, Value>, item: &mut Map<String, Value>, fields: &[&str]) {
    if text(own, "status") == "unknown" {
        return;
    }
    for field in fields {
        if let Some(value) = own.get(*field) {
            item.insert((*field).to_owned(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_where_figures_stand() {
        assert_eq!(shows(&["nodes"]), Some(Shows::Resources));
        assert_eq!(
            shows(&["nodes", "a", "storage", "b", "status"]),
            Some(Shows::Storage("a", "b"))
        );
        assert_eq!(shows(&["nodes", "a", "storage", "b", "content"]), None);
    }
}
