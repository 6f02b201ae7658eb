//! A lab on a twin in memory, in which runbooks run.

use std::{path::Path, sync::Arc};

use runbook::{
    event::{Event, Sink},
    execute::{self, Launch, Outcome},
    failure::Failure,
    gate::{Gate, Open},
    journal::{Entry, MemoryJournal, SharedJournal},
    options::{Environment, Found, Options, Questions},
    run::listed::{Declared, Listed},
    script::Library,
};
use tokio::runtime::Runtime;
use twin::{LabFacts, Start, Twin};
use world::{Secret, docs::Docs, proxmox::Api, secret::Redactor};

/// What the commands of examples do.
fn start() -> Start {
    let touch = twin::facts::Command {
        run: "touch /srv/example".to_owned(),
        files: [("/srv/example".to_owned(), String::new())].into(),
        ..twin::facts::Command::default()
    };
    Start {
        commands: vec![touch],
        ..Start::installed()
    }
}

pub(crate) const PASSWORD: &str = "a-password-of-the-tests";

/// A twin and what runs on it.
pub(crate) struct Lab {
    pub(crate) twin: Twin,
    docs: Arc<Docs>,
    runtime: Runtime,
}

struct Variables;

impl Environment for Variables {
    fn lookup(&self, name: &str, _kept: bool) -> Option<Found> {
        let value = match name {
            "PROXMOX_PASSWORD" => PASSWORD,
            "CLUSTER_NAME" => "example",
            _ => return None,
        };
        Some(Found {
            value: value.to_owned(),
            note: None,
        })
    }
}

struct Yes;

impl Questions for Yes {
    fn ask(&self, _question: &str) -> Option<(bool, &'static str)> {
        Some((true, "test"))
    }
}

/// Interrupts the run at a point.
struct Interrupt {
    point: &'static str,
    cancel: tokio_util::sync::CancellationToken,
}

impl Gate for Interrupt {
    fn pass(&self, point: &dyn std::fmt::Display) {
        if point.to_string().starts_with(self.point) {
            self.cancel.cancel();
        }
    }
}

struct Nowhere;

impl Sink for Nowhere {
    fn take(&self, _event: &Event) {}
}

impl Lab {
    /// The lab whose `docs/` lie in a folder of the repository, with installed nodes.
    pub(crate) fn open(folder: &str) -> Self {
        Self::at(folder, start())
    }

    /// The same lab, in which more commands are known.
    pub(crate) fn with_commands(folder: &str, commands: Vec<twin::facts::Command>) -> Self {
        let start = Start {
            commands,
            ..Start::installed()
        };
        Self::at(folder, start)
    }

    /// The same lab, whose machines differ from its docs.
    pub(crate) fn with_machines(folder: &str, differ: fn(&mut LabFacts)) -> Self {
        Self::with(folder, start(), differ)
    }

    /// The same lab on bare machines.
    pub(crate) fn bare(folder: &str) -> Self {
        Self::at(folder, Start::default())
    }

    fn at(folder: &str, start: Start) -> Self {
        Self::with(folder, start, |_| {})
    }

    fn with(folder: &str, start: Start, differ: fn(&mut LabFacts)) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(folder)
            .join("docs");
        let docs = Docs::load(&path).unwrap();
        let mut facts = LabFacts::from_docs(&docs).unwrap();
        differ(&mut facts);
        let options = twin::Options {
            root_passwords: vec![Secret::new("PROXMOX_PASSWORD", PASSWORD)],
        };
        Self {
            twin: Twin::open(None, facts, start, options).unwrap(),
            docs: Arc::new(docs),
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    fn launch(&self, source: &str) -> Launch {
        let world = self.twin.world().unwrap();
        let journal: SharedJournal = Arc::new(MemoryJournal::with_key(b"key".to_vec()));
        Launch {
            library: Library {
                lab: "/nonexistent".into(),
                embedded: homelab_ops::STDLIB,
            },
            file: "runbooks/test.rhai".to_owned(),
            source: source.to_owned(),
            api: Arc::new(Api::new(
                Arc::clone(&world.proxmox),
                Arc::clone(&world.clock),
            )),
            world,
            docs: Arc::clone(&self.docs),
            journal,
            options: Options::default(),
            environment: Arc::new(Variables),
            questions: Arc::new(Yes),
            sink: Arc::new(Nowhere),
            gate: Arc::new(Open),
            redactor: Redactor::default(),
            cancel: tokio_util::sync::CancellationToken::new(),
            handle: self.runtime.handle().clone(),
        }
    }

    /// Runs a runbook from its start, with a journal of its own.
    pub(crate) fn run(&self, source: &str) -> Result<Outcome, Failure> {
        execute::execute(engine(), self.launch(source))
    }

    /// A journal for several invocations.
    pub(crate) fn journal() -> SharedJournal {
        Arc::new(MemoryJournal::with_key(b"key".to_vec()))
    }

    /// Runs a runbook, or goes on with its run, on a journal.
    pub(crate) fn run_on(&self, source: &str, journal: &SharedJournal) -> Result<Outcome, Failure> {
        let mut launch = self.launch(source);
        launch.journal = Arc::clone(journal);
        execute::execute(engine(), launch)
    }

    /// Runs a runbook and interrupts it at a point whose name begins so.
    pub(crate) fn run_until(
        &self,
        source: &str,
        journal: &SharedJournal,
        point: &'static str,
    ) -> Result<Outcome, Failure> {
        let mut launch = self.launch(source);
        launch.journal = Arc::clone(journal);
        launch.gate = Arc::new(Interrupt {
            point,
            cancel: launch.cancel.clone(),
        });
        execute::execute(engine(), launch)
    }

    /// Plans a runbook: runs it on a preview of the twin.
    pub(crate) fn plan(&self, source: &str) -> Result<Outcome, Failure> {
        let mut launch = self.launch(source);
        let facts = LabFacts::from_docs(&self.docs).unwrap();
        launch.world = twin::preview::over_lab(launch.world, &facts);
        launch.api = Arc::new(Api::new(
            Arc::clone(&launch.world.proxmox),
            Arc::clone(&launch.world.clock),
        ));
        launch.options.plan = true;
        execute::execute(engine(), launch)
    }

    /// Runs some steps of a runbook.
    pub(crate) fn run_only(&self, source: &str, steps: &[&str]) -> Result<Outcome, Failure> {
        let mut launch = self.launch(source);
        launch.options.selection.only = steps.iter().map(ToString::to_string).collect();
        execute::execute(engine(), launch)
    }

    /// Carries out a call on the lab's first node.
    pub(crate) fn call(&self, call: world::host::Call) -> world::host::Reply {
        let hosts = self.twin.world().unwrap().hosts;
        hosts.declare(vec![world::host::Destination {
            name: "pve1".to_owned(),
            address: "10.10.10.11".to_owned(),
            ..world::host::Destination::default()
        }]);
        self.runtime.block_on(hosts.call("pve1", call)).unwrap()
    }

    /// Lists the steps of a runbook.
    pub(crate) fn inspect(&self, source: &str) -> Result<(Declared, Vec<Listed>), Failure> {
        execute::inspect(engine(), self.launch(source))
    }
}

/// An engine with every operation.
pub(crate) fn engine() -> rhai::Engine {
    let mut engine = runbook::language::engine();
    homelab_ops::register(&mut engine);
    engine
}

/// Why a run failed, in one text; nothing if it succeeded.
pub(crate) fn trouble(result: &Result<Outcome, Failure>) -> Option<String> {
    match result {
        Err(failure) => Some(failure.to_string()),
        Ok(outcome) => outcome.finished.failure.as_ref().map(|failure| {
            let place = failure
                .place
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("{failure} at {place}")
        }),
    }
}

/// The changes of a run, one a line.
pub(crate) fn changes(outcome: &Outcome) -> Vec<String> {
    let of = |entry: &Entry| match entry {
        Entry::Intent(intent) => Some(format!(
            "{} {}: {} -> {}",
            intent.operation.step,
            intent.change.resource,
            intent.change.before,
            intent.change.after
        )),
        _ => None,
    };
    outcome
        .entries
        .iter()
        .filter_map(|stored| of(&stored.entry))
        .collect()
}

/// The recorded value of a step.
pub(crate) fn step_value(outcome: &Outcome, id: &str) -> Option<serde_json::Value> {
    outcome
        .entries
        .iter()
        .find_map(|stored| match &stored.entry {
            Entry::StepFinished(step) if step.step.0 == id => Some(step.value.clone()),
            _ => None,
        })
}
