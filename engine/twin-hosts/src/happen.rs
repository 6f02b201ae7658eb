//! What calls set off on hosts, as it happens on the twin.

use model::{HostEffect, Reality, Stop, Tx, host_effect, kind, node::network};
use serde_json::Value;

use super::Host;

/// The twin's reality: rows are all that there is, and docs the whole lab.
#[derive(Clone, Copy, Debug)]
pub struct Simulated;

impl Reality for Simulated {
    fn happen(&self, effect: &HostEffect, host: &str, tx: &mut Tx<'_>) -> Result<(), Stop> {
        let mut host = Host::new(tx, host);
        match effect {
            HostEffect::Restart => {
                let now = host.tx.now.0;
                host.restart(now)
            }
            // Without a row the file is what the rows of the interfaces say.
            HostEffect::WriteNetwork => host.delete(kind::FILE, host_effect::NETWORK),
            HostEffect::ReloadNetwork => {
                let text = host.text(host_effect::NETWORK)?.unwrap_or_default();
                network::reload(host.tx, &text)
            }
            HostEffect::KeepNetwork { guard } => {
                let interfaces = host.scan::<Value>(kind::INTERFACE)?;
                host.put(kind::GUARDED, guard, &interfaces)
            }
            HostEffect::ReadSshd => host.read_sshd_settings(),
        }
    }

    fn undocumented(&self, _: String) -> Result<(), Stop> {
        Ok(())
    }
}
