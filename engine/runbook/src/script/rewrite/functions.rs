//! Rewrites the functions of a script.
//!
//! Why this looks odd: Rhai lets a function definition be built, but gives no name to the type of its body.
//! So the definition is compiled from a template whose whole body is one custom expression, and that expression
//! carries the rewritten block. Name, parameters, comments and positions are those of the original.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rhai::{
    AST, ASTNode, Dynamic, Engine, Expr, Expression, Module, ScriptFuncDef, Stmt, StmtBlock,
};

use super::{Names, statements};

/// The custom syntax that stands for a rewritten body. A script that used it would stand for nothing.
const BODY: &str = "rewritten_body";

/// A rewritten body, carried by the custom expression.
#[derive(Clone)]
struct Body(Arc<Expr>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// Makes an engine able to run rewritten functions.
pub fn register(engine: &mut Engine) {
    syntax(engine, None);
}

/// Registers the custom syntax; when it's parsed, it takes what `next` holds as its body.
fn syntax(engine: &mut Engine, next: Option<Arc<Mutex<Option<Body>>>>) {
    engine.register_custom_syntax_with_state_raw(
        BODY,
        move |_, _, state| {
            let body = next
                .as_ref()
                .and_then(|next| next.lock().unwrap_or_else(PoisonError::into_inner).take());
            if let Some(body) = body {
                *state = Dynamic::from(body);
            }
            Ok(None)
        },
        false,
        |context, _, state| match state.read_lock::<Body>() {
            Some(body) => context.eval_expression_tree(&Expression::from(&*body.0)),
            None => Err(format!("'{BODY}' isn't for scripts").into()),
        },
    );
}

/// The module of a script's functions, each with its body rewritten.
pub(super) fn rewrite(ast: &AST) -> Module {
    let mut module = (**ast.shared_lib()).clone();
    if !ast.has_functions() {
        return module;
    }
    let next = Arc::new(Mutex::new(None));
    let mut compiler = Engine::new_raw();
    syntax(&mut compiler, Some(Arc::clone(&next)));
    for (.., definition) in ast.shared_lib().iter_script_fn_info() {
        let body = Body(Arc::new(body(definition)));
        *next.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        module.set_script_fn(with_body(&compiler, definition));
    }
    module
}

/// The definition with the body that the compiler's custom syntax takes next.
fn with_body(compiler: &Engine, definition: &ScriptFuncDef) -> ScriptFuncDef {
    let template = compiler
        .compile(format!("fn template() {{ {BODY} }}"))
        .expect("the template is a valid script");
    let (.., filled) = template
        .shared_lib()
        .iter_script_fn_info()
        .next()
        .expect("the template has one function");
    ScriptFuncDef {
        body: filled.body.clone(),
        ..definition.clone()
    }
}

/// The rewritten statements of a function as one expression.
fn body(definition: &ScriptFuncDef) -> Expr {
    let mut alone = Module::new();
    alone.set_script_fn(definition.clone());
    let mut found: Vec<Stmt> = Vec::new();
    AST::new([], alone).walk(&mut |path: &[ASTNode]| {
        if let [ASTNode::Stmt(statement)] = path {
            found.push((*statement).clone());
        }
        true
    });
    for statement in &mut found {
        statements::rewrite(statement, Names::Indexed);
    }
    let start = definition.body.start_position();
    Expr::Stmt(Box::new(StmtBlock::new(
        found,
        start,
        definition.body.end_position(),
    )))
}
