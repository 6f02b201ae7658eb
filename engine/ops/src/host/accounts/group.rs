//! Groups of a host.

use runbook::{
    action::{Change, Compared},
    bridge::Fields,
    halt::Halt,
    operation::Operation,
    write::{Write, tells},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::host::{
    Ask as _,
    verb::{Group, GroupAdd, GroupChange, GroupMembers, GroupRemove, Groups, Named},
};

use super::probe;
use crate::{
    host::{difference::Difference, fields::AccountName},
    info::Effect,
    operate::Operate,
};

/// Ensures a group of the host (not one of Proxmox's permissions: that's `proxmox::group`). Answers `name` and `gid`.
///
/// Errors: a member isn't there; the group that is to be gone is some user's own.
///
/// ```rhai
/// host::group("pve1", "media", #{ gid: 2000, members: ["www-data"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupSpec {
    /// The host.
    host: String,
    /// The group's name.
    name: AccountName,
    /// Its number. Default: as it is, the next free one for a new group.
    gid: Option<u32>,
    /// Who is in it, all of them, beside the users whose own group it is. Default: as it is.
    members: Option<Vec<String>>,
    /// Whether a new group gets a number of the system's range. Default: no.
    #[serde(default)]
    system: bool,
    /// Whether it's to be gone. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for GroupSpec {
    const NAME: &str = "host::group";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "name"];

    fn resource(&self) -> String {
        format!("group {} on {}", self.name, self.host)
    }

    async fn run(mut self, operation: &Operation) -> Result<Fields, Halt> {
        if let Some(members) = &mut self.members {
            members.sort();
            members.dedup();
        }
        let mut is = probe::group(operation, &self.host, &self.name).await?;
        if self.absent {
            if let Some(is) = &is {
                operation.write(removal(&self, is)).await?;
            }
            is = None;
        } else {
            if is.is_none() {
                operation.write(creation(&self)).await?;
                is = probe::group(operation, &self.host, &self.name).await?;
            }
            let known = is.clone().unwrap_or_default();
            for write in changes(&self, &known) {
                operation.write(write).await?;
            }
        }
        let mut fields = Fields::new();
        fields.insert("name".to_owned(), json!(self.name));
        let gid = self.gid.or(is.map(|is| is.gid));
        fields.insert("gid".to_owned(), json!(gid));
        Ok(fields)
    }
}

fn resource(spec: &GroupSpec) -> String {
    spec.resource()
}

fn show(spec: &GroupSpec) -> Groups {
    Groups::new(&spec.name)
}

fn removal(spec: &GroupSpec, is: &Group) -> Write {
    let before = json!({ "gid": is.gid.to_string(), "members": is.members });
    let change = Change::delete(resource(spec), before);
    let gone = Named {
        name: (&spec.name).into(),
        known: None,
    };
    let proof = tells(&show(spec), &gone);
    Write::call(change, &spec.host, GroupRemove::new(&spec.name), proof)
}

fn creation(spec: &GroupSpec) -> Write {
    let mut difference = Difference::default();
    difference.add("gid", json!(null), json!(spec.gid));
    let mut options = Vec::new();
    if let Some(gid) = spec.gid {
        options.extend(["-g".to_owned(), gid.to_string()]);
    }
    if spec.system {
        difference.add("system", json!(null), true);
        options.push("-r".to_owned());
    }
    let proof = format!("{}:", spec.name);
    let proof = (show(spec).call(), Compared::Starts, proof);
    let change = difference.create(resource(spec));
    let call = GroupAdd::new(&spec.name, options);
    Write::call(change, &spec.host, call, proof)
}

/// What has to be changed of a group that is there.
fn changes(spec: &GroupSpec, is: &Group) -> Vec<Write> {
    let mut writes = Vec::new();
    if let Some(gid) = spec.gid {
        let gid = gid.to_string();
        let mut difference = Difference::default();
        difference.add("gid", is.gid.to_string(), &*gid);
        if let Some(change) = difference.update(resource(spec)) {
            let proof = format!("{}:{gid}:", spec.name);
            let proof = (show(spec).call(), Compared::Starts, proof);
            let call = GroupChange::new(&spec.name, ["-g".to_owned(), gid]);
            writes.push(Write::call(change, &spec.host, call, proof));
        }
    }
    if let Some(members) = &spec.members {
        let mut difference = Difference::default();
        difference.add("members", is.members.clone(), members.clone());
        if let Some(change) = difference.update(resource(spec)) {
            let call = GroupMembers::new(&spec.name, members.join(","));
            writes.push(Write::repeatable(change, &spec.host, call));
        }
    }
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_only_what_differs() {
        let spec = |fields: serde_json::Value| -> GroupSpec {
            let mut spec = json!({ "host": "a", "name": "g" });
            let own = spec.as_object_mut().unwrap();
            own.extend(fields.as_object().unwrap().clone());
            serde_json::from_value(spec).unwrap()
        };
        let is = Group {
            gid: 5,
            members: vec!["a".to_owned()],
        };
        for (fields, count) in [
            (json!({}), 0),
            (json!({ "gid": 5, "members": ["a"] }), 0),
            (json!({ "gid": 6, "members": ["a"] }), 1),
            (json!({ "gid": 6, "members": [] }), 2),
        ] {
            assert_eq!(changes(&spec(fields.clone()), &is).len(), count, "{fields}");
        }
    }
}
