//! `homelab help`.

use clap::{Args, CommandFactory as _};
use runbook::nearest;
use world::code;

use crate::{
    cli::Cli,
    exit::{Exit, Stop, refused},
    manual::TOPICS,
    report,
    settings::Settings,
};

/// Show the help of a command, a page of the guide, or all error codes
///
/// Without a topic it lists them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HelpArgs {
    /// A command (`twin fault` too), or a page
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  homelab help run
  homelab help errors             every error code; `homelab doc CODE` has its page
  homelab help getting-started";

/// Runs the command.
///
/// # Errors
/// There is no such command or page.
pub(crate) fn run(args: &HelpArgs, _settings: &Settings) -> Result<Exit, Stop> {
    let mut command = Cli::command();
    command.build();
    let text = match args.topic.as_slice() {
        [] => format!("{}\n{}", command.render_long_help(), topics()),
        words => page(words).map_or_else(|| manual(command, words), Ok)?,
    };
    report::print(&text);
    Ok(Exit::Success)
}

fn topics() -> String {
    let line = |(name, about): (&str, &str)| format!("  {name:<18} {about}\n");
    let lines: String = TOPICS
        .iter()
        .map(|topic| line((topic.name, topic.about)))
        .collect();
    format!("Pages, for `homelab help PAGE`:\n{lines}")
}

fn page(words: &[String]) -> Option<String> {
    let [word] = words else { return None };
    let topic = TOPICS.iter().find(|topic| topic.name == word)?;
    Some(topic.text())
}

/// The help of a command.
fn manual(mut command: clap::Command, words: &[String]) -> Result<String, Stop> {
    for word in words {
        let Some(inner) = command.find_subcommand(word) else {
            return Err(unknown(&command, word));
        };
        command = inner.clone();
    }
    Ok(command.render_long_help().to_string())
}

fn unknown(command: &clap::Command, word: &str) -> Stop {
    let inner = command.get_subcommands().map(clap::Command::get_name);
    let known = inner.chain(TOPICS.iter().map(|topic| topic.name));
    let failure = refused(
        code::doc::unknown,
        format!("there is no command or page {word}"),
    );
    Stop::from(failure.help(match nearest::of(word, known) {
        Some(near) => format!("did you mean {near}?"),
        None => "`homelab help` lists commands and pages".to_owned(),
    }))
}
