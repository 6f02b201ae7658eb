//! The functions of lists and maps that decide by a closure's answer, in place of Rhai's own.

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, INT, Map, NativeCallContext, plugin::*};

use super::predicate::{holds, known, sort as sort_items};

type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

/// Registers them; a global module that is registered later is asked before Rhai's own packages.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(lists).into());
    engine.register_global_module(exported_module!(maps).into());
}

fn position(
    context: &NativeCallContext,
    list: &mut Array,
    function: &FnPtr,
    start: INT,
) -> Result<Option<usize>> {
    let len = list.len();
    let skipped = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
    let first = if start < 0 {
        len.saturating_sub(skipped)
    } else {
        skipped
    };
    for (index, item) in list.iter_mut().enumerate().skip(first) {
        if holds(context, function, item, index)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn split(
    context: &NativeCallContext,
    list: &mut Array,
    function: &FnPtr,
) -> Result<(Array, Array)> {
    let mut yes = Array::new();
    let mut no = Array::new();
    for (index, item) in list.iter_mut().enumerate() {
        let side = if holds(context, function, item, index)? {
            &mut yes
        } else {
            &mut no
        };
        side.push(item.clone());
    }
    Ok((yes, no))
}

fn split_map(context: &NativeCallContext, map: &mut Map, function: &FnPtr) -> Result<(Map, Map)> {
    let mut yes = Map::new();
    let mut no = Map::new();
    for (key, value) in map.iter() {
        let arguments = [Dynamic::from(key.to_string()), value.clone()];
        let answer = function.call_raw(context, None, arguments)?;
        known(context, &answer)?;
        let side = if answer.as_bool().unwrap_or(false) {
            &mut yes
        } else {
            &mut no
        };
        side.insert(key.clone(), value.clone());
    }
    Ok((yes, no))
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod lists {
    /// Returns the items for which the function answers `true`.
    #[rhai_fn(return_raw, pure)]
    pub fn filter(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<Array> {
        let mut kept = Array::new();
        for (index, item) in list.iter_mut().enumerate() {
            if holds(&context, &function, item, index)? {
                kept.push(item.clone());
            }
        }
        Ok(kept)
    }

    /// Returns the first item for which the function answers `true`, or `()`.
    #[rhai_fn(return_raw, pure)]
    pub fn find(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<Dynamic> {
        find_from(context, list, function, 0)
    }

    /// Returns the first item from position `start` on for which the function answers `true`, or `()`.
    #[rhai_fn(name = "find", return_raw, pure)]
    pub fn find_from(
        context: NativeCallContext,
        list: &mut Array,
        function: FnPtr,
        start: INT,
    ) -> Result<Dynamic> {
        let found = position(&context, list, &function, start)?;
        Ok(found.map_or(Dynamic::UNIT, |index| list[index].clone()))
    }

    /// Returns the position of the first item for which the function answers `true`, or -1.
    #[rhai_fn(name = "index_of", return_raw, pure)]
    pub fn index_of_function(
        context: NativeCallContext,
        list: &mut Array,
        function: FnPtr,
    ) -> Result<INT> {
        index_of_function_from(context, list, function, 0)
    }

    /// Returns the first position from `start` on for which the function answers `true`, or -1.
    #[rhai_fn(name = "index_of", return_raw, pure)]
    pub fn index_of_function_from(
        context: NativeCallContext,
        list: &mut Array,
        function: FnPtr,
        start: INT,
    ) -> Result<INT> {
        let found = position(&context, list, &function, start)?;
        Ok(found
            .and_then(|index| INT::try_from(index).ok())
            .unwrap_or(-1))
    }

    /// Returns whether the function answers `true` for at least one item.
    #[rhai_fn(return_raw, pure)]
    pub fn some(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<bool> {
        Ok(position(&context, list, &function, 0)?.is_some())
    }

    /// Returns whether the function answers `true` for every item.
    #[rhai_fn(return_raw, pure)]
    pub fn all(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<bool> {
        for (index, item) in list.iter_mut().enumerate() {
            if !holds(&context, &function, item, index)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the items for which the function answers `true` out of the list and returns them.
    #[rhai_fn(return_raw)]
    pub fn drain(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<Array> {
        let (taken, kept) = split(&context, list, &function)?;
        *list = kept;
        Ok(taken)
    }

    /// Keeps the items for which the function answers `true` and returns the others.
    #[rhai_fn(return_raw)]
    pub fn retain(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<Array> {
        let (kept, taken) = split(&context, list, &function)?;
        *list = kept;
        Ok(taken)
    }

    /// Removes an item that the function says is equal to the one before it.
    #[rhai_fn(return_raw)]
    pub fn dedup(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<()> {
        let mut kept = Array::new();
        for item in list.iter() {
            let same = match kept.last() {
                Some(last) => {
                    let answer = function.call_raw(&context, None, [item.clone(), last.clone()])?;
                    known(&context, &answer)?;
                    answer.as_bool().unwrap_or(false)
                }
                None => false,
            };
            if !same {
                kept.push(item.clone());
            }
        }
        *list = kept;
        Ok(())
    }

    /// Sorts the list by a function of two items: negative, zero or positive.
    #[rhai_fn(name = "sort", name = "sort_by", return_raw)]
    pub fn sort(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<()> {
        sort_items(&context, &function, list)
    }

    /// Returns the list sorted by a function of two items: negative, zero or positive.
    #[rhai_fn(name = "order", name = "order_by", return_raw, pure)]
    pub fn order(context: NativeCallContext, list: &mut Array, function: FnPtr) -> Result<Array> {
        let mut sorted = list.clone();
        sort_items(&context, &function, &mut sorted)?;
        Ok(sorted)
    }
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod maps {
    /// Returns the entries for which the function of key and value answers `true`.
    #[rhai_fn(return_raw, pure)]
    pub fn filter(context: NativeCallContext, map: &mut Map, function: FnPtr) -> Result<Map> {
        Ok(split_map(&context, map, &function)?.0)
    }

    /// Takes the entries for which the function answers `true` out of the map and returns them.
    #[rhai_fn(return_raw)]
    pub fn drain(context: NativeCallContext, map: &mut Map, function: FnPtr) -> Result<Map> {
        let (taken, kept) = split_map(&context, map, &function)?;
        *map = kept;
        Ok(taken)
    }

    /// Keeps the entries for which the function answers `true` and returns the others.
    #[rhai_fn(return_raw)]
    pub fn retain(context: NativeCallContext, map: &mut Map, function: FnPtr) -> Result<Map> {
        let (kept, taken) = split_map(&context, map, &function)?;
        *map = kept;
        Ok(taken)
    }
}
