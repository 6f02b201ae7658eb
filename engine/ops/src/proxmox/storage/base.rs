//! The volume on an iSCSI storage that a volume group is made on.

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use serde_json::Value;
use world::{
    code,
    proxmox::{Identity, Request},
};

use super::shape::{StorageSpec, is_base};
use crate::difference::text;

/// The id of the wanted LUN's volume, if the storage has a base.
pub(super) async fn find(
    operation: &Operation,
    node: &str,
    spec: &StorageSpec,
) -> Result<Option<String>, Halt> {
    let Some(base) = &spec.base else {
        return Ok(None);
    };
    let lun = spec.lun.unwrap_or_default();
    let request = Request::get(Request::path(&["nodes", node, "storage", base, "content"]));
    let answer = operation.read(&Identity::Root, node, &request).await?;
    if let Some(volume) = volume(answer.items(), base, lun) {
        return Ok(Some(volume));
    }
    let seen: Vec<String> = answer
        .items()
        .iter()
        .map(|item| text(item, "volid"))
        .collect();
    let failure = Failure::new(
        code::storage::no_lun,
        format!("the iSCSI storage {base} shows no LUN {lun} on {node}"),
    )
    .help("see that the target offers the LUN to this node's initiator");
    let seen = if seen.is_empty() {
        "it shows no volume at all".to_owned()
    } else {
        format!("it shows {}", seen.join(", "))
    };
    Err(failure.cause(seen).into())
}

fn volume(items: &[Value], storage: &str, lun: u32) -> Option<String> {
    items
        .iter()
        .map(|item| text(item, "volid"))
        .find(|volume| is_base(volume, storage, lun))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::volume;

    #[test]
    fn picks_the_lun() {
        let items = json!([{"volid": "san:0.0.0.scsi-a"}, {"volid": "san:0.0.1.scsi-b"}]);
        let items = items.as_array().unwrap();
        assert_eq!(volume(items, "san", 1).as_deref(), Some("san:0.0.1.scsi-b"));
        assert_eq!(volume(items, "san", 2), None);
    }
}
