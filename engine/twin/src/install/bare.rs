//! Machines that aren't installed, as rows: bare, installing, or left alone after an answer file that the
//! installer doesn't take.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use world::{clock::Moment, install::AnswerFile};

use super::{Chosen, tells};
use crate::{
    model::{Fault, Key, Passing, Rows, Tx, kind},
    seed,
    twin::Twin,
};

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
