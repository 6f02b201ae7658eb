//! An invocation from start to end: compile, choose the run, settle, run, finish.

use std::sync::Arc;

use rhai::{Dynamic, Engine, Scope};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use world::{World, code, docs::Docs, host::Foresight, proxmox::Api, secret::Redactor};

use crate::{
    failure::{Class, Failure},
    journal::{
        self, Entry, Group, Learned, Overlay, Plan, RunId, Selection, SharedJournal, Status,
        Stored, Summary,
        entry::{RunFinished, RunStarted},
    },
    operation::settle,
    run::{
        Append, Run, State,
        body::Body,
        convert,
        event::{Event, Finished, Sink},
        gate::Gate,
        journal_failure,
        listed::{Declared, Listed, Mode},
        monitor::{self, Monitor},
        options::{Environment, Options, Questions},
        plan::{self, Expected},
        preflight,
    },
    script::{Library, Script},
    value::{self, tag::Tag},
};

/// All that an invocation needs.
pub struct Launch {
    /// Where modules come from.
    pub library: Library,
    /// The runbook's file, relative to the lab.
    pub file: String,
    /// Its source.
    pub source: String,
    /// The world.
    pub world: World,
    /// The Proxmox VE API over the world's port.
    pub api: Arc<Api>,
    /// The lab's facts.
    pub docs: Arc<Docs>,
    /// The journal of the lab; a plan reads it and writes nothing.
    pub journal: SharedJournal,
    /// What the command line chose.
    pub options: Options,
    /// Values of the environment.
    pub environment: Arc<dyn Environment>,
    /// Answers questions.
    pub questions: Arc<dyn Questions>,
    /// Takes the events.
    pub sink: Arc<dyn Sink>,
    /// Kill points.
    pub gate: Arc<dyn Gate>,
    /// Removes secrets.
    pub redactor: Redactor,
    /// Cancelled by Ctrl-C.
    pub cancel: CancellationToken,
    /// The runtime on which operations wait.
    pub handle: Handle,
}

/// How an invocation ended.
#[derive(Debug)]
pub struct Outcome {
    /// The last event.
    pub finished: Finished,
    /// The entries of this invocation.
    pub entries: Vec<Stored>,
    /// What the whole run learned, earlier invocations included.
    pub learned: Vec<Learned>,
    /// The plan, if it was one.
    pub plan: Option<Plan>,
}

/// Runs a runbook on a blocking thread, with an engine that knows all script functions.
///
/// # Errors
/// Nothing was started: the runbook or the command line is wrong, or the journal can't be used.
pub fn execute(engine: Engine, launch: Launch) -> Result<Outcome, Failure> {
    with_stack(|| execute_here(engine, launch))
}

/// How much stack a script may use: enough for its deepest recursion in an unoptimised build.
pub(crate) const STACK: usize = 256 << 20;

/// Runs `body` on a thread of its own whose stack is large enough for any script.
fn with_stack<T: Send>(body: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("runbook".to_owned())
            .stack_size(STACK);
        let running = thread.spawn_scoped(scope, body).map_err(|error| {
            Failure::new(code::run::thread, "no thread for the runbook").cause(error.to_string())
        })?;
        running
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn execute_here(mut engine: Engine, launch: Launch) -> Result<Outcome, Failure> {
    let run = listed(&mut engine, launch)?;
    let result = begin(&run).and_then(|()| {
        // What was read to list the steps may be from before what was settled.
        run.foresight.forget();
        run.foresee();
        evaluate(&mut engine, &run)
    });
    match result {
        // What fails before the run's first entry has started nothing.
        Err(failure) if run.id() == RunId::default() => Err(unstarted(failure)),
        result => finish(&run, result),
    }
}

/// Lists the steps of a runbook and what it declares; nothing runs.
///
/// # Errors
/// The runbook is wrong, or the journal can't be used.
pub fn inspect(engine: Engine, launch: Launch) -> Result<(Declared, Vec<Listed>), Failure> {
    with_stack(|| inspect_here(engine, launch))
}

fn inspect_here(mut engine: Engine, launch: Launch) -> Result<(Declared, Vec<Listed>), Failure> {
    let run = listed(&mut engine, launch)?;
    let mut state = run.state();
    Ok((state.declared.clone(), std::mem::take(&mut state.listed)))
}

/// Compiles a runbook, chooses the run to go on with, and lists the steps.
fn listed(engine: &mut Engine, launch: Launch) -> Result<Arc<Run>, Failure> {
    monitor::install(engine);
    value::shield(engine, &[]);
    let script = Script::compile(engine, &launch.library, &launch.file, &launch.source)?;
    let mut run = prepare(launch, script)?;
    choose_run(&mut run)?;
    let run = Arc::new(run);
    let told = Arc::downgrade(&run);
    run.api.tell_waits(Box::new(move |text| {
        if let Some(run) = told.upgrade() {
            run.remark(None, text);
        }
    }));
    list(engine, &run)?;
    Ok(run)
}

fn prepare(launch: Launch, script: Script) -> Result<Run, Failure> {
    let key = launch.journal.key().map_err(journal_failure)?;
    let journal: SharedJournal = if launch.options.plan {
        Arc::new(Overlay::new(launch.journal))
    } else {
        launch.journal
    };
    let mut world = launch.world;
    let clock = Arc::clone(&world.clock);
    let foresight = Arc::new(Foresight::new(world.hosts, clock, launch.handle.clone()));
    world.hosts = Arc::clone(&foresight) as _;
    Ok(Run {
        api: launch.api,
        world,
        foresight,
        docs: launch.docs,
        lab: launch.library.lab,
        script: Arc::new(script),
        options: launch.options,
        environment: launch.environment,
        questions: launch.questions,
        redactor: launch.redactor,
        cancel: launch.cancel,
        handle: launch.handle,
        journal,
        group: Group::default(),
        sink: launch.sink,
        gate: launch.gate,
        key,
        state: State::default().into(),
    })
}

/// Evaluates the top level with steps that don't run: what the runbook declares and which steps it has.
fn list(engine: &mut Engine, run: &Arc<Run>) -> Result<(), Failure> {
    let result = evaluate(engine, run);
    let mut state = run.state();
    state.seen.clear();
    state.group = None;
    let listed = state.listed.clone();
    let named = !state.declared.name.is_empty();
    drop(state);
    match result {
        // A listing ends where the top level needs a value that no step has given yet.
        // The steps behind that place aren't known, so no name can be refused.
        Err(failure) if failure.class == Class::Unknown || failure.code == code::step::needs => {
            return Ok(());
        }
        Err(failure) if failure.class == Class::Interrupted => return Err(unstarted(failure)),
        Err(failure) => return Err(failure.class(Class::Refused)),
        Ok(()) if !named => {
            let text = format!("{} doesn't say what it is", run.script.file);
            return Err(Failure::new(code::runbook::unnamed, text)
                .class(Class::Refused)
                .help("a runbook begins with runbook(\"name\", \"1.0.0\")"));
        }
        Ok(()) => {}
    }
    preflight::names(&run.options.selection, &listed)?;
    preflight::arguments(run)
}

/// A failure before a run's first entry; one that is an interruption leaves nothing to go on with.
fn unstarted(failure: Failure) -> Failure {
    if failure.code == code::run::interrupted {
        failure.help("nothing was started")
    } else {
        failure
    }
}

/// Finds the run to continue and the last one whose values may stand in.
fn choose_run(run: &mut Run) -> Result<(), Failure> {
    let name = crate::script::literal::literals(&run.script.source, &["runbook"])
        .into_iter()
        .next();
    let Some(name) = name.map(|literal| literal.text) else {
        return Ok(());
    };
    let heads = run
        .journal
        .runs(Some(&run.world.id))
        .map_err(journal_failure)?;
    let mut heads: Vec<RunId> = heads
        .iter()
        .filter(|head| head.runbook == name)
        .map(|head| head.run)
        .collect();
    let chosen = run.options.resume.or_else(|| heads.first().copied());
    let Some(chosen) = chosen else {
        return Ok(());
    };
    let summary = summary_of(run, chosen)?;
    heads.retain(|head| *head != chosen);
    let goes_on = run.options.widen && !summary.is_complete();
    if summary.is_finished() && !goes_on {
        if run.options.resume.is_some() {
            let text = format!("run {chosen} is complete");
            return Err(Failure::new(code::run::complete, text)
                .class(Class::Refused)
                .help("`homelab run` starts a new one"));
        }
        run.state().last = last_of(run, Some(summary), &heads)?;
        return Ok(());
    }
    let last = last_of(run, None, &heads)?;
    keep_selection(run, chosen, &summary.invocation.selection)?;
    let mut state = run.state();
    state.continued = Some(chosen);
    state.intents = summary.last_intent;
    state.before = summary.clone();
    state.summary = summary;
    state.last = last;
    Ok(())
}

/// What stands in: the records of the newest run, and of those before it back to one of the whole runbook.
fn last_of(
    run: &Run,
    mut last: Option<Summary>,
    older: &[RunId],
) -> Result<Option<Summary>, Failure> {
    let mut is_whole = last.as_ref().is_some_and(Summary::is_complete);
    for head in older {
        if is_whole {
            break;
        }
        let older = summary_of(run, *head)?;
        is_whole = older.is_complete();
        match &mut last {
            Some(last) => last.add_older(older),
            None => last = Some(older),
        }
    }
    Ok(last)
}

/// The run that is gone on with says what runs, unless the command line may choose anew.
fn keep_selection(run: &mut Run, chosen: RunId, kept: &Selection) -> Result<(), Failure> {
    if run.options.fresh || run.options.widen {
        return Ok(());
    }
    preflight::selection(&run.options.selection, chosen, kept)?;
    run.options.selection = kept.clone();
    Ok(())
}

fn summary_of(run: &Run, id: RunId) -> Result<Summary, Failure> {
    let entries = run.journal.load(id).map_err(journal_failure)?;
    let unopened = || {
        let text = format!("what run {id} keeps sealed can't be read with the journal's key");
        Failure::new(code::journal::corrupted, text)
            .help("move the journal away (keep it: it knows what ran) and run again; operations find what is already there")
    };
    let mut summary = Summary::default();
    for stored in &entries {
        summary.add(&*stored.plain(&run.key).ok_or_else(unopened)?);
    }
    Ok(summary)
}

/// Begins a run, or goes on with the chosen one; what an earlier invocation left open is settled first.
fn begin(run: &Arc<Run>) -> Result<(), Failure> {
    let declared = run.state().declared.clone();
    let continued = run.state().continued;
    if let Some(plan) = kept_plan(run, continued.is_some()) {
        preflight::plan_fits(run, &plan, &declared)?;
        run.state().expected = Some(Expected::new(plan, &run.key)?);
    }
    if let Some(id) = continued {
        if !run.options.fresh {
            preflight::version(run, &declared)?;
            start(run, Some(id), &declared)?;
            announce(run);
            return settle(run);
        }
        run.state().id = id;
        settle(run)?;
        let mut state = run.state();
        let mut last = std::mem::take(&mut state.summary);
        if let Some(older) = state.last.take() {
            last.add_older(older);
        }
        state.last = Some(last);
        state.before = Summary::default();
        state.intents = 0;
    }
    start(run, None, &declared)
}

/// The plan that is kept to: the one that was given now, else the one that the continued run was begun with.
fn kept_plan(run: &Run, is_continued: bool) -> Option<Plan> {
    let begun_with = || {
        let is_kept = is_continued && !run.options.fresh && !run.options.plan;
        run.state().summary.plan.clone().filter(|_| is_kept)
    };
    run.options.keep_to.clone().or_else(begun_with)
}

/// Says which steps of a continued run will run, before any of them does.
fn announce(run: &Run) {
    let listed = run.state().listed.clone();
    let (recorded, again): (Vec<Listed>, Vec<Listed>) =
        listed.into_iter().partition(|step| step.recorded);
    let ids: Vec<&str> = again.iter().map(|step| step.id.as_str()).collect();
    let text = format!(
        "{} steps are done; to run: {}",
        recorded.len(),
        ids.join(", ")
    );
    run.remark(None, text);
    let selection = &run.options.selection;
    if !selection.is_empty() {
        run.remark(None, format!("it goes on with {selection}"));
    }
    if run.options.keep_to.is_none() && run.state().expected.is_some() {
        let text =
            "it keeps to the plan that it was begun with; `homelab run --fresh` begins without";
        run.remark(None, text);
    }
}

/// Open intents are settled before any step runs.
fn settle(run: &Arc<Run>) -> Result<(), Failure> {
    run.state().mode = Mode::Run;
    run.handle.block_on(settle::settle_all(run))
}

fn start(run: &Run, continued: Option<RunId>, declared: &Declared) -> Result<(), Failure> {
    let entry = RunStarted {
        runbook: declared.name.clone(),
        version: declared.version.clone(),
        file: run.script.file.clone(),
        sources: run.script.sources(),
        continued: continued.is_some(),
        steps: u64::try_from(run.state().listed.len()).ok(),
        world: run.options.world.clone(),
        began: run.options.began,
        selection: run.options.selection.clone(),
        plan: run.options.keep_to.clone().map(Box::new),
    };
    let stored = run.stamp(entry);
    let entries = std::slice::from_ref(&stored);
    let append = Append {
        run,
        entry: &stored.entry,
    };
    run.gate.pass(&format_args!("before {append}"));
    let id = match continued {
        Some(id) => run.journal.append(id, entries).map(|()| id),
        None => run.journal.begin(&run.world.id, &declared.name, entries),
    }
    .map_err(journal_failure)?;
    run.gate.pass(&format_args!("after {append}"));
    run.take(id, stored);
    let mut state = run.state();
    state.id = id;
    state.mode = Mode::Run;
    Ok(())
}

/// Evaluates the runbook's top level; steps do what the run's mode says.
fn evaluate(engine: &mut Engine, run: &Arc<Run>) -> Result<(), Failure> {
    let body = Arc::new(Body::top(Arc::clone(run)));
    let shared: Arc<dyn std::any::Any + Send + Sync> = Arc::clone(&body) as _;
    let tag = Tag {
        body: Some(shared),
        docs: Arc::clone(&run.docs),
        ..Tag::default()
    };
    let _guard = Monitor::new(&tag.poison, &body);
    let _working = run.world.clock.body();
    engine.set_default_tag(Dynamic::from(tag.clone()));
    let result = engine.run_ast_with_scope(&mut Scope::new(), &run.script.ast);
    engine.set_default_tag(Dynamic::UNIT);
    if let Some(diagnostic) = tag.poison.take() {
        return Err(convert::diagnosed(run, &diagnostic));
    }
    result.map_err(|error| convert::failure(run, &error))
}

fn finish(run: &Arc<Run>, result: Result<(), Failure>) -> Result<Outcome, Failure> {
    let failure = result.err().map(|failure| match run.gone(&failure) {
        Some(gone) if gone.code != failure.code => gone,
        _ => failure,
    });
    let failure = failure.map(|failure| run.redact(failure));
    let status = match &failure {
        None if run.options.plan => Status::Planned,
        None => Status::Succeeded,
        Some(failure) if failure.class == Class::Interrupted => Status::Interrupted,
        Some(_) => Status::Failed,
    };
    let is_told = run.state().summary.invocation.failure.is_some();
    run.note_asked();
    let recorded = run.record(RunFinished {
        status,
        partial: run.options.selection.is_partial(),
        failure: failure.clone().filter(|_| !is_told).map(Box::new),
    });
    // An end that can't be recorded is told all the same; without it the run stays open, and so can be resumed.
    let (status, failure) = match recorded {
        Ok(()) => (status, failure),
        Err(unrecorded) => (Status::Failed, failure.or(Some(unrecorded))),
    };
    let state = run.state();
    let finished = Finished {
        run: state.id,
        status,
        steps: state.summary.invocation.steps,
        changes: state.summary.invocation.changes,
        as_planned: state.expected.as_ref().map(|expected| expected.kept),
        failure,
        at: run.world.clock.now(),
    };
    drop(state);
    run.sink.take(&Event::Finished(finished.clone()));
    let mut entries = run.journal.load(finished.run).map_err(journal_failure)?;
    let learned = journal::learned(&entries);
    let started = entries
        .iter()
        .rposition(|stored| matches!(stored.entry, Entry::RunStarted(_)));
    let entries = entries.split_off(started.unwrap_or(0));
    let plan = run
        .options
        .plan
        .then(|| plan::of(run.world.id.clone(), &entries));
    Ok(Outcome {
        finished,
        entries,
        learned,
        plan,
    })
}
