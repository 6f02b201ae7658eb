//! What operations measure: kept in the run's record, and compared with what an earlier run measured.

use std::sync::Arc;

use world::host::{Call, Effect, Reply};

use crate::{
    failure::Failure,
    journal::{Entry, Figures, JournalError, OperationKey, RunId, entry::Measured},
    operation::{Operation, halt::Halt},
    run::{Earlier, Run, journal_failure},
};

impl Operation {
    /// A call that loads a host and leaves it as it was. There is nothing to settle if it's cut short, and a plan, which
    /// doesn't send it, can't know its reply.
    ///
    /// # Errors
    /// No reply came, the run was interrupted, or it's a plan.
    pub async fn load(&self, host: &str, call: Call) -> Result<Reply, Halt> {
        debug_assert_eq!(call.verb.effect(), Effect::Load, "{call:?}");
        self.call(host, call).await
    }

    /// Records what was measured, and gives what the newest earlier run of this world measured by the same function on
    /// the same resource.
    ///
    /// # Errors
    /// The journal can't be read or written.
    pub fn measured(&self, figures: &Figures) -> Result<Option<(RunId, Figures)>, Halt> {
        let last = self.run().last_measured(self.key())?;
        self.run().record(Measured {
            operation: self.key().clone(),
            figures: figures.clone(),
        })?;
        Ok(last)
    }
}

fn place(operation: &OperationKey) -> (String, String) {
    (operation.function.clone(), operation.resource.clone())
}

impl Run {
    /// What the newest earlier run of this world measured by the same function on the same resource.
    fn last_measured(&self, operation: &OperationKey) -> Result<Option<(RunId, Figures)>, Failure> {
        let known = self.state().measured.clone();
        let earlier = match known {
            Some(earlier) => earlier,
            None => {
                let earlier = Arc::new(self.earlier().map_err(journal_failure)?);
                self.state().measured = Some(Arc::clone(&earlier));
                earlier
            }
        };
        Ok(earlier.get(&place(operation)).cloned())
    }

    /// Reads the earlier runs, once for all that a run measures.
    fn earlier(&self) -> Result<Earlier, JournalError> {
        let mut earlier = Earlier::new();
        for head in self.journal.runs(Some(&self.world.id))? {
            if head.run >= self.id() {
                continue;
            }
            for stored in self.journal.load(head.run)?.into_iter().rev() {
                if let Entry::Measured(Measured { operation, figures }) = stored.entry {
                    let place = place(&operation);
                    earlier.entry(place).or_insert((head.run, figures));
                }
            }
        }
        Ok(earlier)
    }
}
