//! `homelab env`.

use std::collections::BTreeMap;

use clap::Args;
use formats::envrc::Envrc;
use runbook::check::Finding;
use serde_json::json;
use world::code;

use crate::{
    environment::{LabEnvironment, Source, example_value},
    exit::{Exit, Stop, refused},
    names::{Names, Needed},
    report,
    session::Session,
    settings::Settings,
};

/// Show which environment names the lab needs, and which are set (never values)
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EnvArgs {
    /// Write .envrc.example: a line for every name that you have to give, with an example value
    #[arg(long, conflicts_with = "json")]
    example: bool,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab env                            what is needed, what is set
  homelab env --example                  write .envrc.example
  cp .envrc.example .envrc; chmod 600 .envrc";

/// Runs the command.
///
/// # Errors
/// `.envrc` can't be read, or `.envrc.example` can't be written.
pub(crate) fn run(args: &EnvArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let names = session.all_names();
    if args.example {
        write(&session, &names)?;
        return Ok(Exit::Success);
    }
    let environment = session.environment(names)?;
    let names = environment.names();
    for needed in names.needed() {
        report::print(&if args.json {
            as_json(&environment, needed)
        } else {
            line(&environment, needed)
        });
    }
    for finding in environment.remarks() {
        report::print(&if args.json {
            format!("{}\n", json!(finding))
        } else {
            remark(&finding)
        });
    }
    Ok(Exit::Success)
}

fn write(session: &Session<'_>, names: &Names) -> Result<(), Stop> {
    let file = session.lab.envrc_example();
    // Values that somebody put there stay.
    let before = std::fs::read_to_string(&file)
        .map(|text| Envrc::parse(&text))
        .unwrap_or_default();
    std::fs::write(&file, example(names, &before)).map_err(|error| {
        refused(
            code::environment::unwritable,
            ".envrc.example can't be written",
        )
        .cause(error.to_string())
        .help("give write permission for the lab's folder")
    })?;
    report::print(&format!("Wrote {}\n", file.display()));
    Ok(())
}

/// The text of `.envrc.example`: literal export lines, by name.
pub(crate) fn example(names: &Names, before: &Envrc) -> String {
    let lines: BTreeMap<&str, String> = names
        .demanded()
        .map(|needed| {
            let known = before.get(&needed.name).filter(|value| !value.is_empty());
            let value =
                known.map_or_else(|| example_value(&needed.name, needed.secret), str::to_owned);
            (
                needed.name.as_str(),
                format!(
                    "export {}='{}'\n",
                    needed.name,
                    value.replace('\'', r"'\''")
                ),
            )
        })
        .collect();
    lines.into_values().collect()
}

fn state(environment: &LabEnvironment, needed: &Needed) -> &'static str {
    match environment.given(&needed.name) {
        Some((_, Source::Process)) => "set in the process",
        Some((_, Source::Envrc)) => "set in .envrc",
        None if environment.names().kept.contains(&needed.name) => {
            "kept by a runbook, not yet there"
        }
        None if needed.optional => "needed by some labs",
        None => "missing",
    }
}

fn line(environment: &LabEnvironment, needed: &Needed) -> String {
    let kind = if needed.secret { "secret" } else { "env" };
    let place = needed
        .places
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    format!(
        "{:<24} {kind:<7} {:<33} {place}\n",
        needed.name,
        state(environment, needed)
    )
}

/// A remark in one line.
fn remark(finding: &Finding) -> String {
    let place = finding.place.as_ref();
    let place = place.map_or_else(String::new, |place| format!("{place:#}: "));
    let help = finding.help.as_ref();
    let help = help.map_or_else(String::new, |help| format!("; {help}"));
    format!(
        "{}: {place}{}{help}\n",
        finding.severity.word(),
        finding.message
    )
}

fn as_json(environment: &LabEnvironment, needed: &Needed) -> String {
    let places: Vec<String> = needed.places.iter().map(ToString::to_string).collect();
    let name = json!({
        "name": needed.name, "secret": needed.secret, "kept": environment.names().kept.contains(&needed.name),
        "set": environment.given(&needed.name).is_some(), "state": state(environment, needed), "places": places,
    });
    format!("{name}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_literal_lines_without_kept_names() {
        let library = runbook::script::Library {
            lab: "/nowhere".into(),
            embedded: &[],
        };
        let mut names = Names::default();
        let source = "secret(\"PASSWORD\"); env(\"NAME\"); env(\"KEPT\"); envrc::set(\"KEPT\", 1);";
        names
            .add(&rhai::Engine::new(), &library, "r.rhai", source)
            .unwrap();
        let before = Envrc::parse("export NAME='it'\\''s'\n");
        assert_eq!(
            example(&names, &before),
            "export NAME='it'\\''s'\nexport PASSWORD='example-password'\n"
        );
    }
}
