//! A run that is watched at each of its kill points.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixListener,
    process::{Child, Stdio},
};

use crate::support::Lab;

/// How a run ended that was watched at each of its points.
pub(crate) struct Ended {
    pub(crate) status: i32,
    /// The points that it passed.
    pub(crate) points: Vec<String>,
    pub(crate) output: String,
}

/// Runs a runbook on the twin; `at` is told each point with its number from 0 while the run is held there.
pub(crate) fn gated(
    lab: &Lab,
    runbook: &str,
    mut at: impl FnMut(usize, &str, &mut Child),
) -> Ended {
    let socket = lab.path("gate.sock");
    drop(std::fs::remove_file(&socket));
    let listener = UnixListener::bind(&socket).unwrap();
    let mut command = lab.command(&["run", runbook, "--twin", "--json", "--gate"]);
    command.arg(&socket).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    });
    let (stream, _) = listener.accept().unwrap();
    let mut answer = stream.try_clone().unwrap();
    let mut points = Vec::new();
    for point in BufReader::new(stream).lines().map_while(Result::ok) {
        at(points.len(), &point, &mut child);
        points.push(point);
        // A run that has just ended needs no answer.
        drop(answer.write_all(b"g"));
    }
    let status = child.wait().unwrap().code().unwrap_or(-1);
    Ended {
        status,
        points,
        output: reader.join().unwrap(),
    }
}

/// Kills a run at the first point that begins so.
#[track_caller]
pub(crate) fn killed(lab: &Lab, runbook: &str, point: &str) {
    let ended = gated(lab, runbook, |_, passed, child| {
        if passed.starts_with(point) {
            child.kill().unwrap();
        }
    });
    assert_eq!(ended.status, -1, "{point} isn't among {:?}", ended.points);
}
