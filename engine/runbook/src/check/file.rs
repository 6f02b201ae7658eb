//! A file to check: compiled so that unknown names don't hide what else is wrong in it.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Engine, Expr, Module, ParseErrorType, Position, Scope, Stmt};
use world::code;

use super::{
    finding::{Finding, meant},
    nodes,
};
use world::Place;

use crate::{failure, nearest, script::literal};

/// How many unknown variables and namespaces of a file are looked past.
const LIMIT: usize = 200;

/// A compiled file.
pub(super) struct File {
    /// Its name, relative to the lab.
    pub(super) name: String,
    /// Its statements outside functions.
    pub(super) top: Vec<Stmt>,
    /// Its functions and closures.
    pub(super) functions: Vec<Function>,
    /// Lines that were put before the source.
    added: usize,
}

/// A function or closure.
pub(super) struct Function {
    /// Its name; a closure's can't be written in a script.
    pub(super) name: String,
    /// Its parameters; a closure's begin with what it captured.
    pub(super) params: Vec<String>,
    /// Whether other files can call it.
    pub(super) public: bool,
    /// Its statements.
    pub(super) body: Vec<Stmt>,
}

impl Function {
    /// Whether it's a closure.
    pub(super) fn is_closure(&self) -> bool {
        self.name.starts_with("anon$")
    }
}

/// An import: the module and the name under which it's known.
pub(super) struct Import {
    /// The module's name, if it's written out.
    pub(super) module: Option<String>,
    /// The name under which its functions are called.
    pub(super) alias: String,
    /// Where it stands.
    pub(super) position: Position,
}

impl File {
    /// Compiles a file; what keeps it from being compiled is a finding.
    ///
    /// An unknown variable or namespace would end the compilation at the first one. It's declared and the file
    /// compiled again: variables in the scope, namespaces by imports on lines before the source.
    pub(super) fn compile(
        engine: &Engine,
        name: &str,
        source: &str,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let mut scope = Scope::new();
        let mut namespaces = BTreeSet::new();
        let mut undefined = Vec::new();
        for _ in 0..LIMIT {
            let added: String = namespaces
                .iter()
                .map(|own| format!("import \"\" as {own};\n"))
                .collect();
            let place = |position| placed(name, position, namespaces.len());
            let error = match engine.compile_with_scope(&scope, format!("{added}{source}")) {
                Ok(ast) => {
                    let file = Self::of(name, &ast, namespaces.len());
                    findings.extend(
                        undefined
                            .into_iter()
                            .map(|(own, place)| file.undefined(own, place)),
                    );
                    return Some(file);
                }
                Err(error) => error,
            };
            match error.err_type() {
                ParseErrorType::VariableUndefined(own) if !scope.contains(own) => {
                    undefined.push((own.clone(), place(error.position())));
                    scope.push(own.clone(), ());
                }
                ParseErrorType::ModuleUndefined(own) if !namespaces.contains(own) => {
                    namespaces.insert(own.clone());
                }
                other => {
                    let message = format!("{name} can't be read: {other}");
                    let help = "correct the line, or the one before it, and check again: the rest of the file couldn't be looked at";
                    let place = place(error.position());
                    findings.push(Finding::error(code::runbook::syntax, message, place).help(help));
                    return None;
                }
            }
        }
        findings.extend(
            undefined
                .into_iter()
                .map(|(own, place)| unknown_variable(&own, place, None)),
        );
        None
    }

    fn of(name: &str, ast: &AST, added: usize) -> Self {
        let functions = ast
            .shared_lib()
            .iter_script_fn_info()
            .map(|(.., function)| {
                let mut alone = Module::new();
                alone.set_script_fn(function.clone());
                let mut body = Vec::new();
                AST::new([], alone).walk(&mut |path: &[ASTNode]| {
                    if let [ASTNode::Stmt(statement)] = path {
                        body.push((*statement).clone());
                    }
                    true
                });
                Function {
                    name: function.name.to_string(),
                    params: function.params.iter().map(ToString::to_string).collect(),
                    public: !function.access.is_private(),
                    body,
                }
            });
        Self {
            name: name.to_owned(),
            top: ast.statements().to_vec(),
            functions: functions.collect(),
            added,
        }
    }

    /// The place of a position.
    pub(super) fn place(&self, position: Position) -> Option<Place> {
        placed(&self.name, position, self.added)
    }

    /// Every piece of script that is run as one: the top level (without a function), functions, closures.
    pub(super) fn units(&self) -> impl Iterator<Item = (Option<&Function>, &[Stmt])> {
        let functions = self
            .functions
            .iter()
            .map(|function| (Some(function), function.body.as_slice()));
        std::iter::once((None, self.top.as_slice())).chain(functions)
    }

    /// Every node of the file.
    pub(super) fn nodes(&self) -> Vec<ASTNode<'_>> {
        self.units()
            .flat_map(|(_, statements)| nodes::flatten(statements))
            .collect()
    }

    /// Every call of the file.
    pub(super) fn calls(&self) -> Vec<nodes::Call<'_>> {
        self.nodes().iter().filter_map(nodes::call).collect()
    }

    /// A function or closure by its name.
    pub(super) fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// The imports that stand in the file.
    pub(super) fn imports(&self) -> Vec<Import> {
        let import = |node: &ASTNode| match node {
            ASTNode::Stmt(Stmt::Import(parts, position)) if position.line()? > self.added => {
                Some(Import {
                    module: literal::text(&parts.0),
                    alias: parts.1.name.to_string(),
                    position: parts.0.position(),
                })
            }
            _ => None,
        };
        self.nodes().iter().filter_map(import).collect()
    }

    /// Names of variables and parameters.
    pub(super) fn variables(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self
            .functions
            .iter()
            .flat_map(|own| own.params.clone())
            .collect();
        for node in self.nodes() {
            match node {
                ASTNode::Stmt(Stmt::Var(parts, ..)) => {
                    names.insert(parts.0.name.to_string());
                }
                ASTNode::Stmt(Stmt::For(parts, _)) => {
                    names.insert(parts.0.name.to_string());
                    names.extend(parts.1.as_ref().map(|counter| counter.name.to_string()));
                }
                ASTNode::Stmt(Stmt::TryCatch(flow, _)) => {
                    names.extend(nodes::variable(&flow.expr).map(str::to_owned));
                }
                _ => {}
            }
        }
        names
    }

    /// The closures that variables are bound to, by the variables' names.
    pub(super) fn bound_closures(&self) -> Vec<(String, String)> {
        let bound = |node: &ASTNode| match node {
            ASTNode::Stmt(Stmt::Var(parts, ..)) => {
                let closure = nodes::closure(&parts.1)?;
                Some((parts.0.name.to_string(), closure.function))
            }
            _ => None,
        };
        self.nodes().iter().filter_map(bound).collect()
    }

    fn undefined(&self, name: String, place: Option<Place>) -> Finding {
        let mut known = self.variables();
        known.remove(&name);
        unknown_variable(
            &name,
            place,
            nearest::of(&name, known.iter().map(String::as_str)),
        )
    }
}

/// A variable that isn't declared anywhere before it's used.
fn unknown_variable(name: &str, place: Option<Place>, nearest: Option<&str>) -> Finding {
    let help = meant(
        nearest,
        format!("declare it before it's used: let {name} = …;"),
    );
    Finding::error(
        code::runbook::variable,
        format!("there is no variable `{name}`"),
        place,
    )
    .help(help)
}

fn placed(name: &str, position: Position, added: usize) -> Option<Place> {
    let mut place = failure::place(name, position)?;
    place.line = place.line.saturating_sub(added);
    (place.line > 0).then_some(place)
}

/// The literal string that an expression is, with its position.
pub(super) fn written(expr: &Expr) -> Option<(String, Position)> {
    literal::text(expr).map(|text| (text, expr.position()))
}
