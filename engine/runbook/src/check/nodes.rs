//! A syntax tree as a list of its nodes, and what calls, closures and chains look like in it.

use rhai::{ASTFlags, ASTNode, Expr, FlowControl, FnCallExpr, FnPtr, Position, Stmt};

use crate::script::literal;

/// Every node of some statements, each before what is in it. Closures are functions of their own and not among them.
pub(super) fn flatten(statements: &[Stmt]) -> Vec<ASTNode<'_>> {
    let mut nodes = Vec::new();
    for one in statements {
        statement(one, &mut nodes);
    }
    nodes
}

fn statement<'a>(stmt: &'a Stmt, nodes: &mut Vec<ASTNode<'a>>) {
    nodes.push(ASTNode::Stmt(stmt));
    match stmt {
        Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..) | Stmt::TryCatch(flow, _) => {
            control(flow, nodes)
        }
        Stmt::For(parts, _) => control(&parts.2, nodes),
        Stmt::Switch(switch, _) => {
            expression(&switch.0, nodes);
            for case in &switch.1.expressions {
                expression(&case.lhs, nodes);
                expression(&case.rhs, nodes);
            }
        }
        Stmt::Var(parts, ..) => expression(&parts.1, nodes),
        Stmt::Assignment(parts) => {
            expression(&parts.1.lhs, nodes);
            expression(&parts.1.rhs, nodes);
        }
        Stmt::FnCall(call, _) => each(call.args.iter(), nodes),
        Stmt::Block(block) => block.iter().for_each(|inner| statement(inner, nodes)),
        Stmt::Expr(inner) => expression(inner, nodes),
        Stmt::BreakLoop(Some(inner), ..) | Stmt::Return(Some(inner), ..) => {
            expression(inner, nodes)
        }
        Stmt::Import(parts, _) => expression(&parts.0, nodes),
        _ => {}
    }
}

fn control<'a>(flow: &'a FlowControl, nodes: &mut Vec<ASTNode<'a>>) {
    expression(&flow.expr, nodes);
    flow.body.iter().for_each(|inner| statement(inner, nodes));
    flow.branch.iter().for_each(|inner| statement(inner, nodes));
}

fn each<'a>(expressions: impl Iterator<Item = &'a Expr>, nodes: &mut Vec<ASTNode<'a>>) {
    expressions.for_each(|inner| expression(inner, nodes));
}

fn expression<'a>(expr: &'a Expr, nodes: &mut Vec<ASTNode<'a>>) {
    nodes.push(ASTNode::Expr(expr));
    match expr {
        Expr::InterpolatedString(items, _) | Expr::Array(items, _) => each(items.iter(), nodes),
        Expr::Map(map, _) => each(map.0.iter().map(|(_, value)| value), nodes),
        Expr::Index(chain, ..) | Expr::Dot(chain, ..) => {
            expression(&chain.lhs, nodes);
            expression(&chain.rhs, nodes);
        }
        Expr::And(operands, _) | Expr::Or(operands, _) | Expr::Coalesce(operands, _) => {
            each(operands.iter(), nodes)
        }
        Expr::FnCall(call, _) | Expr::MethodCall(call, _) => each(call.args.iter(), nodes),
        Expr::Stmt(block) => block.iter().for_each(|inner| statement(inner, nodes)),
        Expr::Custom(custom, _) => each(custom.inputs.iter(), nodes),
        _ => {}
    }
}

/// A call of a function or method that stands in the source; operators aren't.
#[derive(Clone)]
pub(super) struct Call<'a> {
    /// The name with its namespace.
    pub(super) name: String,
    /// The arguments; a method's receiver isn't one.
    pub(super) args: &'a [Expr],
    /// Whether it's called as a method.
    pub(super) method: bool,
    /// Where the name stands.
    pub(super) position: Position,
}

impl<'a> Call<'a> {
    fn new(call: &'a FnCallExpr, method: bool, position: Position) -> Option<Self> {
        // A closure's captured variables are bound by a call that nobody wrote.
        let written = call.op_token.is_none() && call.name != "curry";
        written.then(|| Self {
            name: literal::full_name(call),
            args: &call.args,
            method,
            position,
        })
    }

    /// The literal text of an argument.
    pub(super) fn text(&self, index: usize) -> Option<String> {
        self.args.get(index).and_then(literal::text)
    }
}

/// The call that a node is.
pub(super) fn call<'a>(node: &ASTNode<'a>) -> Option<Call<'a>> {
    match *node {
        ASTNode::Expr(Expr::FnCall(call, position))
        | ASTNode::Stmt(Stmt::FnCall(call, position)) => Call::new(call, false, *position),
        ASTNode::Expr(Expr::MethodCall(call, position)) => Call::new(call, true, *position),
        _ => None,
    }
}

/// A closure as an expression: its function, and the variables that it captures.
pub(super) struct Closure {
    /// The name of its function.
    pub(super) function: String,
    /// The captured variables; they're the first parameters of the function.
    pub(super) captured: Vec<String>,
}

/// The closure that an expression is.
pub(super) fn closure(expr: &Expr) -> Option<Closure> {
    match expr {
        Expr::DynamicConstant(value, _) => Some(Closure {
            function: value.read_lock::<FnPtr>()?.fn_name().to_owned(),
            captured: Vec::new(),
        }),
        Expr::FnCall(call, _) if call.name == "curry" => {
            let inner = closure(call.args.first()?)?;
            let captured = call
                .args
                .iter()
                .skip(1)
                .filter_map(|argument| variable(argument).map(str::to_owned));
            Some(Closure {
                captured: captured.collect(),
                ..inner
            })
        }
        // The captured variables are first made shared, in a block around the closure.
        Expr::Stmt(block) => match block.iter().last()? {
            Stmt::Expr(inner)
                if block
                    .iter()
                    .next()
                    .is_some_and(|first| matches!(first, Stmt::Share(_))) =>
            {
                closure(inner)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The name of a variable, without a namespace.
pub(super) fn variable(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Variable(parts, ..) if parts.2.is_empty() => Some(parts.1.as_str()),
        _ => None,
    }
}

/// One link of a chain such as `nodes[0].name.trim()`.
pub(super) enum Link<'a> {
    /// `.name`
    Property(&'a str, Position),
    /// `[index]`
    Index(&'a Expr),
    /// `.method(…)`
    Method(Call<'a>),
    /// Something else.
    Other,
}

/// A chain: what it begins with, and its links.
pub(super) fn chain(expr: &Expr) -> Option<(&Expr, Vec<Link<'_>>)> {
    let mut links = Vec::new();
    match expr {
        Expr::Dot(parts, ..) => {
            follow(&parts.rhs, &mut links);
            Some((&parts.lhs, links))
        }
        Expr::Index(parts, flags, _) => {
            indexed(&parts.rhs, *flags, &mut links);
            Some((&parts.lhs, links))
        }
        _ => None,
    }
}

fn follow<'a>(expr: &'a Expr, links: &mut Vec<Link<'a>>) {
    match expr {
        Expr::Dot(parts, ..) => {
            links.push(link(&parts.lhs));
            follow(&parts.rhs, links);
        }
        Expr::Index(parts, flags, _) => {
            links.push(link(&parts.lhs));
            indexed(&parts.rhs, *flags, links);
        }
        last => links.push(link(last)),
    }
}

/// After `[`: the index alone, or the index as the head of the chain that goes on.
fn indexed<'a>(expr: &'a Expr, flags: ASTFlags, links: &mut Vec<Link<'a>>) {
    match expr {
        Expr::Dot(parts, ..) if !flags.contains(ASTFlags::BREAK) => {
            links.push(Link::Index(&parts.lhs));
            follow(&parts.rhs, links);
        }
        Expr::Index(parts, inner, _) if !flags.contains(ASTFlags::BREAK) => {
            links.push(Link::Index(&parts.lhs));
            indexed(&parts.rhs, *inner, links);
        }
        index => links.push(Link::Index(index)),
    }
}

fn link(expr: &Expr) -> Link<'_> {
    match expr {
        Expr::Property(parts, position) => Link::Property(parts.2.as_str(), *position),
        Expr::MethodCall(inner, position) => {
            Call::new(inner, true, *position).map_or(Link::Other, Link::Method)
        }
        _ => Link::Other,
    }
}
