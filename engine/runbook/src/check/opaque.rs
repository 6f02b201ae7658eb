//! Commands of the lab's own: what they do, nobody but their author knows.

use rhai::Expr;
use world::code;

use super::{
    Request,
    file::File,
    finding::{Finding, Severity},
    nodes::Call,
};

/// Counts a file's opaque commands. One that only reads is asked in a plan, too, and isn't one.
pub(super) fn check(request: &Request, file: &File) -> Option<Finding> {
    let is_opaque = |call: &&Call| {
        let operation = request.operations.get(&call.name);
        !call.method && operation.is_some_and(|own| own.is_opaque) && !reads(call)
    };
    let calls = file.calls();
    let calls: Vec<&Call> = calls.iter().filter(is_opaque).collect();
    let first = calls.first()?;
    let message = match calls.len() {
        1 => "an opaque command: a plan can't tell what it does or prints".to_owned(),
        count => format!("{count} opaque commands: a plan can't tell what they do or print"),
    };
    let finding = Finding::error(code::runbook::opaque, message, file.place(first.position));
    let help = "an operation that knows what it changes is better where there is one (`homelab doc host`); `reads: true` marks \
                a command that changes nothing; twin.rhai says how the twin answers";
    Some(finding.weighs(Severity::Note).help(help))
}

fn reads(call: &Call) -> bool {
    let Some(Expr::Map(fields, _)) = call.args.last() else {
        return false;
    };
    fields
        .0
        .iter()
        .any(|(name, value)| name.name == "reads" && !matches!(value, Expr::BoolConstant(false, _)))
}
