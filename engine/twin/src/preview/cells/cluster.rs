//! A cluster's own rows.

use super::Cell;

pub(super) const CELLS: &[Cell] = &[];
