//! The whole wish of one kind: what homelab made and nobody wants any more is removed, all else stays.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use serde_json::{Value, json};
use world::proxmox::{Identity, Request};

use crate::{operate::answered, proxmox::first_node};

/// A kind of things that docs name all of.
pub(crate) struct Set {
    /// What they're called: `permissions`.
    pub(crate) noun: &'static str,
    /// Where the API lists them.
    pub(crate) list: &'static str,
    /// What an item of the list is.
    pub(crate) there: fn(&Value) -> There,
}

/// A thing that is there.
pub(crate) struct There {
    /// Its name, as it was recorded when it was made.
    pub(crate) thing: String,
    /// What is lost when it goes.
    pub(crate) before: Value,
    /// What removes it.
    pub(crate) remove: Request,
    /// What the list shows once it's gone.
    pub(crate) gone: Condition,
}

/// Removes what homelab made and isn't wanted, the newest first; tells what else isn't wanted.
pub(crate) async fn only(
    set: &Set,
    wanted: &[String],
    operation: &Operation,
) -> Result<Fields, Halt> {
    let node = first_node(operation)?;
    let list = Request::get(set.list);
    let answer = operation.read(&Identity::Root, &node, &list).await?;
    let there: Vec<There> = answer.items().iter().map(set.there).collect();
    let mut owned = operation.owned()?;
    owned.retain(|name| there.iter().any(|one| one.thing == *name));
    let is_wanted = |one: &There| wanted.contains(&one.thing);
    let (mut gone, mut foreign) = (Vec::new(), Vec::new());
    for one in there.into_iter().filter(|one| !is_wanted(one)) {
        match owned.iter().position(|name| *name == one.thing) {
            Some(place) => gone.push((place, one)),
            None => foreign.push(one.thing),
        }
    }
    gone.sort_by_key(|(place, _)| *place);
    foreign.sort();
    if !foreign.is_empty() {
        let names = foreign.join(", ");
        operation.remark(format!(
            "not named, and not made by homelab, so it stays: {names}"
        ));
    }
    let is_much = wanted.is_empty() || gone.len() * 2 > owned.len();
    if is_much && !gone.is_empty() {
        operation.confirm(&question(set, gone.len(), owned.len()))?;
    }
    let mut removed = Vec::new();
    for (_, one) in gone {
        removed.push(one.thing.clone());
        operation.write(removal(one, &node, &list)).await?;
    }
    Ok(answered([
        ("removed", json!(removed)),
        ("foreign", json!(foreign)),
    ]))
}

fn question(set: &Set, gone: usize, owned: usize) -> String {
    let noun = set.noun;
    format!("{gone} of the {owned} {noun} that homelab made aren't wanted any more. Remove them?")
}

fn removal(one: There, node: &str, list: &Request) -> Write {
    let change = Change::delete(one.thing.clone(), one.before).with_things(vec![one.thing]);
    let proof = (list.clone(), one.gone);
    Write::request(change, &Identity::Root, node, one.remove, proof)
}
