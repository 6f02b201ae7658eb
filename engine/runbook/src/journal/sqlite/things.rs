//! What homelab made in each world, beyond the runs that made it. Kept in the transactions of the entries that say so.

use rusqlite::{Connection, Transaction, params};
use world::WorldId;

use super::super::{
    Entry, IntentId, RunId,
    owned::{self, Step},
};

/// Keeps what an entry says of owned things.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    run: RunId,
    entry: &Entry,
) -> rusqlite::Result<()> {
    let each = |sql: &str, intent: IntentId, things: &[String]| {
        let mut statement = transaction.prepare_cached(sql)?;
        things.iter().try_for_each(|thing| {
            let changed = statement.execute(params![run.0, intent.0.cast_signed(), thing]);
            changed.map(drop)
        })
    };
    let all = |sql: &str, intent: IntentId| {
        let mut statement = transaction.prepare_cached(sql)?;
        statement
            .execute(params![run.0, intent.0.cast_signed()])
            .map(drop)
    };
    match owned::step(entry) {
        Some(Step::Makes(intent, things)) => each(
            "INSERT OR REPLACE INTO thing (world, name, run, intent)
                VALUES ((SELECT world FROM run WHERE id = ?1), ?3, ?1, ?2)",
            intent,
            things,
        ),
        Some(Step::Removes(intent, things)) => each(
            "UPDATE thing SET run = ?1, intent = ?2, going = 1
                WHERE name = ?3 AND world = (SELECT world FROM run WHERE id = ?1)",
            intent,
            things,
        ),
        Some(Step::Done(intent)) => all(
            "DELETE FROM thing WHERE run = ?1 AND intent = ?2 AND going",
            intent,
        ),
        Some(Step::NotDone(intent)) => {
            all(
                "DELETE FROM thing WHERE run = ?1 AND intent = ?2 AND NOT going",
                intent,
            )?;
            all(
                "UPDATE thing SET going = 0 WHERE run = ?1 AND intent = ?2",
                intent,
            )
        }
        None => Ok(()),
    }
}

/// The things of a world, the newest first.
pub(super) fn owned(connection: &Connection, world: &WorldId) -> rusqlite::Result<Vec<String>> {
    let names = "SELECT name FROM thing WHERE world = ? ORDER BY seq DESC";
    let mut statement = connection.prepare_cached(names)?;
    statement.query_map([&world.0], |row| row.get(0))?.collect()
}
