//! What the cluster's lists know comes from daemons that report every ten seconds: what is newer has the
//! status `unknown` until the next report.

use serde::{Deserialize, Serialize};
use serde_json::json;
use world::clock::Moment;

use super::{
    kind,
    rows::{Fault, Key, Rows},
    stop::Stop,
    transaction::{Passing, Tx},
};

/// How often the daemons report, in milliseconds.
const EVERY: u64 = 10_000;

/// The last report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Beat {
    /// Which one it is.
    number: u64,
    /// What was there: `DOMAIN ID`, with ids as `/cluster/resources` has them.
    known: Vec<String>,
}

fn key() -> Key {
    Key::new("", kind::TWIN, "beat")
}

/// Makes the report of a moment: all that is there is known. Without the first one nothing lags.
///
/// # Errors
/// The rows' fault.
pub fn start(rows: &mut dyn Rows, now: Moment) -> Result<(), Fault> {
    let known = reported(rows)?;
    let number = now.0 / EVERY;
    rows.put(&key(), json!(Beat { number, known }))
}

/// Whether the rows hold the whole lab and its daemons' reports; a preview's don't.
///
/// # Errors
/// The rows' fault.
pub fn is_kept(tx: &mut Tx<'_>) -> Result<bool, Stop> {
    Ok(tx.rows.get(&key())?.is_some())
}

/// The moment of the last report that is due but not made yet.
///
/// # Errors
/// The rows' fault.
pub(crate) fn due(tx: &mut Tx<'_>) -> Result<Option<Moment>, Stop> {
    let number = tx.now.0 / EVERY;
    let beat = tx.read::<Beat>(&key())?;
    Ok(beat
        .filter(|beat| beat.number < number)
        .map(|_| Moment(number * EVERY)))
}

/// Makes the report of a moment.
///
/// # Errors
/// The rows' fault.
pub(crate) fn report(tx: &mut Tx<'_>, at: Moment) -> Result<(), Stop> {
    Ok(start(tx.rows, at)?)
}

/// Everything that is there, of every cluster.
fn reported(rows: &mut dyn Rows) -> Result<Vec<String>, Fault> {
    let nodes = rows.scan("", kind::NODE)?;
    let mut known = Vec::new();
    for (node, row) in nodes {
        let domain = row["domain"].as_str().unwrap_or_default();
        known.push(format!("{domain} node/{node}"));
        for (storage, _) in rows.scan(domain, kind::STORAGE)? {
            known.push(format!("{domain} storage/{node}/{storage}"));
        }
        for (vmid, guest) in rows.scan(domain, kind::GUEST)? {
            if guest["node"] == *node {
                let kind = guest["type"].as_str().unwrap_or("qemu");
                known.push(format!("{domain} {kind}/{vmid}"));
            }
        }
    }
    Ok(known)
}

/// What the asked node's lists know.
pub struct Heard {
    domain: String,
    beat: Option<Beat>,
    /// Whether something was asked about that isn't known yet.
    lags: bool,
}

impl Heard {
    /// Reads the last report.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn read(tx: &mut Tx<'_>) -> Result<Self, Stop> {
        Ok(Self {
            domain: tx.cluster()?,
            beat: tx.read(&key())?,
            lags: false,
        })
    }

    /// Whether an id was in the last report.
    pub fn has(&mut self, id: &str) -> bool {
        let Some(beat) = &self.beat else {
            return true;
        };
        let name = format!("{} {id}", self.domain);
        let has = beat.known.contains(&name);
        self.lags |= !has;
        has
    }

    /// Lets a polled world's time come to the next report, if the answer lacked something.
    pub fn settle(self, tx: &mut Tx<'_>) {
        if self.lags && tx.config.passing == Passing::Polled {
            tx.now = Moment((tx.now.0 / EVERY + 1) * EVERY);
        }
    }
}
