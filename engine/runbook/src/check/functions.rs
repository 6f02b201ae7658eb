//! Calls of functions that don't exist, or with a wrong number of arguments.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr};
use world::code;

use super::{
    catalog::{Catalog, Signature},
    file::File,
    files::{Files, Imported},
    finding::Finding,
    nodes::Call,
};
use crate::nearest;

/// Checks every call of a file.
pub(super) fn check(catalog: &Catalog, files: &Files, file: &File) -> Vec<Finding> {
    let calls = Calls {
        catalog,
        files,
        file,
        variables: file.variables(),
        properties: properties(file),
    };
    file.calls()
        .iter()
        .filter_map(|call| calls.one(call))
        .collect()
}

struct Calls<'a> {
    catalog: &'a Catalog,
    files: &'a Files,
    file: &'a File,
    variables: BTreeSet<String>,
    /// Keys of map literals: a closure in a map is called like a method.
    properties: BTreeSet<String>,
}

/// The ways to call what a name stands for.
enum Callable {
    Ways(Vec<Signature>),
    Nothing,
    /// It stands for something that can't be looked into.
    Anything,
}

impl Calls<'_> {
    fn one(&self, call: &Call) -> Option<Finding> {
        let ways = match self.known(call) {
            Callable::Anything => return None,
            Callable::Nothing => return Some(self.unknown(call)),
            Callable::Ways(ways) => ways,
        };
        let given = call.args.len() + usize::from(call.method);
        if ways.iter().any(|way| way.count == given) {
            return None;
        }
        let shown: Vec<&str> = ways.iter().map(|way| way.text.as_str()).collect();
        let what = if call.args.len() == 1 {
            "one argument".to_owned()
        } else {
            format!("{} arguments", call.args.len())
        };
        let message = format!("`{}` doesn't take {what}", call.name);
        let finding = Finding::error(
            code::runbook::function,
            message,
            self.file.place(call.position),
        );
        Some(finding.help(format!("write {}", shown.join(", or "))))
    }

    fn known(&self, call: &Call) -> Callable {
        if let Some((alias, function)) = call.name.split_once("::")
            && let Some(imported) = self.files.imported(self.file, alias)
        {
            return match imported {
                Imported::File(module) if !function.contains("::") => {
                    ways(module, function, call.method, true)
                }
                _ => Callable::Anything,
            };
        }
        let bare = !call.name.contains("::");
        if bare && (Catalog::is_keyword(&call.name) || self.variables.contains(&call.name)) {
            return Callable::Anything;
        }
        if call.method && self.properties.contains(&call.name) {
            return Callable::Anything;
        }
        let own = if bare {
            ways(self.file, &call.name, call.method, false)
        } else {
            Callable::Nothing
        };
        let Callable::Ways(mut all) = own else {
            return self
                .catalog
                .get(&call.name)
                .map_or(Callable::Nothing, |ways| Callable::Ways(ways.to_vec()));
        };
        all.extend(
            self.catalog
                .get(&call.name)
                .unwrap_or_default()
                .iter()
                .cloned(),
        );
        Callable::Ways(all)
    }

    fn unknown(&self, call: &Call) -> Finding {
        let place = self.file.place(call.position);
        let what = if call.method { "method" } else { "function" };
        let message = format!("there is no {what} `{}`", call.name);
        Finding::error(code::runbook::function, message, place).help(self.suggestion(call))
    }

    fn suggestion(&self, call: &Call) -> String {
        if let Some((alias, function)) = call.name.split_once("::")
            && let Some(Imported::File(module)) = self.files.imported(self.file, alias)
        {
            let own = || {
                module
                    .functions
                    .iter()
                    .filter(|own| own.public && !own.is_closure())
            };
            return match nearest::of(function, own().map(|own| own.name.as_str())) {
                Some(near) => format!(
                    "did you mean {alias}::{}?",
                    lines(&ways(module, near, false, true))
                ),
                None => {
                    let names: Vec<&str> = own().map(|own| own.name.as_str()).collect();
                    format!("{} has {}", module.name, names.join(", "))
                }
            };
        }
        let own = self
            .file
            .functions
            .iter()
            .filter(|own| !own.is_closure())
            .map(|own| own.name.as_str());
        let bare = !call.name.contains("::");
        let fits = |name: &&str| !call.method || !name.contains("::");
        let Some(near) = nearest::of(
            &call.name,
            self.catalog
                .names()
                .filter(fits)
                .chain(own.filter(|_| bare)),
        ) else {
            return self.nowhere(&call.name);
        };
        let native = self.catalog.get(near).map(<[Signature]>::to_vec);
        let ways = native.map_or_else(|| ways(self.file, near, call.method, false), Callable::Ways);
        format!("did you mean {}?", lines(&ways))
    }

    fn nowhere(&self, name: &str) -> String {
        match name.rsplit_once("::") {
            Some((namespace, _)) if self.catalog.has_namespace(namespace) => {
                format!("`homelab doc {namespace}` lists what there is")
            }
            _ => "`homelab doc` lists all functions".to_owned(),
        }
    }
}

fn lines(known: &Callable) -> String {
    match known {
        Callable::Ways(ways) => ways
            .iter()
            .map(|way| format!("`{}`", way.text))
            .collect::<Vec<_>>()
            .join(" or "),
        Callable::Nothing | Callable::Anything => String::new(),
    }
}

/// The ways to call a function that a script defines.
fn ways(file: &File, name: &str, method: bool, from_outside: bool) -> Callable {
    let ways: Vec<Signature> = file
        .functions
        .iter()
        .filter(|function| function.name == name && (function.public || !from_outside))
        .map(|function| Signature {
            // As a method, a script's function has its receiver in `this`.
            count: function.params.len() + usize::from(method),
            text: format!("{name}({})", function.params.join(", ")),
        })
        .collect();
    if ways.is_empty() {
        Callable::Nothing
    } else {
        Callable::Ways(ways)
    }
}

fn properties(file: &File) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for node in file.nodes() {
        if let ASTNode::Expr(Expr::Map(map, _)) = node {
            names.extend(map.0.iter().map(|(key, _)| key.name.to_string()));
        }
    }
    names
}
