//! Which hosts there are and who logs in: a declaration, which touches nothing.

use rhai::{Map, plugin::*};
use runbook::{body::Body, failure::Failure};
use world::{Secret, host::Destination};

use crate::declared::{Declaration, field, text};

/// Hosts, reached over SSH.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{EvalAltResult, NativeCallContext};

    /// Says which hosts there are and who logs in. A declaration at the top of a runbook: it touches nothing.
    ///
    /// Fields: `hosts`, a table or list whose rows have `name`, `address` and, optionally, `user` and `host_key` (the
    /// SHA-256 fingerprint of the host's key, `SHA256:…`); `user`, who logs in where a row doesn't say; `password`, a
    /// secret, used where no key is taken; `sudo_password`, a secret, for logins that are not root's. What is left out
    /// is as `~/.ssh/config` has it.
    ///
    /// Errors: a row has no name or address; a password isn't a secret.
    ///
    /// ```rhai
    /// host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root" });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn connect(context: NativeCallContext, spec: Map) -> Result<(), Box<EvalAltResult>> {
        let body = Body::current(&context)?;
        let declared = super::declared(&context, &spec)
            .map_err(|failure| failure.at(&context).throw(context.call_position()))?;
        for host in &declared {
            for secret in [&host.password, &host.sudo_password].into_iter().flatten() {
                body.run.redactor.register(secret);
            }
        }
        body.run.world.hosts.declare(declared);
        Ok(())
    }
}

const DECLARATION: Declaration = Declaration {
    function: "host::connect",
    fields: &["hosts", "user", "password", "sudo_password"],
};

fn declared(context: &rhai::NativeCallContext, spec: &Map) -> Result<Vec<Destination>, Failure> {
    DECLARATION.check(spec)?;
    let user = match spec.get("user") {
        Some(user) => {
            text(user).map_err(|refused| DECLARATION.refused(format!("`user` {refused}")))?
        }
        None => None,
    };
    let password = secret(spec, "password")?;
    let sudo_password = secret(spec, "sudo_password")?;
    let hosts = spec
        .get("hosts")
        .ok_or_else(|| DECLARATION.refused("the field `hosts` is missing"))?;
    let rows = DECLARATION.rows(context, "hosts", hosts)?;
    let host = |row| {
        let cell = |name| field(row, name).map_err(|refused| DECLARATION.refused(refused));
        let name = cell("name")?.ok_or_else(|| DECLARATION.refused("a host has no name"))?;
        let address = cell("address")?
            .ok_or_else(|| DECLARATION.refused(format!("host {name} has no address")))?;
        Ok(Destination {
            address: address.split('/').next().unwrap_or_default().to_owned(),
            user: cell("user")?.or_else(|| user.clone()),
            host_key: cell("host_key")?,
            password: password.clone(),
            sudo_password: sudo_password.clone(),
            name,
        })
    };
    rows.iter().map(host).collect()
}

fn secret(spec: &Map, name: &str) -> Result<Option<Secret>, Failure> {
    let Some(value) = spec.get(name) else {
        return Ok(None);
    };
    let secret = value.read_lock::<Secret>().map(|secret| secret.clone());
    secret
        .map(Some)
        .ok_or_else(|| DECLARATION.refused(format!("`{name}` must be a secret: secret(\"NAME\")")))
}
