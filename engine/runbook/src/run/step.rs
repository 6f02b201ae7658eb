//! Steps: the unit of resume. A step that is done answers with its recorded value; any other runs its body.

use std::{cell::OnceCell, sync::Arc, time::Duration};

use rhai::{Dynamic, EvalAltResult, FnPtr, NativeCallContext};
use world::{Origin, code};

use crate::{
    failure::{Class, Failure},
    journal::{
        Read, Recorded, StepPath,
        entry::{StepFailed, StepFinished, StepStarted, StepUnknown},
    },
    run::{
        Run,
        body::Body,
        convert,
        listed::{Listed, Mode},
        monitor::Monitor,
        reads,
    },
    script::fingerprint,
    value::{self, Poison, Recorder, Unknown, tag::Tag},
};

type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

/// What a step may be told beside its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepOptions {
    pub(crate) when: Option<bool>,
    pub(crate) retry: Retry,
    pub(crate) timeout: Option<Duration>,
    pub(crate) confirm: Option<String>,
}

/// How often a failed body is tried again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retry {
    pub(crate) times: u32,
    pub(crate) wait: Duration,
    pub(crate) on: Vec<String>,
}

/// A step as it's called.
struct Step<'a> {
    call: &'a NativeCallContext<'a>,
    run: Arc<Run>,
    path: StepPath,
    title: String,
    options: StepOptions,
    closure: FnPtr,
    /// Made when it's first needed: a listing without records needs none.
    fingerprint: OnceCell<String>,
}

/// Runs a step, or gives its recorded value.
pub(crate) fn step(
    call: &NativeCallContext,
    id: &str,
    title: &str,
    options: StepOptions,
    closure: FnPtr,
) -> Result<Dynamic> {
    let outer = Body::current(call)?;
    let run = Arc::clone(&outer.run);
    let refuse = |failure: Failure| failure.at(call).throw(call.call_position());
    if let Some(step) = &outer.step {
        let failure = Failure::new(
            code::step::nested,
            format!("step {id} stands inside step {step}"),
        )
        .help("a step can't hold another; parallel bodies and functions can");
        return Err(refuse(failure));
    }
    if run
        .state()
        .seen
        .insert(id.to_owned(), title.to_owned())
        .is_some()
    {
        let failure = Failure::new(code::step::twice, format!("the step id {id} is used twice"))
            .help("every step of a runbook has an id of its own");
        return Err(refuse(failure));
    }
    let closure = convert::detached(&closure);
    let step = Step {
        call,
        path: StepPath(id.to_owned()),
        title: title.to_owned(),
        options,
        closure,
        fingerprint: OnceCell::new(),
        run,
    };
    step.answer()
}

impl Step<'_> {
    fn answer(self) -> Result<Dynamic> {
        match self.run.mode() {
            Mode::List => Ok(self.list()),
            Mode::Run => self.choose(),
        }
    }

    /// In a listing, a recorded value stands in; otherwise the value isn't known.
    fn list(&self) -> Dynamic {
        let done = self.finished();
        let is_done = done.is_some();
        let fit = done.or_else(|| self.recorded());
        let mut state = self.run.state();
        let listed = Listed {
            id: self.path.0.clone(),
            title: self.title.clone(),
            group: state.group.clone(),
            recorded: is_done,
            fits: fit.is_some(),
        };
        state.listed.push(listed);
        drop(state);
        fit.map_or_else(
            || self.unknown(),
            |recorded| value::from_data(&recorded.value),
        )
    }

    fn unknown(&self) -> Dynamic {
        Dynamic::from(Unknown::new(Origin {
            step: self.path.0.clone(),
            what: format!("the value of step {}", self.path),
        }))
    }

    fn choose(self) -> Result<Dynamic> {
        if let Some(why) = self.run.left_out(&self.path.0, &self.title) {
            return Ok(self.stand_in(&why));
        }
        if self.options.when == Some(false) {
            self.run.skip(&self.path, &self.title, "when");
            return Ok(Dynamic::UNIT);
        }
        if let Some(recorded) = self.finished() {
            self.run.use_recorded(&self.path, &self.title, None);
            return Ok(value::from_data(&recorded.value));
        }
        self.demand_captured()?;
        self.execute()
    }

    /// The recorded value of a step that the command line leaves out, or an unknown that names the step.
    fn stand_in(&self, why: &str) -> Dynamic {
        match self.recorded() {
            Some(recorded) => {
                self.run.use_recorded(&self.path, &self.title, Some(why));
                value::from_data(&recorded.value)
            }
            None => {
                self.run.skip(&self.path, &self.title, why);
                self.unknown()
            }
        }
    }

    /// The record of this step in the continued run, else in the last run, if it still fits.
    fn recorded(&self) -> Option<Recorded> {
        let state = self.run.state();
        let last = state
            .last
            .as_ref()
            .and_then(|last| last.steps.get(&self.path));
        let candidates: Vec<Recorded> = state
            .before
            .steps
            .get(&self.path)
            .into_iter()
            .chain(last)
            .cloned()
            .collect();
        drop(state);
        candidates.into_iter().find(|recorded| self.fits(recorded))
    }

    /// The record of this step in the continued run, if it still fits.
    fn finished(&self) -> Option<Recorded> {
        let recorded = self.run.state().before.steps.get(&self.path).cloned()?;
        self.fits(&recorded).then_some(recorded)
    }

    fn fingerprint(&self) -> &str {
        self.fingerprint
            .get_or_init(|| fingerprint::of_closure(&self.run.script, &self.run.key, &self.closure))
    }

    fn fits(&self, recorded: &Recorded) -> bool {
        recorded.fingerprint == self.fingerprint() && reads::still_hold(&self.run, &recorded.reads)
    }

    /// A captured value of a step that was left out and has no record must be known now, unless this is a plan.
    fn demand_captured(&self) -> Result<()> {
        if self.run.options.plan {
            return Ok(());
        }
        for captured in self.closure.iter_curry() {
            if let Some(value::Hidden::Unknown(origin)) = value::Hidden::within(captured) {
                let failure = Failure::new(
                    code::step::needs,
                    format!(
                        "step {} needs the value of step {}, and none is recorded",
                        self.path, origin.step
                    ),
                )
                .help(format!("step {} must run first", origin.step));
                return Err(self.fail(failure));
            }
        }
        Ok(())
    }

    fn execute(self) -> Result<Dynamic> {
        if let Some(question) = &self.options.confirm {
            crate::run::question::demand(&self.run, &self.path, question)
                .map_err(|failure| self.fail(failure))?;
        }
        let mut attempt = 1;
        loop {
            match self.attempt(attempt) {
                Err(failure) if self.tries_again(&failure, attempt) => {
                    let wait = self.options.retry.wait * 2_u32.saturating_pow(attempt - 1);
                    self.run.remark(
                        Some(self.path.clone()),
                        format!(
                            "attempt {attempt} failed: {failure}; again in {} s",
                            wait.as_secs()
                        ),
                    );
                    self.run.pause(wait).map_err(|failure| self.fail(failure))?;
                    attempt += 1;
                }
                Ok(value) => return Ok(value),
                Err(failure) if failure.class == Class::Unknown && self.run.options.plan => {
                    return Ok(self.stop_preview(failure));
                }
                Err(failure) => return Err(self.fail(failure)),
            }
        }
    }

    fn tries_again(&self, failure: &Failure, attempt: u32) -> bool {
        let retry = &self.options.retry;
        failure.class == Class::Failed
            && attempt < retry.times
            && (retry.on.is_empty()
                || retry
                    .on
                    .iter()
                    .any(|on| failure.code.as_str().ends_with(on.as_str())))
    }

    fn attempt(&self, attempt: u32) -> std::result::Result<Dynamic, Failure> {
        let run = &self.run;
        run.note_entry(StepStarted {
            step: self.path.clone(),
            title: self.title.clone(),
            group: run.state_group(),
            attempt,
        });
        let deadline = self
            .options
            .timeout
            .map(|timeout| run.world.clock.now().after(timeout));
        let body = Arc::new(Body::of_step(Arc::clone(run), self.path.clone(), deadline));
        let done = run_body(self.call, &self.closure, &[], &body)?;
        let (data, given) = convert::kept(run, &self.path, &done.value)?;
        run.record(StepFinished {
            step: self.path.clone(),
            title: self.title.clone(),
            fingerprint: self.fingerprint().to_owned(),
            reads: done.reads,
            value: data,
            changes: body.changes(),
        })?;
        Ok(given)
    }

    /// The preview of this step ends here; that of the next goes on.
    fn stop_preview(&self, failure: Failure) -> Dynamic {
        self.run.note_entry(StepUnknown {
            step: self.path.clone(),
            title: self.title.clone(),
            failure: Box::new(failure),
        });
        self.unknown()
    }

    /// Records that the step failed, and throws.
    fn fail(&self, failure: Failure) -> Box<EvalAltResult> {
        let failure = self.run.redact(failure.at(self.call));
        if failure.class != Class::Interrupted {
            self.run.note_entry(StepFailed {
                step: self.path.clone(),
                title: self.title.clone(),
                failure: Box::new(failure.clone()),
            });
        }
        // Not catchable: a failed step ends the run, and a script's `try` around it must not hide that.
        failure.end(self.call.call_position())
    }
}

/// What a body gave.
pub(crate) struct Done {
    pub(crate) value: Dynamic,
    pub(crate) reads: Vec<Read>,
}

/// Calls a closure as a body of its own: its own tag, its own reads, its own misuse flag.
pub(crate) fn run_body(
    call: &NativeCallContext,
    closure: &FnPtr,
    arguments: &[Dynamic],
    body: &Arc<Body>,
) -> std::result::Result<Done, Failure> {
    let shared: Arc<dyn std::any::Any + Send + Sync> = Arc::clone(body) as _;
    let tag = Tag {
        body: Some(shared),
        docs: Arc::clone(&body.run.docs),
        recorder: Recorder::default(),
        poison: Poison::default(),
    };
    let _guard = Monitor::new(&tag.poison, body);
    let mut global = call.global_runtime_state().clone();
    global.tag = Dynamic::from(tag.clone());
    let inner = NativeCallContext::new_with_all_fields(
        call.engine(),
        call.fn_name(),
        call.fn_source(),
        &global,
        call.call_position(),
    );
    let result = closure.call_raw(&inner, None, arguments.to_vec());
    if let Some(diagnostic) = tag.poison.take() {
        return Err(convert::diagnosed(&body.run, &diagnostic));
    }
    let value = result.map_err(|error| convert::failure(&body.run, &error))?;
    Ok(Done {
        value: value.flatten(),
        reads: body.with_inherited(reads::of(&body.run, &tag.recorder)),
    })
}
