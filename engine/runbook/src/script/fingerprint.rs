//! What makes a step the same step: its source without positions and comments, the lab functions that it calls,
//! and the values that it captured. What else it read is recorded beside it, see [`crate::journal::Read`].

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
};

use rhai::{AST, ASTNode, Dynamic, Expr, FnPtr, Module, Position, ScriptFuncDef, Stmt};
use sha2::Digest as _;

use crate::{
    journal::keyed_hash,
    script::{Script, literal, memo::Found},
    value,
};

/// The fingerprint of a closure.
#[must_use]
pub(crate) fn of_closure(script: &Script, key: &[u8], closure: &FnPtr) -> String {
    let mut parts = Parts {
        script,
        key,
        out: String::new(),
        seen: BTreeSet::new(),
    };
    parts.closure(closure);
    keyed_hash(key, parts.out.as_bytes())
}

struct Parts<'a> {
    script: &'a Script,
    key: &'a [u8],
    out: String,
    seen: BTreeSet<(String, String)>,
}

/// The SHA-256 of a text, in hexadecimal: what stands for a function's source in fingerprints.
fn digest(text: &str) -> String {
    hex::encode(sha2::Sha256::digest(text))
}

impl Parts<'_> {
    fn closure(&mut self, closure: &FnPtr) {
        self.function(closure.fn_name(), None);
        for captured in closure.iter_curry() {
            self.out.push('\u{1f}');
            self.value(captured);
        }
    }

    fn function(&mut self, name: &str, file: Option<&str>) {
        let Some(found) = self.find(name, file) else {
            return;
        };
        if !self.seen.insert((found.file.clone(), name.to_owned())) {
            return;
        }
        self.out.push_str(&found.source);
        self.out.push('\u{1e}');
        for call in &found.calls {
            match call.split_once("::") {
                None => self.function(call, Some(&found.file)),
                Some((alias, function)) => {
                    if let Some(module) = found.imports.get(alias) {
                        self.function(function, Some(&format!("{module}.rhai")));
                    }
                }
            }
        }
    }

    fn find(&self, name: &str, file: Option<&str>) -> Option<Arc<Found>> {
        let key = (name.to_owned(), file.map(str::to_owned));
        let mut memo = self
            .script
            .memo
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = memo.get(&key) {
            return Some(Arc::clone(found));
        }
        // What isn't found may be in a module that is imported later.
        let found = Arc::new(self.search(name, file)?);
        memo.insert(key, Arc::clone(&found));
        Some(found)
    }

    fn search(&self, name: &str, file: Option<&str>) -> Option<Found> {
        self.script.with_files(|at, ast, source| {
            if file.is_some_and(|file| file != at) {
                return None;
            }
            let (_, _, _, _, function) = ast
                .shared_lib()
                .iter_script_fn_info()
                .find(|f| f.4.name == name)?;

            let params: Vec<&str> = function.params.iter().map(|param| param.as_str()).collect();
            Some(Found {
                file: at.to_owned(),
                source: digest(&format!("({}){}", params.join(","), body(function, source))),
                calls: calls_in(function),
                imports: aliases(ast),
            })
        })
    }

    fn value(&mut self, captured: &Dynamic) {
        let captured = captured.clone().flatten();
        if let Some(closure) = captured.read_lock::<FnPtr>() {
            self.closure(&closure);
        } else if let Some(secret) = captured.read_lock::<world::Secret>() {
            self.out
                .push_str(&keyed_hash(self.key, secret.expose().as_bytes()));
        } else if let Some(items) = captured.read_lock::<rhai::Array>() {
            for item in items.iter() {
                self.out.push('\u{1d}');
                self.value(item);
            }
        } else if let Some(map) = captured.read_lock::<rhai::Map>() {
            for (name, item) in map.iter() {
                self.out.push_str(name);
                self.out.push('\u{1d}');
                self.value(item);
            }
        } else if let Some(table) = captured.read_lock::<value::Table>() {
            // What the body reads of it is recorded cell by cell.
            self.out.push_str(&table.name());
        } else if let Some(row) = captured.read_lock::<value::Row>() {
            self.out.push_str(&row.name());
        } else {
            match value::to_data(&captured) {
                Ok(data) => self.out.push_str(&data.to_string()),
                Err(_) => self.out.push_str(captured.type_name()),
            }
        }
    }
}

/// The normalised source of a function's body.
fn body(function: &ScriptFuncDef, source: &str) -> String {
    let (start, end) = (function.body.start_position(), function.body.end_position());
    if !start.is_none() && !end.is_none() && start != end {
        return normalise(&slice(source, start, end));
    }
    // A closure that is one expression has no span: it goes from its first node to where the expression ends.
    let mut alone = Module::new();
    alone.set_script_fn(function.clone());
    let mut positions = Vec::new();
    AST::new([], alone).walk(&mut |path: &[ASTNode]| {
        positions.extend(
            path.last()
                .map(ASTNode::position)
                .filter(|position| !position.is_none()),
        );
        true
    });
    match (positions.iter().min(), positions.iter().max()) {
        (Some(first), Some(last)) => expression(source, *first, *last),
        _ => String::new(),
    }
}

/// What a function calls, in the order of its source: the cases of a `switch` have none of their own.
fn calls_in(function: &ScriptFuncDef) -> Vec<String> {
    let mut alone = Module::new();
    alone.set_script_fn(function.clone());
    let mut calls = Vec::new();
    AST::new([], alone).walk(&mut |path: &[ASTNode]| {
        let Some(node) = path.last() else {
            return true;
        };
        let name = match node {
            ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))
            | ASTNode::Stmt(Stmt::FnCall(call, _)) => Some(literal::full_name(call)),
            // A closure inside the body is a constant function pointer.
            ASTNode::Expr(Expr::DynamicConstant(value, _)) => value
                .read_lock::<FnPtr>()
                .map(|closure| closure.fn_name().to_owned()),
            _ => None,
        };
        calls.extend(name.map(|name| (node.position(), name)));
        true
    });
    calls.sort_by_key(|(position, _)| *position);
    calls.into_iter().map(|(_, name)| name).collect()
}

/// Modules by the names that a file imports them under.
fn aliases(ast: &AST) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
            && let Some(module) = literal::text(&import.0)
        {
            let last = module.rsplit('/').next().unwrap_or(&module).to_owned();
            let alias = if import.1.name.is_empty() {
                last
            } else {
                import.1.name.to_string()
            };
            found.insert(alias, module);
        }
        true
    });
    found
}

/// The text between two positions, both included.
fn slice(source: &str, start: Position, end: Position) -> String {
    let at = |position: Position| Some((position.line()?, position.position().unwrap_or(1)));
    let (Some(start), Some(end)) = (at(start), at(end)) else {
        return source.to_owned();
    };
    let mut out = String::new();
    for (number, line) in source.lines().enumerate().map(|(i, line)| (i + 1, line)) {
        for (column, letter) in line.chars().enumerate().map(|(i, letter)| (i + 1, letter)) {
            if (number, column) >= start && (number, column) <= end {
                out.push(letter);
            }
        }
        if number >= start.0 && number < end.0 {
            out.push('\n');
        }
    }
    out
}

/// The normalised source of an expression whose first and last node stand at two positions.
fn expression(source: &str, first: Position, last: Position) -> String {
    let offset = |position: Position| {
        let line = position.line().unwrap_or(1);
        let before: usize = source
            .split('\n')
            .take(line - 1)
            .map(|line| line.chars().count() + 1)
            .sum();
        before + position.position().unwrap_or(1) - 1
    };
    let mut scanner = Scanner {
        until: Some(offset(last)),
        letters: source.chars().collect(),
        at: offset(first),
        out: String::new(),
        gap: false,
    };
    scanner.code(false);
    scanner.out
}

/// A script without comments, and with no more white space than words need between them.
#[must_use]
pub(crate) fn normalise(source: &str) -> String {
    let mut scanner = Scanner {
        until: None,
        letters: source.chars().collect(),
        at: 0,
        out: String::new(),
        gap: false,
    };
    scanner.code(false);
    scanner.out
}

struct Scanner {
    /// Where an expression may end: at a comma, semicolon or closing bracket behind this place.
    until: Option<usize>,
    letters: Vec<char>,
    at: usize,
    out: String,
    gap: bool,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    /// Scans code; inside an interpolation, until its closing brace.
    fn code(&mut self, inner: bool) {
        let mut depth = 0_usize;
        while let Some(letter) = self.peek(0) {
            match (letter, self.peek(1)) {
                ('/', Some('/')) => self.skip_line(),
                ('/', Some('*')) => self.skip_block(),
                ('"' | '\'', _) => self.quoted(letter),
                ('`', _) => self.template(),
                ('}', _) if inner && depth == 0 => return,
                (',' | ';' | ')' | ']' | '}', _) if !inner && depth == 0 && self.may_end() => {
                    return;
                }
                _ if letter.is_whitespace() => {
                    self.gap = true;
                    self.at += 1;
                }
                _ => {
                    depth = match letter {
                        '{' | '(' | '[' => depth + 1,
                        '}' | ')' | ']' => depth.saturating_sub(1),
                        _ => depth,
                    };
                    self.emit(letter);
                }
            }
        }
    }

    fn may_end(&self) -> bool {
        self.until.is_some_and(|until| self.at > until)
    }

    fn emit(&mut self, letter: char) {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if self.gap && word(letter) && self.out.chars().last().is_some_and(word) {
            self.out.push(' ');
        }
        self.gap = false;
        self.out.push(letter);
        self.at += 1;
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|letter| letter != '\n') {
            self.at += 1;
        }
        self.gap = true;
    }

    fn skip_block(&mut self) {
        let mut depth = 0_usize;
        while let Some(letter) = self.peek(0) {
            match (letter, self.peek(1)) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                break;
            }
        }
        self.gap = true;
    }

    fn quoted(&mut self, quote: char) {
        self.emit(quote);
        while let Some(letter) = self.peek(0) {
            self.verbatim();
            if letter == '\\' {
                self.verbatim();
            } else if letter == quote {
                return;
            }
        }
    }

    fn template(&mut self) {
        self.emit('`');
        while let Some(letter) = self.peek(0) {
            if letter == '$' && self.peek(1) == Some('{') {
                self.verbatim();
                self.verbatim();
                self.code(true);
            }
            self.verbatim();
            if letter == '`' {
                return;
            }
        }
    }

    fn verbatim(&mut self) {
        if let Some(letter) = self.peek(0) {
            self.out.push(letter);
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_layout_make_no_difference_but_words_do() {
        let same = [
            ("let a = 1; // one\n", "let a=1;"),
            ("let  a /* x /* y */ */ = \"a // b\";", "let a=\"a // b\";"),
            ("f( x )\n  + g(y)", "f(x)+g(y)"),
            ("`a ${ x + 1 } // b`", "`a ${x+1} // b`"),
            ("if a { b }", "if a{b}"),
        ];
        for (long, short) in same {
            assert_eq!(normalise(long), normalise(short), "{long}");
        }
        assert_ne!(normalise("let ab"), normalise("letab"));
        assert_ne!(normalise("\"a b\""), normalise("\"ab\""));
        assert_ne!(normalise("`a b`"), normalise("`ab`"));
    }

    #[test]
    fn calls_stand_in_the_order_of_the_source() {
        let names: Vec<String> = (0..12).map(|at| format!("call{at}")).collect();
        let cases: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(at, name)| format!("{at} => {name}()"))
            .collect();
        let source = format!(
            "fn f(x) {{\n    switch x {{\n{}\n    }}\n}}",
            cases.join(",\n")
        );
        let ast = rhai::Engine::new().compile(source).unwrap();
        let functions = ast.shared_lib();
        let function = functions.iter_script_fn_info().next().unwrap().4;
        assert_eq!(calls_in(function), names);
    }

    #[test]
    fn slices_by_position() {
        let source = "one {\n  two\n} three";
        assert_eq!(
            slice(source, Position::new(1, 5), Position::new(3, 1)),
            "{\n  two\n}"
        );
    }
}
