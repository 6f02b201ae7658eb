//! `homelab check`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::Args;
use runbook::{
    check::{self, Effect, Finding, Operation, Request, Severity},
    failure::Failure,
};
use serde_json::json;
use world::docs::Docs;

use crate::{
    exit::{Exit, Stop},
    lab_world, report,
    session::Session,
    settings::Settings,
};

/// Find mistakes in the lab's scripts and docs, all at once, without touching anything
///
/// Looks at every runbook, module and application of the lab, or at one runbook and what it imports: syntax, unknown
/// functions, fields and variables, step ids that are used twice, operations outside steps, names of the environment
/// that aren't set, docs that don't fit, addresses and passwords in scripts.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// The runbook to check; the whole lab without it
    runbook: Option<PathBuf>,

    /// Print one JSON object a line, one for each finding
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab check                          the whole lab
  homelab check runbooks/phase1.rhai     one runbook, its modules and the docs

Exit codes: 0 no errors, 3 errors. Warnings and notes are no errors.";

/// What is checked.
type Files = Vec<(String, Vec<u8>)>;

/// Runs the command.
///
/// # Errors
/// There is no lab or no such runbook, or `.envrc` can't be read.
pub(crate) fn run(args: &CheckArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let (files, mut findings) = files(&session, args.runbook.as_deref())?;
    let count = files.len();
    let docs = Docs::load(&session.lab.docs());
    let environment = session.environment(session.all_names())?;
    findings.extend(check::check(&Request {
        engine: &Session::engine(),
        library: &session.library,
        files,
        docs: docs.as_ref().map_err(Vec::as_slice),
        operations: operations(),
        why_unset: &|name| environment.why_unset(name),
    }));
    findings.extend(environment.remarks());
    findings.extend(lab_world::start(&session).err().map(twin_script));
    if args.json {
        findings
            .iter()
            .for_each(|finding| report::print(&as_json(finding)));
    } else {
        report::print(&shown(&session, &findings));
        report::print(&format!("{}\n", summary(&findings, count)));
    }
    let has_errors = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Ok(if has_errors {
        Exit::Refused
    } else {
        Exit::Success
    })
}

/// What is wrong with `twin.rhai`.
fn twin_script(failure: Failure) -> Finding {
    let why: Vec<String> = [failure.message]
        .into_iter()
        .chain(failure.causes)
        .collect();
    let finding = Finding::error(failure.code, why.join(": "), failure.place);
    finding.help(failure.help.unwrap_or_default())
}

fn files(session: &Session<'_>, runbook: Option<&Path>) -> Result<(Files, Vec<Finding>), Stop> {
    match runbook {
        Some(path) => {
            let runbook = session.runbook(path)?;
            Ok((
                vec![(runbook.file, runbook.source.into_bytes())],
                Vec::new(),
            ))
        }
        None => Ok(check::gather(session.lab.root())),
    }
}

/// What is known of the functions that take a map.
fn operations() -> BTreeMap<String, Operation> {
    let known = ops::operations().iter().map(|info| {
        let operation = Operation {
            schema: (info.schema)().to_value(),
            positional: info.positional.iter().map(ToString::to_string).collect(),
            effect: match info.effect {
                ops::Effect::Read => Effect::Read,
                ops::Effect::Change => Effect::Change,
                ops::Effect::Destroy => Effect::Destroy,
            },
            is_opaque: info.name == ops::COMMAND,
        };
        (info.name.to_owned(), operation)
    });
    known
        .chain([("proxmox::connect".to_owned(), connect())])
        .collect()
}

/// `proxmox::connect` is a declaration and so isn't among the operations.
fn connect() -> Operation {
    let properties = json!({
        "nodes": true,
        "user": { "type": "string" },
        "password": { "type": "string", "format": "secret" },
    });
    Operation {
        schema: json!({ "type": "object", "properties": properties, "required": ["nodes", "user", "password"] }),
        positional: Vec::new(),
        effect: Effect::Declare,
        is_opaque: false,
    }
}

fn as_json(finding: &Finding) -> String {
    let mut line = json!(finding);
    line["page"] = json!(report::failure::page(&finding.code));
    format!("{line}\n")
}

/// The findings as reports with the lines that they point to.
fn shown(session: &Session<'_>, findings: &[Finding]) -> String {
    let failures: Vec<Failure> = findings.iter().map(failure).collect();
    let places = findings.iter().filter_map(|finding| finding.place.as_ref());
    let sources: BTreeMap<String, String> = places
        .filter_map(|place| Some((place.file.clone(), source(session, &place.file)?)))
        .collect();
    report::failure::reports(&failures, &sources, session.settings.output)
}

fn failure(finding: &Finding) -> Failure {
    let message = match finding.severity {
        Severity::Error => finding.message.clone(),
        Severity::Warning => format!("warning: {}", finding.message),
        Severity::Note => format!("note: {}", finding.message),
    };
    Failure {
        place: finding.place.clone(),
        help: finding.help.clone(),
        ..Failure::new(finding.code.clone(), message)
    }
}

/// The text of a file of the lab, or of a module that is part of the program. Where it isn't text there's no line to show.
fn source(session: &Session<'_>, file: &str) -> Option<String> {
    let own = std::fs::read_to_string(session.lab.root().join(file)).ok();
    own.or_else(|| {
        let name = file.strip_suffix(".rhai")?;
        let (_, source) = session
            .library
            .embedded
            .iter()
            .find(|(known, _)| *known == name)?;
        Some((*source).to_owned())
    })
}

fn summary(findings: &[Finding], files: usize) -> String {
    let counted = |severity: Severity, one: &str, many: &str| {
        let count = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let parts = [
        counted(Severity::Error, "error", "errors"),
        counted(Severity::Warning, "warning", "warnings"),
        counted(Severity::Note, "note", "notes"),
    ];
    let found: Vec<String> = parts.into_iter().flatten().collect();
    let found = if found.is_empty() {
        "no mistakes".to_owned()
    } else {
        found.join(", ")
    };
    let files = if files == 1 {
        "1 script".to_owned()
    } else {
        format!("{files} scripts")
    };
    format!("{files} and docs/: {found}")
}

#[cfg(test)]
mod tests {
    use world::code::{self, Code};

    use super::*;

    /// A lab's folder is `engine/cli/../..` while tests run: the example lab.
    fn example() -> Request<'static> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let docs = Box::leak(Box::new(Docs::load(&root.join("docs")).unwrap()));
        let library = Box::leak(Box::new(runbook::script::Library {
            lab: root.clone(),
            embedded: ops::STDLIB,
        }));
        let (files, unreadable) = check::gather(&root);
        assert_eq!(unreadable, Vec::new());
        Request {
            engine: Box::leak(Box::new(Session::engine())),
            library,
            files,
            docs: Ok(docs),
            operations: operations(),
            why_unset: &|_| None,
        }
    }

    #[test]
    fn the_example_lab_has_no_mistakes() {
        let request = example();
        assert!(!request.files.is_empty());
        assert_eq!(check::check(&request), Vec::new());
    }

    #[test]
    fn knows_the_fields_of_every_operation() {
        let mut request = example();
        let all = operations();
        let fields = |operation: &Operation| {
            operation.schema["properties"]
                .as_object()
                .map_or(0, serde_json::Map::len)
        };
        let with_map: Vec<(&String, &Operation)> = all
            .iter()
            .filter(|(_, own)| own.effect != Effect::Declare && fields(own) > own.positional.len())
            .collect();
        assert!(with_map.len() > 10);
        let calls: String = with_map
            .iter()
            .map(|(name, operation)| {
                let before: String = operation.positional.iter().map(|_| "\"x\", ").collect();
                format!("{name}({before}#{{ no_such_field_at_all: 1 }});\n")
            })
            .collect();
        request.files = vec![(
            "runbooks/x.rhai".to_owned(),
            format!("step(\"a\", \"A\", || {{\n{calls}}});").into_bytes(),
        )];
        let findings = check::check(&request);
        let of = |code: Code| {
            findings
                .iter()
                .filter(|finding| finding.code == code)
                .count()
        };
        let unknown: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.code == code::runbook::function)
            .collect();
        assert_eq!(unknown, Vec::<&Finding>::new());
        assert_eq!(of(code::runbook::field), with_map.len(), "{findings:#?}");
    }

    #[test]
    fn counts_what_was_found() {
        let finding = Finding::error(code::runbook::url, "a", None);
        let note = finding.clone().weighs(Severity::Note);
        assert_eq!(
            summary(&[finding.clone(), finding, note], 1),
            "1 script and docs/: 2 errors, 1 note"
        );
        assert_eq!(summary(&[], 3), "3 scripts and docs/: no mistakes");
    }
}
