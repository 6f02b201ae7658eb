//! The boot loader of a host, and where it keeps the command line.

use formats::sourced::{Sourced, Unclear};
use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::{
    code,
    host::verb::{List, ShowBootLoader},
};

use crate::host::probe;

/// The variable of GRUB's settings.
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
        let told = operation.ask(host, ShowBootLoader {}).await?;
        if told.loader == "none" {
            let text = format!("{host} has no boot loader that can be set up");
            return Err(Failure::new(code::host::no_boot_loader, text)
                .help(
                    "GRUB with update-grub, and proxmox-boot-tool are known; a container has none",
                )
                .into());
        }
        Ok(Self {
            loader: told.loader,
            tool: told.tool,
            source: told.source,
            older: told.older,
        })
    }

    /// Needs the source to be what counts.
    ///
    /// # Errors
    /// A file that is read later sets the line too, or may.
    pub(super) async fn check_overrides(
        &self,
        operation: &Operation,
        host: &str,
    ) -> Result<(), Halt> {
        if self.loader != "grub" {
            return Ok(());
        }
        let names = operation.ask(host, List::new(FOLDER)).await?;
        for name in names.unwrap_or_default() {
            if !name.ends_with(".cfg") {
                continue;
            }
            let path = format!("{FOLDER}/{name}");
            let found = probe::file(operation, host, &path).await?;
            let file = Sourced::read(found.text()?).map_err(|why| unclear(host, &path, &why))?;
            if file.sets(DEFAULT) {
                let text = format!(
                    "{path} on {host} sets {DEFAULT} again, after {}",
                    self.source
                );
                return Err(Failure::new(code::host::overridden, text)
                    .help("take the line out of that file, or the file away with host::file")
                    .into());
            }
        }
        Ok(())
    }

    /// The command line in the source's text.
    ///
    /// # Errors
    /// Only a shell can tell.
    pub(super) fn line_in(&self, host: &str, text: &str) -> Result<String, Halt> {
        if self.loader != "grub" {
            return Ok(text.lines().next().unwrap_or_default().trim().to_owned());
        }
        let line = Sourced::read(text).and_then(|file| file.value(DEFAULT));
        let line = line.map_err(|why| unclear(host, &self.source, &why))?;
        Ok(line.unwrap_or_default().trim().to_owned())
    }

    /// The source's text with another command line.
    ///
    /// # Errors
    /// Only a shell can tell what it's now.
    pub(super) fn with_line(&self, host: &str, text: &str, line: &str) -> Result<String, Halt> {
        if self.loader != "grub" {
            return Ok(format!("{line}\n"));
        }
        let new = Sourced::read(text).and_then(|file| file.with(DEFAULT, line));
        new.map_err(|why| unclear(host, &self.source, &why).into())
    }
}

/// The failure where a file can't be read without a shell.
fn unclear(host: &str, path: &str, why: &Unclear) -> Failure {
    let text = format!("{path} on {host} says nothing sure about {DEFAULT}: {why}");
    Failure::new(code::host::unclear_setting, text).help(format!(
        "write the line as {DEFAULT}=\"…\", with the parameters themselves"
    ))
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
        assert_eq!(grub.line_in("h", text).unwrap(), "quiet splash");
        assert_eq!(
            grub.with_line("h", text, "quiet").unwrap(),
            "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n"
        );
    }

    #[test]
    fn keeps_what_stands_behind_the_line_of_grub() {
        let text = "GRUB_CMDLINE_LINUX_DEFAULT='quiet' # for \"calm\"\n";
        let grub = loader("grub");
        assert_eq!(grub.line_in("h", text).unwrap(), "quiet");
        assert_eq!(
            grub.with_line("h", text, "quiet iommu=pt").unwrap(),
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt\" # for \"calm\"\n"
        );
    }

    #[test]
    fn refuses_a_line_of_grub_that_only_a_shell_can_read() {
        let text = "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet $(cat /etc/more)\"\n";
        for halt in [
            loader("grub").line_in("h", text).unwrap_err(),
            loader("grub").with_line("h", text, "quiet").unwrap_err(),
        ] {
            let said = format!("{halt:?}");
            assert!(said.contains("host::unclear_setting"), "{said}");
            assert!(said.contains("line 2"), "{said}");
        }
    }

    #[test]
    fn edits_the_line_of_systemd_boot() {
        let boot = loader("systemd-boot");
        assert_eq!(
            boot.line_in("h", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n")
                .unwrap(),
            "root=ZFS=rpool/ROOT/pve-1 boot=zfs"
        );
        assert_eq!(boot.with_line("h", "a\n", "a b").unwrap(), "a b\n");
    }
}
