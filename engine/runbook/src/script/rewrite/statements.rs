//! Rewrites statements.

use rhai::{
    BinaryExpr, Expr, FlowControl, Namespace, OpAssignment, Position, Stmt, StmtBlock,
    SwitchCasesCollection,
};

use super::{
    Names,
    calls::{call, call_with, wrap, wrap_condition},
    expressions,
};
use crate::value::{ADDED, CAUGHT, EACH, KNOWN, PLAIN, SETTLED};

/// The variable of a `catch` that has none; no script can write its name.
const CAUGHT_VARIABLE: &str = "caught$";

/// Rewrites a block.
pub(super) fn block(block: &mut StmtBlock, names: Names) {
    for statement in block.statements_mut().iter_mut() {
        rewrite(statement, names);
    }
}

/// Rewrites a statement and all in it.
pub(super) fn rewrite(statement: &mut Stmt, names: Names) {
    match statement {
        Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..) => condition(flow, names),
        Stmt::Switch(switch, _) => {
            expressions::rewrite(&mut switch.0, names);
            wrap(PLAIN, &mut switch.0);
            cases(&mut switch.1, names);
        }
        Stmt::For(parts, _) => {
            let flow = &mut parts.2;
            expressions::rewrite(&mut flow.expr, names);
            wrap(EACH, &mut flow.expr);
            bodies(flow, names);
        }
        Stmt::Var(parts, ..) => expressions::rewrite(&mut parts.1, names),
        Stmt::Assignment(parts) => {
            expressions::rewrite(&mut parts.1.lhs, names);
            expressions::rewrite(&mut parts.1.rhs, names);
            added(&parts.0, &mut parts.1);
        }
        Stmt::FnCall(function, _) => {
            expressions::arguments(function, names);
            expressions::keyword(function);
        }
        Stmt::Block(inner) => block(inner, names),
        Stmt::TryCatch(flow, _) => try_catch(flow, names),
        Stmt::Expr(expression) => expressions::rewrite(expression, names),
        Stmt::BreakLoop(Some(expression), ..) | Stmt::Return(Some(expression), ..) => {
            expressions::rewrite(expression, names);
        }
        Stmt::Import(parts, _) => {
            expressions::rewrite(&mut parts.0, names);
            wrap(KNOWN, &mut parts.0);
        }
        Stmt::Share(variables) if names == Names::Searched => {
            for (_, index) in variables.iter_mut() {
                *index = None;
            }
        }
        _ => {}
    }
}

fn bodies(flow: &mut FlowControl, names: Names) {
    block(&mut flow.body, names);
    block(&mut flow.branch, names);
}

fn condition(flow: &mut FlowControl, names: Names) {
    expressions::rewrite(&mut flow.expr, names);
    wrap_condition(&mut flow.expr);
    bodies(flow, names);
}

fn cases(cases: &mut SwitchCasesCollection, names: Names) {
    for case in cases.expressions.iter_mut() {
        expressions::rewrite(&mut case.lhs, names);
        wrap_condition(&mut case.lhs);
        expressions::rewrite(&mut case.rhs, names);
    }
}

/// Lets `+=` look first at what is added: Rhai doesn't ask an overload where the left side is a list.
fn added(assignment: &OpAssignment, sides: &mut BinaryExpr) {
    let is_sum = assignment
        .get_op_assignment_info()
        .is_some_and(|info| info.3 == "+=");
    if !is_sum || sides.rhs.is_constant() {
        return;
    }
    match &sides.lhs {
        target @ (Expr::Variable(..) | Expr::ThisPtr(_)) => {
            let position = sides.rhs.start_position();
            let arguments = [target.clone(), sides.rhs.take()];
            sides.rhs = call_with(ADDED, arguments, position);
        }
        _ => wrap(SETTLED, &mut sides.rhs),
    }
}

/// Lets a `catch` look first whether it caught what must not be caught.
fn try_catch(flow: &mut FlowControl, names: Names) {
    block(&mut flow.body, names);
    let position = flow.branch.position();
    let (variable, inner) = match &flow.expr {
        Expr::Variable(variable, ..) => (variable.1.clone(), names),
        _ => (CAUGHT_VARIABLE.into(), Names::Searched),
    };
    block(&mut flow.branch, inner);
    let read = found_by_name(&variable, position);
    if !matches!(flow.expr, Expr::Variable(..)) {
        flow.expr = read.clone();
    }
    let check = Stmt::Expr(Box::new(call(CAUGHT, read, position)));
    flow.branch.statements_mut().insert(0, check);
}

fn found_by_name(name: &str, position: Position) -> Expr {
    Expr::Variable(
        Box::new((None, name.into(), Namespace::NONE, 0)),
        None,
        position,
    )
}
