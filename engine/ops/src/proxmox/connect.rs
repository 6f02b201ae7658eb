//! Which nodes there are and who logs in: a declaration, which touches nothing.

use rhai::{Dynamic, Map, plugin::*};
use runbook::{body::Body, failure::Failure};
use world::{Secret, proxmox::Node};

use crate::declared::{Declaration, field};

/// The nodes of the lab and who logs in to them.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{EvalAltResult, NativeCallContext};

    /// Says which nodes there are and who logs in. A declaration at the top of a runbook: it touches nothing.
    ///
    /// Fields: `nodes`, a table or list whose rows have `name`, `address` and, optionally, `fingerprint` (SHA-256
    /// of the node's certificate, colon form); `user`, the user with its realm; `password`, a secret. The first
    /// node answers for the whole cluster.
    ///
    /// Errors: a row has no name or address; the password isn't a secret.
    ///
    /// ```rhai
    /// proxmox::connect(#{
    ///     nodes: facts::table("HARDWARE", "Nodes"),
    ///     user: "root@pam",
    ///     password: secret("PROXMOX_PASSWORD")
    /// });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn connect(context: NativeCallContext, spec: Map) -> Result<(), Box<EvalAltResult>> {
        let body = Body::current(&context)?;
        let declared = super::declared(&context, &spec)
            .map_err(|failure| failure.at(&context).throw(context.call_position()))?;
        body.run.redactor.register(&declared.password);
        for node in &declared.nodes {
            if let Some(fingerprint) = &node.fingerprint {
                body.run.world.proxmox.pin_first(&node.address, fingerprint);
            }
        }
        body.run.api.set_nodes(declared.nodes);
        body.run.api.set_root(&declared.user, declared.password);
        Ok(())
    }
}

struct Declared {
    nodes: Vec<Node>,
    user: String,
    password: Secret,
}

const DECLARATION: Declaration = Declaration {
    function: "proxmox::connect",
    fields: &["nodes", "user", "password"],
};

fn refused(message: impl Into<String>) -> Failure {
    DECLARATION.refused(message)
}

fn declared(context: &rhai::NativeCallContext, spec: &Map) -> Result<Declared, Failure> {
    DECLARATION.check(spec)?;
    let needed = |name: &str| {
        spec.get(name)
            .ok_or_else(|| refused(format!("the field `{name}` is missing")))
    };
    let user = needed("user")?
        .clone()
        .into_string()
        .map_err(|kind| refused(format!("`user` is {kind}, not text")))?;
    let password = needed("password")?
        .read_lock::<Secret>()
        .map(|secret| secret.clone())
        .ok_or_else(|| refused("`password` must be a secret: secret(\"PROXMOX_PASSWORD\")"))?;
    let nodes = DECLARATION
        .rows(context, "nodes", needed("nodes")?)?
        .iter()
        .map(node)
        .collect::<Result<Vec<_>, _>>()?;
    if nodes.is_empty() {
        return Err(refused("`nodes` is empty"));
    }
    Ok(Declared {
        nodes,
        user,
        password,
    })
}

fn node(row: &Dynamic) -> Result<Node, Failure> {
    let cell = |name| field(row, name).map_err(refused);
    let name = cell("name")?.ok_or_else(|| refused("a node has no name"))?;
    let address = cell("address")?.ok_or_else(|| refused(format!("node {name} has no address")))?;
    Ok(Node {
        address: address.split('/').next().unwrap_or_default().to_owned(),
        fingerprint: cell("fingerprint")?,
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_node_without_its_prefix() {
        let mut map = Map::new();
        map.insert("name".into(), "pve1".into());
        map.insert("address".into(), "10.0.0.11/24".into());
        let read = node(&Dynamic::from_map(map.clone())).unwrap();
        assert_eq!(
            (read.name.as_str(), read.address.as_str(), read.fingerprint),
            ("pve1", "10.0.0.11", None)
        );
        map.remove("address");
        assert!(
            node(&Dynamic::from_map(map))
                .unwrap_err()
                .message
                .contains("node pve1 has no address")
        );
        assert!(node(&Dynamic::from(1_i64)).is_err());
    }
}
