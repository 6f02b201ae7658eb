//! A place in a lab's files: in a script, or in its docs.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place in a file of the lab.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Place {
    /// The file, relative to the lab: `docs/HARDWARE.md`; `stdlib/…` may be the embedded one.
    pub file: String,
    /// The line, from 1; 0 is the file as a whole.
    pub line: usize,
    /// The column, from 1; 1 where the line as a whole is meant.
    pub column: usize,
}

/// `file:line:column`; `{:#}` leaves the column out, as prose about a row does.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column } = self;
        match line {
            0 => f.write_str(file),
            _ if f.alternate() => write!(f, "{file}:{line}"),
            _ => write!(f, "{file}:{line}:{column}"),
        }
    }
}
