//! What was found out of script functions.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// The script functions that were looked up: a body that makes thousands of steps is normalised once.
#[derive(Default)]
pub(crate) struct Memo(pub(super) Mutex<BTreeMap<Name, Arc<Found>>>);

/// A function's name, and the file that it's looked for in; any if none is given.
pub(super) type Name = (String, Option<String>);

/// A script function: the digest of its normalised source, what it calls, which modules it names.
pub(super) struct Found {
    pub(super) file: String,
    pub(super) source: String,
    pub(super) calls: Vec<String>,
    pub(super) imports: BTreeMap<String, String>,
}
