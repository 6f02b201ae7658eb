//! A host's network as ifupdown has it: changed under a guard, which restores the former one unless the host is reached
//! through the new one.

use std::time::Duration;

use runbook::{
    action::{Change, Kind},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    host::verb::{NetworkReload, NetworkState, Reload},
};

use super::{
    guard::{ATTEMPT, Earlier, Guard, PAUSE},
    patience::is_cut_off,
    probe,
    text::{self, Edit},
};
use crate::{field::Span, info::Effect, operate::Operate};

/// The file that ifupdown reads.
const PATH: &str = "/etc/network/interfaces";

/// How long the host may take to be reached through its new network, if nobody says otherwise.
const PATIENCE: Duration = Duration::from_secs(120);

/// Ensures the text of a host's `/etc/network/interfaces`, and puts it in force: for hosts that ifupdown2 or ifupdown
/// sets up and no Proxmox VE manages (`proxmox::network::stage` and `apply` are for its nodes).
///
/// First a timer on the host is armed that restores the former text and reloads. The host must then be reached by a
/// new connection, at the address in docs, which disarms it. Killed, cut off or wrong: the host comes back by itself,
/// and the next run says so. Answers `path`.
///
/// Errors: the host wasn't reached in time and took the change back; ifreload doesn't take the text (the cause has its
/// words), and the timer restores the former one.
///
/// ```rhai
/// host::interfaces("pve1", #{ content: "auto lo\niface lo inet loopback\n\nauto eno1\niface eno1 inet static\n\taddress 10.10.10.11/24\n" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InterfacesSpec {
    /// The host.
    host: String,
    /// The whole text of /etc/network/interfaces (interfaces(5)).
    content: String,
    /// How long the host may take to be reached through its new network; then it goes back to the former one by itself.
    /// Default: 2 min.
    guard: Option<Span>,
}

impl Operate for InterfacesSpec {
    const NAME: &str = "host::interfaces";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("network of {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let guard = Guard {
            host: &self.host,
            id: "network",
            reload: "network",
            paths: &[PATH],
            patience: self.guard.map_or(PATIENCE, |span| span.0),
        };
        let earlier = guard.earlier(operation).await?;
        let found = probe::file(operation, &self.host, PATH).await?;
        let old = found.bytes()?;
        if old != self.content.as_bytes() {
            let change = async || {
                replace(operation, &self, old).await?;
                reload(operation, &self, guard.patience).await
            };
            guard.around(operation, earlier, change).await?;
        } else if earlier == Earlier::Armed {
            // Whether the earlier run came to the reload isn't known; another one does no harm.
            let change = async || reload(operation, &self, guard.patience).await;
            guard.within(operation, change).await?;
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(PATH));
        Ok(fields)
    }
}

async fn replace(operation: &Operation, spec: &InterfacesSpec, old: &[u8]) -> Result<(), Halt> {
    let resource = format!("file {PATH} on {}", spec.host);
    let change = Change::update(
        resource,
        json!({ "text": "former" }),
        json!({ "text": "new" }),
    );
    let edit = Edit {
        path: PATH,
        old,
        new: spec.content.as_bytes(),
        change,
    };
    text::write(operation, &spec.host, edit).await
}

/// Reloads, and waits until that is over, or as long as the guard does: whether the host is reached then is its matter.
async fn reload(
    operation: &Operation,
    spec: &InterfacesSpec,
    patience: Duration,
) -> Result<(), Halt> {
    let change = Change::new(
        spec.resource(),
        Kind::Apply,
        json!({ "interfaces": "former" }),
        json!({ "interfaces": "new" }),
    );
    operation
        .write(Write::repeatable(change, &spec.host, NetworkReload {}))
        .await?;
    let world = &operation.run().world;
    let until = world.clock.now().after(patience);
    while world.clock.now() < until {
        world.hosts.hang_up(&spec.host).await;
        let ask = NetworkState {};
        match operation.ask_within(ATTEMPT, &spec.host, ask).await {
            Ok(Reload::Reloading) => {}
            Ok(Reload::Reloaded { status, said }) if status != 0 => {
                return Err(refused(spec, said.trim().to_owned()).into());
            }
            Ok(Reload::Idle | Reload::Reloaded { .. }) => return Ok(()),
            Err(Halt::Failed(failure)) if is_cut_off(&failure) => {}
            Err(halt) => return Err(halt),
        }
        operation.wait(PAUSE).await?;
    }
    Ok(())
}

fn refused(spec: &InterfacesSpec, said: String) -> Failure {
    let text = format!("{} doesn't take its new {PATH}", spec.host);
    Failure::new(code::host::network_refused, text)
        .cause(said)
        .help("its timer restores the former text: correct what is named, and resume")
}
