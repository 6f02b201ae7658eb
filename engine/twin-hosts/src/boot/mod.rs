//! What starts the kernel: GRUB, or systemd-boot through proxmox-boot-tool.

mod plant;

use formats::sourced::Sourced;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use world::{
    Origin,
    host::{
        Verb,
        verb::{BootLoader, BootUpdate},
    },
};

pub(super) use self::plant::plant;
use model::{Fault, Stop, kind, node::KERNEL};

use super::{
    Handler, Host,
    entry::Entry,
    typed::{Said, answers, fails},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    ShowBootLoader => |host, _| show(host),
    BootUpdate => update,
};

const GRUB: &str = "/etc/default/grub";
const GRUB_FOLDER: &str = "/etc/default/grub.d";
const GRUB_GENERATED: &str = "/boot/grub/grub.cfg";
const CMDLINE: &str = "/etc/kernel/cmdline";
/// The time of this file says when proxmox-boot-tool was last called.
const STAMP: &str = "/var/lib/homelab/boot-update";

/// What starts the kernel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Loader {
    loader: String,
    tool: String,
    source: String,
    generated: String,
}

impl Loader {
    /// The row of what a host tells.
    pub(super) fn of(told: BootLoader) -> Self {
        Self {
            loader: told.loader,
            tool: told.tool,
            source: told.source,
            generated: told.generated,
        }
    }

    fn new(loader: &str, tool: &str, source: &str, generated: &str) -> Self {
        Self {
            loader: loader.to_owned(),
            tool: tool.to_owned(),
            source: source.to_owned(),
            generated: generated.to_owned(),
        }
    }
}

/// The command line of the next start in what a host tells.
pub(super) fn next_in(told: &BootLoader) -> Option<String> {
    (!told.next.is_empty()).then(|| format!("BOOT_IMAGE={}", told.next))
}

impl Host<'_, '_> {
    fn loader(&mut self) -> Result<Loader, Stop> {
        let loader = self.get(kind::KERNEL, "loader")?;
        Ok(loader.unwrap_or_else(|| Loader::new("none", "none", "", "")))
    }

    /// The command line of the next start.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn next_cmdline(&mut self) -> Result<String, Stop> {
        let next = self.get::<Value>(kind::KERNEL, "next")?;
        match next.as_ref().and_then(Value::as_str) {
            Some(next) => Ok(next.to_owned()),
            None => self.cmdline(),
        }
    }

    /// What changed since the loader's configuration was brought up to date.
    fn older(&mut self, loader: &Loader) -> Result<Vec<String>, Stop> {
        let mut sources = vec![loader.source.clone()];
        if loader.loader == "grub" && self.entry(GRUB_FOLDER)?.is_some() {
            sources.push(GRUB_FOLDER.to_owned());
            for name in self.names_in(GRUB_FOLDER)? {
                sources.push(format!("{GRUB_FOLDER}/{name}"));
            }
        }
        let since = match self.changed(&loader.generated)? {
            Some(since) => since,
            None if loader.loader == "systemd-boot" => {
                let line = self.kernel_line()?;
                if line.is_empty() || !self.cmdline()?.contains(&line) {
                    return Ok(vec![loader.source.clone()]);
                }
                self.first_start()?
            }
            None => return Ok(vec![loader.source.clone()]),
        };
        let mut older = Vec::new();
        for source in sources {
            if self
                .changed(&source)?
                .is_some_and(|changed| changed > since)
            {
                older.push(source);
            }
        }
        Ok(older)
    }

    /// When the host was last started, in microseconds; its first start is in its node's row.
    fn first_start(&mut self) -> Result<u64, Stop> {
        match self.booted()? {
            0 => {
                let name = self.name().to_owned();
                let row = self.tx.node_row(&name)?.unwrap_or_default();
                Ok(row["booted"].as_u64().unwrap_or_default() * 1_000_000)
            }
            booted => Ok(booted),
        }
    }

    /// The first line of what proxmox-boot-tool reads.
    fn kernel_line(&mut self) -> Result<String, Stop> {
        let text = self.text(CMDLINE)?.unwrap_or_default();
        Ok(text.lines().next().unwrap_or_default().trim().to_owned())
    }

    /// The command line that the files configure, with what stands before it.
    fn configured_cmdline(&mut self, loader: &Loader) -> Result<String, Stop> {
        if loader.loader == "systemd-boot" {
            let image = format!("initrd=\\EFI\\proxmox\\{0}\\initrd.img-{0}", KERNEL.0);
            return Ok(format!("{image} {}", self.kernel_line()?));
        }
        let running = self.cmdline()?;
        let words: Vec<&str> = running.split_whitespace().collect();
        let root = words.iter().position(|word| matches!(*word, "ro" | "rw"));
        let own = ["BOOT_IMAGE=", "root=", "initrd="];
        let mut line = match root {
            Some(place) => words[..=place].join(" "),
            // A container has the command line of its machine.
            None => words
                .iter()
                .copied()
                .filter(|word| own.iter().any(|own| word.starts_with(own)))
                .collect::<Vec<_>>()
                .join(" "),
        };
        let mut texts = vec![self.text(GRUB)?.unwrap_or_default()];
        texts.extend(self.texts_in(GRUB_FOLDER, ".cfg")?);
        for value in parameters(&texts)? {
            line.push(' ');
            line.push_str(&value);
        }
        Ok(line)
    }
}

/// The parameters that GRUB's files give every kernel.
///
/// # Errors
/// Only a shell can tell.
fn parameters(texts: &[String]) -> Result<Vec<String>, Stop> {
    let read = || {
        let files = texts.iter().map(|text| Sourced::read(text));
        let files = files.collect::<Result<Vec<_>, _>>()?;
        ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"]
            .into_iter()
            .filter_map(|name| Sourced::value_after(&files, name).transpose())
            .collect::<Result<Vec<_>, _>>()
    };
    let mut values = read().map_err(|why| {
        let what = format!("the command line that GRUB's settings give ({why})");
        Stop::Fault(Fault::Unknown(Origin::of(what)))
    })?;
    values.retain(|value| !value.trim().is_empty());
    Ok(values.iter().map(|value| value.trim().to_owned()).collect())
}

fn show(host: &mut Host<'_, '_>) -> Said<BootLoader> {
    let row = host.loader()?;
    let next = match row.tool.as_str() {
        "update-grub" => host.next_cmdline()?,
        _ => String::new(),
    };
    let older = match row.tool.as_str() {
        "none" => Vec::new(),
        _ => host.older(&row)?,
    };
    let Loader {
        loader,
        tool,
        source,
        generated,
    } = row;
    Ok(BootLoader {
        loader,
        tool,
        source,
        generated,
        next: next.trim_start_matches("BOOT_IMAGE=").to_owned(),
        older,
    })
}

fn update(host: &mut Host<'_, '_>, BootUpdate { tool }: BootUpdate) -> Said<String> {
    let loader = host.loader()?;
    if tool != loader.tool {
        let text = format!("{tool}: command not found");
        return fails(126, text);
    }
    let line = host.configured_cmdline(&loader)?;
    host.put(kind::KERNEL, "next", &line)?;
    if tool == "update-grub" {
        let generated = generated(&line);
        host.place(GRUB_GENERATED, Entry::file("600", generated.as_bytes()))?;
        return Ok("Generating grub configuration file ...\ndone".to_owned());
    }
    if host.entry("/var/lib/homelab")?.is_none() {
        host.place("/var/lib/homelab", Entry::directory("755"))?;
    }
    host.place(STAMP, Entry::file("644", b""))?;
    Ok("Refreshing ESPs".to_owned())
}

/// The part of GRUB's generated configuration that the model reads.
fn generated(line: &str) -> String {
    format!(
        "# DO NOT EDIT THIS FILE\n#\n# It is automatically generated by grub-mkconfig\n\
         menuentry 'Proxmox VE GNU/Linux' {{\n\tlinux\t{}\n\tinitrd\t/boot/initrd.img-{}\n}}\n",
        line.trim_start_matches("BOOT_IMAGE="),
        KERNEL.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_settings_as_a_shell_does() {
        let default = "GRUB_CMDLINE_LINUX_DEFAULT='quiet splash' # calm\n#GRUB_CMDLINE_LINUX=\"x\"\nGRUB_CMDLINE_LINUX=''\n";
        let more = "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT a=\\\"b\\\"\"\n";
        let texts = [default, more].map(str::to_owned);
        assert_eq!(parameters(&texts[..1]).unwrap(), ["quiet splash"]);
        assert_eq!(parameters(&texts).unwrap(), ["quiet splash a=\"b\""]);
    }

    #[test]
    fn says_what_a_shell_would_have_to_tell() {
        let texts = ["GRUB_CMDLINE_LINUX=\"$(cat /etc/more)\"\n".to_owned()];
        let stop = parameters(&texts).unwrap_err();
        let Stop::Fault(Fault::Unknown(origin)) = stop else {
            panic!("{stop:?}");
        };
        assert!(origin.what.contains("line 1"), "{}", origin.what);
    }
}
