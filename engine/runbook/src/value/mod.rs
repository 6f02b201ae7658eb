//! The values of scripts: facts and their types, secrets, and what a preview can't know yet.
//!
//! An engine gets [`register`] first, then the operations, then [`shield`], which refuses unknowns and secrets in
//! every argument place that isn't made for them. The script itself goes through `rewrite::rewrite`.

mod argument;
mod containers;
mod data;
mod depth;
mod hidden;
mod known;
mod network;
mod operators;
mod poison;
mod predicate;
mod reads;
mod rows;
mod shield;
mod table;
pub mod tag;
mod text;
mod units;
#[cfg(test)]
mod walk;

use rhai::Engine;
use world::Secret;

pub use argument::{NotArgument, from_json, to_argument};
pub use data::{NotData, from_data, to_data};
pub use hidden::{Hidden, Unknown};
pub use known::{ADDED, CAUGHT, EACH, KNOWN, PLAIN, SETTLED};
pub use network::{Address, InterfaceAddress, Network};
pub use poison::{Diagnostic, Poison, as_diagnostic};
pub use reads::{ReadKey, Recorder};
pub use shield::{shield, shield_module};
pub use table::{Row, Table, columns_text, of_cell, rows_text};
pub use tag::{recorder, stop};
pub use text::{INTERPOLATE, interpolate};

/// Registers the types of values, their functions and operators.
pub fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Unknown>(Hidden::UNKNOWN);
    engine.register_type_with_name::<Secret>(Hidden::SECRET);
    operators::register(engine);
    text::register(engine);
    known::register(engine);
    containers::register(engine);
    units::register(engine);
    network::register(engine);
    rows::register(engine);
}
