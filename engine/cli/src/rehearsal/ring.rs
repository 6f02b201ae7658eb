//! A ring: a copy of the lab in a temporary folder, and its twin, served.

use std::{
    fs,
    path::{Path, PathBuf},
};

use runbook::failure::Failure;
use twin::{Manner, Served, Twin};
use world::code;

use super::{
    End, Kill, Link, Order, Tasks, Verdict,
    child::{self, Ended, Setup},
};
use crate::{
    exit::{Stop, refused},
    lab_world::{self, twin_failure},
    served::ServedLine,
    session::Session,
    settings::Settings,
};

/// How often a run is resumed before it counts as one that doesn't come to its end.
const RESUMES: usize = 3;

/// What a lab is copied from; what a run keeps isn't.
const PARTS: &[&str] = &[
    "docs",
    "runbooks",
    "stdlib",
    "applications",
    "twin.rhai",
    ".envrc.example",
];

/// A place to rehearse in.
pub(crate) struct Ring {
    folder: tempfile::TempDir,
    program: PathBuf,
    chain: Vec<Link>,
    runtime: tokio::runtime::Runtime,
    twin: Twin,
    /// An address of this machine that nobody uses.
    listen: String,
    served: Option<Served>,
}

impl Ring {
    /// Copies the lab and serves its twin.
    ///
    /// # Errors
    /// The lab can't be copied, or its twin can't be served.
    pub(crate) fn new(order: &Order, settings: &Settings) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()
            .map_err(|error| unusable(Path::new("the temporary folder"), &error))?;
        let lab = folder.path().join("lab");
        for part in PARTS {
            let from = order.lab.join(part);
            if from.exists() {
                copy(&from, &lab.join(part)).map_err(|error| unusable(&from, &error))?;
            }
        }
        let program =
            std::env::current_exe().map_err(|error| unusable(Path::new("homelab"), &error))?;
        let settings = Settings {
            folder: lab,
            ..settings.clone()
        };
        let session = Session::open(&settings)?;
        let docs = session.docs().map_err(first)?;
        let environment = session.environment(session.all_names())?.rehearsal(true);
        let twin = lab_world::open_twin(&session, &docs, &environment)?;
        Ok(Self {
            chain: order.chain.clone(),
            runtime: session.runtime,
            folder,
            program,
            twin,
            listen: free_address()?,
            served: None,
        })
    }

    fn lab(&self) -> PathBuf {
        self.folder.path().join("lab")
    }

    /// The lab's start, in a new world, with an empty journal.
    fn renew(&mut self) -> Result<(), Failure> {
        let state = self.lab().join(".homelab");
        for entry in fs::read_dir(&state).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // The twin's own store stays open, with its key.
            if name.starts_with("twin.db") || name == "twin.key" {
                continue;
            }
            let path = entry.path();
            let removed = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.map_err(|error| unusable(&path, &error))?;
        }
        self.twin.reset().map_err(|error| twin_failure(&error))?;
        if self.served.is_none() {
            let manner = Manner {
                answers: Some(self.answers()?),
                ..Manner::default()
            };
            let serving = twin::serve::serve(&self.twin, manner);
            self.served = Some(
                self.runtime
                    .block_on(serving)
                    .map_err(|error| twin_failure(&error))?,
            );
        }
        self.announce()
    }

    /// Where bare machines ask: the child gives them their answer files there.
    fn answers(&self) -> Result<twin::Url, Failure> {
        let url = format!("http://{}/", self.listen).parse();
        url.map_err(|why: String| Failure::new(code::test::child, why))
    }

    /// Writes the file for `--via`.
    fn announce(&self) -> Result<(), Failure> {
        let Some(served) = &self.served else {
            return Ok(());
        };
        // A reset since it was served made it another world.
        let line = ServedLine {
            world: self.twin.id().map_err(|error| twin_failure(&error))?,
            ..ServedLine::of(served)
        };
        let text =
            serde_json::to_string(&line).map_err(|error| Failure::of(code::test::via, &error))?;
        let file = self.via();
        fs::write(&file, text).map_err(|error| unusable(&file, &error))
    }

    fn via(&self) -> PathBuf {
        self.folder.path().join("via.json")
    }

    /// Runs the runbooks before the last one.
    fn prepare(&self) -> Result<(), Failure> {
        for link in &self.chain[..self.chain.len() - 1] {
            let ended = self.child(link, None)?;
            if ended.code != Some(0) {
                return Err(fails(link, &ended));
            }
        }
        Ok(())
    }

    fn last(&self) -> &Link {
        &self.chain[self.chain.len() - 1]
    }

    fn child(&self, runbook: &Link, kill: Option<usize>) -> Result<Ended, Failure> {
        let (lab, via, socket) = (self.lab(), self.via(), self.folder.path().join("gate"));
        let setup = Setup {
            program: &self.program,
            lab: &lab,
            runbook,
            via: &via,
            listen: &self.listen,
            socket: &socket,
        };
        child::run(&setup, kill)
    }

    fn end(&self) -> Result<End, Failure> {
        End::read(&self.twin, &self.lab().join(".homelab"), self.last())
    }

    /// A run that nobody disturbs: its kill points and its end.
    ///
    /// # Errors
    /// It fails.
    pub(crate) fn undisturbed(&mut self) -> Result<(Vec<String>, End), Failure> {
        self.renew()?;
        self.prepare()?;
        let ended = self.child(self.last(), None)?;
        if ended.code != Some(0) {
            return Err(fails(self.last(), &ended));
        }
        Ok((ended.points, self.end()?))
    }

    /// Kills a run at a point, lets become of its tasks what the kill says, resumes it, and compares its end.
    ///
    /// # Errors
    /// The ring itself breaks; a run that ends otherwise is a verdict.
    pub(crate) fn kill(&mut self, kill: &Kill, undisturbed: &End) -> Result<Verdict, Failure> {
        self.renew()?;
        self.prepare()?;
        let divergence = self.try_kill(kill, undisturbed)?;
        Ok(Verdict {
            kill: kill.clone(),
            divergence,
        })
    }

    fn try_kill(&self, kill: &Kill, undisturbed: &End) -> Result<Option<String>, Failure> {
        let killed = self.child(self.last(), Some(kill.at))?;
        if killed.code.is_some() {
            return Ok(Some(format!(
                "the run ended with {:?} before this point: {}",
                killed.code,
                killed.errors.trim()
            )));
        }
        let meanwhile = match kill.tasks {
            Tasks::GoOn => Ok(0),
            Tasks::Finish => self.twin.end_running(None),
            Tasks::Fail => self.twin.end_running(Some("killed by the rehearsal")),
        };
        meanwhile.map_err(|error| twin_failure(&error))?;
        let end = self.end()?;
        if end.complete {
            // It was killed after its last entry: there is nothing to resume.
            return Ok(undisturbed.divergence(&end, kill.tasks));
        }
        let mut last = None;
        for _ in 0..RESUMES {
            let resumed = self.child(self.last(), None)?;
            if resumed.code == Some(0) {
                return Ok(undisturbed.divergence(&self.end()?, kill.tasks));
            }
            let in_doubt = resumed.code == Some(6);
            last = Some(resumed);
            if in_doubt {
                break;
            }
        }
        let text = last.map(|ended| {
            format!(
                "exit {:?}: {}{}",
                ended.code,
                ended.errors.trim(),
                ended.last
            )
        });
        Ok(Some(format!(
            "the resumed run doesn't come to its end: {}",
            text.unwrap_or_default()
        )))
    }
}

fn fails(runbook: &Link, ended: &Ended) -> Failure {
    let text = format!("{} fails when nobody disturbs it", runbook.file);
    refused(code::test::fails, text)
        .cause(ended.errors.trim().to_owned())
        .help("`homelab run RUNBOOK --twin` shows where; a runbook that fails can't be rehearsed")
}

/// An address on loopback whose port was free a moment ago.
fn free_address() -> Result<String, Failure> {
    let taken = |error: std::io::Error| {
        Failure::new(code::test::child, "no port is free").cause(error.to_string())
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(taken)?;
    Ok(listener.local_addr().map_err(taken)?.to_string())
}

fn first(stop: Stop) -> Failure {
    stop.failures
        .into_iter()
        .next()
        .unwrap_or_else(|| refused(code::test::docs, "the docs can't be used"))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    refused(
        code::test::folder,
        format!("{} can't be used", path.display()),
    )
    .cause(error.to_string())
}
