//! A lab that is open: its docs, its scripts, its journal.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use rhai::Engine;
use runbook::{
    failure::Failure,
    journal::{MemoryJournal, SharedJournal, SqliteJournal},
    script::{self, Library},
};
use tokio::runtime::Runtime;
use world::{
    Place, code,
    docs::{Docs, DocsError, rules},
    lab::Lab,
};

use crate::{
    environment::LabEnvironment,
    exit::{Stop, refused},
    names::Names,
    settings::Settings,
};

/// A script of the lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runbook {
    /// Its file, relative to the lab.
    pub(crate) file: String,
    /// Its text.
    pub(crate) source: String,
}

/// A lab that is open.
pub(crate) struct Session<'a> {
    /// What the process was given.
    pub(crate) settings: &'a Settings,
    /// The lab.
    pub(crate) lab: Lab,
    /// Where scripts come from.
    pub(crate) library: Library,
    /// The runtime on which operations wait.
    pub(crate) runtime: Runtime,
}

impl<'a> Session<'a> {
    /// Finds the lab that homelab was started in.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn open(settings: &'a Settings) -> Result<Self, Failure> {
        let lab = Lab::find(&settings.folder).map_err(|error| {
            refused(code::lab::not_a_lab, error.to_string())
                .help("change into your lab, or make one with `homelab init DIR`")
        })?;
        Ok(Self {
            settings,
            library: Library {
                lab: lab.root().to_owned(),
                embedded: ops::STDLIB,
            },
            lab,
            runtime: runtime()?,
        })
    }

    /// The lab's facts; every mistake in them is reported.
    ///
    /// # Errors
    /// The tables of docs/ don't hold together, or a rule is broken.
    pub(crate) fn docs(&self) -> Result<Docs, Stop> {
        let docs = self.docs_as_written()?;
        match rules::sound(&docs) {
            Ok(()) => Ok(docs),
            Err(errors) => Err(self.docs_stop(&errors)),
        }
    }

    /// The lab's facts whatever rules they break; every table that doesn't hold together is reported.
    ///
    /// # Errors
    /// The tables of docs/ don't hold together.
    pub(crate) fn docs_as_written(&self) -> Result<Docs, Stop> {
        Docs::load(&self.lab.docs()).map_err(|errors| self.docs_stop(&errors))
    }

    fn docs_stop(&self, errors: &[DocsError]) -> Stop {
        let failures: Vec<Failure> = errors.iter().map(docs_failure).collect();
        let sources = self.sources(failures.iter().filter_map(|failure| failure.place.as_ref()));
        Stop::refused(failures).with_sources(sources)
    }

    /// The texts of the files that places are in.
    pub(crate) fn sources<'p>(
        &self,
        places: impl Iterator<Item = &'p Place>,
    ) -> BTreeMap<String, String> {
        // A file that can't be read has no line to show.
        let source = |place: &Place| {
            let text = std::fs::read_to_string(self.lab.root().join(&place.file)).ok()?;
            Some((place.file.clone(), text))
        };
        places.filter_map(source).collect()
    }

    /// A path as it's shown: relative to the lab.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.lab.root())
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// An engine that knows every function that a script can call.
    pub(crate) fn engine() -> Engine {
        let mut engine = runbook::language::engine();
        ops::register(&mut engine);
        engine
    }

    /// The names that some scripts read.
    ///
    /// # Errors
    /// A script can't be parsed.
    pub(crate) fn names(&self, runbooks: &[Runbook]) -> Result<Names, Stop> {
        let engine = Self::engine();
        let mut names = Names::default();
        for runbook in runbooks {
            let added = names.add(&engine, &self.library, &runbook.file, &runbook.source);
            added.map_err(|failure| Stop::from(failure).with_sources(names.sources.clone()))?;
        }
        Ok(names)
    }

    /// The names that any script of the lab reads; scripts that can't be parsed are left to `check`.
    pub(crate) fn all_names(&self) -> Names {
        let engine = Self::engine();
        let mut names = Names::default();
        for script in self.scripts() {
            // One broken script says nothing about the others' names.
            drop(names.add(&engine, &self.library, &script.file, &script.source));
        }
        for (name, source) in self.library.embedded {
            drop(names.add(&engine, &self.library, &format!("{name}.rhai"), source));
        }
        names
    }

    /// Every script of the lab that is text: runbooks, its own modules, applications.
    pub(crate) fn scripts(&self) -> Vec<Runbook> {
        let folders = [
            self.lab.runbooks(),
            self.lab.stdlib(),
            self.lab.applications(),
        ];
        let paths = folders.iter().flat_map(|folder| files(folder));
        paths
            .filter_map(|path| {
                let file = self.shown(&path);
                let source = script::read(&path, &file).ok()?;
                Some(Runbook { file, source })
            })
            .collect()
    }

    /// The environment for the names that the lab's scripts read.
    ///
    /// # Errors
    /// `.envrc` or `.envrc.example` can't be read.
    pub(crate) fn environment(&self, names: Names) -> Result<LabEnvironment, Failure> {
        LabEnvironment::read(&self.lab, &self.settings.variables, names)
    }

    /// The journal's file.
    pub(crate) fn journal_file(&self) -> PathBuf {
        self.lab.state().join("journal.db")
    }

    /// The journal, which is made if there is none.
    ///
    /// # Errors
    /// It's damaged, newer, or can't be written.
    pub(crate) fn journal(&self) -> Result<SharedJournal, Failure> {
        let journal =
            SqliteJournal::open(&self.journal_file()).map_err(|error| journal_failure(&error))?;
        Ok(Arc::new(journal))
    }

    /// The journal for reading; one in memory if there is none, so that reading makes no file.
    ///
    /// # Errors
    /// It's damaged or newer.
    pub(crate) fn journal_to_read(&self) -> Result<SharedJournal, Failure> {
        if self.journal_file().exists() {
            return self.journal();
        }
        Ok(Arc::new(MemoryJournal::default()))
    }
}

/// Every `.rhai` file in a folder and the folders in it, by name; none if there is no such folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "rhai")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A mistake in docs as a failure.
pub(crate) fn docs_failure(error: &DocsError) -> Failure {
    let mut failure = refused(error.code(), error.to_string()).help(error.help());
    let place = error.place().filter(|place| place.line > 0);
    failure.place = place.cloned();
    failure
}

/// The runtime on which operations wait.
///
/// # Errors
/// The system gives no threads.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    built.map_err(|error| Failure::of(code::run::runtime, &error))
}

/// A journal's error as a failure.
pub(crate) fn journal_failure(error: &runbook::journal::JournalError) -> Failure {
    Failure::of(error.code(), error).help(error.help())
}
