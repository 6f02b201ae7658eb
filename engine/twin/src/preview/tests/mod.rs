//! Previews over twins in process.

mod property;
mod recorded;
mod same;
mod support;
