//! A lab of one host.

use std::{path::Path, sync::Arc};

use runbook::{
    event::{Event, Sink},
    execute::{self, Launch},
    gate::Open,
    journal::{Journal, Status},
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
    journal: Arc<dyn Journal>,
    runtime: Runtime,
}

impl Lab {
    pub(crate) fn new(journal: Arc<dyn Journal>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            journal,
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

    /// Runs a runbook; gives its changes.
    pub(crate) fn run(&self, source: &str, hosts: Arc<dyn Port>) -> u64 {
        let clock = Arc::new(RealClock);
        let proxmox = Arc::new(HttpsPort::new(Routes::default()));
        let world = World {
            id: WorldId::live(),
            proxmox: Arc::clone(&proxmox) as _,
            hosts,
            installer: Arc::new(HttpInstaller::new(None)),
            lease: Arc::new(world::lease::Own),
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
            journal: Arc::clone(&self.journal),
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
