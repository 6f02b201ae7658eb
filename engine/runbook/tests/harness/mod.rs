//! A small world for tests of the engine: one host whose files are in memory, no Proxmox, a clock that jumps.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use rhai::{Dynamic, Engine, FuncRegistration, Module, NativeCallContext};
use runbook::{
    action::{Change, Proof},
    bridge::{self, Fields, Spec},
    event::{Event, Sink},
    execute::{self, Launch, Outcome},
    failure::Failure,
    gate::{Gate, Open},
    journal::{Entry, MemoryJournal, SharedJournal},
    options::{Environment, Found, Options, Questions},
    script::Library,
    write::{Dispatch, Write},
};
use serde::Deserialize;
use tokio::runtime::Runtime;
use world::{
    Clock, World, WorldId,
    clock::Moment,
    docs::Docs,
    host::{self, Call, Reply, Verb},
    proxmox::{self, Api, PortError},
    secret::Redactor,
};

/// A world in memory that survives runs.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) files: Mutex<BTreeMap<String, Bytes>>,
    pub(crate) writes: AtomicU64,
    pub(crate) now: AtomicU64,
    /// Answers of the next calls that break after they were carried out.
    pub(crate) break_after: AtomicU64,
}

impl host::Port for Memory {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, host::HostError>> {
        let path = call.args[0].clone();
        let host = host.to_owned();
        Box::pin(async move {
            let mut files = self.files.lock().unwrap();
            let reply = |status, output: Bytes| Reply {
                status,
                output,
                ..Reply::default()
            };
            match call.verb {
                Verb::READ => Ok(files
                    .get(&path)
                    .map_or(reply(66, Bytes::new()), |text| reply(0, text.clone()))),
                Verb::WRITE => {
                    self.writes.fetch_add(1, Ordering::SeqCst);
                    files.insert(path, call.input.clone());
                    if self.break_after.swap(0, Ordering::SeqCst) > 0 {
                        return Err(host::HostError::Broken {
                            host,
                            cause: "cut".to_owned(),
                        });
                    }
                    Ok(reply(0, Bytes::new()))
                }
                _ => Err(host::HostError::Unmodelled("not in this test".to_owned())),
            }
        })
    }

    fn declare(&self, _: Vec<host::Destination>) {}
}

impl proxmox::Port for Memory {
    fn send(
        &self,
        address: &str,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, PortError>> {
        let address = address.to_owned();
        Box::pin(async move {
            Err(PortError::Unreachable {
                address,
                cause: "no API in this test".to_owned(),
            })
        })
    }
}

impl Clock for Memory {
    fn now(&self) -> Moment {
        Moment(self.now.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.now.fetch_add(
            u64::try_from(duration.as_millis()).unwrap(),
            Ordering::SeqCst,
        );
        Box::pin(async {})
    }
}

/// Values of the environment.
#[derive(Default)]
pub(crate) struct Variables(pub(crate) BTreeMap<String, String>);

impl Environment for Variables {
    fn lookup(&self, name: &str, _kept: bool) -> Option<Found> {
        self.0.get(name).map(|value| Found {
            value: value.clone(),
            note: None,
        })
    }
}

/// Answers every question alike, or not at all.
pub(crate) struct Answers(pub(crate) Option<bool>);

impl Questions for Answers {
    fn ask(&self, _question: &str) -> Option<(bool, &'static str)> {
        self.0.map(|answer| (answer, "test"))
    }
}

#[derive(Default)]
pub(crate) struct Events(pub(crate) Mutex<Vec<Event>>);

impl Sink for Events {
    fn take(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A lab for tests: what stays between runs.
pub(crate) struct Bench {
    pub(crate) memory: Arc<Memory>,
    pub(crate) journal: SharedJournal,
    pub(crate) docs: String,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) answer: Option<bool>,
    pub(crate) events: Arc<Events>,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) options: Options,
    pub(crate) redactor: Redactor,
    pub(crate) cancel: tokio_util::sync::CancellationToken,
    runtime: Runtime,
}

impl Default for Bench {
    fn default() -> Self {
        Self {
            memory: Arc::default(),
            journal: Arc::new(MemoryJournal::with_key(b"key".to_vec())),
            docs: "# D\n\n## Nodes\n\n| Name | Address |\n| --- | --- |\n| a | 10.0.0.1 |\n| b | 10.0.0.2 |\n".to_owned(),
            variables: BTreeMap::new(),
            answer: Some(true),
            events: Arc::default(),
            gate: Arc::new(Open),
            options: Options::default(),
            redactor: Redactor::default(),
            cancel: tokio_util::sync::CancellationToken::default(),
            runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        }
    }
}

impl Bench {
    /// Runs a runbook whose body is `body`.
    pub(crate) fn run(&self, body: &str) -> Result<Outcome, Failure> {
        self.run_source(&format!("runbook(\"test\", \"1.0.0\");\n{body}"))
    }

    /// Runs a whole source.
    pub(crate) fn run_source(&self, source: &str) -> Result<Outcome, Failure> {
        let world = World {
            id: WorldId("test".to_owned()),
            proxmox: Arc::clone(&self.memory) as _,
            hosts: Arc::clone(&self.memory) as _,
            installer: Arc::new(world::install::HttpInstaller::new(None)),
            lease: Arc::new(world::lease::Own),
            clock: Arc::clone(&self.memory) as _,
        };
        let launch = Launch {
            library: Library {
                lab: PathBuf::from("/nonexistent"),
                embedded: &[("stdlib/shout", SHOUT)],
            },
            file: "runbooks/test.rhai".to_owned(),
            source: source.to_owned(),
            api: Arc::new(Api::new(
                Arc::clone(&world.proxmox),
                Arc::clone(&world.clock),
            )),
            world,
            docs: Arc::new(Docs::parse("D", &self.docs).unwrap()),
            journal: Arc::clone(&self.journal),
            options: self.options.clone(),
            environment: Arc::new(Variables(self.variables.clone())),
            questions: Arc::new(Answers(self.answer)),
            sink: Arc::clone(&self.events) as _,
            gate: Arc::clone(&self.gate),
            redactor: self.redactor.clone(),
            cancel: self.cancel.clone(),
            handle: self.runtime.handle().clone(),
        };
        execute::execute(engine(), launch)
    }

    pub(crate) fn file(&self, path: &str) -> Option<String> {
        let files = self.memory.files.lock().unwrap();
        files
            .get(path)
            .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }
}

const SHOUT: &str =
    "fn shout(text) { text.to_upper() }\nfn boom() {\n    let x = 1;\n    missing_function(x)\n}\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSpec {
    path: String,
    text: String,
}

impl Spec for FileSpec {
    fn fields() -> Vec<String> {
        ["path", "text"].map(str::to_owned).to_vec()
    }

    fn resource(&self) -> String {
        format!("file {}", self.path)
    }
}

/// An engine with one operation, `test::file(#{ path, text })`.
pub(crate) fn engine() -> Engine {
    let mut engine = runbook::language::engine();
    let mut module = Module::new();
    FuncRegistration::new("file").set_into_module(
        &mut module,
        |context: NativeCallContext, spec: Dynamic| {
            bridge::call(
                &context,
                "test::file",
                spec,
                async |operation, spec: FileSpec| {
                    let read = Call::new(Verb::READ, [&spec.path]);
                    let now = operation.call("h", read.clone()).await?;
                    let mut fields = Fields::new();
                    fields.insert("path".to_owned(), spec.path.clone().into());
                    if now.status == 0 && now.text() == spec.text {
                        return Ok(fields);
                    }
                    let before = if now.status == 0 {
                        now.text().into()
                    } else {
                        serde_json::Value::Null
                    };
                    let change = Change::update(spec.resource(), before, spec.text.clone().into());
                    let call = Call::new(Verb::WRITE, [spec.path.as_str(), "0644"])
                        .with_input(spec.text.clone());
                    let proof = Proof::Host {
                        compared: runbook::action::Compared::Is,
                        to: runbook::action::ToHost {
                            host: "h".to_owned(),
                            call: read,
                        },
                        output: spec.text.clone(),
                    };
                    let action = Dispatch::Call(runbook::action::ToHost {
                        host: "h".to_owned(),
                        call,
                    });
                    operation
                        .write(Write {
                            change,
                            action,
                            proof,
                        })
                        .await?;
                    Ok(fields)
                },
            )
        },
    );
    engine.register_static_module("test", module.into());
    engine
}

/// The steps of an outcome: id and what became of it.
pub(crate) fn course(outcome: &Outcome) -> Vec<(String, &'static str)> {
    let of = |entry: &Entry| match entry {
        Entry::StepFinished(it) => Some((it.step.to_string(), "done")),
        Entry::StepRecorded(it) => Some((it.step.to_string(), "recorded")),
        Entry::StepSkipped(it) => Some((it.step.to_string(), "skipped")),
        Entry::StepFailed(it) => Some((it.step.to_string(), "failed")),
        Entry::StepUnknown(it) => Some((it.step.to_string(), "unknown")),
        _ => None,
    };
    outcome
        .entries
        .iter()
        .filter_map(|stored| of(&stored.entry))
        .collect()
}
