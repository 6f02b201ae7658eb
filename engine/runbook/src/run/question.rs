//! Questions whose answers last: asked once, recorded, and given again when the run is resumed.

use rhai::{EvalAltResult, NativeCallContext};
use world::code;

use crate::{
    failure::{Class, Failure},
    journal::{StepPath, entry::Answered},
    run::{Run, body::Body},
};

/// Goes on only if a question is answered yes. A no stops the run and isn't kept: it's asked again on resume.
///
/// # Errors
/// It was answered no, or nobody can answer; the run can be resumed.
pub(crate) fn demand(run: &Run, step: &StepPath, question: &str) -> Result<(), Failure> {
    let question = &run.redactor.redact(question);
    let recorded = run
        .state()
        .summary
        .answers
        .get(&(step.clone(), question.to_owned()))
        .copied();
    let (answer, by) = match recorded {
        Some(true) => return Ok(()),
        _ => put(run, question)?,
    };
    if !answer {
        let text = format!("\"{question}\" was answered no");
        return Err(Failure::new(code::step::declined, text)
            .class(Class::Interrupted)
            .help("nothing was done for this step; the next run asks again"));
    }
    keep(run, step, question, answer, by)
}

/// Puts a question; gives the answer and who gave it.
fn put(run: &Run, question: &str) -> Result<(bool, &'static str), Failure> {
    let answered = run.questions.ask(&run.redactor.redact(question));
    // Whoever answered may have done something meanwhile.
    run.foresight.forget();
    answered.ok_or_else(|| unanswered(run, question))
}

fn unanswered(run: &Run, question: &str) -> Failure {
    if let Err(interrupted) = run.check_interrupted() {
        return interrupted;
    }
    Failure::new(code::run::unanswered, format!("\"{question}\" needs an answer"))
        .class(Class::Interrupted)
        .help("run it again in a terminal, or with --yes (or HOMELAB_YES=1) to answer yes; it goes on where it stopped")
}

fn keep(run: &Run, step: &StepPath, question: &str, answer: bool, by: &str) -> Result<(), Failure> {
    run.record(Answered {
        step: step.clone(),
        question: question.to_owned(),
        answer,
        by: by.to_owned(),
    })
}

/// The answer to a question of a step, recorded or asked now.
///
/// # Errors
/// Nobody can answer: the run stops and can be resumed.
pub(crate) fn ask(run: &Run, step: &StepPath, question: &str) -> Result<bool, Failure> {
    let question = &run.redactor.redact(question);
    let key = (step.clone(), question.clone());
    if let Some(answer) = run.state().summary.answers.get(&key) {
        return Ok(*answer);
    }
    let (answer, by) = put(run, question)?;
    keep(run, step, question, answer, by)?;
    Ok(answer)
}

/// `must_confirm(question)`.
pub(crate) fn must_confirm(call: &NativeCallContext, text: &str) -> Result<(), Box<EvalAltResult>> {
    asked(call, text, demand)
}

/// `confirm(question)`.
pub(crate) fn confirm(call: &NativeCallContext, text: &str) -> Result<bool, Box<EvalAltResult>> {
    asked(call, text, ask)
}

/// Asks a question of the step in which the call stands.
fn asked<T>(
    call: &NativeCallContext,
    text: &str,
    ask: fn(&Run, &StepPath, &str) -> Result<T, Failure>,
) -> Result<T, Box<EvalAltResult>> {
    let body = Body::current(call)?;
    let fail = |failure: Failure| failure.at(call).throw(call.call_position());
    let Some(step) = &body.step else {
        return Err(fail(
            Failure::new(
                code::runbook::outside_step,
                "a question stands outside a step",
            )
            .help("put it inside step(\"id\", \"title\", || { … })"),
        ));
    };
    ask(&body.run, step, text).map_err(fail)
}
