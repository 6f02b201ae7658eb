//! One invocation: what can be known before is checked, the lock is taken, the runbook runs, its end is reported.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ops::sync::{self, Columns, Offer};
use runbook::{
    event::{Event, Finished},
    execute::{Launch, Outcome, execute},
    failure::Failure,
    gate::Gate,
    journal::{Entry, RunId, Status, Steps, Stored},
    options::Options,
};
use tokio_util::sync::CancellationToken;
use world::{Clock as _, World, clock::RealClock, docs::Docs, proxmox::Api};

use crate::{
    environment::LabEnvironment,
    exit::{Exit, Stop},
    flags::{HostFlags, TalkFlags},
    interrupt,
    lab_world::{self, WorldChoice},
    questions::Answers,
    report::{self, Format, Printer},
    sample,
    session::{Runbook, Session},
    settings::Settings,
    ssh::{self, Passphrases},
    tenure::Tenure,
};

/// What is the same for every runbook of an invocation.
pub(crate) struct Stage<'a> {
    /// The lab.
    pub(crate) session: &'a Session<'a>,
    /// Where it runs.
    pub(crate) place: WorldChoice,
    /// The world itself; for a plan, a preview lies over it.
    pub(crate) world: World,
    /// The lab's docs.
    pub(crate) docs: Arc<Docs>,
    environment: Arc<LabEnvironment>,
    cancel: CancellationToken,
    passphrases: Arc<Passphrases>,
    at_once: usize,
}

impl<'a> Stage<'a> {
    /// Checks docs, syntax and environment, all that can be known before anything is touched; opens the world.
    ///
    /// # Errors
    /// Every mistake that was found; nothing was started.
    pub(crate) fn open(
        session: &'a Session<'a>,
        place: WorldChoice,
        runbooks: &[Runbook],
        hosts: &HostFlags,
    ) -> Result<Self, Stop> {
        let docs = session.docs()?;
        let names = session.names(runbooks)?;
        let environment = session.environment(session.all_names().with(names.clone()))?;
        let environment = environment.rehearsal(place.is_rehearsal());
        let mut mistakes = environment.mistakes(&names);
        if place == WorldChoice::Live && names.called.contains("host::authorized_key") {
            mistakes.extend(sample::keys(&docs));
        }
        if !mistakes.is_empty() {
            let own = session.sources(mistakes.iter().filter_map(|mistake| mistake.place.as_ref()));
            let stop = Stop::refused(mistakes).with_sources(own);
            return Err(stop.with_sources(names.sources));
        }
        if place == WorldChoice::Live {
            say_what_needs_root(&names.called);
        }
        let (ssh, passphrases) = ssh::settings(session.settings, hosts);
        let world = lab_world::open(session, &place, (&docs, &environment), ssh)?;
        Ok(Self {
            passphrases,
            at_once: hosts.at_once,
            cancel: interrupt::token(session.runtime.handle()),
            docs: Arc::new(docs),
            environment: Arc::new(environment),
            session,
            place,
            world,
        })
    }

    /// Takes this world, until what this gives is dropped.
    ///
    /// # Errors
    /// Another run has it, it's gone, or its lock can't be written.
    pub(crate) fn take(
        &self,
        what: &str,
        talk: &TalkFlags,
        printer: &Printer,
    ) -> Result<Tenure<'a>, Stop> {
        Tenure::take(self, what, &self.answers(false, talk, printer))
    }

    /// Says who works in this world at the moment, of which a plan is made.
    pub(crate) fn mention_owner(&self) {
        // That the world is gone is said by the first who asks it something.
        let owner = self.session.runtime.block_on(self.world.lease.owner());
        if let Ok(Some(owner)) = owner {
            report::complain(&format!(
                "note: {owner} is under way in this world; what it does meanwhile may change the plan\n"
            ));
        }
    }

    /// Runs or plans one runbook in a world: the stage's own, or a preview over it.
    ///
    /// # Errors
    /// Nothing was started.
    pub(crate) fn execute(
        &self,
        runbook: &Runbook,
        world: World,
        turn: Turn<'_>,
    ) -> Result<Outcome, Stop> {
        let launch = self.launch(runbook, world, turn)?;
        let source = BTreeMap::from([(runbook.file.clone(), runbook.source.clone())]);
        execute(Session::engine(), launch)
            .map_err(|failure| Stop::from(failure).with_sources(source))
    }

    /// All that an invocation of a runbook needs.
    ///
    /// # Errors
    /// The journal can't be used.
    pub(crate) fn launch(
        &self,
        runbook: &Runbook,
        world: World,
        mut turn: Turn<'_>,
    ) -> Result<Launch, Stop> {
        let session = self.session;
        let journal = if turn.options.plan {
            session.journal_to_read()
        } else {
            session.journal()
        }?;
        turn.options.world = match turn.options.plan {
            true => format!("plan: {}", self.place.word()),
            false => self.place.word().to_owned(),
        };
        turn.options.at_once = self.at_once;
        turn.options.began = Some(RealClock.now());
        self.passphrases.step_aside(&turn.printer.screen);
        let answers = self.answers(turn.options.plan, turn.talk, turn.printer);
        Ok(Launch {
            library: session.library.clone(),
            file: runbook.file.clone(),
            source: runbook.source.clone(),
            api: Arc::new(Api::new(
                Arc::clone(&world.proxmox),
                Arc::clone(&world.clock),
            )),
            world,
            docs: Arc::clone(&self.docs),
            journal,
            options: turn.options,
            environment: Arc::clone(&self.environment) as _,
            questions: Arc::new(answers),
            sink: Arc::clone(&turn.printer.sink),
            gate: turn.gate,
            redactor: self.environment.redactor(),
            cancel: self.cancel.clone(),
            handle: session.runtime.handle().clone(),
        })
    }

    /// In how many cells docs, as they are now, differ from what a run learned; columns that docs don't have don't count.
    fn differing(&self, outcome: &Outcome) -> Result<usize, Stop> {
        let facts = sync::known(outcome.finished.run, outcome.learned.clone());
        let docs = self.session.docs_as_written()?;
        let folder = self.session.lab.docs();
        Ok(Offer::of(&facts, &folder, &docs, Columns::Present)
            .edits
            .len())
    }

    /// `--yes` answers; so do a twin and a plan, unless they are told to ask; else a terminal is asked.
    fn answers(&self, plan: bool, talk: &TalkFlags, printer: &Printer) -> Answers {
        let settings = self.session.settings;
        let automatic = if talk.yes || (settings.yes() && !talk.ask) {
            Some("--yes")
        } else if talk.ask {
            None
        } else if plan {
            Some("plan")
        } else {
            self.place.is_rehearsal().then_some("twin")
        };
        Answers {
            automatic,
            terminal: settings.can_ask.then(|| Arc::clone(&printer.screen)),
            cancel: self.cancel.clone(),
            ended: std::sync::atomic::AtomicBool::default(),
        }
    }
}

/// Some calls of the API are closed to every token: that's said before the first of them is due.
fn say_what_needs_root(called: &BTreeSet<String>) {
    let operations = ops::operations().iter();
    let needs =
        operations.filter(|operation| operation.needs_root && called.contains(operation.name));
    let names: Vec<&str> = needs.map(|operation| operation.name).collect();
    if !names.is_empty() {
        let text = format!(
            "note: only root@pam with its password may do {}; no token can\n",
            names.join(", ")
        );
        report::complain(&text);
    }
}

/// What differs between the runbooks of an invocation.
pub(crate) struct Turn<'a> {
    /// What the command line chose.
    pub(crate) options: Options,
    /// Who answers, and how.
    pub(crate) talk: &'a TalkFlags,
    /// Prints events.
    pub(crate) printer: &'a Printer,
    /// Kill points.
    pub(crate) gate: Arc<dyn Gate>,
}

/// Says in one line that docs differ from what a run learned, in columns that they have.
pub(crate) fn mention_docs(outcome: &Outcome, stage: &Stage<'_>, format: Format) {
    if format == Format::Json || outcome.learned.is_empty() {
        return;
    }
    // That docs can't be read is reported by those who need them.
    let count = stage.differing(outcome).unwrap_or_default();
    if count == 0 {
        return;
    }
    let place = match &stage.place {
        WorldChoice::Live => String::new(),
        WorldChoice::Twin => " --twin".to_owned(),
        WorldChoice::Via(file) => format!(" --via {}", file.display()),
    };
    let places = if count == 1 { "place" } else { "places" };
    report::print(&format!(
        "docs differ from what this run learned in {count} {places}: `homelab docs sync{place}` shows them\n"
    ));
}

/// What an outcome amounts to: its failure is reported, and the steps that a plan couldn't follow.
///
/// # Errors
/// The invocation failed or was interrupted.
pub(crate) fn conclude(outcome: &Outcome, session: &Session<'_>) -> Result<Exit, Stop> {
    let sources = sources(&outcome.entries);
    let unknown: Vec<Failure> = outcome.entries.iter().filter_map(unknown).collect();
    report::complain(&report::failure::reports(
        &unknown,
        &sources,
        session.settings.errors,
    ));
    let exit = Exit::of_finished(&outcome.finished);
    match &outcome.finished.failure {
        None if exit == Exit::Success => Ok(exit),
        // The last lines say it, and how to go on.
        failure => Err(Stop {
            failures: failure
                .iter()
                .filter(|failure| failure.code != world::code::run::interrupted)
                .cloned()
                .collect(),
            sources,
            exit,
            finished: true,
        }),
    }
}

fn unknown(stored: &Stored) -> Option<Failure> {
    match &stored.entry {
        Entry::StepUnknown(step) => Some((*step.failure).clone()),
        _ => None,
    }
}

/// The sources that an invocation executed.
pub(crate) fn sources(entries: &[Stored]) -> BTreeMap<String, String> {
    let started = entries.iter().rev().find_map(|stored| match &stored.entry {
        Entry::RunStarted(started) => Some(started.sources.clone()),
        _ => None,
    });
    started.unwrap_or_default()
}

/// Ends the stream of JSON events of an invocation that didn't start with the event that ends every other.
pub(crate) fn unstarted(stop: Stop, format: Format, settings: &Settings) -> Stop {
    if format == Format::Json && !stop.finished {
        let finished = Finished {
            run: RunId::default(),
            status: if stop.exit == Exit::Interrupted {
                Status::Interrupted
            } else {
                Status::Failed
            },
            steps: Steps::default(),
            changes: 0,
            as_planned: None,
            failure: stop.failures.first().cloned(),
            at: RealClock.now(),
        };
        report::printer(format, settings)
            .sink
            .take(&Event::Finished(finished));
    }
    stop
}
