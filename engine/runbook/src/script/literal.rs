//! What stands literally in a syntax tree: environment names, kept names, imports, step ids.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

/// A call with a literal first argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The function, with its namespace: `env`, `facts::table`.
    pub function: String,
    /// The first argument.
    pub text: String,
    /// Where the call is.
    pub position: Position,
    /// Whether the call has more arguments.
    pub has_more: bool,
}

/// Visits every function call with its full name and position.
pub fn calls(ast: &AST, mut visit: impl FnMut(&str, &FnCallExpr, Position)) {
    ast.walk(&mut |path: &[ASTNode]| {
        let call = match path.last() {
            Some(ASTNode::Expr(
                Expr::FnCall(call, position) | Expr::MethodCall(call, position),
            )) => Some((call, *position)),
            Some(ASTNode::Stmt(Stmt::FnCall(call, position))) => Some((call, *position)),
            _ => None,
        };
        if let Some((call, position)) = call {
            visit(&full_name(call), call, position);
        }
        true
    });
}

/// The name of a called function with its namespace.
#[must_use]
pub fn full_name(call: &FnCallExpr) -> String {
    if call.namespace.is_empty() {
        call.name.to_string()
    } else {
        format!("{}::{}", call.namespace, call.name)
    }
}

/// The text of a literal string expression.
#[must_use]
pub fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::StringConstant(text, _) => Some(text.to_string()),
        Expr::DynamicConstant(value, _) => value.clone().into_string().ok(),
        _ => None,
    }
}

/// Every call of one of `functions` whose first argument is a literal string.
#[must_use]
pub fn literals(ast: &AST, functions: &[&str]) -> Vec<Literal> {
    let mut found = Vec::new();
    calls(ast, |name, call, position| {
        if functions.contains(&name)
            && let Some(text) = call.args.first().and_then(text)
        {
            found.push(Literal {
                function: name.to_owned(),
                text,
                position,
                has_more: call.args.len() > 1,
            });
        }
    });
    found
}

/// Names that the script writes to `.envrc`: `envrc::set("NAME", …)`, `keep: "NAME"` and `keep_id: "NAME"` in an argument.
#[must_use]
pub fn kept(ast: &AST) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = literals(ast, &["envrc::set"])
        .into_iter()
        .map(|literal| literal.text)
        .collect();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Expr(expr)) = path.last() {
            names.extend(kept_in(expr));
        }
        true
    });
    names
}

/// The fields of an operation's argument that name a line of `.envrc`.
const KEEP: [&str; 2] = ["keep", "keep_id"];

fn kept_in(expr: &Expr) -> Vec<String> {
    match expr {
        Expr::Map(map, _) => {
            let kept = map
                .0
                .iter()
                .filter(|(key, _)| KEEP.contains(&key.name.as_str()));
            kept.filter_map(|(_, value)| text(value)).collect()
        }
        Expr::DynamicConstant(value, _) => {
            let Some(map) = value.read_lock::<rhai::Map>() else {
                return Vec::new();
            };
            let kept = KEEP.iter().filter_map(|key| map.get(*key));
            kept.filter_map(|name| name.clone().into_string().ok())
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Modules that are imported by literal name.
#[must_use]
pub fn imports(ast: &AST) -> Vec<String> {
    imported(ast)
        .into_iter()
        .map(|(module, _)| module)
        .collect()
}

/// The same with where their names stand.
pub(crate) fn imported(ast: &AST) -> Vec<(String, Position)> {
    let mut found = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last() {
            let position = import.0.position();
            found.extend(text(&import.0).map(|module| (module, position)));
        }
        true
    });
    found
}
