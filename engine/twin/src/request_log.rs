//! A file with a line for every request that reaches a served twin.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::Arc,
};

use http::{Method, Uri};

/// Where the requests that reach a served twin are written: `NODE METHOD PATH`, one a line, without bodies or queries;
/// calls over SSH are `NODE HOST /VERB`.
#[derive(Clone, Debug)]
pub struct RequestLog(Arc<File>);

impl RequestLog {
    /// Opens a log; lines are added to a file that exists.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Arc::new(file)))
    }

    /// Writes one line at once, so that lines of several connections don't mix.
    pub(crate) fn write(&self, node: &str, method: &Method, uri: &Uri) -> io::Result<()> {
        let path = uri.path();
        let path = path.strip_prefix("/api2/json").unwrap_or(path);
        (&*self.0).write_all(format!("{node} {method} {path}\n").as_bytes())
    }

    /// Writes one line for a call on a host: `NODE HOST /VERB`.
    pub(crate) fn write_call(&self, node: &str, verb: &str) -> io::Result<()> {
        (&*self.0).write_all(format!("{node} HOST /{verb}\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_node_method_and_path_but_no_query() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requests.log");
        let log = RequestLog::open(&path).unwrap();
        let uri = Uri::from_static("/api2/json/access/ticket?username=root");
        log.write("pve1", &Method::POST, &uri).unwrap();
        let again = RequestLog::open(&path).unwrap();
        again
            .write("pve2", &Method::GET, &Uri::from_static("/api2/json/nodes"))
            .unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text, "pve1 POST /access/ticket\npve2 GET /nodes\n");
    }
}
