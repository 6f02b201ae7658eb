//! Initramfs images, made anew when what they are made of has changed.

use std::collections::BTreeSet;

use runbook::{
    action::{Change, Kind},
    bridge::Fields,
    halt::Halt,
    operation::{Operation, told::told},
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::host::{
    Ask as _,
    verb::{self, ImageLine, Initramfs, InitramfsUpdate},
};

use crate::{info::Effect, operate::Operate};

/// Makes the initramfs images of the running and the newest kernel anew, where one is missing or a file that it's
/// made of changed since: seen from the files' own times, so no failure in between can make it forgotten. Answers
/// `kernels` and `updated`, those whose image was made anew.
///
/// Errors: the host has no `update-initramfs`; it failed.
///
/// ```rhai
/// host::file("pve1", "/etc/initramfs-tools/modules", #{ content: "vfio\nvfio_pci\n" });
/// host::initramfs("pve1", #{})
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InitramfsSpec {
    /// The host.
    host: String,
    /// Files and folders that its images are made of, beside `/etc/modprobe.d` and `/etc/initramfs-tools`.
    #[serde(default)]
    reads: Vec<String>,
}

impl Operate for InitramfsSpec {
    const NAME: &str = "host::initramfs";
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("initramfs on {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let ask = Initramfs { paths: self.reads };
        let images = Image::all(operation.ask(&self.host, ask).await?);
        let old: Vec<&Image> = images
            .iter()
            .filter(|image| !image.newer.is_empty())
            .collect();
        if !old.is_empty() {
            let reasons: BTreeSet<&String> = old.iter().flat_map(|image| &image.newer).collect();
            let change = Change::new(
                format!("initramfs on {}", self.host),
                Kind::Apply,
                Value::Null,
                json!({ "made anew for": reasons }),
            );
            let kernels: Vec<String> = old.iter().map(|image| image.kernel.clone()).collect();
            let call = InitramfsUpdate { kernels };
            operation
                .write(Write::repeatable(change, &self.host, call))
                .await?;
        }
        let names = |images: &mut dyn Iterator<Item = &Image>| {
            json!(images.map(|image| &image.kernel).collect::<Vec<_>>())
        };
        let mut fields = Fields::new();
        fields.insert("kernels".to_owned(), names(&mut images.iter()));
        fields.insert("updated".to_owned(), names(&mut old.into_iter()));
        Ok(fields)
    }
}

/// An image: its kernel, and what changed since it was made; `missing` if there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) kernel: String,
    pub(super) newer: Vec<String>,
}

impl Image {
    /// What the verb printed.
    fn all(lines: Vec<verb::Image>) -> Vec<Self> {
        let mut images: Vec<Self> = Vec::new();
        for line in lines {
            let newer = match line.what {
                ImageLine::Missing => vec!["missing".to_owned()],
                ImageLine::Image | ImageLine::Newer => Vec::new(),
            };
            match images.iter_mut().find(|image| image.kernel == line.kernel) {
                Some(image) if line.what == ImageLine::Newer => image.newer.push(line.path),
                _ => images.push(Self {
                    kernel: line.kernel,
                    newer,
                }),
            }
        }
        images
    }
}

/// Whether an image has to be made anew; nothing where there are none.
///
/// # Errors
/// No reply came.
pub(super) async fn is_older(operation: &Operation, host: &str) -> Result<Option<bool>, Halt> {
    let ask = Initramfs { paths: Vec::new() };
    let reply = operation.call(host, ask.call()).await?;
    if reply.status != 0 {
        return Ok(None);
    }
    let images = Image::all(told::<Initramfs>(host, &reply)?);
    Ok(Some(images.iter().any(|image| !image.newer.is_empty())))
}

#[cfg(test)]
mod tests {
    use world::host::verb::Printed as _;

    use super::*;

    #[test]
    fn knows_which_images_are_old() {
        let lines = [
            "image 6.2 /boot/initrd.img-6.2",
            "newer 6.2 /etc/modprobe.d/a b.conf",
            "missing 6.1 /boot/initrd.img-6.1",
        ]
        .map(|line| verb::Image::parse(line).unwrap());
        let image = |kernel: &str, newer: &str| Image {
            kernel: kernel.to_owned(),
            newer: vec![newer.to_owned()],
        };
        assert_eq!(
            Image::all(lines.to_vec()),
            [
                image("6.2", "/etc/modprobe.d/a b.conf"),
                image("6.1", "missing")
            ]
        );
        assert!(Image::all(lines[..1].to_vec())[0].newer.is_empty());
    }
}
