//! Follows a file's course from its top level through functions and closures: what stands outside steps, steps in
//! steps, and step ids that are used twice.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{Expr, Position};
use world::code::{self, Code};

use super::{
    Effect, Request,
    file::{File, Function},
    files::{Files, Imported},
    finding::Finding,
    nodes::{self, Call},
};
use world::Place;

const OUTSIDE: &str = "operations run in steps only: step(\"id\", \"title\", || { … })";

/// Where a piece of script is run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    Top,
    Group,
    Step,
}

/// Follows one file.
pub(super) fn check(request: &Request, files: &Files, file: &File) -> Vec<Finding> {
    let mut course = Course {
        request,
        files,
        visited: BTreeSet::new(),
        ids: BTreeMap::new(),
        findings: Vec::new(),
    };
    course.unit(file, None, Where::Top, None);
    // Functions that nothing calls yet.
    for call in file.calls() {
        course.remember_id(file, &call);
    }
    course.twice();
    course.findings
}

struct Course<'a> {
    request: &'a Request<'a>,
    files: &'a Files,
    visited: BTreeSet<(String, String, Where)>,
    /// The places where a step has an id, in the order of the files.
    ids: BTreeMap<String, BTreeSet<(String, usize, usize)>>,
    findings: Vec<Finding>,
}

impl<'a> Course<'a> {
    /// Follows the top level of a file, or a function of it; `via` is the call that leads there from a step-less place.
    fn unit(
        &mut self,
        file: &'a File,
        function: Option<&'a Function>,
        at: Where,
        via: Option<&Place>,
    ) {
        let name = function.map_or_else(String::new, |function| function.name.clone());
        if !self.visited.insert((file.name.clone(), name, at)) {
            return;
        }
        let body = function.map_or(file.top.as_slice(), |function| &function.body);
        for call in nodes::flatten(body).iter().filter_map(nodes::call) {
            self.call(file, &call, at, via);
        }
        if function.is_none() {
            for import in file.imports() {
                if let Some(Imported::File(module)) = self.files.imported(file, &import.alias) {
                    self.unit(module, None, at, via);
                }
            }
        }
    }

    fn call(&mut self, file: &'a File, call: &Call, at: Where, via: Option<&Place>) {
        self.remember_id(file, call);
        let inner = match call.name.as_str() {
            "step" if !call.method => self.step(file, call, at, via),
            "group" if !call.method => self.group(file, call, at, via),
            "parallel" | "confirm" | "must_confirm" if at != Where::Step && !call.method => {
                let help = "put it inside step(\"id\", \"title\", || { … })";
                self.push(
                    code::runbook::outside_step,
                    file,
                    call,
                    &format!("{} stands outside a step", call.name),
                    help,
                    via,
                );
                Where::Step
            }
            name => {
                if at != Where::Step && self.is_operation(name) {
                    let message = match at {
                        Where::Group => format!("{name} stands in a group, outside its steps"),
                        _ => format!("{name} stands outside a step"),
                    };
                    self.push(
                        code::runbook::outside_step,
                        file,
                        call,
                        &message,
                        OUTSIDE,
                        via,
                    );
                }
                self.function(file, call, at, via);
                at
            }
        };
        let inner_via = if inner == at { via } else { None };
        for argument in call.args {
            if let Some(closure) = closure(file, argument) {
                self.unit(file, Some(closure), inner, inner_via);
            }
        }
    }

    fn step(&mut self, file: &File, call: &Call, at: Where, via: Option<&Place>) -> Where {
        if at == Where::Step {
            let id = call.text(0).map_or_else(String::new, |id| format!(" {id}"));
            let message = format!("step{id} stands inside a step");
            let help = "a step can't hold another; parallel bodies and functions can";
            self.push(code::step::nested, file, call, &message, help, via);
        }
        Where::Step
    }

    fn group(&mut self, file: &File, call: &Call, at: Where, via: Option<&Place>) -> Where {
        if at != Where::Top {
            let title = call
                .text(0)
                .map_or_else(String::new, |title| format!(" \"{title}\""));
            let message = format!("the group{title} stands inside a group or step");
            self.push(
                code::step::group,
                file,
                call,
                &message,
                "groups are one level deep and hold steps",
                via,
            );
        }
        Where::Group
    }

    /// Goes on in the function that a call leads to, if a script defines it.
    fn function(&mut self, file: &'a File, call: &Call, at: Where, via: Option<&Place>) {
        let here = file.place(call.position);
        let via = via.or(here.as_ref());
        if let Some((alias, name)) = call.name.split_once("::") {
            if let Some(Imported::File(module)) = self.files.imported(file, alias)
                && let Some(function) = module.function(name)
            {
                self.unit(module, Some(function), at, via);
            }
        } else if let Some(function) = file.function(&call.name) {
            self.unit(file, Some(function), at, via);
        }
    }

    fn is_operation(&self, name: &str) -> bool {
        self.request
            .operations
            .get(name)
            .is_some_and(|operation| operation.effect != Effect::Declare)
    }

    fn push(
        &mut self,
        code: Code,
        file: &File,
        call: &Call,
        message: &str,
        help: &str,
        via: Option<&Place>,
    ) {
        let place = file.place(call.position);
        let message = match via {
            Some(from) => format!("{message}; {}:{} leads there", from.file, from.line),
            None => message.to_owned(),
        };
        self.findings
            .push(Finding::error(code, message, place).help(help));
    }

    fn remember_id(&mut self, file: &File, call: &Call) {
        if call.name != "step" || call.method {
            return;
        }
        if let Some(id) = call.text(0)
            && let Some(place) = file.place(position_of_id(call))
        {
            self.ids
                .entry(id)
                .or_default()
                .insert((place.file, place.line, place.column));
        }
    }

    fn twice(&mut self) {
        for (id, places) in &self.ids {
            let mut places = places.iter();
            let Some((first_file, first_line, _)) = places.next() else {
                continue;
            };
            for (file, line, column) in places {
                let place = Place {
                    file: file.clone(),
                    line: *line,
                    column: *column,
                };
                let message = format!(
                    "the step id {id} is used twice; the first is at {first_file}:{first_line}"
                );
                self.findings.push(
                    Finding::error(code::step::twice, message, Some(place))
                        .help("every step of a runbook has an id of its own"),
                );
            }
        }
    }
}

fn position_of_id(call: &Call) -> Position {
    call.args
        .first()
        .map_or(call.position, Expr::start_position)
}

/// The closure that an argument is, or that it names.
fn closure<'a>(file: &'a File, argument: &Expr) -> Option<&'a Function> {
    if let Some(closure) = nodes::closure(argument) {
        return file.function(&closure.function);
    }
    let name = nodes::variable(argument)?;
    let bound = file.bound_closures();
    let (_, function) = bound.iter().find(|(variable, _)| variable == name)?;
    file.function(function)
}
