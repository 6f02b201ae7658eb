//! The environment of a lab
