//! Commands that a lab brings itself: they answer and change what the lab's `twin.rhai` declares.

use model::{Stop, kind, lab::Command};
use regex::Regex;
use world::host::{Call, Reply, Script, Verb};

use super::{Handler, Host, entry::Entry};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[(Verb::RUN, run), (Verb::LOOK, look)];

fn run(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let Some(command) = declared(host, call)? else {
        return Ok(undeclared(host, call));
    };
    for (path, content) in &command.files {
        host.place(path, Entry::file("644", content.as_bytes()))?;
    }
    for path in &command.removes {
        host.take_away(path)?;
    }
    Ok(reply(command))
}

fn look(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let command = declared(host, call)?;
    Ok(command.map_or_else(|| undeclared(host, call), reply))
}

fn reply(command: Command) -> Reply {
    Reply {
        status: command.status,
        error: command.error,
        ..Reply::success(command.output)
    }
}

fn undeclared(host: &Host<'_, '_>, call: &Call) -> Reply {
    let text = Script::read(&call.args, &call.input).map(|script| script.text);
    let text = text.unwrap_or_default();
    let words = format!(
        "twin.rhai doesn't declare what this does on {}: {}",
        host.name(),
        text.trim()
    );
    Reply::failed(127, words)
}

/// The first command that is declared for this host and fits.
fn declared(host: &mut Host<'_, '_>, call: &Call) -> Result<Option<Command>, Stop> {
    match Script::read(&call.args, &call.input) {
        Some(script) => of_host(host, &script.text),
        None => Ok(None),
    }
}

/// The first command of a text that is declared for a host.
///
/// # Errors
/// The rows' fault.
pub(super) fn of_host(host: &mut Host<'_, '_>, text: &str) -> Result<Option<Command>, Stop> {
    let all = host.tx.scan_in::<Command>("", kind::COMMAND)?;
    let mut all = all.into_iter().map(|(_, command)| command);
    Ok(all.find(|command| fits(command, host.name(), text.trim())))
}

fn fits(command: &Command, host: &str, text: &str) -> bool {
    let is_here = command.host.is_empty() || command.host == host;
    let is_meant = if command.matches.is_empty() {
        command.run.trim() == text
    } else {
        let whole = format!("^(?:{})$", command.matches);
        Regex::new(&whole).is_ok_and(|pattern| pattern.is_match(text))
    };
    is_here && is_meant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_command_by_its_text_or_its_shape() {
        let exact = Command {
            run: "zpool status\n".to_owned(),
            host: "pve1".to_owned(),
            ..Command::default()
        };
        assert!(fits(&exact, "pve1", "zpool status") && !fits(&exact, "pve2", "zpool status"));
        let shape = Command {
            matches: "zpool (status|list)".to_owned(),
            ..Command::default()
        };
        assert!(fits(&shape, "pve2", "zpool list") && !fits(&shape, "pve2", "zpool list -v"));
    }
}
