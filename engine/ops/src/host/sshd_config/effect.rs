//! The settings of sshd that take effect.

use formats::{
    glob::fits,
    sshd_config::{self, DEPTH, includes, settings as settings_in},
};
use runbook::{failure::Failure, halt::Halt, operation::Operation};
use serde_json::{Value, json};
use world::{
    code,
    host::verb::{List, Setting, SshdSettings},
};

use super::{FOLDER, MAIN, settings::Settings};
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

/// Whether sshd's file includes a file of the folder, and does so before anything conditional.
pub(super) fn includes_file(main: &str, name: &str) -> bool {
    settings_in(main).iter().any(|setting| {
        let mut files = includes(&setting.value);
        let is_named = files.any(|(folder, names)| folder == FOLDER && fits(names, name));
        setting.is("include") && is_named && !setting.is_conditional
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
        let first = first(operation, host, MAIN, name, 0).await?;
        if let Some(first) = first.filter(|first| !first.is_own(path, wanted)) {
            return Err(shadowed(host, name, &is.join(" "), &first).into());
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

/// The line that sets a setting first.
struct First {
    file: String,
    setting: sshd_config::Setting,
}

impl First {
    /// Whether it stands where the settings are written: a file of their own, or a block of sshd's file.
    fn is_own(&self, path: &str, wanted: &[String]) -> bool {
        self.file == path && (path != MAIN || wanted.contains(&self.setting.value))
    }
}

/// Finds the line that sets a setting first, as sshd reads its files: an included one where it's included.
async fn first(
    operation: &Operation,
    host: &str,
    file: &str,
    name: &str,
    depth: usize,
) -> Result<Option<First>, Halt> {
    let found = probe::file(operation, host, file).await?;
    if !found.is_there() {
        return Ok(None);
    }
    let settings = settings_in(found.bytes()?);
    for setting in settings.iter().filter(|setting| !setting.is_conditional) {
        if setting.is(name) {
            return Ok(Some(First {
                file: file.to_owned(),
                setting: setting.clone(),
            }));
        }
        if !setting.is("include") || depth == DEPTH {
            continue;
        }
        for file in included(operation, host, &setting.value).await? {
            let inner = Box::pin(first(operation, host, &file, name, depth + 1)).await?;
            if inner.is_some() {
                return Ok(inner);
            }
        }
    }
    Ok(None)
}

/// The files that the value of an `Include` names, in the order in which sshd reads them.
async fn included(operation: &Operation, host: &str, value: &str) -> Result<Vec<String>, Halt> {
    let mut files = Vec::new();
    for (folder, pattern) in includes(value) {
        let names = operation.ask(host, List::new(&folder)).await?;
        let mut names = names.unwrap_or_default();
        names.retain(|name| fits(pattern, name));
        names.sort_unstable();
        files.extend(names.iter().map(|name| format!("{folder}/{name}")));
    }
    Ok(files)
}

fn shadowed(host: &str, name: &str, is: &str, first: &First) -> Failure {
    let place = format!("{}:{}", first.file, first.setting.line);
    let help = if first.file == MAIN {
        format!(
            "sshd takes the first value, and no file of {FOLDER} comes before this line: take the line away"
        )
    } else {
        "sshd takes the first value: take the other one away, or give these settings a name that sorts before it".to_owned()
    };
    let text = format!("{name} of sshd on {host} stays '{is}': {place} sets it first");
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
    }

    #[test]
    fn knows_whether_its_file_is_read() {
        let is_read = |main| includes_file(main, "10-x.conf");
        assert!(is_read("# x\nInclude /etc/ssh/sshd_config.d/*.conf\n"));
        assert!(is_read("Include a.conf sshd_config.d/10*\n"));
        for main in [
            "Port 22\n",
            "Match User a\nInclude /etc/ssh/sshd_config.d/*.conf\n",
            "Include /etc/ssh/sshd_config.d/50-*.conf\n",
        ] {
            assert!(!is_read(main), "{main}");
        }
    }
}
