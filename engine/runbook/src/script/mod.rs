//! A compiled runbook: its syntax tree, the modules that it imports, their sources, and what stands in them literally.

pub(crate) mod circle;
pub(crate) mod fingerprint;
pub mod literal;
mod memo;
pub mod rewrite;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rhai::{
    AST, Engine, EvalAltResult, Module, ModuleResolver, ParseError, Position, Scope, Shared,
};
use world::code;

use crate::{
    failure::{self, Class, Failure},
    script::{circle::Circle, memo::Memo, rewrite::rewrite},
};

/// Modules that are part of the program: `(name, source)`, names such as `stdlib/network`.
pub type Embedded = &'static [(&'static str, &'static str)];

/// A compiled runbook.
pub struct Script {
    /// Its file, relative to the lab.
    pub file: String,
    /// The syntax tree as it was compiled; for analyses.
    pub source: AST,
    /// The tree that runs, in which unknowns and secrets can't be taken for plain values.
    pub ast: AST,
    /// Names that the runbook or a module keeps in `.envrc`.
    pub kept: BTreeSet<String>,
    pub(crate) memo: Memo,
    files: Arc<Files>,
}

/// Every file that was compiled for a run.
#[derive(Default)]
struct Files(Mutex<BTreeMap<String, File>>);

struct File {
    source: String,
    ast: AST,
}

/// Where scripts come from.
#[derive(Clone)]
pub struct Library {
    /// The lab's folder.
    pub lab: PathBuf,
    /// Modules that are part of the program.
    pub embedded: Embedded,
}

impl Library {
    /// The source of a module: the lab's own file wins over the embedded one. The flag says whether it's the lab's.
    ///
    /// # Errors
    /// No such module, or its file isn't text.
    pub fn module(&self, name: &str) -> Result<(String, bool), Failure> {
        let path = self.lab.join(format!("{name}.rhai"));
        let inside = !name.split('/').any(|part| part == "..") && !name.starts_with('/');
        if inside && path.is_file() {
            return Ok((read(&path, &format!("{name}.rhai"))?, true));
        }
        let embedded = self.embedded.iter().find(|(known, _)| *known == name);
        embedded.map(|(_, source)| ((*source).to_owned(), false)).ok_or_else(|| {
            Failure::new(code::runbook::no_module, format!("there is no module \"{name}\""))
                .class(Class::Refused)
                .help(format!("a module is {name}.rhai in the lab, or one of homelab's own: `homelab doc stdlib`"))
        })
    }
}

/// Reads a text file of the lab; `shown` is its name in the error.
///
/// # Errors
/// The file can't be read or isn't UTF-8.
pub fn read(path: &Path, shown: &str) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::new(code::runbook::unreadable, format!("{shown} can't be read"))
            .class(Class::Refused)
            .cause(error.to_string())
            .help("`homelab run` takes the path of a runbook, such as runbooks/phase1.rhai")
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Failure::new(
            code::runbook::not_text,
            format!("{shown} isn't UTF-8 text: line {line}"),
        )
        .class(Class::Refused)
        .help("save the file as UTF-8")
    })
}

impl Script {
    /// Compiles a runbook's source; `file` is its name relative to the lab. The engine gets the module resolver.
    ///
    /// # Errors
    /// A syntax error, with its place.
    pub fn compile(
        engine: &mut Engine,
        library: &Library,
        file: &str,
        source: &str,
    ) -> Result<Self, Failure> {
        let files = Arc::new(Files::default());
        let source = compile_file(engine, &files, file, source)?;
        let mut kept = literal::kept(&source);
        engine.set_module_resolver(Resolver {
            library: library.clone(),
            files: Arc::clone(&files),
            modules: Mutex::default(),
        });
        let mut imports = |name: &str| {
            let own = (name == file).then(|| source.clone());
            let ast = own.or_else(|| {
                // What can't be found or read is reported when the import runs, with its place.
                let (text, _) = library.module(name.strip_suffix(".rhai")?).ok()?;
                compile_file(engine, &files, name, &text).ok()
            });
            let Some(ast) = ast else {
                return Vec::new();
            };
            kept.extend(literal::kept(&ast));
            let imports = literal::imported(&ast).into_iter();
            imports
                .map(|(module, at)| (format!("{module}.rhai"), at))
                .collect()
        };
        if let Some(circle) = Circle::below(file, &mut imports) {
            return Err(circle.failure());
        }
        Ok(Self {
            file: file.to_owned(),
            ast: rewrite(&source),
            source,
            kept,
            memo: Memo::default(),
            files,
        })
    }

    /// The sources of every file that was compiled so far, by name.
    #[must_use]
    pub fn sources(&self) -> BTreeMap<String, String> {
        let files = self.files.0.lock().unwrap_or_else(PoisonError::into_inner);
        files
            .iter()
            .map(|(name, file)| (name.clone(), file.source.clone()))
            .collect()
    }

    /// Runs `f` over the syntax trees and sources of every file, the runbook first.
    pub(crate) fn with_files<T>(
        &self,
        mut f: impl FnMut(&str, &AST, &str) -> Option<T>,
    ) -> Option<T> {
        let files = self.files.0.lock().unwrap_or_else(PoisonError::into_inner);
        let main = files.iter().filter(|(name, _)| **name == self.file);
        let others = files.iter().filter(|(name, _)| **name != self.file);
        let mut all = main.chain(others);
        all.find_map(|(name, file)| f(name, &file.ast, &file.source))
    }
}

fn compile_file(engine: &Engine, files: &Files, name: &str, source: &str) -> Result<AST, Failure> {
    let mut ast = engine
        .compile(source)
        .map_err(|error| syntax(name, &error))?;
    ast.set_source(name);
    let mut known = files.0.lock().unwrap_or_else(PoisonError::into_inner);
    let file = File {
        source: source.to_owned(),
        ast: ast.clone(),
    };
    known.insert(name.to_owned(), file);
    Ok(ast)
}

/// A syntax error as a failure.
pub(crate) fn syntax(file: &str, error: &ParseError) -> Failure {
    let mut failure = Failure::new(
        code::runbook::syntax,
        format!("{file} can't be read: {}", error.err_type()),
    )
    .class(Class::Refused);
    failure.place = failure::place(file, error.position());
    failure.help(format!(
        "`homelab check {file}` shows all mistakes, and the nearest names"
    ))
}

/// Finds modules in the lab and in the program; each is compiled and evaluated once.
struct Resolver {
    library: Library,
    files: Arc<Files>,
    modules: Mutex<BTreeMap<String, Shared<Module>>>,
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = modules.get(path) {
            return Ok(Shared::clone(module));
        }
        let load = || -> Result<AST, Failure> {
            let (source, _) = self.library.module(path)?;
            compile_file(engine, &self.files, &format!("{path}.rhai"), &source)
        };
        let ast = load().map_err(|failure| failure.class(Class::Failed).throw(position))?;
        // Freed while the module runs, since it may import others.
        drop(modules);
        let mut module = Module::eval_ast_as_new(Scope::new(), &rewrite(&ast), engine)
            .map_err(|error| EvalAltResult::ErrorInModule(path.to_owned(), error, position))?;
        module.set_id(format!("{path}.rhai"));
        let module: Shared<Module> = module.into();
        modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        modules.insert(path.to_owned(), Shared::clone(&module));
        Ok(module)
    }
}
