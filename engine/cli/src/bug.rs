//! A panic is a mistake of homelab's own, and is reported as one.

use std::{
    collections::BTreeMap,
    panic::{self, PanicHookInfo, UnwindSafe},
    process::ExitCode,
    sync::Once,
};

use runbook::failure::Failure;
use world::code;

use crate::{exit::Exit, report, settings::Style};

/// Does what homelab is there for; a panic on any thread is reported, one that ends it all is exit code 1.
pub(crate) fn guarded(perform: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    let first = Once::new();
    panic::set_hook(Box::new(move |info| {
        // Threads that wait for one that panicked panic too.
        first.call_once(|| {
            report::complain(&report::failure::reports(
                &[mistake(info)],
                &BTreeMap::new(),
                Style::Plain,
            ));
        });
    }));
    panic::catch_unwind(perform).unwrap_or_else(|_| Exit::Failed.into())
}

fn mistake(info: &PanicHookInfo<'_>) -> Failure {
    let place = info
        .location()
        .map_or_else(String::new, |place| format!(" (at {place})"));
    let what = info.payload_as_str().unwrap_or("it says no more");
    Failure::new(code::run::bug, "this is a bug in homelab")
        .cause(format!("{what}{place}"))
        .help("what was recorded is safe, `homelab resume` goes on; report the bug with this text and the runbook")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which test a child process of this one runs.
    const CHILD: &str = "bug::tests::a_panic_is_reported_once_as_a_bug";

    #[test]
    fn a_panic_is_reported_once_as_a_bug() {
        let exe = std::env::current_exe().unwrap();
        if std::env::args().any(|arg| arg == "--nocapture") {
            let exit = guarded(|| {
                std::thread::scope(|scope| {
                    scope.spawn(|| panic!("it can't be"));
                });
                Exit::Success.into()
            });
            assert_eq!(exit, Exit::Failed.into());
            return;
        }
        let child = std::process::Command::new(exe)
            .args(["--exact", CHILD, "--nocapture"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&child.stderr).into_owned();
        assert!(child.status.success(), "{text}");
        for part in [
            "homelab::run::bug",
            "this is a bug in homelab",
            "it can't be (at ",
            "homelab resume",
        ] {
            assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
        }
        assert!(!text.contains("panicked"), "{text}");
    }
}
