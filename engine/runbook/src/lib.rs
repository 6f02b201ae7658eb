//! How a runbook runs: scripts, steps, journal, preview, events. Knows no single operation.
//!
//! [`language::engine`] makes an engine with the language's own words; who has operations registers them.
//! [`execute::execute`] runs a runbook with it: compile, choose the run to go on with, settle what an earlier
//! invocation left open, run, finish.

pub mod check;
pub mod failure;
pub mod journal;
pub mod nearest;
pub mod operation;
pub mod run;
pub mod script;
pub mod value;

pub use journal::action;
pub use operation::{bridge, halt, write};
pub use run::{body, event, execute, gate, language, options};
pub use script::{literal, rewrite};
