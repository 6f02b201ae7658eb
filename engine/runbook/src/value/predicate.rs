//! Calls of a script's closure for each item, whose answer must be known.
//!
//! Rhai's own `filter` and the like take any answer that isn't `true` for `false`.

use rhai::{Dynamic, EvalAltResult, FnPtr, INT, NativeCallContext};

use super::{hidden::Hidden, tag::stop};

/// Calls `function` with an item, or with an item and its index, or with the item as `this`.
///
/// # Errors
///
/// Those of the function.
pub(super) fn call(
    context: &NativeCallContext,
    function: &FnPtr,
    item: &mut Dynamic,
    index: usize,
) -> Result<Dynamic, Box<EvalAltResult>> {
    let first = function.call_raw(context, None, [item.clone()]);
    if !is_missing(&first, function) {
        return first;
    }
    let index = Dynamic::from(INT::try_from(index).unwrap_or(INT::MAX));
    let second = function.call_raw(context, None, [item.clone(), index]);
    if !is_missing(&second, function) {
        return second;
    }
    let bound = function.call_raw(context, Some(item), []);
    if is_missing(&bound, function) {
        first
    } else {
        bound
    }
}

fn is_missing(result: &Result<Dynamic, Box<EvalAltResult>>, function: &FnPtr) -> bool {
    matches!(result, Err(error) if matches!(&**error,
        EvalAltResult::ErrorFunctionNotFound(signature, _) if signature.starts_with(function.fn_name())))
}

/// Whether `function` says yes to an item.
///
/// # Errors
///
/// Those of the function; the diagnostic if its answer is unknown or secret.
pub(super) fn holds(
    context: &NativeCallContext,
    function: &FnPtr,
    item: &mut Dynamic,
    index: usize,
) -> Result<bool, Box<EvalAltResult>> {
    let answer = call(context, function, item, index)?;
    known(context, &answer)?;
    Ok(answer.as_bool().unwrap_or(false))
}

/// Compares two items by a function that answers with a negative, zero or positive number.
///
/// # Errors
///
/// Those of the function; the diagnostic if its answer is unknown or secret.
pub(super) fn compare(
    context: &NativeCallContext,
    function: &FnPtr,
    left: &Dynamic,
    right: &Dynamic,
) -> Result<std::cmp::Ordering, Box<EvalAltResult>> {
    let answer = function.call_raw(context, None, [left.clone(), right.clone()])?;
    known(context, &answer)?;
    match (answer.as_int(), answer.as_bool()) {
        (Ok(number), _) => Ok(number.cmp(&0)),
        (_, Ok(true)) => Ok(std::cmp::Ordering::Greater),
        (_, Ok(false)) => Ok(std::cmp::Ordering::Less),
        _ => {
            let kind = answer.type_name();
            Err(
                format!("the function that compares must answer with a number, not with {kind}")
                    .into(),
            )
        }
    }
}

pub(super) fn known(
    context: &NativeCallContext,
    answer: &Dynamic,
) -> Result<(), Box<EvalAltResult>> {
    match Hidden::of(answer) {
        Some(hidden) => Err(stop(
            context,
            hidden,
            format!("as the answer for '{}'", context.fn_name()),
        )),
        None => Ok(()),
    }
}

/// Sorts items by a function that can fail.
///
/// # Errors
///
/// The first error of the function.
pub(super) fn sort(
    context: &NativeCallContext,
    function: &FnPtr,
    items: &mut [Dynamic],
) -> Result<(), Box<EvalAltResult>> {
    let mut failed = None;
    items.sort_by(|left, right| {
        if failed.is_some() {
            return std::cmp::Ordering::Equal;
        }
        compare(context, function, left, right).unwrap_or_else(|error| {
            failed = Some(error);
            std::cmp::Ordering::Equal
        })
    });
    failed.map_or(Ok(()), Err)
}
