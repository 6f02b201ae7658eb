//! How fast a storage is, measured with fio.

use std::{fmt::Write as _, time::Duration};

use runbook::{
    bridge::Fields,
    halt::Halt,
    journal::{Figures, RunId},
    operation::{
        Operation,
        told::{garbled, told},
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::host::{Ask as _, verb::Fio};

use super::fields::FolderPath;
use crate::{
    field::{Size, Span},
    info::Effect,
    operate::Operate,
};

/// How much is written and read, in bytes, if nobody says otherwise.
const SIZE: u64 = 256 << 20;

/// How long each of the four kinds of access goes on.
const SECONDS: Duration = Duration::from_secs(5);

/// A figure that is worse than the last one by more is remarked on.
const WORSE: f64 = 0.25;

/// Measures with fio how fast a folder or block device of a host is: throughput of a mebibyte after the other,
/// sixteen at once, and how long 4 KiB somewhere take, one at a time.
///
/// In a folder a file is written, read and removed; a block device is only read. What was measured is kept in the
/// run's record, and compared with the last run of this world that measured there: a figure that got worse by more
/// than a quarter is remarked on. The host needs fio. A plan measures nothing, and can't know the figures; on the
/// twin they are nominal ones for the kind of disk and the speed of the network port.
///
/// Fields: `size` (256 MiB); `time` (5 s), for each of the up to four kinds of access. Answers `read`,
/// `random_read` and, for a folder, `write` and `random_write`, each with `bytes_per_second`, `iops`, `latency_us`
/// and `latency_p99_us`; and `last_run`, the run that it was compared with.
///
/// Errors: there is no such path; fio isn't installed or fails, for one because the path has no room.
///
/// ```rhai
/// host::repository("pve1", "pve-enterprise", #{ enabled: false });
/// host::repository("pve1", "ceph", #{ enabled: false });
/// host::packages("pve1", #{ names: ["fio"] });
/// host::fio("pve1", "/var/lib/vz", #{ size: "64 MiB", time: "2 s" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FioSpec {
    /// The host.
    host: String,
    /// A folder, in which a file is written and removed, or a block device, which is only read.
    path: FolderPath,
    /// How much is written and read. Default: 256 MiB.
    size: Option<Size>,
    /// How long each kind of access goes on, in whole seconds. Default: 5 s.
    time: Option<Span>,
}

impl Operate for FioSpec {
    const NAME: &str = "host::fio";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("{} on {}", self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let size = self.size.map_or(SIZE, |size| size.0);
        let seconds = self.time.map_or(SECONDS, |span| span.0).as_secs().max(1);
        let ask = Fio::new(&self.path, size, seconds);
        let limit = Duration::from_secs(seconds * 4 + 300);
        let reply = operation.load(&self.host, ask.call().within(limit)).await?;
        let jobs = jobs(&told::<Fio>(&self.host, &reply)?);
        let jobs = jobs.ok_or_else(|| garbled(&self.host, Fio::VERB, &reply))?;
        let figures: Figures = jobs.iter().flat_map(Job::figures).collect();
        let last = operation.measured(&figures)?;
        operation.remark(remark(&self, &jobs));
        if let Some((run, last)) = &last {
            for line in worse(&figures, last, *run) {
                operation.remark(format!("{} on {}: {line}", self.path, self.host));
            }
        }
        let mut fields: Fields = jobs.iter().map(Job::field).collect();
        if let Some((run, _)) = last {
            fields.insert("last_run".to_owned(), json!(run.0));
        }
        Ok(fields)
    }
}

/// What one kind of access came to.
#[derive(Clone, Debug, PartialEq)]
struct Job {
    /// `random_read`.
    name: String,
    bytes_per_second: f64,
    iops: f64,
    latency_us: f64,
    latency_p99_us: f64,
}

/// The jobs in fio's JSON (fio(1), "JSON output").
fn jobs(text: &str) -> Option<Vec<Job>> {
    let printed: Value = serde_json::from_str(text).ok()?;
    printed["jobs"].as_array()?.iter().map(job).collect()
}

fn job(printed: &Value) -> Option<Job> {
    let name = printed["jobname"].as_str()?;
    let side = &printed[if name.ends_with("read") {
        "read"
    } else {
        "write"
    }];
    let latency = &side["clat_ns"];
    Some(Job {
        name: name.replace(' ', "_"),
        bytes_per_second: side["bw_bytes"].as_f64()?,
        iops: side["iops"].as_f64()?,
        latency_us: latency["mean"].as_f64()? / 1000.0,
        latency_p99_us: latency["percentile"]["99.000000"].as_f64()? / 1000.0,
    })
}

impl Job {
    fn values(&self) -> [(&'static str, f64); 4] {
        [
            ("bytes_per_second", self.bytes_per_second.round()),
            ("iops", self.iops.round()),
            ("latency_us", self.latency_us.round()),
            ("latency_p99_us", self.latency_p99_us.round()),
        ]
    }

    fn figures(&self) -> Vec<(String, f64)> {
        let named = |(what, value): (&str, f64)| (format!("{}_{what}", self.name), value);
        self.values().map(named).to_vec()
    }

    fn field(&self) -> (String, Value) {
        let values = self.values();
        let values: serde_json::Map<String, Value> = values
            .into_iter()
            .map(|(what, value)| (what.to_owned(), json!(value)))
            .collect();
        (self.name.clone(), Value::Object(values))
    }
}

fn remark(spec: &FioSpec, jobs: &[Job]) -> String {
    let mut text = format!("{} on {}:", spec.path, spec.host);
    for (at, job) in jobs.iter().enumerate() {
        let name = job.name.replace('_', " ");
        let gap = if at == 0 { "" } else { "," };
        // Writing to a string can't fail.
        let _ = if name.starts_with("random") {
            write!(
                text,
                "{gap} {name} {:.0} us (99 %: {:.0} us)",
                job.latency_us, job.latency_p99_us
            )
        } else {
            write!(text, "{gap} {name} {:.0} MB/s", job.bytes_per_second / 1e6)
        };
    }
    text
}

/// What got worse than in an earlier run by more than a quarter: throughput of what is big, latency of what is small.
fn worse(now: &Figures, last: &Figures, run: RunId) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in now {
        let Some(before) = last.get(name).filter(|before| **before > 0.0) else {
            continue;
        };
        let is_random = name.starts_with("random");
        let is_slower = match () {
            () if name.ends_with("_bytes_per_second") && !is_random => {
                *value < before * (1.0 - WORSE)
            }
            () if name.ends_with("_latency_us") && is_random => *value > before * (1.0 + WORSE),
            () => false,
        };
        if is_slower {
            let what = name.replace('_', " ");
            lines.push(format!("{what} {value:.0}, and {before:.0} in run {run}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{ "fio version": "fio-3.39", "jobs": [
        { "jobname": "write", "error": 0, "read": { "bw_bytes": 0 }, "write": { "bw_bytes": 112000000, "iops": 106.8,
          "clat_ns": { "mean": 9363456.1, "percentile": { "99.000000": 11862016 } } } },
        { "jobname": "random read", "error": 0, "read": { "bw_bytes": 9000000, "iops": 2197.3,
          "clat_ns": { "mean": 430000, "percentile": { "99.000000": 610304 } } }, "write": { "bw_bytes": 0 } } ] }"#;

    #[test]
    fn reads_what_fio_prints() {
        let jobs = jobs(PRINTED).unwrap();
        let figures: Figures = jobs.iter().flat_map(Job::figures).collect();
        assert_eq!(figures["write_bytes_per_second"], 112e6);
        assert_eq!(figures["random_read_latency_us"], 430.0);
        assert_eq!(figures["random_read_latency_p99_us"], 610.0);
        assert_eq!(super::jobs(r#"{"jobs":[{"jobname":"read"}]}"#), None);
    }

    #[test]
    fn what_got_worse_by_a_quarter_is_named() {
        let figures = |throughput: f64, latency: f64| -> Figures {
            [
                ("read_bytes_per_second".to_owned(), throughput),
                ("random_read_latency_us".to_owned(), latency),
                ("random_read_iops".to_owned(), throughput),
            ]
            .into()
        };
        let last = figures(100.0, 400.0);
        assert!(worse(&figures(80.0, 490.0), &last, RunId(3)).is_empty());
        let lines = worse(&figures(70.0, 900.0), &last, RunId(3));
        assert_eq!(
            lines,
            [
                "random read latency us 900, and 400 in run 3",
                "read bytes per second 70, and 100 in run 3"
            ]
        );
    }
}
