//! What operations on hosts ask, and what an answer that is a failure becomes.

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::{
    code,
    host::{OPERATOR, verb::Read},
};

/// The bytes of a file; none if it isn't there.
///
/// # Errors
/// No reply came, or the file can't be read whole.
pub(super) async fn bytes(
    operation: &Operation,
    host: &str,
    path: &str,
) -> Result<Option<Vec<u8>>, Halt> {
    let bytes = operation.ask(host, Read::new(path)).await?;
    Ok(bytes.map(Into::into))
}

/// The text of a file; none if it isn't there.
///
/// # Errors
/// No reply came, or it's no text file.
pub(super) async fn text(
    operation: &Operation,
    host: &str,
    path: &str,
) -> Result<Option<String>, Halt> {
    let bytes = bytes(operation, host, path).await?;
    let text = bytes.map(String::from_utf8).transpose();
    Ok(text.map_err(|why| no_text(host, path, &why.to_string()))?)
}

fn no_text(host: &str, path: &str, why: &str) -> Failure {
    let text = format!("{path} on {host} is no text");
    Failure::new(code::host::not_a_file, text)
        .cause(why.to_owned())
        .help("it's left alone: edit it with a command, or write it whole with host::file")
}

/// The text of a file that is to be shown; none if it isn't there, or is no text.
///
/// # Errors
/// No reply came, or the file can't be read.
pub(super) async fn text_to_show(
    operation: &Operation,
    host: &str,
    path: &str,
) -> Result<Option<String>, Halt> {
    let bytes = bytes(operation, host, path).await?;
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// A text file of the lab, such as a template; none if there is none. What the run's world has there comes first.
///
/// # Errors
/// The operator's files can't be read.
pub(super) async fn lab_text(operation: &Operation, path: &str) -> Result<Option<String>, Halt> {
    let own = || std::fs::read_to_string(operation.run().lab.join(path)).ok();
    Ok(text(operation, OPERATOR, path).await?.or_else(own))
}
