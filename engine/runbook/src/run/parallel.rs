//! Bodies that run at the same time, each as a sub-step with a key, never a position.

use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map, NativeCallContext};
use world::code;

use crate::{
    failure::{Class, Failure},
    journal::{
        Recorded, StepPath,
        entry::{StepFailed, StepFinished, StepStarted},
    },
    run::{Run, body::Body, convert, execute::STACK, reads, step::run_body},
    script::fingerprint,
    value,
};

type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

/// How many bodies run at once, where nobody says it.
const WIDTH: usize = 16;

/// Runs `closure` for every item, several at a time; the values come in the order of the items.
///
/// A body that fails doesn't stop the others: what is wrong with one host is told at the end. None is started any more
/// after an interruption, or once it's clear that the run mustn't go on.
pub(crate) fn parallel(call: &NativeCallContext, items: Array, closure: &FnPtr) -> Result<Array> {
    let outer = Body::current(call)?;
    let refuse = |failure: Failure| failure.at(call).throw(call.call_position());
    if outer.step.is_none() {
        return Err(refuse(
            Failure::new(
                code::runbook::outside_step,
                "parallel stands outside a step",
            )
            .help("put it inside step(\"id\", \"title\", || { … })"),
        ));
    }
    let keys = keys(&items).map_err(refuse)?;
    let work: Vec<(String, Dynamic)> = keys.into_iter().zip(items).collect();
    let next = Mutex::new(work.iter().enumerate());
    let results = Mutex::new(Vec::new());
    let closure = convert::detached(closure);
    let clock = &outer.run.world.clock;
    // Counted before they start, so that a simulated clock doesn't jump while some are still to begin.
    let width = match outer.run.options.at_once {
        0 => WIDTH,
        at_once => at_once,
    };
    let width = work.len().min(width);
    let guards: Vec<_> = (0..width).map(|_| clock.body()).collect();
    let idle = clock.idle();
    std::thread::scope(|scope| {
        for guard in guards {
            let (next, results, closure, outer) = (&next, &results, &closure, &outer);
            let body = move || {
                let _guard = guard;
                drain(call, outer, closure, next, results);
            };
            let thread = std::thread::Builder::new().stack_size(STACK);
            if let Err(error) = thread.spawn_scoped(scope, body) {
                let failure = Failure::new(code::run::thread, "no thread for a body")
                    .cause(error.to_string());
                results
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((0, Err(failure)));
            }
        }
    });
    drop(idle);
    collect(
        results.into_inner().unwrap_or_else(PoisonError::into_inner),
        call,
    )
}

type Results = Mutex<Vec<(usize, std::result::Result<Dynamic, Failure>)>>;

fn drain<'a>(
    call: &NativeCallContext,
    outer: &Arc<Body>,
    closure: &FnPtr,
    next: &Mutex<impl Iterator<Item = (usize, &'a (String, Dynamic))>>,
    results: &Results,
) {
    loop {
        let ends = |failure: &Failure| !matches!(failure.class, Class::Failed | Class::Unknown);
        let ended = results
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .any(|(_, result)| result.as_ref().is_err_and(ends));
        let item = next.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((at, (key, item))) = item.filter(|_| !ended) else {
            return;
        };
        let result = one(call, outer, closure, key, item);
        results
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((at, result));
    }
}

/// One body: from the record if it's done, else run.
fn one(
    call: &NativeCallContext,
    outer: &Arc<Body>,
    closure: &FnPtr,
    key: &str,
    item: &Dynamic,
) -> std::result::Result<Dynamic, Failure> {
    let run = &outer.run;
    let body = Arc::new(outer.child(key));
    let Some(path) = body.step.clone() else {
        return Err(Failure::new(
            code::runbook::outside_step,
            "parallel stands outside a step",
        ));
    };
    let mut whole = closure.clone();
    whole.add_curry(item.flatten_clone());
    let fingerprint = fingerprint::of_closure(&run.script, &run.key, &whole);
    if let Some(recorded) = finished(run, &path, &fingerprint) {
        outer.inherit(&recorded.reads);
        return Ok(value::from_data(&recorded.value));
    }
    let title = key.to_owned();
    run.note_entry(StepStarted {
        step: path.clone(),
        title: title.clone(),
        group: None,
        attempt: 1,
    });
    let result = run_body(call, closure, std::slice::from_ref(item), &body).and_then(|done| {
        let (data, given) = convert::kept(run, &path, &done.value)?;
        outer.inherit(&done.reads);
        run.record(StepFinished {
            step: path.clone(),
            title: title.clone(),
            fingerprint,
            reads: done.reads,
            value: data,
            changes: 0,
        })?;
        Ok(given)
    });
    result.inspect_err(|failure| {
        if failure.class != Class::Interrupted {
            run.note_entry(StepFailed {
                step: path.clone(),
                title: key.to_owned(),
                failure: Box::new(run.redact(failure.clone())),
            });
        }
    })
}

fn finished(run: &Run, path: &StepPath, fingerprint: &str) -> Option<Recorded> {
    let recorded = run.state().before.steps.get(path).cloned()?;
    (recorded.fingerprint == fingerprint && reads::still_hold(run, &recorded.reads))
        .then_some(recorded)
}

/// The values in order, or the failures as one.
fn collect(
    mut results: Vec<(usize, std::result::Result<Dynamic, Failure>)>,
    call: &NativeCallContext,
) -> Result<Array> {
    results.sort_by_key(|(at, _)| *at);
    let (good, bad): (Vec<_>, Vec<_>) = results
        .into_iter()
        .map(|(_, result)| result)
        .partition(|r| r.is_ok());
    let mut failures: Vec<Failure> = bad
        .into_iter()
        .filter_map(std::result::Result::err)
        .collect();
    // An interruption isn't the reason if something else failed, and what is unknown isn't a failure.
    failures.sort_by_key(|failure| failure.class != Class::Failed);
    let mut failures = failures.into_iter();
    let Some(mut first) = failures.next() else {
        return Ok(good
            .into_iter()
            .filter_map(std::result::Result::ok)
            .collect());
    };
    first
        .causes
        .extend(failures.map(|other| format!("another body failed too: {other}")));
    Err(first.at(call).throw(call.call_position()))
}

/// A key for every item: its `name`, or itself as text.
fn keys(items: &Array) -> std::result::Result<Vec<String>, Failure> {
    let mut keys: Vec<String> = Vec::new();
    for item in items {
        let key = key(item).ok_or_else(|| {
            Failure::new(
                code::step::key,
                format!("an item of type {} has no key", item.type_name()),
            )
            .help("give parallel a list of names, of table rows, or of maps with a `name`")
        })?;
        if keys.contains(&key) {
            return Err(Failure::new(
                code::step::key,
                format!("two items have the key \"{key}\""),
            ));
        }
        keys.push(key);
    }
    Ok(keys)
}

fn key(item: &Dynamic) -> Option<String> {
    if let Some(map) = item.read_lock::<Map>() {
        return map.get("name").map(ToString::to_string);
    }
    if let Some(row) = item.read_lock::<value::Row>() {
        return Some(row.key().to_owned());
    }
    let plain = item.is_string() || item.is_int() || item.is_char() || item.is_bool();
    plain.then(|| item.to_string())
}
