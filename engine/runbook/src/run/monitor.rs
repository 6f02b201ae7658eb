//! Watches the body that a thread runs: stops a script that goes on after it should (interrupted, or with a
//! misused value behind it), and takes what it prints.
//!
//! `Engine::on_progress` and `on_print` know neither tag nor scope, so each thread remembers its body.

use std::{cell::RefCell, sync::Arc};

use rhai::{Dynamic, Engine};

use crate::{run::body::Body, value::Poison};

struct Watched {
    poison: Poison,
    body: Arc<Body>,
}

thread_local! {
    static RUNNING: RefCell<Vec<Watched>> = const { RefCell::new(Vec::new()) };
}

/// Watches a body on this thread until it is dropped.
pub(crate) struct Monitor(());

impl Monitor {
    /// Begins to watch a body.
    pub(crate) fn new(poison: &Poison, body: &Arc<Body>) -> Self {
        let watched = Watched {
            poison: poison.clone(),
            body: Arc::clone(body),
        };
        RUNNING.with_borrow_mut(|running| running.push(watched));
        Self(())
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| {
            running.pop();
        });
    }
}

/// Installs the watch in an engine.
pub(crate) fn install(engine: &mut Engine) {
    engine.on_progress(|_| {
        RUNNING.with_borrow(|running| {
            let watched = running.last()?;
            if watched.body.run.cancel.is_cancelled() {
                return Some(Dynamic::UNIT);
            }
            watched.poison.check()
        })
    });
    engine.on_print(|text| {
        let body =
            RUNNING.with_borrow(|running| running.last().map(|watched| Arc::clone(&watched.body)));
        if let Some(body) = body {
            body.run.say(body.step.clone(), text);
        }
    });
}
