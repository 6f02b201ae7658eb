//! What a rehearsal of kills needs: what goes on while nobody looks, and how often something was created.

use http::Method;
use model::{Rows as _, Tx, kind};
use std::collections::BTreeMap;

use crate::twin::{Twin, TwinError, failed};

/// The counter of the creating calls of a path.
const CREATED: &str = "created ";

impl Twin {
    /// Ends every running task now: well, or with an error's text. Gives how many there were.
    ///
    /// # Errors
    /// The store failed.
    pub fn end_running(&self, error: Option<&str>) -> Result<usize, TwinError> {
        let ended = self.with("", |tx| {
            let running = tx.rows.scan("", kind::RUNNING)?;
            for (upid, _) in &running {
                tx.end_task(upid, error)?;
            }
            Ok(running.len())
        });
        ended.map_err(TwinError::Rows)?.map_err(failed)
    }

    /// How often each path was asked, successfully, to create something, since the lab's start.
    ///
    /// # Errors
    /// The store failed.
    pub fn creations(&self) -> Result<BTreeMap<String, u64>, TwinError> {
        let rows = self.rows(|rows| rows.scan("", kind::TWIN))?;
        let created = |(id, value): (String, serde_json::Value)| {
            Some((
                id.strip_prefix(CREATED)?.to_owned(),
                value.as_u64().unwrap_or_default(),
            ))
        };
        Ok(rows.into_iter().filter_map(created).collect())
    }
}

/// Counts a creating call that was carried out; logins create nothing.
pub(crate) fn count_creation(
    tx: &mut Tx<'_>,
    request: &http::Request<bytes::Bytes>,
    status: http::StatusCode,
) {
    let path = request.uri().path().trim_start_matches("/api2/json");
    if request.method() == Method::POST && status.is_success() && path != "/access/ticket" {
        // The count is for comparing rehearsals; a store that fails fails the next request too.
        drop(tx.count(&format!("{CREATED}{path}")));
    }
}
