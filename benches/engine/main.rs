//! Measures what homelab is designed for, each number beside something of this machine that it can be compared with.
//!
//! `benches/run` builds and calls it: `numbers --homelab FILE --lab FOLDER [--json FILE]`.

mod engine;
mod measure;
mod phase1;
mod process;
mod requests;
mod table;

use std::{env, error::Error, io::Write as _, path::PathBuf, process::ExitCode};

use measure::Measured;

/// What can stop a measurement.
type Failed = Box<dyn Error>;

/// What the command line says.
#[derive(Clone, Debug, Default)]
struct Arguments {
    homelab: PathBuf,
    lab: PathBuf,
    json: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, Failed> {
    let mut arguments = Arguments::default();
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--homelab" => arguments.homelab = value.into(),
            "--lab" => arguments.lab = value.into(),
            "--json" => arguments.json = Some(value.into()),
            _ => return Err(format!("unknown argument {word}").into()),
        }
    }
    Ok(arguments)
}

/// A group of measurements, and what it's called where it fails.
type Group = (
    &'static str,
    fn(&Arguments) -> Result<Vec<Measured>, Failed>,
);

const GROUPS: &[Group] = &[
    ("engine", engine::all),
    ("process", process::all),
    ("phase 1", phase1::all),
    ("requests", requests::all),
];

fn main() -> Result<ExitCode, Failed> {
    let arguments = arguments()?;
    let mut code = ExitCode::SUCCESS;
    let mut rows = Vec::new();
    for (name, group) in GROUPS {
        match group(&arguments) {
            Ok(measured) => rows.extend(measured),
            Err(error) => {
                writeln!(std::io::stderr().lock(), "{name}: {error}")?;
                code = ExitCode::FAILURE;
            }
        }
    }
    write!(std::io::stdout().lock(), "{}", table::markdown(&rows))?;
    if let Some(file) = &arguments.json {
        std::fs::write(file, table::json(&rows))?;
    }
    Ok(code)
}
