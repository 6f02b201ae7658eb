//! sshd's settings: what its files say, over what it does by itself.

use formats::{
    glob::Paths,
    sshd_config::{MAIN, Next, Reading, Setting, settings as settings_in},
};
use model::{Fault, Key, Rows, Stop, kind};
use serde_json::json;
use world::host::{
    Reply,
    verb::{self, Printed as _},
};

use crate::{
    Host,
    entry::Entry,
    typed::{Said, fails},
};

/// What OpenSSH 10.0 of Debian 13 prints with `sshd -T` if no file says anything.
const DEFAULTS: &str = include_str!("sshd_defaults.txt");

/// Settings that may stand several times.
const SEVERAL: &[&str] = &[
    "acceptenv",
    "allowgroups",
    "allowusers",
    "denygroups",
    "denyusers",
    "hostcertificate",
    "hostkey",
    "listenaddress",
    "port",
    "setenv",
    "subsystem",
];

/// Settings that `DEFAULTS` doesn't have because they aren't set, and words that are none.
const OTHERS: &[&str] = &[
    "gssapienablek5users",
    "ignorerhosts",
    "include",
    "ipqos",
    "listenaddress",
    "match",
    "rdomain",
    "sshdsessionpath",
    "challengeresponseauthentication",
];

/// sshd's file as Debian ships it, with what Proxmox's installer adds.
const MAIN_TEXT: &str = "Include /etc/ssh/sshd_config.d/*.conf
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_* COLORTERM NO_COLOR
Subsystem\tsftp\t/usr/lib/openssh/sftp-server
PermitRootLogin yes
";

/// Writes sshd's file.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant(rows: &mut dyn Rows, domain: &str, booted: u64) -> Result<(), Fault> {
    let mut entry = Entry::file("644", MAIN_TEXT.as_bytes());
    entry.changed = booted;
    rows.put(&Key::new(domain, kind::FILE, MAIN), json!(entry))
}

/// The settings of a new host's sshd.
pub(crate) fn planted() -> String {
    let mut said = Files::default();
    said.read(MAIN_TEXT);
    said.print()
}

/// What sshd says of a file that it can't take.
pub(super) fn check(path: &str, text: &str) -> Option<Reply> {
    let mut bad = Vec::new();
    for setting in settings_in(text) {
        let Setting {
            line,
            keyword,
            value,
            ..
        } = &setting;
        let name = keyword.to_ascii_lowercase();
        let default = DEFAULTS
            .lines()
            .find_map(|line| line.split_once(' ').filter(|(own, _)| *own == name));
        let is_known = default.is_some() || SEVERAL.contains(&&*name) || OTHERS.contains(&&*name);
        if !is_known {
            bad.push(format!(
                "{path}: line {line}: Bad configuration option: {keyword}"
            ));
        } else if value.is_empty() {
            let text = format!("{path} line {line}: no argument after keyword \"{keyword}\"");
            return Some(Reply::failed(255, text));
        } else if let Some(why) = default.and_then(|(_, default)| refuse(keyword, value, default)) {
            return Some(Reply::failed(255, format!("{path} line {line}: {why}")));
        }
    }
    if bad.is_empty() {
        return None;
    }
    let end = format!(
        "{path}: terminating, {} bad configuration options",
        bad.len()
    );
    bad.push(end);
    Some(Reply::failed(255, bad.join("\n")))
}

/// Why a value isn't taken: flags are yes or no, numbers numbers.
fn refuse(keyword: &str, value: &str, default: &str) -> Option<String> {
    let is_flag = matches!(default, "yes" | "no");
    // These take more than yes and no.
    let has_words = matches!(
        keyword.to_ascii_lowercase().as_str(),
        "allowtcpforwarding"
            | "allowstreamlocalforwarding"
            | "compression"
            | "gatewayports"
            | "ignorerhosts"
            | "permittunnel"
            | "permituserenvironment"
    );
    let is_yes_or_no = ["yes", "no"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    if is_flag && !has_words && !is_yes_or_no {
        return Some(format!("unsupported option \"{value}\"."));
    }
    let is_count = matches!(
        keyword.to_ascii_lowercase().as_str(),
        "maxauthtries" | "maxsessions" | "clientalivecountmax"
    );
    (is_count && value.parse::<u32>().is_err()).then(|| format!("{keyword} integer value invalid."))
}

/// Prints the settings that take effect.
pub(super) fn settings(host: &mut Host<'_, '_>) -> Said<Vec<verb::Setting>> {
    let text = effective(host)?;
    if text.is_empty() {
        return fails(1, format!("{MAIN}: No such file or directory"));
    }
    Ok(text.lines().filter_map(verb::Setting::parse).collect())
}

/// The settings that take effect, as `sshd -T` prints them; empty without sshd's file.
///
/// # Errors
/// The rows' fault.
pub(crate) fn effective(host: &mut Host<'_, '_>) -> Result<String, Stop> {
    let Some(main) = host.text(MAIN)? else {
        return Ok(String::new());
    };
    let mut said = Files::default();
    let mut reading = Reading::new(&*main);
    while let Some(next) = reading.next() {
        match next {
            Next::Setting(_, setting) => said.take(&setting),
            Next::Include(patterns) => {
                for pattern in patterns.iter().rev() {
                    for path in paths(host, pattern)?.iter().rev() {
                        if let Some(text) = host.text(path)? {
                            reading.include(path, &*text);
                        }
                    }
                }
            }
        }
    }
    Ok(said.print())
}

/// The files that a pattern names.
fn paths(host: &mut Host<'_, '_>, pattern: &str) -> Result<Vec<String>, Stop> {
    let mut paths = Paths::of(pattern);
    while !paths.folders().is_empty() {
        let mut names = Vec::new();
        for folder in paths.folders() {
            names.push(match host.entry(folder)? {
                Some(_) => host.names_in(folder)?,
                None => Vec::new(),
            });
        }
        paths.listed(&names);
    }
    Ok(paths.found())
}

/// What files said: the first value of a setting wins.
#[derive(Default)]
struct Files {
    values: Vec<(String, String)>,
}

impl Files {
    /// Takes a file that includes no other.
    fn read(&mut self, text: &str) {
        for next in Reading::new(text) {
            if let Next::Setting(_, setting) = next {
                self.take(&setting);
            }
        }
    }

    fn take(&mut self, setting: &Setting) {
        self.add(setting.keyword.to_ascii_lowercase(), &setting.value);
    }

    fn add(&mut self, name: String, value: &str) {
        let is_there = self.values.iter().any(|(own, _)| *own == name);
        if SEVERAL.contains(&name.as_str()) {
            let words: Vec<&str> = value.split_whitespace().collect();
            if name == "subsystem" || name == "setenv" {
                self.values.push((name, words.join(" ")));
            } else {
                let each = words.iter().map(|word| (name.clone(), (*word).to_owned()));
                self.values.extend(each);
            }
        } else if !is_there {
            self.values.push((name.clone(), normal(&name, value)));
        }
    }

    fn print(&self) -> String {
        let of = |name: &str| -> Vec<&str> {
            let own = self.values.iter().filter(|(own, _)| own == name);
            own.map(|(_, value)| value.as_str()).collect()
        };
        let mut lines: Vec<String> = Vec::new();
        let mut last = "";
        for (name, value) in DEFAULTS.lines().filter_map(|line| line.split_once(' ')) {
            let own = of(name);
            if own.is_empty() {
                lines.push(format!("{name} {value}"));
            } else if name != last {
                lines.extend(own.iter().map(|value| format!("{name} {value}")));
            }
            last = name;
        }
        let has_default = |name: &str| {
            lines
                .iter()
                .any(|line| line.split(' ').next() == Some(name))
        };
        let more = self.values.iter().filter(|(name, _)| !has_default(name));
        let more: Vec<String> = more
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        lines.extend(more);
        if of("listenaddress").is_empty() {
            let ports = of("port");
            for port in if ports.is_empty() { vec!["22"] } else { ports } {
                lines.push(format!("listenaddress [::]:{port}"));
                lines.push(format!("listenaddress 0.0.0.0:{port}"));
            }
        }
        lines.join("\n") + "\n"
    }
}

/// A value as `sshd -T` prints it.
fn normal(name: &str, value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    match (name, &*lower) {
        ("permitrootlogin", "prohibit-password") => "without-password".to_owned(),
        ("permitrootlogin", _) | (_, "yes" | "no") => lower,
        ("logingracetime" | "clientaliveinterval", _) => seconds(value),
        _ => value.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// `2m30s` in seconds.
fn seconds(text: &str) -> String {
    let mut total = 0;
    let mut digits = String::new();
    for letter in text.chars() {
        let unit = match letter.to_ascii_lowercase() {
            '0'..='9' => {
                digits.push(letter);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return text.to_owned(),
        };
        total += digits.parse::<u64>().unwrap_or_default() * unit;
        digits.clear();
    }
    (total + digits.parse::<u64>().unwrap_or_default()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_wins_and_those_of_matches_are_left_out() {
        let mut said = Files::default();
        said.read("PasswordAuthentication no\nMatch User a\nX11Forwarding yes\n");
        said.read("PasswordAuthentication yes");
        said.read("LoginGraceTime 2m");
        said.read("UsePAM Yes\nPermitRootLogin Prohibit-Password");
        said.read("AllowUsers root ops");
        let text = said.print();
        for line in [
            "passwordauthentication no",
            "x11forwarding no",
            "logingracetime 120",
            "usepam yes",
            "permitrootlogin without-password",
            "allowusers root",
            "allowusers ops",
            "listenaddress 0.0.0.0:22",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}: {text}");
        }
    }

    #[test]
    fn refuses_with_sshds_words() {
        for (text, words) in [
            (
                "Foo yes\n",
                "/x: line 1: Bad configuration option: Foo\n/x: terminating, 1 bad configuration options",
            ),
            (
                "\nX11Forwarding maybe\n",
                "/x line 2: unsupported option \"maybe\".",
            ),
            (
                "MaxAuthTries abc\n",
                "/x line 1: MaxAuthTries integer value invalid.",
            ),
            ("Port\n", "/x line 1: no argument after keyword \"Port\""),
        ] {
            assert_eq!(check("/x", text).unwrap().error, words);
        }
        assert_eq!(
            check(
                "/x",
                "# a\nAllowUsers root\nPermitRootLogin no\nUsePAM Yes\nX11Forwarding NO\n"
            ),
            None
        );
    }
}
