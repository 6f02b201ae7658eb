//! Assignments to variables that a closure captured: a body of a step, group or `parallel` has copies of them.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr, Position, Stmt};
use world::code;

use super::{
    file::File,
    finding::{Finding, Severity},
    nodes,
};

/// Functions whose body gets copies.
const DETACHING: &[&str] = &["step", "group", "parallel"];

/// What is known of a closure.
#[derive(Default)]
struct Captured {
    names: BTreeSet<String>,
    /// The function to which it's given.
    given_to: Option<String>,
    /// The function or closure that it stands in.
    parent: Option<String>,
}

/// Checks every closure of a file.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let closures = closures(file);
    let mut findings = Vec::new();
    for function in file
        .functions
        .iter()
        .filter(|function| function.is_closure())
    {
        let Some(own) = closures.get(&function.name) else {
            continue;
        };
        let nodes = nodes::flatten(&function.body);
        let declared = declared(&nodes);
        for (name, position) in assigned(&nodes) {
            if own.names.contains(&name) && !declared.contains(&name) {
                findings.push(finding(file, &closures, &function.name, &name, position));
            }
        }
    }
    findings
}

fn finding(
    file: &File,
    closures: &BTreeMap<String, Captured>,
    closure: &str,
    name: &str,
    position: Position,
) -> Finding {
    let place = file.place(position);
    if let Some(detaching) = detached(closures, closure, name) {
        let message = format!(
            "`{name}` is a copy here: what is assigned to it is lost when the body of {detaching} ends"
        );
        return Finding::error(code::runbook::captured, message, place).help(format!(
            "return the value instead: let {name} = step(…, || …);"
        ));
    }
    let message = format!("`{name}` is a variable from outside this function");
    Finding::error(code::runbook::captured, message, place)
        .weighs(Severity::Warning)
        .help("return a value instead, as with map, filter or reduce")
}

/// The function whose body has a copy of `name`: that of the closure, or of one around it that captured it too.
fn detached(closures: &BTreeMap<String, Captured>, closure: &str, name: &str) -> Option<String> {
    let mut at = closures.get(closure)?;
    // No deeper than functions can be nested in a file.
    for _ in 0..closures.len() + 1 {
        if !at.names.contains(name) {
            return None;
        }
        if let Some(function) = at
            .given_to
            .as_ref()
            .filter(|function| DETACHING.contains(&function.as_str()))
        {
            return Some(function.clone());
        }
        at = closures.get(at.parent.as_ref()?)?;
    }
    None
}

fn closures(file: &File) -> BTreeMap<String, Captured> {
    let bound: BTreeMap<String, String> = file.bound_closures().into_iter().collect();
    let mut found: BTreeMap<String, Captured> = BTreeMap::new();
    for (function, statements) in file.units() {
        for node in nodes::flatten(statements) {
            if let ASTNode::Expr(expr) = node
                && let Some(closure) = nodes::closure(expr)
            {
                let own = found.entry(closure.function).or_default();
                own.names.extend(closure.captured);
                own.parent = function.map(|function| function.name.clone());
            }
            let Some(call) = nodes::call(&node) else {
                continue;
            };
            for argument in call.args {
                let named = nodes::variable(argument).and_then(|name| bound.get(name).cloned());
                let given = nodes::closure(argument)
                    .map(|closure| closure.function)
                    .or(named);
                if let Some(function) = given {
                    found.entry(function).or_default().given_to = Some(call.name.clone());
                }
            }
        }
    }
    found
}

/// Variables that the closure declares itself.
fn declared(nodes: &[ASTNode]) -> BTreeSet<String> {
    let own = nodes.iter().filter_map(|node| match node {
        ASTNode::Stmt(Stmt::Var(parts, ..)) => Some(parts.0.name.to_string()),
        ASTNode::Stmt(Stmt::For(parts, _)) => Some(parts.0.name.to_string()),
        _ => None,
    });
    own.collect()
}

/// Variables that are assigned to, whole or in a part.
fn assigned(nodes: &[ASTNode]) -> Vec<(String, Position)> {
    let assigned = nodes.iter().filter_map(|node| match node {
        ASTNode::Stmt(Stmt::Assignment(parts)) => {
            let target = root(&parts.1.lhs);
            Some((nodes::variable(target)?.to_owned(), target.start_position()))
        }
        _ => None,
    });
    assigned.collect()
}

fn root(expr: &Expr) -> &Expr {
    match expr {
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => root(&chain.lhs),
        other => other,
    }
}
