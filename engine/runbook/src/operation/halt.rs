//! Why an operation can't go on: it failed, or a preview can't know what it needs.

use world::{
    Origin,
    host::HostError,
    lease::LeaseError,
    proxmox::{ApiError, PortError},
};

use crate::failure::Failure;

/// Why an operation stops.
#[derive(Debug)]
pub enum Halt {
    /// A preview can't know what the operation needs; its result is an `Unknown`.
    Unknown(Origin),
    /// It failed.
    Failed(Box<Failure>),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<LeaseError> for Failure {
    fn from(error: LeaseError) -> Self {
        Self::of(error.code(), &error).help(error.help())
    }
}

impl From<LeaseError> for Halt {
    fn from(error: LeaseError) -> Self {
        Failure::from(error).into()
    }
}

impl From<ApiError> for Halt {
    fn from(error: ApiError) -> Self {
        if let ApiError::Port {
            source: PortError::Unknown(origin),
            ..
        } = error
        {
            return Self::Unknown(origin);
        }
        api_failure(&error).into()
    }
}

impl From<HostError> for Halt {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Unknown(origin) => Self::Unknown(origin),
            other => host_failure(&other).into(),
        }
    }
}

/// An error of the API as a failure.
#[must_use]
pub fn api_failure(error: &ApiError) -> Failure {
    let mut failure = Failure::of(error.code(), error);
    failure.help = error.help();
    if let ApiError::TaskFailed { log, .. } = error {
        let last = log.iter().rev().take(10).rev().cloned();
        failure
            .causes
            .extend(last.map(|line| format!("task log: {line}")));
    }
    failure
}

/// An error of the hosts port as a failure.
fn host_failure(error: &HostError) -> Failure {
    let mut failure = Failure::of(error.code(), error);
    failure.help = error.help();
    match error.said() {
        Some(said) => failure.cause(said.to_owned()),
        None => failure,
    }
}
