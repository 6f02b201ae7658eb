//! Rewrites expressions.

use rhai::{ASTFlags, Expr, FnCallExpr};

use super::{
    Names,
    calls::{call, wrap, wrap_condition},
    statements,
};
use crate::value::{INTERPOLATE, KNOWN, SETTLED};

/// Keywords that look like functions but can't be overloaded, and how many arguments they look into.
const KEYWORDS: &[(&str, usize)] = &[
    ("Fn", usize::MAX),
    ("call", 1),
    ("eval", usize::MAX),
    ("is_def_var", usize::MAX),
    ("is_def_fn", usize::MAX),
];

/// Rewrites an expression and all in it.
pub(super) fn rewrite(expression: &mut Expr, names: Names) {
    match expression {
        Expr::InterpolatedString(parts, position) => {
            let position = *position;
            each(parts.iter_mut(), names);
            let parts = std::mem::take(parts);
            *expression = call(INTERPOLATE, Expr::Array(parts, position), position);
        }
        Expr::Array(items, _) => each(items.iter_mut(), names),
        Expr::Map(map, _) => each(map.0.iter_mut().map(|(_, value)| value), names),
        Expr::Stmt(block) => statements::block(block, names),
        Expr::FnCall(function, _) => {
            arguments(function, names);
            keyword(function);
        }
        Expr::MethodCall(function, _) => arguments(function, names),
        Expr::Dot(chain, ..) => {
            rewrite(&mut chain.lhs, names);
            rewrite(&mut chain.rhs, names);
        }
        Expr::Index(chain, flags, _) => {
            rewrite(&mut chain.lhs, names);
            rewrite(&mut chain.rhs, names);
            guard_index(&mut chain.rhs, *flags);
        }
        Expr::And(operands, _) | Expr::Or(operands, _) => {
            for operand in operands.iter_mut() {
                rewrite(operand, names);
                wrap_condition(operand);
            }
        }
        Expr::Coalesce(operands, _) => coalesce(operands, names),
        Expr::Custom(custom, _) => each(custom.inputs.iter_mut(), names),
        Expr::Variable(variable, short, _) if names == Names::Searched && variable.2.is_empty() => {
            variable.0 = None;
            *short = None;
        }
        _ => {}
    }
}

fn each<'a>(expressions: impl Iterator<Item = &'a mut Expr>, names: Names) {
    for expression in expressions {
        rewrite(expression, names);
    }
}

/// Rewrites the arguments of a call.
pub(super) fn arguments(function: &mut FnCallExpr, names: Names) {
    each(function.args.iter_mut(), names);
}

/// Guards the arguments of a keyword that looks like a function.
pub(super) fn keyword(function: &mut FnCallExpr) {
    if function.is_qualified() {
        return;
    }
    let Some((_, count)) = KEYWORDS.iter().find(|(name, _)| function.name == *name) else {
        return;
    };
    for argument in function.args.iter_mut().take(*count) {
        wrap(KNOWN, argument);
    }
}

/// Guards the index of `a[index]`; in a longer chain `a[index].b` it's the first link of what follows.
fn guard_index(following: &mut Expr, flags: ASTFlags) {
    if flags.contains(ASTFlags::BREAK) {
        wrap(KNOWN, following);
        return;
    }
    match following {
        Expr::Index(chain, ..) | Expr::Dot(chain, ..) => wrap(KNOWN, &mut chain.lhs),
        index => wrap(KNOWN, index),
    }
}

/// Guards all operands of `??` but the last, whose value is passed on without a look at it.
fn coalesce(operands: &mut [Expr], names: Names) {
    let last = operands.len().saturating_sub(1);
    for (index, operand) in operands.iter_mut().enumerate() {
        rewrite(operand, names);
        if index < last {
            wrap(SETTLED, operand);
        }
    }
}
