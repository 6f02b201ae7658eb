//! The boot loader of a host, and where it keeps the command line.

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::host::{Call, Verb};

use crate::host::{
    probe,
    text::{value_in, values_in},
};

/// The line of GRUB's settings.
const DEFAULT: &str = "GRUB_CMDLINE_LINUX_DEFAULT";

/// Files here are read after `/etc/default/grub`.
const FOLDER: &str = "/etc/default/grub.d";

/// A boot loader.
pub(super) struct Loader {
    /// `grub`, `systemd-boot`.
    pub(super) loader: String,
    /// What brings its configuration up to date.
    pub(super) tool: String,
    /// The file with the command line.
    pub(super) source: String,
    /// What changed since its configuration was made.
    pub(super) older: Vec<String>,
}

impl Loader {
    /// The loader of a host.
    ///
    /// # Errors
    /// It has none that is known.
    pub(super) async fn find(operation: &Operation, host: &str) -> Result<Self, Halt> {
        let call = Call::bare(Verb::BOOT_LOADER);
        let text = probe::ask(operation, host, call).await?.text();
        let value = |name| value_in(&text, name).to_owned();
        let loader = value("loader");
        if loader == "none" {
            let text = format!("{host} has no boot loader that can be set up");
            return Err(Failure::new("homelab::host::no_boot_loader", text)
                .help(
                    "GRUB with update-grub, and proxmox-boot-tool are known; a container has none",
                )
                .into());
        }
        Ok(Self {
            loader,
            tool: value("tool"),
            source: value("source"),
            older: values_in(&text, "older").map(str::to_owned).collect(),
        })
    }

    /// Needs the source to be what counts.
    ///
    /// # Errors
    /// A file that is read later sets the line too.
    pub(super) async fn check_overrides(
        &self,
        operation: &Operation,
        host: &str,
    ) -> Result<(), Halt> {
        if self.loader != "grub" {
            return Ok(());
        }
        let reply = operation.ask(host, Call::new(Verb::LIST, [FOLDER])).await?;
        for name in reply.text().lines().filter(|name| name.ends_with(".cfg")) {
            let path = format!("{FOLDER}/{name}");
            let text = probe::text(operation, host, &path)
                .await?
                .unwrap_or_default();
            if text.lines().any(|line| assigned(line).is_some()) {
                let text = format!(
                    "{path} on {host} sets {DEFAULT} again, after {}",
                    self.source
                );
                return Err(Failure::new("homelab::host::overridden", text)
                    .help("take the line out of that file, or the file away with host::file")
                    .into());
            }
        }
        Ok(())
    }

    /// The command line in the source's text.
    pub(super) fn line_in(&self, text: &str) -> String {
        match self.loader.as_str() {
            "grub" => text
                .lines()
                .filter_map(assigned)
                .next_back()
                .unwrap_or_default(),
            _ => text.lines().next().unwrap_or_default().trim().to_owned(),
        }
    }

    /// The source's text with another command line.
    pub(super) fn with_line(&self, text: &str, line: &str) -> String {
        if self.loader != "grub" {
            return format!("{line}\n");
        }
        let new = format!("{DEFAULT}=\"{line}\"");
        crate::host::text::with_line(text, |line| assigned(line).is_some(), Some(&new))
    }
}

/// What a line assigns to the command line.
fn assigned(line: &str) -> Option<String> {
    let value = line.trim().strip_prefix(DEFAULT)?.strip_prefix('=')?.trim();
    Some(value.trim_matches(['"', '\'']).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loader(name: &str) -> Loader {
        Loader {
            loader: name.to_owned(),
            tool: String::new(),
            source: String::new(),
            older: Vec::new(),
        }
    }

    #[test]
    fn edits_the_line_of_grub() {
        let text = "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\"\nGRUB_CMDLINE_LINUX=\"\"\n";
        let grub = loader("grub");
        assert_eq!(grub.line_in(text), "quiet splash");
        assert_eq!(
            grub.with_line(text, "quiet"),
            "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n"
        );
    }

    #[test]
    fn edits_the_line_of_systemd_boot() {
        let boot = loader("systemd-boot");
        assert_eq!(
            boot.line_in("root=ZFS=rpool/ROOT/pve-1 boot=zfs\n"),
            "root=ZFS=rpool/ROOT/pve-1 boot=zfs"
        );
        assert_eq!(boot.with_line("a\n", "a b"), "a b\n");
    }
}
