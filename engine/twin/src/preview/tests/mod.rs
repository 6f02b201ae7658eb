//! Previews over twins in process.

mod limits;
mod property;
mod recorded;
mod same;
mod support;
