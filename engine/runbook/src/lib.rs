//! How a runbook runs: scripts, steps, journal, preview, events. Knows no single operation.
//!
//! [`language::engine`] makes an engine with the language's own words; who has operations registers them.
//! [`execute::execute`] runs a runbook with it: compile, choose the run to go on with, settle what an earlier
//! invocation left open, run, finish.

pub mod action;
pub mod body;
pub mod bridge;
pub mod check;
mod convert;
mod course;
mod declare;
pub mod event;
pub mod execute;
pub mod failure;
mod fingerprint;
mod foreseen;
pub mod gate;
mod given;
mod guard;
pub mod halt;
mod install;
pub mod journal;
pub mod language;
pub mod learn;
pub mod literal;
pub mod measure;
pub mod nearest;
pub mod operation;
pub mod options;
mod options_of;
mod parallel;
pub mod plan;
mod preflight;
mod question;
mod reads;
pub mod rewrite;
pub mod run;
pub mod script;
mod settle;
mod step;
pub mod tag;
pub mod value;
pub mod write;
