//! What the API's tasks do when they end well.

use model::{Effect, Stop, Tx, node::network};

use super::cluster;

/// Applies a task's effect; `tx` stands at the task's end, on its node, with its user.
///
/// # Errors
/// What the task ends with instead of `OK`, or the rows' fault.
pub fn apply(tx: &mut Tx<'_>, effect: Effect) -> Result<(), Stop> {
    match effect {
        Effect::Rows { rows } => {
            for (key, value) in rows {
                match value {
                    Some(value) => tx.rows.put(&key, value)?,
                    None => tx.rows.delete(&key)?,
                }
            }
            Ok(())
        }
        Effect::ApplyNetwork => network::apply_staged(tx),
        Effect::Join {
            into,
            section,
            nodeid,
        } => cluster::finish_join(tx, &into, section, nodeid),
    }
}
