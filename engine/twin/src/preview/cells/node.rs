//! A node's own rows.

use super::Cell;

pub(super) const CELLS: &[Cell] = &[];
