//! Making or changing a storage.

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use serde_json::{Value, json};
use world::proxmox::Method;

use super::{active, base, shape::StorageSpec};
use crate::{
    info::Sent,
    proxmox::{
        first_node,
        object::{At, Emptied, Object, Wanted},
    },
};

impl Object for StorageSpec {
    const NAME: &str = "proxmox::storage::ensure";
    const NOUN: &str = "storage";
    const ID: &str = "storage";
    const AT: At = At::Path("/storage/{storage}");
    const EMPTIED: Emptied = Emptied::ByDelete;
    const GUARDED: bool = true;
    const BESIDES: &[Sent] = &[
        (Method::Get, "/nodes/{node}/storage/{storage}/status"),
        (Method::Get, "/nodes/{node}/storage/{storage}/content"),
    ];

    fn id(&self) -> &str {
        &self.storage
    }

    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        if wanted.is_new() {
            self.want_all(wanted);
            return Ok(());
        }
        self.refuse_fixed(wanted.there())?;
        self.want_changes(wanted);
        Ok(())
    }

    fn check(&self) -> Result<(), Failure> {
        self.fits_its_type()
    }

    async fn look(&mut self, operation: &Operation, there: Option<&Value>) -> Result<(), Halt> {
        if there.is_none() {
            self.volume = base::find(operation, &first_node(operation)?, self).await?;
        }
        Ok(())
    }

    async fn follow(&self, operation: &Operation, answer: &mut Fields) -> Result<(), Halt> {
        let nodes = active::wait(operation, self).await?;
        answer.insert("nodes".to_owned(), json!(nodes));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxmox::object::write;

    #[test]
    fn sends_only_what_differs_and_the_digest() {
        let spec: StorageSpec = serde_json::from_value(
            json!({"storage": "nas", "type": "nfs", "server": "10.0.0.2", "export": "/tank", "content": "iso"}),
        )
        .unwrap();
        let observed = json!({"type": "nfs", "server": "10.0.0.2", "export": "/tank", "content": "iso,backup", "nodes": "a",
            "digest": "abc"});
        let write = write(&spec, "pve1", Some(&observed)).unwrap().unwrap();
        assert_eq!(
            write.change.before,
            json!({"content": "backup,iso", "nodes": "a"})
        );
        let runbook::write::Dispatch::Request(to) = write.action else {
            panic!("a request");
        };
        assert_eq!(to.request.form(), "content=iso&delete=nodes&digest=abc");
    }
}
