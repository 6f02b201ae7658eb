//! Builds calls of native functions, whose names no script can write.

use std::sync::LazyLock;

use rhai::{Engine, Expr, FnCallExpr, FnCallHashes, Namespace, Position, Stmt, Token};

use crate::value::{ADDED, CAUGHT, EACH, INTERPOLATE, KNOWN, PLAIN, SETTLED};

/// The native functions and calls of them, from which their hashes are taken.
const CALLS: &[(&str, &str)] = &[
    (ADDED, "named(1, 2)"),
    (CAUGHT, "named(1)"),
    (EACH, "named(1)"),
    (INTERPOLATE, "named(1)"),
    (KNOWN, "named(1)"),
    (PLAIN, "named(1)"),
    (SETTLED, "named(1)"),
];

/// The hash of each native function, by its name.
static HASHES: LazyLock<Vec<(&'static str, u64)>> = LazyLock::new(|| {
    CALLS
        .iter()
        .map(|(name, call)| (*name, hash(name, call).expect("a call compiles to a call")))
        .collect()
});

/// Computes the hash by compiling a call, since Rhai doesn't offer its hash function.
#[expect(
    deprecated,
    reason = "Rhai marks the parser's hook as volatile with this attribute"
)]
fn hash(name: &'static str, call: &str) -> Option<u64> {
    let mut engine = Engine::new_raw();
    engine.on_parse_token(move |token, _, _| match token {
        Token::Identifier(identifier) if *identifier == "named" => {
            Token::Identifier(Box::new(name.into()))
        }
        other => other,
    });
    let ast = engine.compile(call).ok()?;
    match ast.statements().first()? {
        Stmt::FnCall(call, _) => Some(call.hashes.native()),
        Stmt::Expr(expression) => match &**expression {
            Expr::FnCall(call, _) => Some(call.hashes.native()),
            _ => None,
        },
        _ => None,
    }
}

/// The call `name(argument)`.
pub(super) fn call(name: &'static str, argument: Expr, position: Position) -> Expr {
    call_with(name, [argument], position)
}

/// The call `name(arguments…)`.
pub(super) fn call_with<const N: usize>(
    name: &'static str,
    arguments: [Expr; N],
    position: Position,
) -> Expr {
    let hash = HASHES
        .iter()
        .find(|(own, _)| *own == name)
        .map_or(0, |(_, hash)| *hash);
    let call = FnCallExpr {
        namespace: Namespace::NONE,
        name: name.into(),
        hashes: FnCallHashes::from_native_only(hash),
        args: arguments.into_iter().collect(),
        capture_parent_scope: false,
        op_token: None,
    };
    call.into_fn_call_expr(position)
}

/// Puts `name(…)` around an expression that isn't constant.
pub(super) fn wrap(name: &'static str, expression: &mut Expr) {
    if expression.is_constant() {
        return;
    }
    let position = expression.start_position();
    let inner = expression.take();
    *expression = call(name, inner, position);
}

/// Puts a guard around a condition, unless it can only be `true` or `false` already.
pub(super) fn wrap_condition(expression: &mut Expr) {
    let is_plain = match expression {
        Expr::And(..) | Expr::Or(..) => true,
        Expr::FnCall(call, _) => call.op_token.as_ref().is_some_and(|operator| {
            matches!(
                operator,
                Token::EqualsTo
                    | Token::NotEqualsTo
                    | Token::LessThan
                    | Token::LessThanEqualsTo
                    | Token::GreaterThan
                    | Token::GreaterThanEqualsTo
                    | Token::Bang
                    | Token::In
                    | Token::NotIn
            )
        }),
        _ => false,
    };
    if !is_plain {
        wrap(KNOWN, expression);
    }
}
