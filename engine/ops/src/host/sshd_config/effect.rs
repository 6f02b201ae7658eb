//! The settings of sshd that take effect.

use formats::sshd_config::settings as settings_in;
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

/// Whether sshd's file includes the folder, and does so before anything conditional.
pub(super) fn includes_folder(main: &str) -> bool {
    settings_in(main).iter().any(|setting| {
        let is_folder = setting.value.contains("sshd_config.d/");
        setting.is("include") && is_folder && !setting.is_conditional
    })
}

/// Fails if another file sets one of the settings first.
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
        if let Some((file, line)) = first_place(operation, host, path, name).await? {
            return Err(shadowed(host, name, &is.join(" "), &format!("{file}:{line}")).into());
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

/// The file and line that set a setting before `path` does.
async fn first_place(
    operation: &Operation,
    host: &str,
    path: &str,
    name: &str,
) -> Result<Option<(String, usize)>, Halt> {
    for file in files(operation, host).await? {
        if file == path {
            return Ok(None);
        }
        let found = probe::file(operation, host, &file).await?;
        let settings = settings_in(found.bytes()?);
        let mut own = settings
            .iter()
            .filter(|setting| setting.is(name) && !setting.is_conditional);
        if let Some(setting) = own.next() {
            return Ok(Some((file, setting.line)));
        }
    }
    Ok(None)
}

/// The files that sshd reads, in their order.
async fn files(operation: &Operation, host: &str) -> Result<Vec<String>, Halt> {
    let names = operation.ask(host, List::new(FOLDER)).await?;
    let mut names = names.unwrap_or_default();
    names.retain(|name| name.ends_with(".conf"));
    names.sort_unstable();
    let own = names.iter().map(|name| format!("{FOLDER}/{name}"));
    Ok(own.chain([MAIN.to_owned()]).collect())
}

fn shadowed(host: &str, name: &str, is: &str, place: &str) -> Failure {
    let text = format!("{name} of sshd on {host} stays '{is}': {place} sets it first");
    Failure::new(code::host::sshd_shadowed, text)
        .help("sshd takes the first value: take the other one away, or give these settings a name that sorts before it")
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
        assert!(includes_folder(
            "# x\nInclude /etc/ssh/sshd_config.d/*.conf\n"
        ));
        assert!(!includes_folder("Port 22\n"));
        assert!(!includes_folder(
            "Match User a\nInclude /etc/ssh/sshd_config.d/*.conf\n"
        ));
    }
}
