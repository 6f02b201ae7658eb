//! Files that a host fetches itself, known by their checksum.

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation, write::Write};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    host::{
        Call,
        verb::{Attributes, Download, Entry, SetAttributes, Stat},
    },
};

use super::{
    difference::Difference,
    edit::in_the_way,
    fields::{AccountName, FilePath, Mode},
};
use crate::{info::Effect, operate::Operate};

const DOWNLOAD: &str = "host::download";

/// Ensures a file that the host fetches with its own curl or wget. It takes its place only with the checksum that is
/// given. On the twin a URL holds what the checksum says: the file is there, but nobody knows what is in it, and a
/// step that reads it fails. Answers `path` and `sha256`.
///
/// Errors: it can't be fetched; it has another checksum; something else than a file is at the path.
///
/// ```rhai
/// host::download("pve1", "/usr/local/bin/tool", #{
///     url: "https://example.com/tool-1.2",
///     sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
///     mode: "755",
/// })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DownloadSpec {
    /// The host.
    host: String,
    /// The file's path.
    path: FilePath,
    /// Where it's fetched from.
    url: String,
    /// Its SHA-256 in hexadecimal. A file that has it already isn't fetched.
    sha256: String,
    /// Its mode in octal: `"755"`. Default: as it is, `644` for a new file.
    mode: Option<Mode>,
    /// Its owner. Default: as it is, `root` for a new file.
    owner: Option<AccountName>,
    /// Its group. Default: as it is, `root` for a new file.
    group: Option<AccountName>,
}

impl Operate for DownloadSpec {
    const NAME: &str = DOWNLOAD;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("download {} on {}", self.path, self.host)
    }

    async fn run(mut self, operation: &Operation) -> Result<Fields, Halt> {
        self.sha256.make_ascii_lowercase();
        check(&self)?;
        self.path.on(&self.host)?;
        let observed = operation.ask(&self.host, Stat::new(&self.path)).await?;
        if !matches!(observed, Entry::Absent | Entry::File { .. }) {
            return Err(in_the_way(&self.host, &self.path, &observed).into());
        }
        if let Some(write) = write(&self, &observed) {
            operation.write(write).await?;
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        fields.insert("sha256".to_owned(), json!(self.sha256));
        Ok(fields)
    }
}

fn check(spec: &DownloadSpec) -> Result<(), Failure> {
    let wrong = |text: &str| Failure::new(code::runbook::argument, format!("{DOWNLOAD}: {text}"));
    let is_sum =
        spec.sha256.len() == 64 && spec.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_sum {
        return Err(wrong("`sha256` is no SHA-256: 64 hexadecimal digits")
            .help("its publisher names it; else fetch the file once and ask sha256sum"));
    }
    let has_scheme = ["https://", "http://", "ftp://"]
        .iter()
        .any(|scheme| spec.url.starts_with(scheme));
    match has_scheme {
        true => Ok(()),
        false => Err(wrong("`url` has to begin with https:// or http://")),
    }
}

/// What has to be done; none if nothing has.
fn write(spec: &DownloadSpec, observed: &Entry) -> Option<Write> {
    let (is, sha256) = match observed {
        Entry::File {
            attributes, sha256, ..
        } => (Some(attributes), Some(sha256.as_str())),
        _ => (None, None),
    };
    let new = Attributes::of_file(&spec.path);
    let wanted = is.unwrap_or(&new).with(
        spec.mode.as_deref(),
        spec.owner.as_deref(),
        spec.group.as_deref(),
    );
    let mut difference = Difference::default();
    difference.add("sha256", sha256, spec.sha256.as_str());
    let is_fetched = difference.has("sha256");
    if is_fetched {
        difference.add("url", json!(null), spec.url.as_str());
    }
    difference.add_attributes(is, &wanted);
    if difference.is_empty() {
        return None;
    }
    let resource = spec.resource();
    let change = match is {
        Some(_) => difference.update(resource)?,
        None => difference.create(resource),
    };
    let call: Call = if is_fetched {
        Download::new(&spec.url, &spec.path, &spec.sha256, wanted).into()
    } else {
        SetAttributes::new(&spec.path, wanted).into()
    };
    Some(Write::repeatable(change, &spec.host, call))
}

#[cfg(test)]
mod tests {
    use runbook::write::Dispatch;
    use world::host::{Verb, verb::Printed as _};

    use super::*;

    #[test]
    fn fetches_only_what_has_another_checksum() {
        let sum = "ab".repeat(32);
        let spec: DownloadSpec = serde_json::from_value(json!({
            "host": "a", "path": "/x", "url": "https://x/y", "sha256": sum, "mode": "0755",
        }))
        .unwrap();
        let verb = |line: &str| match write(&spec, &Entry::parse(line).unwrap())?.action {
            Dispatch::Call(to) => Some(to.call.verb),
            Dispatch::Request(_) | Dispatch::Install { .. } => None,
        };
        assert_eq!(verb("absent"), Some(Verb::DOWNLOAD));
        assert_eq!(verb("file 755 1 cd root root"), Some(Verb::DOWNLOAD));
        assert_eq!(
            verb(&format!("file 644 1 {sum} root root")),
            Some(Verb::ATTRIBUTES)
        );
        assert_eq!(verb(&format!("file 755 - {sum} root root")), None);
        assert!(check(&spec).is_ok());
        let wrong = DownloadSpec {
            url: "file:///etc/shadow".to_owned(),
            ..spec
        };
        assert!(check(&wrong).is_err());
    }
}
