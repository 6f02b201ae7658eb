//! The operations on the twin of a lab.

#![expect(clippy::unwrap_used, reason = "a test that can't be set up fails")]

mod answers;
mod bytes;
mod coverage;
mod examples;
mod formats;
mod gone;
mod hosts;
mod kept;
mod lab;
mod learns;
mod left;
mod phase1;
mod restart;
mod stdlib;
mod stops;
mod tables;
mod units;
