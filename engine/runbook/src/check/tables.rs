//! What scripts read from `docs/` that isn't there. Variables are followed by their names: one that stands for two
//! different things in a file isn't looked at.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr, Position, Stmt};
use world::docs::{Docs, DocsError, Table};

use super::{
    file::File,
    finding::Finding,
    nodes::{self, Call, Link},
};
use crate::script::literal;

/// Properties of rows that aren't columns.
const OF_A_ROW: &[&str] = &["keys"];
/// Functions of rows that take the name of a column that must be there.
const OF_COLUMNS: &[&str] = &["list", "rows"];
/// Functions of a list or table that call a function with each row.
const EACH: &[&str] = &[
    "filter", "map", "find", "some", "all", "for_each", "find_map", "index_of", "retain", "drain",
];

/// What a variable stands for.
#[derive(Clone, PartialEq)]
enum Kind<'d> {
    /// A table, or a list of its rows.
    Rows(&'d Table),
    /// A row.
    Row(&'d Table),
    /// Anything else.
    Other,
}

/// Checks the tables and columns that a file reads. `guarded` tables are asked for with `facts::has` first.
pub(super) fn check(
    docs: &Docs,
    file: &File,
    guarded: &BTreeSet<(String, String)>,
) -> Vec<Finding> {
    let tables = Tables {
        docs,
        file,
        asked: asked_columns(file),
    };
    let mut findings = Vec::new();
    for call in file
        .calls()
        .iter()
        .filter(|call| call.name == "facts::table")
    {
        if let (Some(document), Some(title)) = (call.text(0), call.text(1))
            && let Err(error) = docs.table(&document, &title)
            && !guarded.contains(&(document, title))
        {
            findings.push(finding(file, call.position, &error));
        }
    }
    let mut names = BTreeMap::new();
    // A variable that is bound to a part of another is known one round later.
    for _ in 0..4 {
        names = tables.bind(&names);
    }
    for node in file.nodes() {
        if let ASTNode::Expr(expr) = node {
            tables.kind(expr, &names, &mut |position, error| {
                findings.push(finding(file, position, error))
            });
        }
    }
    findings
}

/// Tables that a file asks for with literal names.
pub(super) fn guarded(file: &File) -> BTreeSet<(String, String)> {
    let calls = file
        .calls()
        .into_iter()
        .filter(|call| call.name == "facts::has");
    calls
        .filter_map(|call| Some((call.text(0)?, call.text(1)?)))
        .collect()
}

/// Columns that a file asks for with `row.has("column")`.
fn asked_columns(file: &File) -> BTreeSet<String> {
    let calls = file
        .calls()
        .into_iter()
        .filter(|call| call.method && call.name == "has");
    calls.filter_map(|call| call.text(0)).collect()
}

fn finding(file: &File, position: Position, error: &DocsError) -> Finding {
    Finding::error(error.code(), error.to_string(), file.place(position)).help(error.help())
}

struct Tables<'d> {
    docs: &'d Docs,
    file: &'d File,
    asked: BTreeSet<String>,
}

type Names<'d> = BTreeMap<String, Kind<'d>>;
type Report<'r> = dyn FnMut(Position, &DocsError) + 'r;

impl<'d> Tables<'d> {
    /// What each variable stands for, given what was known of others.
    fn bind(&self, known: &Names<'d>) -> Names<'d> {
        let mut names = Names::new();
        let mut bind = |name: &str, kind: Kind<'d>| {
            let own = names.entry(name.to_owned()).or_insert_with(|| kind.clone());
            if *own != kind {
                *own = Kind::Other;
            }
        };
        let mut bound = BTreeSet::new();
        for node in self.file.nodes() {
            match node {
                ASTNode::Stmt(Stmt::Var(parts, ..)) => {
                    bind(&parts.0.name, self.quiet(&parts.1, known))
                }
                ASTNode::Stmt(Stmt::Assignment(parts)) => {
                    if let Some(name) = nodes::variable(&parts.1.lhs) {
                        bind(name, self.quiet(&parts.1.rhs, known));
                    }
                }
                ASTNode::Stmt(Stmt::For(parts, _)) => {
                    bind(&parts.0.name, item(&self.quiet(&parts.2.expr, known)));
                }
                ASTNode::Expr(expr) => {
                    for (function, kind) in self.given(expr, known) {
                        self.parameter(&function, kind, &mut bind);
                        bound.insert(function);
                    }
                }
                _ => {}
            }
        }
        for function in self
            .file
            .functions
            .iter()
            .filter(|function| !function.is_closure())
        {
            function
                .params
                .iter()
                .for_each(|name| bind(name, Kind::Other));
        }
        for function in self
            .file
            .functions
            .iter()
            .filter(|own| own.is_closure() && !bound.contains(&own.name))
        {
            self.parameter(&function.name, Kind::Other, &mut bind);
        }
        names
    }

    /// Binds the parameters of a closure that aren't captured: the first one to `kind`.
    fn parameter(&self, function: &str, kind: Kind<'d>, bind: &mut impl FnMut(&str, Kind<'d>)) {
        let Some(own) = self.file.function(function) else {
            return;
        };
        let captured = self.captured(function);
        for (index, name) in own.params.iter().skip(captured).enumerate() {
            bind(
                name,
                if index == 0 {
                    kind.clone()
                } else {
                    Kind::Other
                },
            );
        }
    }

    fn captured(&self, function: &str) -> usize {
        let nodes = self.file.nodes();
        let closures = nodes.iter().filter_map(|node| match node {
            ASTNode::Expr(expr) => nodes::closure(expr),
            _ => None,
        });
        closures
            .filter(|closure| closure.function == function)
            .map(|closure| closure.captured.len())
            .max()
            .unwrap_or(0)
    }

    /// The closures that an expression calls with rows.
    fn given(&self, expr: &Expr, known: &Names<'d>) -> Vec<(String, Kind<'d>)> {
        let closure = |call: &Call, index: usize| {
            call.args
                .get(index)
                .and_then(nodes::closure)
                .map(|own| own.function)
        };
        if let Some(call) = nodes::call(&ASTNode::Expr(expr))
            && call.name == "parallel"
            && !call.method
            && let Some(function) = closure(&call, 1)
        {
            return vec![(function, item(&self.quiet(&call.args[0], known)))];
        }
        let Some((base, links)) = nodes::chain(expr) else {
            return Vec::new();
        };
        // The rest of a longer chain, which is looked at as a whole.
        if matches!(base, Expr::MethodCall(..) | Expr::Property(..)) {
            return Vec::new();
        }
        let mut kind = self.quiet(base, known);
        let mut given = Vec::new();
        for link in &links {
            if let Link::Method(call) = link
                && EACH.contains(&call.name.as_str())
                && let Some(function) = closure(call, 0)
            {
                given.push((function, item(&kind)));
            }
            kind = self.follow(kind, link, &mut |_, _| {});
        }
        given
    }

    fn quiet(&self, expr: &Expr, names: &Names<'d>) -> Kind<'d> {
        self.kind(expr, names, &mut |_, _| {})
    }

    /// What an expression stands for; columns that aren't there are reported.
    fn kind(&self, expr: &Expr, names: &Names<'d>, report: &mut Report) -> Kind<'d> {
        if let Some(name) = nodes::variable(expr) {
            return names.get(name).cloned().unwrap_or(Kind::Other);
        }
        if let Some(call) = nodes::call(&ASTNode::Expr(expr)) {
            let found = match (call.name.as_str(), call.text(0), call.text(1)) {
                ("facts::table" | "facts::optional", Some(document), Some(title)) => {
                    self.docs.table(&document, &title).ok()
                }
                _ => None,
            };
            return found.map_or(Kind::Other, |table| Kind::Rows(table));
        }
        let Some((base, links)) = nodes::chain(expr) else {
            return Kind::Other;
        };
        // What is wrong in the beginning of the chain is reported when its own node comes.
        let start = self.quiet(base, names);
        links
            .iter()
            .fold(start, |kind, link| self.follow(kind, link, report))
    }

    fn follow(&self, kind: Kind<'d>, link: &Link, report: &mut Report) -> Kind<'d> {
        match (kind, link) {
            (Kind::Rows(table), Link::Index(_)) => Kind::Row(table),
            (Kind::Rows(table), Link::Property("rows", _)) => Kind::Rows(table),
            (Kind::Rows(table), Link::Method(call)) => match call.name.as_str() {
                "filter" | "rows" => Kind::Rows(table),
                "find" => Kind::Row(table),
                _ => Kind::Other,
            },
            (Kind::Row(table), Link::Property(name, position)) => {
                self.column(table, name, *position, report);
                self.referred(table, name).map_or(Kind::Other, Kind::Row)
            }
            (Kind::Row(table), Link::Index(index)) => {
                let Some(name) = literal::text(index) else {
                    return Kind::Other;
                };
                self.column(table, &name, index.start_position(), report);
                self.referred(table, &name).map_or(Kind::Other, Kind::Row)
            }
            (Kind::Row(table), Link::Method(call)) => {
                let Some(name) = call.text(0) else {
                    return Kind::Other;
                };
                if OF_COLUMNS.contains(&call.name.as_str()) {
                    self.column(table, &name, call.args[0].start_position(), report);
                }
                let referred = self.referred(table, &name);
                match call.name.as_str() {
                    "rows" => referred.map_or(Kind::Other, Kind::Rows),
                    "optional" => referred.map_or(Kind::Other, Kind::Row),
                    _ => Kind::Other,
                }
            }
            _ => Kind::Other,
        }
    }

    fn column(&self, table: &Table, name: &str, position: Position, report: &mut Report) {
        if OF_A_ROW.contains(&name) || self.asked.contains(name) {
            return;
        }
        if let Err(error) = table.column(name) {
            report(position, &error);
        }
    }

    /// The table that a column points to.
    fn referred(&self, table: &Table, column: &str) -> Option<&'d Table> {
        let reference = table.column(column).ok()?.reference.as_ref()?;
        let there = self.docs.table(&reference.document, &reference.title);
        there.ok().map(AsRef::as_ref)
    }
}

fn item<'d>(kind: &Kind<'d>) -> Kind<'d> {
    match kind {
        Kind::Rows(table) => Kind::Row(table),
        _ => Kind::Other,
    }
}
