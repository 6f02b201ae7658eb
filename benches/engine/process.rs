//! Numbers of the whole program: from its start to the first step, and to the first step behind 5,000 recorded ones.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    Arguments, Failed,
    measure::{Goal, Measured, median, time},
};

const ROUNDS: usize = 7;
const RECORDED: usize = 5_000;

/// Every number of the program's start.
pub(crate) fn all(arguments: &Arguments) -> Result<Vec<Measured>, Failed> {
    let lab = Lab::new(arguments)?;
    let bare = bare_start(&lab)?;
    Ok(vec![first_step(&lab, bare)?, resume(&lab, bare)?])
}

/// How long it takes to start the program and end it at once.
pub(crate) fn bare_start(lab: &Lab) -> Result<Duration, Failed> {
    time(20, || lab.run(&["--version"]))
}

/// A lab in a folder of its own.
pub(crate) struct Lab {
    folder: TempDir,
    homelab: PathBuf,
}

impl Lab {
    /// A lab with the docs and runbooks of the example lab; the twin's nodes are installed.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        for part in ["docs", "runbooks"] {
            copy(&arguments.lab.join(part), &folder.path().join(part))?;
        }
        fs::write(folder.path().join("twin.rhai"), "#{ installed: true }\n")?;
        Ok(Self {
            folder,
            homelab: fs::canonicalize(&arguments.homelab)?,
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.homelab);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    /// Runs homelab, which must succeed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<(), Failed> {
        let output = self.command(arguments).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!(
            "homelab {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        )
        .into())
    }

    /// The time from the start of homelab to the first body of a step.
    fn to_first_step(&self, arguments: &[&str]) -> Result<Duration, Failed> {
        let begin = Instant::now();
        let mut child = self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().ok_or("there is no standard output")?;
        let mut lines = BufReader::with_capacity(1 << 16, output);
        let mut line = String::new();
        let mut took = None;
        while took.is_none() && lines.read_line(&mut line)? > 0 {
            took = line
                .contains("\"event\":\"step_started\"")
                .then(|| begin.elapsed());
            line.clear();
        }
        lines.read_to_string(&mut line)?;
        child.wait()?;
        took.ok_or_else(|| format!("homelab {} started no step", arguments.join(" ")).into())
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn first_step(lab: &Lab, bare: Duration) -> Result<Measured, Failed> {
    fs::write(
        lab.path("runbooks/one.rhai"),
        "runbook(\"one\", \"1.0.0\");\nstep(\"1\", \"Do nothing\", || 1);\n",
    )?;
    let run = ["run", "runbooks/one.rhai", "--twin", "--json", "--fresh"];
    lab.run(&run)?;
    let rounds = (0..3 * ROUNDS)
        .map(|_| lab.to_first_step(&run))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Measured {
        what: "start to first step".to_owned(),
        goal: Goal::Under(Duration::from_millis(30)),
        value: median(rounds),
        beside: ("start and end of the program", bare),
    })
}

/// A run whose last step fails is resumed, from the same journal each time.
fn resume(lab: &Lab, bare: Duration) -> Result<Measured, Failed> {
    let source = format!(
        "runbook(\"many\", \"1.0.0\");\n\
         for i in 0..{RECORDED} {{ step(`s-${{i}}`, \"Add\", || i + 1); }}\n\
         step(\"last\", \"Fail\", || throw \"not yet\");\n"
    );
    fs::write(lab.path("runbooks/many.rhai"), source)?;
    let state = lab.path(".homelab");
    let kept = lab.path("kept");
    drop(lab.run(&["run", "runbooks/many.rhai", "--twin", "--json"]));
    fs::rename(&state, &kept)?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        copy(&kept, &state)?;
        rounds.push(lab.to_first_step(&["resume", "--json"])?);
        fs::remove_dir_all(&state)?;
    }
    Ok(Measured {
        what: "resume of 5,000 steps, to the first real one".to_owned(),
        goal: Goal::Under(Duration::from_millis(100)),
        value: median(rounds),
        beside: ("start and end of the program", bare),
    })
}
