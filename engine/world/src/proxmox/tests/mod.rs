//! Scenarios of the API, played by a port that compares each request with what is expected next.

mod calls;
mod live;
mod scenario;
mod tasks;
