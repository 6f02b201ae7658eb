//! What operations measure: kept in the run's record, and compared with what an earlier run measured.

use std::collections::BTreeMap;

use world::host::{Call, Effect, Reply};

use crate::{
    failure::Failure,
    halt::Halt,
    journal::{Entry, JournalError, OperationKey, RunId},
    operation::Operation,
};

/// Figures by their names, which say the unit: `read_bytes_per_second`.
pub type Figures = BTreeMap<String, f64>;

impl Operation {
    /// A call that loads a host and leaves it as it was. There is nothing to settle if it's cut short, and a plan, which
    /// doesn't send it, can't know its reply.
    ///
    /// # Errors
    /// No reply came, the run was interrupted, or it's a plan.
    pub async fn load(&self, host: &str, call: Call) -> Result<Reply, Halt> {
        debug_assert_eq!(call.verb.effect(), Effect::Load, "{call:?}");
        self.ask(host, call).await
    }

    /// Records what was measured, and gives what the newest earlier run of this world measured by the same function on
    /// the same resource.
    ///
    /// # Errors
    /// The journal can't be read or written.
    pub fn measured(&self, figures: &Figures) -> Result<Option<(RunId, Figures)>, Halt> {
        let last = self
            .last_measured()
            .map_err(|error| Failure::new(error.code(), error.to_string()).help(error.help()))?;
        self.run().record(Entry::Measured {
            operation: self.key().clone(),
            figures: figures.clone(),
        })?;
        Ok(last)
    }

    fn last_measured(&self) -> Result<Option<(RunId, Figures)>, JournalError> {
        let run = self.run();
        let own = run.id();
        let is_same = |key: &OperationKey| {
            key.function == self.key().function && key.resource == self.key().resource
        };
        for head in run.journal.runs(Some(&run.world.id))? {
            if head.run >= own {
                continue;
            }
            let figures = run.journal.load(head.run)?.into_iter().rev();
            let mut figures = figures.filter_map(|stored| match stored.entry {
                Entry::Measured { operation, figures } if is_same(&operation) => Some(figures),
                _ => None,
            });
            if let Some(figures) = figures.next() {
                return Ok(Some((head.run, figures)));
            }
        }
        Ok(None)
    }
}
