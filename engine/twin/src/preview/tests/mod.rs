//! Previews over twins in process.

mod same;
mod support;
