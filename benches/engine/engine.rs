//! Numbers of the engine in this process: registration, a step, a journaled step.

use std::{
    collections::BTreeMap,
    fs::File,
    hint::black_box,
    io::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rhai::Engine;
use runbook::{
    event::{Event, Sink},
    execute::{Launch, execute},
    gate::Open,
    journal::{Head, Journal, JournalError, MemoryJournal, RunId, SqliteJournal, Status, Stored},
    options::{Environment, Found, Options, Questions},
    script::Library,
};
use tokio_util::sync::CancellationToken;
use twin::{LabFacts, Start, Twin};
use world::{WorldId, docs::Docs, proxmox::Api, secret::Redactor};

use crate::{
    Arguments, Failed,
    measure::{Goal, Measured, median, time},
};

const STEPS: u32 = 2_000;
const JOURNALED: u32 = 100;
const ROUNDS: usize = 7;

/// Every number of the engine.
pub(crate) fn all(arguments: &Arguments) -> Result<Vec<Measured>, Failed> {
    let bench = Bench::new(&arguments.lab)?;
    Ok(vec![registration()?, step(&bench)?, journaled(&bench)?])
}

fn registration() -> Result<Measured, Failed> {
    let value = time(50, || {
        black_box(all_functions());
        Ok(())
    })?;
    let bare = time(50, || {
        black_box(Engine::new());
        Ok(())
    })?;
    Ok(Measured {
        what: "engine with all functions registered".to_owned(),
        goal: Goal::Under(Duration::from_millis(5)),
        value,
        beside: ("a bare Rhai engine", bare),
    })
}

fn all_functions() -> Engine {
    let mut engine = runbook::language::engine();
    ops::register(&mut engine);
    engine
}

/// Steps that do nothing, without what the journal itself takes.
fn step(bench: &Bench) -> Result<Measured, Failed> {
    let source = |count: u32| {
        format!(
            "runbook(\"bench\", \"1.0.0\");\nfor i in 0..{count} {{ step(`s-${{i}}`, \"Do nothing\", || i + 1); }}\n"
        )
    };
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        let with = bench.run(&source(STEPS), Arc::new(MemoryJournal::default()))?;
        let without = bench.run(&source(0), Arc::new(MemoryJournal::default()))?;
        all.push(
            with.without_journal()
                .saturating_sub(without.without_journal())
                / STEPS,
        );
    }
    Ok(Measured {
        what: "step overhead without journal".to_owned(),
        goal: Goal::Under(Duration::from_micros(5)),
        value: median(all),
        beside: ("a call of a Rhai closure", closure()?),
    })
}

fn closure() -> Result<Duration, Failed> {
    const CALLS: u32 = 100_000;
    let engine = Engine::new();
    let calls = engine.compile(format!(
        "for i in 0..{CALLS} {{ let f = || i + 1; f.call(); }}"
    ))?;
    let total = time(5, || Ok(engine.run_ast(&calls)?))?;
    Ok(total / CALLS)
}

/// Steps with one action each, in a journal on this disk; the twin is in memory.
fn journaled(bench: &Bench) -> Result<Measured, Failed> {
    let source = |count: u32| {
        format!(
            "runbook(\"bench\", \"1.0.0\");\n\
             proxmox::connect(#{{ nodes: facts::table(\"HARDWARE\", \"Nodes\"), user: \"root@pam\", password: secret(\"PASSWORD\") }});\n\
             for i in 0..{count} {{ step(`s-${{i}}`, \"Make a group\", || proxmox::group::ensure(`g${{i}}`, #{{ comment: \"c\" }})); }}\n"
        )
    };
    let folder = tempfile::tempdir()?;
    let open = |name: &str| SqliteJournal::open(&folder.path().join(name));
    let with = bench.run(&source(JOURNALED), Arc::new(open("with.db")?))?;
    let without = bench.run(&source(0), Arc::new(open("without.db")?))?;
    let found = (with.appends - without.appends) as f64 / f64::from(JOURNALED);
    Ok(Measured {
        what: "journaled step with one synchronous action".to_owned(),
        goal: Goal::Commits(found, 2.0),
        value: with.whole.saturating_sub(without.whole) / JOURNALED,
        beside: ("one fsync of 4 KiB", fsync(folder.path())?),
    })
}

fn fsync(folder: &Path) -> Result<Duration, Failed> {
    let mut file = File::create(folder.join("fsync"))?;
    time(100, || {
        file.write_all(&[7; 4096])?;
        Ok(file.sync_data()?)
    })
}

/// How long a run took, and how much of that its journal took.
struct Took {
    whole: Duration,
    journal: Duration,
    appends: u64,
}

impl Took {
    fn without_journal(&self) -> Duration {
        self.whole.saturating_sub(self.journal)
    }
}

/// The lab's docs and a runtime.
struct Bench {
    docs: Arc<Docs>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new(lab: &Path) -> Result<Self, Failed> {
        let docs = Docs::load(&lab.join("docs")).map_err(|errors| format!("docs: {errors:?}"))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        Ok(Self {
            docs: Arc::new(docs),
            runtime,
        })
    }

    /// Runs a source on a new twin in memory.
    fn run(&self, source: &str, journal: Arc<dyn Journal>) -> Result<Took, Failed> {
        let password = world::Secret::new("PASSWORD", PASSWORD);
        let options = twin::Options {
            root_passwords: vec![password],
        };
        let world = Twin::open(
            None,
            LabFacts::from_docs(&self.docs)?,
            Start::installed(),
            options,
        )?
        .world()?;
        let timed = Arc::new(Timed {
            inner: journal,
            appends: AtomicU64::new(0),
            nanoseconds: AtomicU64::new(0),
        });
        let launch = Launch {
            library: Library {
                lab: "/nonexistent".into(),
                embedded: ops::STDLIB,
            },
            file: "runbooks/bench.rhai".to_owned(),
            source: source.to_owned(),
            api: Arc::new(Api::new(
                Arc::clone(&world.proxmox),
                Arc::clone(&world.clock),
            )),
            world,
            docs: Arc::clone(&self.docs),
            journal: Arc::clone(&timed) as _,
            options: Options::default(),
            environment: Arc::new(Outside),
            questions: Arc::new(Outside),
            sink: Arc::new(Outside),
            gate: Arc::new(Open),
            redactor: Redactor::default(),
            cancel: CancellationToken::new(),
            handle: self.runtime.handle().clone(),
        };
        let engine = all_functions();
        let begin = Instant::now();
        let outcome = execute(engine, launch).map_err(|failure| format!("{failure:?}"))?;
        let whole = begin.elapsed();
        if outcome.finished.status != Status::Succeeded {
            return Err(format!("{:?}", outcome.finished.failure).into());
        }
        Ok(Took {
            whole,
            journal: Duration::from_nanos(timed.nanoseconds.load(Ordering::SeqCst)),
            appends: timed.appends.load(Ordering::SeqCst),
        })
    }
}

const PASSWORD: &str = "bench-password";

/// What lies outside of the engine: nobody listens, nobody is asked, and there's one password.
struct Outside;

impl Sink for Outside {
    fn take(&self, _event: &Event) {}
}

impl Questions for Outside {
    fn ask(&self, _question: &str) -> Option<(bool, &'static str)> {
        None
    }
}

impl Environment for Outside {
    fn lookup(&self, name: &str, _kept: bool) -> Option<Found> {
        let values = BTreeMap::from([("PASSWORD", PASSWORD)]);
        values.get(name).map(|value| Found {
            value: (*value).to_owned(),
            note: None,
        })
    }
}

/// A journal that counts its commits and the time that they take.
struct Timed {
    inner: Arc<dyn Journal>,
    appends: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Timed {
    fn timed<T>(&self, body: impl FnOnce(&dyn Journal) -> T) -> T {
        let begin = Instant::now();
        let answer = body(&*self.inner);
        let took = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(took, Ordering::SeqCst);
        answer
    }
}

impl Journal for Timed {
    fn begin(
        &self,
        world: &WorldId,
        runbook: &str,
        entries: &[Stored],
    ) -> Result<RunId, JournalError> {
        self.timed(|inner| inner.begin(world, runbook, entries))
    }

    fn append(&self, run: RunId, entries: &[Stored]) -> Result<(), JournalError> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        self.timed(|inner| inner.append(run, entries))
    }

    fn load(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        self.timed(|inner| inner.load(run))
    }

    fn runs(&self, world: Option<&WorldId>) -> Result<Vec<Head>, JournalError> {
        self.timed(|inner| inner.runs(world))
    }

    fn owned(&self, world: &WorldId) -> Result<Vec<String>, JournalError> {
        self.timed(|inner| inner.owned(world))
    }

    fn forget(&self, run: RunId) -> Result<(), JournalError> {
        self.timed(|inner| inner.forget(run))
    }

    fn key(&self) -> Result<Vec<u8>, JournalError> {
        self.inner.key()
    }
}
