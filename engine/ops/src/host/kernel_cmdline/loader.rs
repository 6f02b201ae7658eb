//! The boot loader of a host, and where it keeps the command line.

use formats::{
    lines::Lines,
    sourced::{Sourced, Unclear},
};
use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::{
    code,
    host::verb::{List, ShowBootLoader},
};

use super::edit::Parameters;
use crate::host::{later::overridden, probe};

/// The variable of GRUB's settings.
const DEFAULT: &str = "GRUB_CMDLINE_LINUX_DEFAULT";

/// The one whose parameters stand before those, also where a kernel is started to repair something.
const ALWAYS: &str = "GRUB_CMDLINE_LINUX";

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
    /// What its configuration starts the next kernel with; empty where nobody knows.
    pub(super) next: String,
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
            next: told.next,
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
        wanted: &Parameters<'_>,
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
            let text = found.lossless()?;
            let file = Sourced::read(&text).map_err(|why| unclear(host, &path, &why))?;
            let is_kept = || {
                if wanted.absent.is_empty() {
                    return Ok(true);
                }
                let value = file.value(ALWAYS)?.unwrap_or_default();
                Ok(wanted.taken_from(&value) == value)
            };
            let name = match file.sets(DEFAULT) {
                true => DEFAULT,
                false if is_kept().map_err(|why| unclear(host, &path, &why))? => continue,
                false => ALWAYS,
            };
            let text = format!("{path} on {host} sets {name} again, after {}", self.source);
            return Err(overridden(text).into());
        }
        Ok(())
    }

    /// The command line in the source's text. Without one proxmox-boot-tool takes the running kernel's, so it's that.
    ///
    /// # Errors
    /// Only a shell can tell.
    pub(super) fn line_in(&self, host: &str, text: &str, running: &str) -> Result<String, Halt> {
        if self.loader != "grub" {
            return Ok(match text.lines().next().map(str::trim) {
                Some(line) if is_line(line) => line.to_owned(),
                _ => without_loaders(running),
            });
        }
        let line = Sourced::read(text).and_then(|file| file.value(DEFAULT));
        let line = line.map_err(|why| unclear(host, &self.source, &why))?;
        Ok(line.unwrap_or_default().trim().to_owned())
    }

    /// The parameters of GRUB that stand before the line, and what is left of them; none where nothing goes.
    ///
    /// # Errors
    /// Something is to go, and only a shell can tell whether it's there.
    pub(super) fn always(
        &self,
        host: &str,
        text: &str,
        wanted: &Parameters<'_>,
    ) -> Result<Option<Always>, Halt> {
        if self.loader != "grub" || wanted.absent.is_empty() {
            return Ok(None);
        }
        let is = Sourced::read(text).and_then(|file| file.value(ALWAYS));
        let is = is.map_err(|why| unclear(host, &self.source, &why))?;
        let is = is.unwrap_or_default();
        let left = wanted.taken_from(&is);
        Ok((left != is).then_some(Always { is, left }))
    }

    /// The source's text without what goes from the parameters before the line.
    ///
    /// # Errors
    /// Only a shell can tell what they are.
    pub(super) fn without(&self, host: &str, text: &str, always: &Always) -> Result<String, Halt> {
        let new = Sourced::read(text).and_then(|file| file.with(ALWAYS, &always.left));
        new.map_err(|why| unclear(host, &self.source, &why).into())
    }

    /// The source's text with another command line.
    ///
    /// # Errors
    /// Only a shell can tell what it's now; nothing would say where the root is.
    pub(super) fn with_line(&self, host: &str, text: &str, line: &str) -> Result<String, Halt> {
        if self.loader != "grub" {
            if !line
                .split_whitespace()
                .any(|word| word.starts_with("root="))
            {
                return Err(no_root(host, &self.source).into());
            }
            let mut lines = Lines::of(text);
            let first = lines.texts().next();
            let is_comment = first.is_none_or(|first| first.trim().starts_with('#'));
            lines.replace(0..usize::from(!is_comment), &[line]);
            return Ok(lines.content());
        }
        let new = Sourced::read(text).and_then(|file| file.with(DEFAULT, line));
        new.map_err(|why| unclear(host, &self.source, &why).into())
    }
}

/// Parameters that stand before the line.
pub(super) struct Always {
    pub(super) is: String,
    pub(super) left: String,
}

/// Whether the first line of `/etc/kernel/cmdline` says anything.
fn is_line(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// A running command line without what its loader added.
fn without_loaders(running: &str) -> String {
    let is_own = |word: &&str| !word.starts_with("initrd=") && !word.starts_with("BOOT_IMAGE=");
    let words: Vec<&str> = running.split_whitespace().filter(is_own).collect();
    words.join(" ")
}

/// The failure where nothing would say what is mounted as the root.
fn no_root(host: &str, source: &str) -> Failure {
    let text = format!("{source} on {host} would have no root=: it wouldn't start again");
    Failure::new(code::host::unclear_setting, text)
        .cause("neither the file nor the running kernel's command line has one".to_owned())
        .help(format!(
            "write the whole line into {source}, as `root=ZFS=rpool/ROOT/pve-1 boot=zfs`"
        ))
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
            next: String::new(),
            older: Vec::new(),
        }
    }

    #[test]
    fn edits_the_line_of_grub() {
        let text = "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\"\nGRUB_CMDLINE_LINUX=\"\"\n";
        let grub = loader("grub");
        assert_eq!(grub.line_in("h", text, "").unwrap(), "quiet splash");
        assert_eq!(
            grub.with_line("h", text, "quiet").unwrap(),
            "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n"
        );
    }

    #[test]
    fn keeps_what_stands_behind_the_line_of_grub() {
        let text = "GRUB_CMDLINE_LINUX_DEFAULT='quiet' # for \"calm\"\n";
        let grub = loader("grub");
        assert_eq!(grub.line_in("h", text, "").unwrap(), "quiet");
        assert_eq!(
            grub.with_line("h", text, "quiet iommu=pt").unwrap(),
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt\" # for \"calm\"\n"
        );
    }

    #[test]
    fn refuses_a_line_of_grub_that_only_a_shell_can_read() {
        let text = "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet $(cat /etc/more)\"\n";
        for halt in [
            loader("grub").line_in("h", text, "").unwrap_err(),
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
        let running = "initrd=\\EFI\\a root=b BOOT_IMAGE=c quiet";
        for (text, line, new) in [
            (
                "root=a boot=zfs\n# kept\n",
                "root=a boot=zfs",
                "root=x\n# kept\n",
            ),
            ("", "root=b quiet", "root=x\n"),
            ("\nroot=a\n", "root=b quiet", "root=x\nroot=a\n"),
            (
                "# mine\r\nroot=a",
                "root=b quiet",
                "root=x\n# mine\r\nroot=a",
            ),
        ] {
            assert_eq!(boot.line_in("h", text, running).unwrap(), line, "{text:?}");
            assert_eq!(
                boot.with_line("h", text, "root=x").unwrap(),
                new,
                "{text:?}"
            );
            assert!(
                boot.with_line("h", text, "quiet iommu=pt").is_err(),
                "{text:?}"
            );
        }
    }
}
