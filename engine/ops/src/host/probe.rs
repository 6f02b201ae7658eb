//! What a file is found to hold: nothing, bytes, or more of them than a reply may carry.

use std::borrow::Cow;

use bytes::Bytes;
use formats::lossless;
use futures_util::future::try_join_all;
use runbook::{failure::Failure, halt::Halt, operation::Operation, operation::told::told};
use world::{
    code,
    host::{Ask as _, OPERATOR, verb::Read},
};

/// A file as it was read. One that can't be read is an error, with the host's words.
pub(crate) struct Found {
    /// The file and its host, as errors name them: `/etc/fstab on pve1`.
    place: String,
    content: Content,
}

enum Content {
    Absent,
    Whole(Bytes),
    /// So many bytes more than a reply may carry.
    Cut(u64),
}

/// Reads a file.
///
/// # Errors
/// No reply came, or the file can't be read.
pub(crate) async fn file(operation: &Operation, host: &str, path: &str) -> Result<Found, Halt> {
    let ask = Read::new(path);
    let reply = operation.call(host, ask.call()).await?;
    let content = match reply.cut {
        0 => told::<Read>(host, &reply)?.map_or(Content::Absent, Content::Whole),
        cut => Content::Cut(cut),
    };
    Ok(Found {
        place: format!("{path} on {host}"),
        content,
    })
}

/// Reads several files, in one trip.
///
/// # Errors
/// No reply came, or one can't be read.
pub(crate) async fn files(
    operation: &Operation,
    host: &str,
    paths: &[String],
) -> Result<Vec<Found>, Halt> {
    try_join_all(paths.iter().map(|path| file(operation, host, path))).await
}

/// A file of the lab, such as a template. What the run's world has there comes first.
///
/// # Errors
/// It can't be read.
pub(super) async fn lab_file(operation: &Operation, path: &str) -> Result<Found, Halt> {
    let mut found = file(operation, OPERATOR, path).await?;
    if !found.is_there() {
        found.content = match std::fs::read(operation.run().lab.join(path)) {
            Ok(bytes) => Content::Whole(bytes.into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Content::Absent,
            Err(error) => {
                let text = format!("{path} of the lab can't be read");
                return Err(Failure::new(code::host::failed, text)
                    .cause(error.to_string())
                    .into());
            }
        };
    }
    Ok(found)
}

/// What to do with a file that no operation edits.
const LEFT_ALONE: &str =
    "it's left alone: edit it with a command, or write it whole with host::file";

impl Found {
    /// Whether there is a file.
    pub(crate) const fn is_there(&self) -> bool {
        !matches!(self.content, Content::Absent)
    }

    /// All its bytes; none where there is no file.
    ///
    /// # Errors
    /// It's too large to be read whole.
    pub(crate) fn bytes(&self) -> Result<&[u8], Failure> {
        match &self.content {
            Content::Absent => Ok(&[]),
            Content::Whole(bytes) => Ok(bytes),
            Content::Cut(cut) => {
                let text = format!("{} is too large to be edited", self.place);
                Err(Failure::new(code::host::not_a_file, text)
                    .cause(format!("{cut} bytes of it were left out"))
                    .help(LEFT_ALONE))
            }
        }
    }

    /// The same as text that may be edited: what isn't UTF-8 in it stands there as `formats::lossless` says.
    ///
    /// # Errors
    /// It's too large to be read whole.
    pub(crate) fn lossless(&self) -> Result<Cow<'_, str>, Failure> {
        self.bytes().map(lossless::text)
    }

    /// All its text; empty where there is no file.
    ///
    /// # Errors
    /// It's too large to be read whole, or no text.
    pub(crate) fn text(&self) -> Result<&str, Failure> {
        std::str::from_utf8(self.bytes()?).map_err(|why| {
            let text = format!("{} is no text", self.place);
            Failure::new(code::host::not_a_file, text)
                .cause(why.to_string())
                .help(LEFT_ALONE)
        })
    }
}
