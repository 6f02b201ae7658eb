//! The files of a timer and its service.

use formats::unit::{UnitFile, escaped};
use serde_json::{Map, Value, json};

use super::TimerSpec;

/// The service that runs the command.
pub(super) fn service(spec: &TimerSpec, command: &str) -> String {
    UnitFile::default()
        .with("Unit", "Description", &description(spec))
        .with("Service", "Type", "oneshot")
        .with_some("Service", "User", spec.user.as_deref())
        .with("Service", "ExecStart", &escaped(command))
        .to_string()
}

/// The timer.
pub(super) fn timer(spec: &TimerSpec) -> String {
    let delay = spec.random_delay.as_deref();
    UnitFile::default()
        .with("Unit", "Description", &description(spec))
        .with_some("Timer", "OnCalendar", spec.calendar.as_deref())
        .with_some("Timer", "RandomizedDelaySec", delay)
        .with_some("Timer", "Persistent", spec.persistent.then_some("true"))
        .with_some("Timer", "Unit", spec.unit.as_deref())
        .with("Install", "WantedBy", "timers.target")
        .to_string()
}

fn description(spec: &TimerSpec) -> String {
    let text = spec.description.as_deref().unwrap_or(&spec.name);
    text.replace('%', "%%")
}

/// What is shown of a file beside its text.
pub(super) fn shown(spec: &TimerSpec, kind: &str) -> Value {
    let mut shown = Map::new();
    let own: &[(&str, &Option<String>)] = match kind {
        "service" => &[("command", &spec.command), ("user", &spec.user)],
        _ => &[
            ("calendar", &spec.calendar),
            ("unit", &spec.unit),
            ("random_delay", &spec.random_delay),
        ],
    };
    for (name, value) in own {
        if let Some(value) = value {
            shown.insert((*name).to_owned(), json!(value));
        }
    }
    if kind == "timer" && spec.persistent {
        shown.insert("persistent".to_owned(), json!(true));
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_both_files() {
        let spec: TimerSpec = serde_json::from_value(json!({
            "host": "a", "name": "tidy", "calendar": "daily", "command": "/bin/true", "user": "ops",
            "persistent": true, "random_delay": "5min", "description": "Tidies",
        }))
        .unwrap();
        assert_eq!(
            service(&spec, "/bin/sh -c 'date +%u > $A'"),
            "[Unit]\nDescription=Tidies\n\n[Service]\nType=oneshot\nUser=ops\n\
             ExecStart=/bin/sh -c 'date +%%u > $$A'\n"
        );
        assert_eq!(
            timer(&spec),
            "[Unit]\nDescription=Tidies\n\n[Timer]\nOnCalendar=daily\nRandomizedDelaySec=5min\n\
             Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
        );
        assert_eq!(
            shown(&spec, "service"),
            json!({ "command": "/bin/true", "user": "ops" })
        );
    }
}
