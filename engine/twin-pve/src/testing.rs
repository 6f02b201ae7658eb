//! What tests of handlers share: a twin's settings, parameters, and a call of root's.

use model::{Config, MemoryRows, Params, Passing, Tx};
use serde_json::Value;
use world::clock::Moment;

pub(crate) fn config() -> Config {
    Config {
        id: "twin".to_owned(),
        seed: "seed".to_owned(),
        root_passwords: Vec::new(),
        passing: Passing::Jumping,
        reality: &twin_hosts::Simulated,
        effects: crate::apply,
        answers: model::order::Answers::default(),
    }
}

pub(crate) fn params(value: Value) -> Params {
    Params(value.as_object().unwrap().clone())
}

/// A call of root's on the node `pve1`.
pub(crate) fn root<'a>(rows: &'a mut MemoryRows, config: &'a Config) -> Tx<'a> {
    let mut tx = Tx::new(rows, Moment(0), "pve1", config);
    tx.caller.id = "root@pam".to_owned();
    tx
}
