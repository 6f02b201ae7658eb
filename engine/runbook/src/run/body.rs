//! What a script's native functions know about where they are called: the run, the step, and their counters.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use rhai::{EvalAltResult, NativeCallContext};
use world::{clock::Moment, code};

use crate::{
    failure::Failure,
    journal::{OperationKey, Read, StepPath},
    run::Run,
    value::tag::Tag,
};

/// Top-level code, a step's body, or a body of `parallel`.
pub struct Body {
    /// The run.
    pub run: Arc<Run>,
    /// The step; nothing at the top level.
    pub step: Option<StepPath>,
    /// When the step's time is up.
    pub deadline: Option<Moment>,
    calls: Mutex<HashMap<(String, String), u32>>,
    changes: Arc<AtomicU32>,
    inherited: Mutex<Vec<Read>>,
}

impl Body {
    /// The top level of a run.
    #[must_use]
    pub fn top(run: Arc<Run>) -> Self {
        Self {
            run,
            step: None,
            deadline: None,
            calls: Mutex::default(),
            changes: Arc::default(),
            inherited: Mutex::default(),
        }
    }

    /// The body of a step.
    #[must_use]
    pub fn of_step(run: Arc<Run>, step: StepPath, deadline: Option<Moment>) -> Self {
        Self {
            step: Some(step),
            deadline,
            ..Self::top(run)
        }
    }

    /// A body of `parallel` in this one; its changes count for both.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        Self {
            step: self.step.as_ref().map(|step| step.child(key)),
            deadline: self.deadline,
            changes: Arc::clone(&self.changes),
            ..Self::top(Arc::clone(&self.run))
        }
    }

    /// The body in which a native function is called.
    ///
    /// # Errors
    /// The function is called where no run is, as when an engine is only inspected.
    pub fn current(call: &NativeCallContext) -> Result<Arc<Self>, Box<EvalAltResult>> {
        call.tag()
            .and_then(|tag| tag.read_lock::<Tag>().and_then(|tag| tag.body.clone()))
            .and_then(|body| body.downcast::<Self>().ok())
            .ok_or_else(|| {
                Failure::new(
                    code::runbook::no_run,
                    format!("`{}` needs a run", call.fn_name()),
                )
                .at(call)
                .throw(call.call_position())
            })
    }

    /// The key of the next call of `function` on `resource` in this step.
    #[must_use]
    pub fn key(&self, function: &str, resource: &str) -> OperationKey {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let count = calls
            .entry((function.to_owned(), resource.to_owned()))
            .or_default();
        *count += 1;
        OperationKey {
            step: self.step.clone().unwrap_or_else(|| StepPath(String::new())),
            function: function.to_owned(),
            resource: resource.to_owned(),
            nth: *count - 1,
        }
    }

    /// Takes over what a body within this one read: the step's value was made of it too.
    pub(crate) fn inherit(&self, reads: &[Read]) {
        let mut inherited = self
            .inherited
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        inherited.extend_from_slice(reads);
    }

    /// The reads of this body and of those within it, each once.
    pub(crate) fn with_inherited(&self, mut own: Vec<Read>) -> Vec<Read> {
        let mut inherited = self
            .inherited
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        own.append(&mut inherited);
        own.sort_by(|a, b| a.what.cmp(&b.what));
        own.dedup();
        own
    }

    /// Counts a change.
    pub fn count_change(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Changes of this body so far.
    #[must_use]
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Relaxed)
    }
}
