//! Rewrites a compiled script so that unknowns and secrets can't be taken for plain values.
//!
//! Rhai turns any value of an interpolated string into text, takes `switch`'s default arm for a value that it
//! can't hash, and so on, without asking a function that could be overloaded. Here such places become calls
//! of native functions (`value::known`, `value::text`); every position in the source is kept.

mod calls;
mod expressions;
mod functions;
mod statements;

#[cfg(test)]
use rhai::Engine;
use rhai::{AST, Stmt};

pub use functions::register;

/// Rewrites a compiled script, its functions and its closures.
///
/// The result runs only on an engine on which [`register`] and `value::register` were called.
/// Analyses of the source should look at the script as it was compiled.
#[must_use]
pub fn rewrite(ast: &AST) -> AST {
    let statements: Vec<Stmt> = ast
        .statements()
        .iter()
        .cloned()
        .map(|mut statement| {
            statements::rewrite(&mut statement, Names::Indexed);
            statement
        })
        .collect();
    let module = functions::rewrite(ast);
    match ast.source() {
        Some(source) => AST::new_with_source(statements, module, source),
        None => AST::new(statements, module),
    }
}

/// How variables are found in a piece of script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// By the place that the compiler found out.
    Indexed,
    /// By name: a variable was added that the compiler doesn't know of.
    Searched,
}

/// Compiles, rewrites and runs a script: what tests need.
#[cfg(test)]
pub(crate) fn run(
    engine: &Engine,
    script: &str,
) -> Result<rhai::Dynamic, Box<rhai::EvalAltResult>> {
    let ast = engine.compile(script)?;
    engine.eval_ast(&rewrite(&ast))
}

/// An engine with the values, the guards and the rewriting, and its tag.
#[cfg(test)]
pub(crate) fn engine() -> (Engine, crate::value::tag::Tag) {
    let tag = crate::value::tag::Tag::default();
    let mut engine = Engine::new();
    engine.set_default_tag(rhai::Dynamic::from(tag.clone()));
    engine.set_optimization_level(rhai::OptimizationLevel::None);
    crate::value::register(&mut engine);
    register(&mut engine);
    crate::value::shield(&mut engine, &[]);
    let poison = tag.poison.clone();
    engine.on_progress(move |_| poison.check());
    (engine, tag)
}

#[cfg(test)]
mod tests;
