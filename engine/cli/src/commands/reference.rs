//! `homelab reference`: writes the generated pages of `docs/reference/`; for those who work on homelab.

use std::path::Path;

use clap::Args;
use world::code;

use crate::{
    commands::doc,
    events,
    exit::{Exit, Stop, refused},
    manual, report,
    settings::Settings,
};

/// Write the generated pages of docs/reference/, or say which ones are out of date
#[derive(Args, Debug)]
#[command(hide = true)]
pub(crate) struct ReferenceArgs {
    /// Write them; without it nothing is written, and a page that is out of date is an error
    #[arg(long)]
    write: bool,
}

/// Runs the command.
///
/// # Errors
/// A page is out of date, or can't be written.
pub(crate) fn run(
    args: &ReferenceArgs,
    command: clap::Command,
    settings: &Settings,
) -> Result<Exit, Stop> {
    let folder = settings.folder.join("docs/reference");
    let pages = [
        ("functions.md", manual::page(&doc::all()?)),
        ("cli.md", command_line(command)),
        ("events.md", events::page()),
    ];
    let mut stale = Vec::new();
    for (name, text) in &pages {
        if args.write {
            write(&folder.join(name), text)?;
        } else if std::fs::read_to_string(folder.join(name)).ok().as_ref() != Some(text) {
            stale.push(
                refused(
                    code::reference::stale,
                    format!("docs/reference/{name} is out of date"),
                )
                .help("write it with `homelab reference --write`"),
            );
        }
    }
    if stale.is_empty() {
        Ok(Exit::Success)
    } else {
        Err(Stop::refused(stale))
    }
}

fn write(file: &Path, text: &str) -> Result<(), Stop> {
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(file, text))
        .map_err(|error| {
            refused(
                code::lab::unwritable,
                format!("{} can't be written", file.display()),
            )
            .cause(error.to_string())
        })?;
    report::print(&format!("Wrote {}\n", file.display()));
    Ok(())
}

/// The help of every command.
fn command_line(command: clap::Command) -> String {
    let mut command = command.term_width(100);
    command.build();
    let mut text = String::from(
        "# Commands\n\nThe help of every command. This page is generated: `homelab reference --write`.\n",
    );
    describe(&mut command, &mut text);
    text
}

fn describe(command: &mut clap::Command, text: &mut String) {
    let name = command
        .get_bin_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    text.push_str(&format!(
        "\n## `{name}`\n\n```text\n{}\n```\n",
        help.join("\n").trim_end()
    ));
    for inner in command
        .get_subcommands_mut()
        .filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
    {
        describe(inner, text);
    }
}
