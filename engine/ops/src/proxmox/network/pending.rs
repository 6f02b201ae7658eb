//! Whose staged changes these are. They're shared by all who work on a node, and the API doesn't say who made them.
//!
//! The API shows them as a diff of the interfaces' file. A line is ours if what is wanted explains it; any other is
//! somebody else's, and then nothing is staged or applied. What Proxmox does by itself when it writes the file makes
//! no difference: it adds comments of its own and the ports that weren't in it, and moves sections.

use std::collections::BTreeSet;

use runbook::failure::Failure;
use world::code;

use super::{Observed, interface::InterfaceSpec};
use crate::difference::text;

/// Fails if staged changes aren't explained by what is wanted.
pub(super) fn refuse_foreign(
    node: &str,
    observed: &Observed,
    wanted: &[InterfaceSpec],
) -> Result<(), Failure> {
    let ports = observed
        .rows
        .iter()
        .filter(|row| text(row, "type") == "eth");
    let ports: BTreeSet<String> = ports.map(|row| text(row, "iface")).collect();
    let foreign = foreign(&observed.pending, &ports, wanted);
    if foreign.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(
        code::network::foreign_changes,
        format!(
            "{node} has staged network changes that this runbook didn't make; they're never applied for you"
        ),
    )
    .help(format!(
        "apply or revert them in the web interface ({node}, System, Network), then resume"
    ));
    Err(foreign.into_iter().fold(failure, |failure, line| {
        failure.cause(format!("staged: {line}"))
    }))
}

/// The changed lines that nothing wanted explains.
fn foreign(diff: &str, ports: &BTreeSet<String>, wanted: &[InterfaceSpec]) -> Vec<String> {
    let known = Allowed::of(wanted);
    let mut foreign = Vec::new();
    for line in changed(diff) {
        if !known.explains(line) && !is_bare_port(line, ports) {
            foreign.push(line.to_owned());
        }
    }
    foreign
}

/// The lines that were added or taken away, without those that only moved.
fn changed(diff: &str) -> Vec<&str> {
    let mut changed: Vec<&str> = Vec::new();
    for line in diff.lines() {
        let is_head = line.starts_with("+++") || line.starts_with("---");
        if is_head || !line.starts_with(['+', '-']) {
            continue;
        }
        let moved = changed
            .iter()
            .position(|other| other[..1] != line[..1] && other[1..].trim() == line[1..].trim());
        match moved {
            Some(place) => drop(changed.remove(place)),
            None => changed.push(line),
        }
    }
    changed
}

/// Whether a line is the section of a port that has no settings.
fn is_bare_port(line: &str, ports: &BTreeSet<String>) -> bool {
    let words: Vec<&str> = line[1..].split_whitespace().collect();
    matches!(words.as_slice(), ["iface", name, "inet", "manual"] if ports.contains(*name))
}

/// What may stand in changed lines.
struct Allowed {
    /// The interfaces, and the ports that they take up.
    names: BTreeSet<String>,
    /// The options that may have been taken away: those that are set, and those that follow from them.
    options: BTreeSet<String>,
    /// The options with their values that may have been set.
    settings: BTreeSet<String>,
}

/// What Proxmox writes by itself.
const DEFAULTS: [&str; 8] = [
    "source /etc/network/interfaces.d/*",
    "bridge-stp off",
    "bridge-fd 0",
    "bridge-vlan-aware yes",
    "bridge-vids 2-4094",
    "bridge-ports none",
    "bond-miimon 100",
    "bond-slaves none",
];

impl Allowed {
    fn of(wanted: &[InterfaceSpec]) -> Self {
        let mut known = Self {
            names: BTreeSet::new(),
            options: BTreeSet::new(),
            settings: DEFAULTS.iter().map(|line| line_of(line)).collect(),
        };
        for interface in wanted {
            known.names.insert(interface.iface.clone());
            let ports = [&interface.bridge_ports, &interface.slaves];
            known.names.extend(
                ports
                    .into_iter()
                    .flatten()
                    .flat_map(|ports| ports.0.clone()),
            );
            let dropped = interface.dropped();
            known
                .options
                .extend(dropped.into_iter().map(|name| option(name).to_owned()));
            for (property, value) in interface.wanted() {
                let option = option(property);
                known.settings.insert(setting(option, &value));
                known.options.insert(option.to_owned());
            }
        }
        known
    }

    fn explains(&self, line: &str) -> bool {
        let added = line.starts_with('+');
        let text = line[1..].trim();
        // A comment takes no effect, and Proxmox writes some by itself.
        if text.is_empty() || text.starts_with('#') {
            return true;
        }
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match word {
            "auto" => rest
                .split_whitespace()
                .all(|name| self.names.contains(name)),
            "iface" => rest
                .split_whitespace()
                .next()
                .is_some_and(|name| self.names.contains(name)),
            _ if added => self.settings.contains(&setting(word, rest)),
            _ => self.options.contains(word) || self.settings.contains(&setting(word, rest)),
        }
    }
}

/// An option with its value, as it's compared: Proxmox writes the members of a set in an order of its own.
fn setting(option: &str, value: &str) -> String {
    let mut words: Vec<&str> = value.split_whitespace().collect();
    if matches!(option, "bridge-ports" | "bridge-vids" | "bond-slaves") {
        words.sort_unstable();
    }
    format!("{option} {}", words.join(" "))
}

fn line_of(text: &str) -> String {
    let (option, value) = text.split_once(' ').unwrap_or((text, ""));
    setting(option, value)
}

/// The option in the interfaces' file of a property in the API.
fn option(property: &str) -> &str {
    match property {
        "cidr" | "cidr6" => "address",
        "gateway6" => "gateway",
        "bridge_ports" => "bridge-ports",
        "bridge_vlan_aware" => "bridge-vlan-aware",
        "bridge_vids" => "bridge-vids",
        "slaves" => "bond-slaves",
        "bond_mode" => "bond-mode",
        "bond_xmit_hash_policy" => "bond-xmit-hash-policy",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::interface::tests::interface, *};

    fn wanted() -> Vec<InterfaceSpec> {
        vec![
            interface(
                json!({"iface": "bond0", "type": "bond", "slaves": "enp2s0f0 enp2s0f1", "bond_mode": "802.3ad"}),
            ),
            interface(
                json!({"iface": "vmbr1", "type": "bridge", "bridge_ports": "bond0", "bridge_vlan_aware": true,
                "bridge_vids": [20, 30], "comments": "guests and storage"}),
            ),
            interface(json!({"iface": "vmbr1.20", "type": "vlan", "cidr": "10.0.20.11/24"})),
        ]
    }

    const OURS: &str = "--- /etc/network/interfaces\t2026\n+++ /etc/network/interfaces.new\t2026\n@@ -3,6 +3,9 @@\n \
        iface eno1 inet manual\n-iface enp2s0f0 inet manual\n+auto bond0\n+iface bond0 inet manual\n+\tbond-slaves enp2s0f0 enp2s0f1\n\
        +\tbond-miimon 100\n+\tbond-mode 802.3ad\n+\n+auto vmbr1\n+iface vmbr1 inet manual\n+\tbridge-ports bond0\n+\tbridge-stp off\n\
        +\tbridge-fd 0\n+\tbridge-vlan-aware yes\n+\tbridge-vids 20 30\n+#guests and storage\n+auto vmbr1.20\n\
        +iface vmbr1.20 inet static\n+\taddress 10.0.20.11/24\n";

    #[test]
    fn members_are_ours_in_any_order() {
        let mut wanted = wanted();
        wanted[0] = interface(
            json!({"iface": "bond0", "type": "bond", "slaves": "enp2s0f1 enp2s0f0", "bond_mode": "802.3ad"}),
        );
        wanted[1] = interface(
            json!({"iface": "vmbr1", "type": "bridge", "bridge_ports": "bond0", "bridge_vlan_aware": true,
            "bridge_vids": [30, 20]}),
        );
        assert_eq!(foreign(OURS, &ports(), &wanted), Vec::<String>::new());
    }

    fn ports() -> BTreeSet<String> {
        BTreeSet::from(["eno4".to_owned()])
    }

    #[test]
    fn bears_what_proxmox_does_by_itself() {
        let diff = "+# settings, generated\n+iface eno4 inet manual\n-auto vmbr0\n-iface vmbr0 inet static\n\
            +auto vmbr0\n+iface vmbr0 inet static\n";
        assert_eq!(foreign(diff, &ports(), &wanted()), Vec::<String>::new());
    }

    #[test]
    fn recognises_its_own_changes() {
        assert_eq!(foreign(OURS, &ports(), &wanted()), Vec::<String>::new());
        assert_eq!(foreign("", &ports(), &wanted()), Vec::<String>::new());
        assert_eq!(
            foreign(
                "-\tbridge-vids 2-4094\n+\tbridge-vids 20 30\n",
                &ports(),
                &wanted()
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn recognises_what_falls_away_with_its_own_changes() {
        let wanted = [
            interface(json!({"iface": "bond0", "type": "bond", "bond_mode": "active-backup"})),
            interface(json!({"iface": "vmbr1", "type": "bridge", "bridge_vlan_aware": false})),
        ];
        let diff = "-\tbond-mode 802.3ad\n-\tbond-xmit-hash-policy layer2+3\n+\tbond-mode active-backup\n\
            -\tbridge-vlan-aware yes\n-\tbridge-vids 20 30\n";
        assert_eq!(foreign(diff, &ports(), &wanted), Vec::<String>::new());
        let other = "+\tbond-xmit-hash-policy layer2\n";
        assert_eq!(
            foreign(other, &ports(), &wanted),
            ["+\tbond-xmit-hash-policy layer2"]
        );
    }

    #[test]
    fn finds_changes_of_somebody_else() {
        let table = [
            "+auto vmbr9",
            "+iface vmbr9 inet manual",
            "+\taddress 10.0.20.99/24",
            "+\tmtu 9000",
            "-\tgateway 10.0.0.1",
            "+iface eno4 inet dhcp",
            "-auto vmbr0",
            "+\tpost-up iptables -A INPUT",
        ];
        for line in table {
            assert_eq!(
                foreign(&format!("{OURS}{line}\n"), &ports(), &wanted()),
                [line]
            );
        }
    }

    #[test]
    fn shows_foreign_lines_in_the_failure() {
        let observed = Observed {
            rows: Vec::new(),
            pending: "+\tmtu 9000\n".to_owned(),
        };
        let failure = refuse_foreign("pve1", &observed, &wanted()).unwrap_err();
        assert_eq!(failure.causes, ["staged: +\tmtu 9000"]);
        assert!(failure.message.starts_with("pve1 has staged"));
    }
}
