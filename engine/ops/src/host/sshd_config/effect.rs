//! The settings of sshd that take effect.

use formats::{
    glob::{Paths, fits},
    sshd_config::{MAIN, Next, Reading, Setting as Line},
};
use runbook::{failure::Failure, halt::Halt, operation::Operation};
use serde_json::{Value, json};
use world::{
    code,
    host::verb::{List, Setting, SshdSettings},
};

use super::{FOLDER, settings::Settings};
use crate::host::probe;

/// What `sshd -T` shows, line by line.
///
/// # Errors
/// No reply came, or sshd fails.
pub(super) async fn settings(operation: &Operation, host: &str) -> Result<Vec<Setting>, Halt> {
    operation.ask(host, SshdSettings {}).await
}

/// The value of a setting: text, a list where it stands several times, null where it isn't shown.
pub(super) fn value(shown: &[Setting], name: &str) -> Value {
    match values(shown, name).as_slice() {
        [] => Value::Null,
        [one] => json!(one),
        several => json!(several),
    }
}

fn values<'a>(shown: &'a [Setting], name: &str) -> Vec<&'a str> {
    let name = name.to_ascii_lowercase();
    let own = shown.iter().filter(|setting| setting.name == name);
    own.map(|setting| &*setting.value).collect()
}

/// Whether sshd's file includes a file, for every login.
pub(super) fn includes(main: &[u8], path: &str) -> bool {
    Reading::new(main).any(|next| match next {
        Next::Include(patterns) => patterns.iter().any(|pattern| fits(pattern, path)),
        Next::Setting(..) => false,
    })
}

/// Fails if another line sets one of the settings first.
///
/// # Errors
/// One does; no reply came.
pub(super) async fn check(
    operation: &Operation,
    host: &str,
    path: &str,
    settings: &Settings,
    shown: &[Setting],
) -> Result<(), Halt> {
    for (name, wanted) in settings.all() {
        let is = values(shown, name);
        if is.is_empty() || has(&is, wanted) {
            continue;
        }
        // sshd writes some values its own way: only one that stands elsewhere tells that it doesn't take effect.
        let first = first_line(operation, host, name).await?;
        if let Some((file, line)) =
            first.filter(|(file, line)| file != path || !wanted.contains(&line.value))
        {
            return Err(shadowed(host, name, &is.join(" "), (&file, line.line)).into());
        }
    }
    Ok(())
}

/// Whether all wanted values are among those that take effect.
fn has(is: &[&str], wanted: &[String]) -> bool {
    let words: Vec<String> = is
        .iter()
        .flat_map(|value| value.split(' '))
        .map(str::to_ascii_lowercase)
        .collect();
    let mut wanted = wanted.iter().flat_map(|value| value.split_whitespace());
    wanted.all(|word| {
        let word = match word.to_ascii_lowercase().as_str() {
            "prohibit-password" => "without-password".to_owned(),
            word => word.to_owned(),
        };
        words.contains(&word)
    })
}

/// The first line that sets something for every login, with its file.
async fn first_line(
    operation: &Operation,
    host: &str,
    name: &str,
) -> Result<Option<(String, Line)>, Halt> {
    let main = probe::file(operation, host, MAIN).await?;
    let mut reading = Reading::new(main.bytes()?);
    while let Some(next) = reading.next() {
        match next {
            Next::Setting(file, line) if line.is(name) => return Ok(Some((file, line))),
            Next::Setting(..) => {}
            Next::Include(patterns) => {
                for pattern in patterns.iter().rev() {
                    let paths = paths(operation, host, pattern).await?;
                    let found = probe::files(operation, host, &paths).await?;
                    for (path, found) in paths.iter().zip(&found).rev() {
                        reading.include(path, found.bytes()?);
                    }
                }
            }
        }
    }
    Ok(None)
}

/// The files that a pattern names.
async fn paths(operation: &Operation, host: &str, pattern: &str) -> Result<Vec<String>, Halt> {
    let mut paths = Paths::of(pattern);
    while !paths.folders().is_empty() {
        let mut names = Vec::new();
        for folder in paths.folders() {
            names.push(
                operation
                    .ask(host, List::new(folder))
                    .await?
                    .unwrap_or_default(),
            );
        }
        paths.listed(&names);
    }
    Ok(paths.found())
}

fn shadowed(host: &str, name: &str, is: &str, (file, line): (&str, usize)) -> Failure {
    let text = format!("{name} of sshd on {host} stays '{is}': {file}:{line} sets it first");
    let cure = match file.starts_with(FOLDER) {
        true => {
            "take the other one away, or give these settings a name that sorts before it".to_owned()
        }
        false => format!(
            "no name sorts before that line: take it out of {file}, with host::line and `absent: true`"
        ),
    };
    let help = format!("sshd takes the first value: {cure}");
    Failure::new(code::host::sshd_shadowed, text).help(help)
}

#[cfg(test)]
mod tests {
    use world::host::verb::Printed as _;

    use super::*;

    #[test]
    fn knows_what_takes_effect() {
        let shown = ["port 22", "port 2222", "permitrootlogin without-password"]
            .map(|line| Setting::parse(line).unwrap());
        assert_eq!(value(&shown, "Port"), json!(["22", "2222"]));
        assert_eq!(value(&shown, "UseDNS"), Value::Null);
        let has = |name, wanted: &str| has(&values(&shown, name), &[wanted.to_owned()]);
        assert!(has("PermitRootLogin", "prohibit-password") && !has("PermitRootLogin", "no"));
        let path = "/etc/ssh/sshd_config.d/10-a.conf";
        for (main, is_included) in [
            ("# x\nInclude /etc/ssh/sshd_config.d/*.conf\n", true),
            ("Include a sshd_config.d/10*\n", true),
            ("Port 22\n", false),
            ("Include /etc/ssh/sshd_config.d/50-*.conf\n", false),
            (
                "Match User a\nInclude /etc/ssh/sshd_config.d/*.conf\n",
                false,
            ),
        ] {
            assert_eq!(includes(main.as_bytes(), path), is_included, "{main}");
        }
    }
}
