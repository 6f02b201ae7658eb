//! The child: a run that tells its parent every kill point.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::UnixListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use runbook::failure::Failure;
use world::{Clock as _, clock::RealClock, code};

use super::Link;
use crate::lab_docs;

/// How long a child may be silent before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a child ended.
pub(super) struct Ended {
    /// The points that it passed, the last one not if it was killed there.
    pub(super) points: Vec<String>,
    /// Its exit code; nothing if it was killed.
    pub(super) code: Option<i32>,
    /// Its last JSON event.
    pub(super) last: serde_json::Value,
    /// What it wrote to standard error.
    pub(super) errors: String,
}

/// Where a child runs.
pub(super) struct Setup<'a> {
    pub(super) program: &'a Path,
    pub(super) lab: &'a Path,
    pub(super) runbook: &'a Link,
    pub(super) via: &'a Path,
    /// Where it gives answer files to bare machines.
    pub(super) listen: &'a str,
    pub(super) socket: &'a Path,
}

/// Runs a child; kills it at its `kill`th point.
pub(super) fn run(setup: &Setup<'_>, kill: Option<usize>) -> Result<Ended, Failure> {
    drop(std::fs::remove_file(setup.socket));
    let listener =
        UnixListener::bind(setup.socket).map_err(|error| broken("the gate's socket", &error))?;
    listener
        .set_nonblocking(true)
        .map_err(|error| broken("the gate's socket", &error))?;
    let arguments = setup.runbook.arguments.iter();
    let arguments = arguments.map(|(name, value)| format!("{name}={value}"));
    let mut child = Command::new(setup.program)
        .current_dir(setup.lab)
        .args(["run", &setup.runbook.file, "--yes", "--json", "--via"])
        .arg(setup.via)
        .arg("--gate")
        .arg(setup.socket)
        .args(arguments.flat_map(|given| ["--arg".to_owned(), given]))
        .env(lab_docs::LISTEN, setup.listen)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| broken("the child", &error))?;
    let output = drain(child.stdout.take());
    let errors = drain(child.stderr.take());
    let points = watch(&listener, &mut child, kill);
    if points.is_err() {
        drop(child.kill());
    }
    let status = child.wait().map_err(|error| broken("the child", &error))?;
    let output = output.join().unwrap_or_default();
    let last = output
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok());
    Ok(Ended {
        points: points?,
        code: status.code(),
        last: last.unwrap_or_default(),
        errors: errors.join().unwrap_or_default(),
    })
}

/// Lets the child pass point by point; kills it at the chosen one.
fn watch(
    listener: &UnixListener,
    child: &mut Child,
    kill: Option<usize>,
) -> Result<Vec<String>, Failure> {
    let begin = Instant::now();
    let stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            // It ended before it came to the gate.
            Err(_) if child.try_wait().is_ok_and(|status| status.is_some()) => {
                return Ok(Vec::new());
            }
            Err(_) if begin.elapsed() > PATIENCE => return Err(stuck("to start")),
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    stream
        .set_nonblocking(false)
        .map_err(|error| broken("the gate's socket", &error))?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .map_err(|error| broken("the gate's socket", &error))?;
    let mut answer = stream
        .try_clone()
        .map_err(|error| broken("the gate's socket", &error))?;
    let mut points = Vec::new();
    for line in BufReader::new(stream).lines() {
        let Ok(point) = line else {
            return Err(stuck("at a kill point"));
        };
        if kill == Some(points.len() + 1) {
            child.kill().map_err(|error| broken("the child", &error))?;
            return Ok(points);
        }
        points.push(point);
        // A child that just ended needs no answer.
        drop(answer.write_all(b"g"));
    }
    Ok(points)
}

fn drain(pipe: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read until then is all that there is to show.
            drop(pipe.read_to_end(&mut text));
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}

fn broken(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(code::test::child, format!("{what} can't be used")).cause(error.to_string())
}

fn stuck(what: &str) -> Failure {
    let text = format!("the run took longer than {} s {what}", PATIENCE.as_secs());
    Failure::new(code::test::stuck, text).cause(format!("at {}", RealClock.now()))
}
