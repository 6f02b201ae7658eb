//! The words of a runbook that aren't operations: what it declares, its steps, and what it reads.

use std::sync::Arc;

use rhai::{Engine, plugin::*};
use world::code;

use crate::{run::monitor, script::rewrite, value};

/// Limits of a script: enough for any runbook, and an end for a loop that has none.
const OPERATIONS: u64 = 20_000_000;
const CALL_LEVELS: usize = 64;
const EXPRESSION_DEPTH: usize = 128;
const STRING_SIZE: usize = 16 << 20;
const CONTAINER_SIZE: usize = 1 << 20;

/// An engine with the language's own words; operations are registered by who has them.
#[must_use]
pub fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_max_operations(OPERATIONS);
    engine.set_max_call_levels(CALL_LEVELS);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    engine.set_max_string_size(STRING_SIZE);
    engine.set_max_array_size(CONTAINER_SIZE);
    engine.set_max_map_size(CONTAINER_SIZE);
    engine.set_optimization_level(rhai::OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.disable_symbol("eval");
    value::register(&mut engine);
    rewrite::register(&mut engine);
    engine.register_global_module(exported_module!(words).into());
    engine.register_static_module("facts", exported_module!(facts).into());
    monitor::install(&mut engine);
    engine
}

/// What a runbook is made of.
#[export_module]
pub mod words {
    use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map, NativeCallContext};

    use crate::{
        run::{
            body::Body, declare, options::demand_strong, options_of, parallel as together,
            question, step as steps,
        },
        value::{ReadKey, Table, recorder},
    };

    type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

    /// Says what this runbook is: its name, and its version (semantic: a new major version doesn't go on with
    /// a run of an older one).
    ///
    /// ```rhai
    /// runbook("phase1", "1.0.0");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn runbook(context: NativeCallContext, name: &str, version: &str) -> Result<()> {
        declare::runbook(&context, name, version)
    }

    /// A step: the unit of resume. Its body runs unless a recorded value still fits; the value of the body is
    /// the value of the step, and is recorded. `id` is unique in the runbook.
    ///
    /// ```rhai
    /// let sum = step("1.0-sum", "Add two numbers", || 1 + 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn step(context: NativeCallContext, id: &str, title: &str, body: FnPtr) -> Result<Dynamic> {
        steps::step(&context, id, title, steps::StepOptions::default(), body)
    }

    /// A step with options: `when` (a flag: false leaves the step out), `retry` (`#{ times, wait, on }`: how often
    /// a failed body is tried in all, how long to wait before the second attempt, and the ends of the error codes
    /// it's for), `timeout` (a duration), `confirm` (a question that is asked before the body runs).
    ///
    /// ```rhai
    /// step("1.0-once", "Left out", #{ when: false }, || 1);
    /// ```
    #[rhai_fn(return_raw, name = "step")]
    pub fn step_with(
        context: NativeCallContext,
        id: &str,
        title: &str,
        options: Map,
        body: FnPtr,
    ) -> Result<Dynamic> {
        let options = options_of::step(&context, &options)?;
        steps::step(&context, id, title, options, body)
    }

    /// A group of steps under one title, one level deep; gives what its body gives.
    ///
    /// ```rhai
    /// group("Foundation", || {
    ///     step("1.0-a", "First", || 1);
    /// });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn group(context: NativeCallContext, title: &str, body: FnPtr) -> Result<Dynamic> {
        declare::group(&context, title, &body)
    }

    /// Runs a function for every item of a list at the same time, inside a step; gives the list of values, in
    /// the order of the items. Each body is a sub-step whose key is the item, or its `name`.
    ///
    /// ```rhai
    /// step("1.0-all", "Double", || parallel([1, 2, 3], |n| n * 2));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn parallel(context: NativeCallContext, items: Array, body: FnPtr) -> Result<Array> {
        together::parallel(&context, items, &body)
    }

    /// Runs a function for every row of a table at the same time, inside a step.
    ///
    /// ```rhai
    /// step("1.0-rows", "Names", || parallel(facts::table("HARDWARE", "Nodes"), |node| node.name));
    /// ```
    #[rhai_fn(return_raw, name = "parallel")]
    pub fn parallel_rows(context: NativeCallContext, rows: Table, body: FnPtr) -> Result<Array> {
        let rows = rows.rows(&context);
        together::parallel(&context, rows, &body)
    }

    /// Asks a question that is answered yes or no; the answer is recorded, and given again when the run is resumed.
    ///
    /// ```rhai
    /// step("1.0-ask", "Ask", || confirm("Erase the disk?"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn confirm(context: NativeCallContext, text: &str) -> Result<bool> {
        question::confirm(&context, text)
    }

    /// Goes on only if a question is answered yes. A no ends the run as Ctrl-C does, and its resume asks again.
    ///
    /// ```rhai
    /// step("1.0-ask", "Ask", || must_confirm("Erase the disk?"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn must_confirm(context: NativeCallContext, text: &str) -> Result<()> {
        question::must_confirm(&context, text)
    }

    /// The value of an environment name, as text.
    ///
    /// ```rhai
    /// env("CLUSTER_NAME")
    /// ```
    #[rhai_fn(return_raw)]
    pub fn env(context: NativeCallContext, name: &str) -> Result<String> {
        declare::variable(&context, name)
    }

    /// The value of an environment name as a secret: it prints as `***` and is recorded nowhere.
    ///
    /// ```rhai
    /// secret("PROXMOX_PASSWORD")
    /// ```
    #[rhai_fn(return_raw)]
    pub fn secret(context: NativeCallContext, name: &str) -> Result<world::Secret> {
        let value = declare::variable(&context, name)?;
        demand_strong(name, &value)
            .map_err(|failure| failure.at(&context).throw(context.call_position()))?;
        let secret = world::Secret::new(name, value);
        Body::current(&context)?.run.redactor.register(&secret);
        Ok(secret)
    }

    /// The same where it's needed only in some labs: with `false` it isn't asked for, and the answer is `()`. Where it's
    /// needed and missing, that's said before the run as well, if the call stands outside steps.
    ///
    /// ```rhai
    /// secret("ISCSI_CHAP_PASSWORD", facts::has("HARDWARE", "Nothing of the kind"))
    /// ```
    #[rhai_fn(return_raw, name = "secret")]
    pub fn secret_if(context: NativeCallContext, name: &str, needed: bool) -> Result<Dynamic> {
        if needed {
            secret(context, name).map(Dynamic::from)
        } else {
            Ok(Dynamic::UNIT)
        }
    }

    /// An argument of the command line (`--arg name=value`), or the default. A default that is a flag or a number
    /// makes the argument one.
    ///
    /// ```rhai
    /// arg("measure", true)
    /// ```
    #[rhai_fn(return_raw)]
    pub fn arg(context: NativeCallContext, name: &str, default: Dynamic) -> Result<Dynamic> {
        let body = Body::current(&context)?;
        let given = body.run.options.selection.arguments.get(name).cloned();
        if let Some(recorder) = recorder(&context) {
            let key = ReadKey::Argument {
                name: name.to_owned(),
            };
            recorder.record(key, given.clone().unwrap_or_default());
        }
        match given {
            Some(text) => options_of::argument(&context, name, &text, &default),
            None => Ok(default),
        }
    }
}

/// The facts of the lab: the tables in `docs/`.
#[export_module]
pub mod facts {
    use rhai::{EvalAltResult, NativeCallContext};

    use crate::{
        failure::Failure,
        run::body::Body,
        value::{ReadKey, Table, recorder},
    };

    /// The table under the heading `title` of `docs/DOCUMENT.md`.
    ///
    /// ```rhai
    /// facts::table("HARDWARE", "Nodes").len()
    /// ```
    #[rhai_fn(return_raw)]
    pub fn table(
        context: NativeCallContext,
        document: &str,
        title: &str,
    ) -> std::result::Result<Table, Box<EvalAltResult>> {
        let docs = Arc::clone(&Body::current(&context)?.run.docs);
        Table::find(&docs, document, title).map_err(|error| {
            let failure = Failure::of(code::docs::missing, &error).help(error.help());
            failure.at(&context).throw(context.call_position())
        })
    }

    /// The table under the heading `title` of `docs/DOCUMENT.md`; empty where a lab has none.
    ///
    /// ```rhai
    /// for device in facts::optional("HARDWARE", "PCI devices") {
    ///     device.slot
    /// }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn optional(
        context: NativeCallContext,
        document: &str,
        title: &str,
    ) -> std::result::Result<Table, Box<EvalAltResult>> {
        let docs = Arc::clone(&Body::current(&context)?.run.docs);
        Ok(Table::optional(&docs, document, title))
    }

    /// Whether `docs/DOCUMENT.md` has a table under the heading `title`.
    ///
    /// ```rhai
    /// facts::has("HARDWARE", "PCI devices")
    /// ```
    #[rhai_fn(return_raw)]
    pub fn has(
        context: NativeCallContext,
        document: &str,
        title: &str,
    ) -> std::result::Result<bool, Box<EvalAltResult>> {
        let has = Body::current(&context)?
            .run
            .docs
            .table(document, title)
            .is_ok();
        if let Some(recorder) = recorder(&context) {
            let key = ReadKey::Table {
                document: document.to_owned(),
                table: title.to_owned(),
            };
            recorder.record(key, has.to_string());
        }
        Ok(has)
    }
}
