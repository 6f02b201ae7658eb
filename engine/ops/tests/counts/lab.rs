//! A lab of one host, with a journal that counts.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use runbook::{
    event::{Event, Sink, Status},
    execute::{self, Launch},
    gate::Open,
    journal::{Head, Journal, JournalError, MemoryJournal, RunId, Stored},
    options::{Environment, Found, Options, Questions},
    script::Library,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use world::{
    World, WorldId,
    clock::RealClock,
    docs::Docs,
    host::Port,
    install::HttpInstaller,
    proxmox::{Api, HttpsPort, Routes},
    secret::Redactor,
};

/// A journal in memory that counts how often it would have to be durable.
struct Counting {
    journal: MemoryJournal,
    commits: AtomicU64,
}

impl Journal for Counting {
    fn begin(
        &self,
        world: &WorldId,
        runbook: &str,
        entries: &[Stored],
    ) -> Result<RunId, JournalError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.journal.begin(world, runbook, entries)
    }

    fn append(&self, run: RunId, entries: &[Stored]) -> Result<(), JournalError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.journal.append(run, entries)
    }

    fn load(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        self.journal.load(run)
    }

    fn runs(&self, world: Option<&WorldId>) -> Result<Vec<Head>, JournalError> {
        self.journal.runs(world)
    }

    fn forget(&self, run: RunId) -> Result<(), JournalError> {
        self.journal.forget(run)
    }

    fn key(&self) -> Result<Vec<u8>, JournalError> {
        self.journal.key()
    }
}

struct Nothing;

impl Environment for Nothing {
    fn lookup(&self, _name: &str, _kept: bool) -> Option<Found> {
        None
    }
}

impl Questions for Nothing {
    fn ask(&self, _question: &str) -> Option<(bool, &'static str)> {
        None
    }
}

impl Sink for Nothing {
    fn take(&self, _event: &Event) {}
}

/// A lab of one host.
pub(crate) struct Lab {
    folder: TempDir,
    journal: Arc<Counting>,
    runtime: Runtime,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            journal: Arc::new(Counting {
                journal: MemoryJournal::with_key(b"key".to_vec()),
                commits: AtomicU64::new(0),
            }),
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// The folder in which the host's shell starts.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn commits(&self) -> u64 {
        self.journal.commits.load(Ordering::SeqCst)
    }

    /// Runs a runbook; gives its changes.
    pub(crate) fn run(&self, source: &str, hosts: Arc<dyn Port>) -> u64 {
        let clock = Arc::new(RealClock);
        let proxmox = Arc::new(HttpsPort::new(Routes::default()));
        let world = World {
            id: WorldId::live(),
            proxmox: Arc::clone(&proxmox) as _,
            hosts,
            installer: Arc::new(HttpInstaller::new(None)),
            clock: Arc::clone(&clock) as _,
        };
        let launch = Launch {
            library: Library {
                lab: self.folder().to_owned(),
                embedded: homelab_ops::STDLIB,
            },
            file: "runbooks/work.rhai".to_owned(),
            source: source.to_owned(),
            api: Arc::new(Api::new(proxmox, clock)),
            world,
            docs: Arc::new(Docs::parse("HARDWARE", "# Hardware\n").unwrap()),
            journal: Arc::clone(&self.journal) as _,
            options: Options::default(),
            environment: Arc::new(Nothing),
            questions: Arc::new(Nothing),
            sink: Arc::new(Nothing),
            gate: Arc::new(Open),
            redactor: Redactor::default(),
            cancel: tokio_util::sync::CancellationToken::new(),
            handle: self.runtime.handle().clone(),
        };
        let mut engine = runbook::language::engine();
        homelab_ops::register(&mut engine);
        let outcome = execute::execute(engine, launch).unwrap();
        assert_eq!(
            outcome.finished.status,
            Status::Succeeded,
            "{:?}",
            outcome.finished.failure
        );
        outcome.finished.changes
    }
}
