//! Machines that aren't installed, as rows: bare, installing, or left alone after an answer file that the
//! installer doesn't take.

use http::{Method, StatusCode};
use model::{Fault, Key, Passing, Rows, Tx, kind};
use serde_json::{Value, json};
use twin_hosts::trust;
use world::{clock::Moment, install::AnswerFile};

use super::{Chosen, tells};
use crate::{seed, twin::Twin};

/// How long the installer works, in milliseconds, with the restart after it.
const TAKES: u64 = 180_000;

/// How a machine stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    /// It asks for an answer file.
    Bare,
    /// The installer works until a moment.
    Installing(Moment),
    /// The installer didn't take what it was given, and stopped.
    Stopped,
    /// It's a node.
    Installed,
}

impl Machine {
    fn of(row: &Value) -> Self {
        match row["state"].as_str() {
            Some("bare") => Self::Bare,
            Some("installing") => {
                Self::Installing(Moment(row["until"].as_u64().unwrap_or_default()))
            }
            Some(_) => Self::Stopped,
            None => Self::Installed,
        }
    }
}

/// Whether a node's row is one that answers.
pub(crate) fn is_installed(row: &Value) -> bool {
    Machine::of(row) == Machine::Installed
}

fn key(node: &str) -> Key {
    Key::new("", kind::NODE, node)
}

/// Writes the row of a machine without a system.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant_bare(rows: &mut dyn Rows, node: &str) -> Result<(), Fault> {
    // No key is known of a machine that has no system yet.
    trust::keep(rows, node, "")?;
    rows.put(&key(node), json!({ "state": "bare" }))
}

impl Twin {
    /// How the machine of a node stands; one that docs don't know is as good as a node that isn't there.
    pub(crate) fn machine(&self, node: &str) -> Result<Machine, Fault> {
        let row = self.rows(|rows| rows.get(&key(node)))?;
        Ok(row.map_or(Machine::Installed, |row| Machine::of(&row)))
    }

    /// Lets bare machines ask the desk, and installers finish whose time has come.
    pub(crate) fn machines_go_on(&self) -> Result<(), Fault> {
        let machines = self.rows(|rows| rows.scan("", kind::NODE))?;
        for (node, row) in machines {
            match Machine::of(&row) {
                Machine::Bare if !self.inner.desk.is_empty() => self.ask_desk(&node)?,
                Machine::Installing(_) => self.finish(&node)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn ask_desk(&self, node: &str) -> Result<(), Fault> {
        let response = self.inner.desk.respond(&Method::POST, &self.posts(node));
        if response.status() != StatusCode::OK {
            return Ok(());
        }
        self.begin(node, &String::from_utf8_lossy(response.body()))
    }

    /// What a machine's installer posts.
    pub(crate) fn posts(&self, node: &str) -> Vec<u8> {
        let facts = &self.inner.facts;
        let told = facts.nodes.iter().find(|other| other.name == node);
        let told = told.map(|node| tells(&facts.version, node));
        told.unwrap_or_default().to_string().into_bytes()
    }

    /// Begins to install a bare machine as an answer file says, or stops where the installer would.
    pub(crate) fn begin(&self, node: &str, answer: &str) -> Result<(), Fault> {
        self.with("", |tx| {
            let row = tx.rows.get(&key(node))?.unwrap_or_default();
            if Machine::of(&row) != Machine::Bare {
                return Ok(());
            }
            let taken = Chosen::read(&self.inner.facts, node, answer);
            let row = match taken {
                Ok(_) => {
                    json!({ "state": "installing", "until": tx.now.0 + TAKES, "answer": answer })
                }
                Err(why) => json!({ "state": "stopped", "why": why }),
            };
            tx.rows.put(&key(node), row)
        })?
    }

    /// Finishes an installation: in a world that is polled at once, else when its time has come.
    pub(crate) fn finish(&self, node: &str) -> Result<(), Fault> {
        self.with("", |tx| {
            let row = tx.rows.get(&key(node))?.unwrap_or_default();
            let Machine::Installing(until) = Machine::of(&row) else {
                return Ok(());
            };
            if tx.config.passing == Passing::Polled {
                tx.now = tx.now.max(until);
            }
            if tx.now < until {
                return Ok(());
            }
            let text = row["answer"].as_str().unwrap_or_default();
            match AnswerFile::read(text).and_then(|file| {
                Chosen::by(&self.inner.facts, node, file)
                    .map_err(|why| world::install::NoAnswer(vec![why]))
            }) {
                Ok(chosen) => self.settle_in(tx, &chosen, until),
                Err(why) => tx.rows.put(
                    &key(node),
                    json!({ "state": "stopped", "why": why.to_string() }),
                ),
            }
        })?
    }

    /// The machine starts as the node that it has become.
    fn settle_in(&self, tx: &mut Tx<'_>, chosen: &Chosen, at: Moment) -> Result<(), Fault> {
        let lab = seed::Lab {
            facts: &chosen.facts,
            start: &self.inner.start,
        };
        chosen.plant(tx.rows, &lab, at.seconds())
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use bytes::Bytes;
    use world::{
        Secret,
        docs::Docs,
        install::{AnswerFile, Asked, Installer as _, Offer, crypt},
        proxmox::Port as _,
    };

    use super::*;
    use crate::{LabFacts, Options, Start, install::TwinInstaller, port::TwinPort};

    const PASSWORD: &str = "a password of this test";

    fn bare() -> Twin {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let facts = LabFacts::from_docs(&Docs::load(&path).unwrap()).unwrap();
        Twin::open(None, facts, Start::default(), Options::default()).unwrap()
    }

    fn offer(timezone: &str) -> Offer {
        let hash = crypt::hash(&Secret::new("P", PASSWORD)).unwrap();
        let text = format!(
            "[global]\nkeyboard = \"de\"\ncountry = \"de\"\nfqdn = \"pve1.lab.home.arpa\"\nmailto = \"root@lab.home.arpa\"\n\
             timezone = \"{timezone}\"\nroot-password-hashed = \"{}\"\n[network]\nsource = \"from-answer\"\n\
             cidr = \"10.10.10.11/24\"\ndns = \"10.10.10.1\"\ngateway = \"10.10.10.1\"\n\
             filter.ID_NET_NAME_MAC = \"*3cecef4a1020\"\n[disk-setup]\nfilesystem = \"ext4\"\ndisk-list = [\"nvme0n1\"]\n",
            hash.0
        );
        Offer {
            node: "pve1".to_owned(),
            macs: vec!["3c:ec:ef:4a:10:20".to_owned()],
            serial: None,
            file: AnswerFile::read(&text).unwrap(),
            given: false,
        }
    }

    async fn login(twin: &Twin, password: &str) -> Result<u16, String> {
        let body = format!("username=root@pam&password={}", password.replace(' ', "+"));
        let request = http::Request::post("/api2/json/access/ticket")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(body))
            .unwrap();
        let answer = TwinPort(twin.clone()).send("10.10.10.11", request).await;
        answer
            .map(|answer| answer.status().as_u16())
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_bare_machine_answers_once_its_installer_has_got_a_file_and_has_worked() {
        let twin = bare();
        assert!(
            login(&twin, PASSWORD)
                .await
                .unwrap_err()
                .contains("No route to host")
        );
        let offered = TwinInstaller(twin.clone())
            .offer(offer("Europe/Berlin"))
            .await
            .unwrap();
        let clock = twin.world().unwrap().clock;
        clock.sleep(Duration::from_secs(1)).await;
        let told = offered.take();
        let is_given = |asked: &Asked| matches!(asked, Asked::Given { node, .. } if node == "pve1");
        assert_eq!(
            told.iter().filter(|asked| is_given(asked)).count(),
            1,
            "{told:?}"
        );
        assert_eq!(
            told.len(),
            3,
            "the others are strangers to this offer: {told:?}"
        );
        assert!(login(&twin, PASSWORD).await.is_err(), "the installer works");
        clock.sleep(Duration::from_secs(200)).await;
        assert_eq!(login(&twin, PASSWORD).await, Ok(200));
        assert_eq!(login(&twin, "another").await, Ok(401));
        assert_eq!(twin.machine("pve2").unwrap(), Machine::Bare);
    }

    #[tokio::test]
    async fn an_installer_that_does_not_take_its_file_stops() {
        let twin = bare();
        let _offered = TwinInstaller(twin.clone())
            .offer(offer("Europe/Nowhere"))
            .await
            .unwrap();
        twin.pass(Duration::from_secs(300)).unwrap();
        assert_eq!(twin.machine("pve1").unwrap(), Machine::Stopped);
        let shown = twin.export().unwrap().to_string();
        assert!(
            shown.contains("timezone 'Europe/Nowhere' is not valid"),
            "{shown}"
        );
    }

    #[test]
    fn a_reset_makes_machines_bare_again() {
        let twin = bare();
        twin.begin("pve1", &offer("UTC").file.text()).unwrap();
        assert!(matches!(
            twin.machine("pve1").unwrap(),
            Machine::Installing(_)
        ));
        twin.reset().unwrap();
        assert_eq!(twin.machine("pve1").unwrap(), Machine::Bare);
    }
}
