//! The initramfs images, and what they are made of.

use model::{Stop, kind};
use serde_json::{Value, json};
use world::host::{
    Reply, Verb,
    verb::{Image, ImageLine, Initramfs, InitramfsUpdate},
};

use super::{
    Handler, Host, Loaded,
    entry::{Entry, What},
    typed::{Said, answers, fails, told},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Initramfs => show,
    InitramfsUpdate => update,
};

/// What every image is made of.
const SOURCES: &[&str] = &["/etc/initramfs-tools", "/etc/modprobe.d"];

fn image(kernel: &str) -> String {
    format!("/boot/initrd.img-{kernel}")
}

/// The row of the kernels in what a host tells; its failure where no initramfs is made.
pub(super) fn kernels_in(reply: &Reply) -> Loaded {
    if reply.status != 0 {
        return Ok(Some(
            json!({ "status": reply.status, "error": reply.error }),
        ));
    }
    let images = told::<Initramfs>(reply)?.into_iter();
    let names = images.filter(|image| image.what != ImageLine::Newer);
    Ok(Some(names.map(|image| image.kernel).collect()))
}

impl Host<'_, '_> {
    /// The kernels that are started, the newest first; else why there is no initramfs.
    fn kernels(&mut self) -> Result<Result<Vec<String>, Reply>, Stop> {
        let row = self
            .get::<Value>(kind::KERNEL, "kernels")?
            .unwrap_or_default();
        let Some(names) = row.as_array() else {
            let status = row["status"]
                .as_i64()
                .and_then(|status| i32::try_from(status).ok());
            let error = row["error"].as_str().unwrap_or_default();
            return Ok(Err(Reply::failed(status.unwrap_or(69), error)));
        };
        let names = names.iter().filter_map(Value::as_str);
        Ok(Ok(names.map(str::to_owned).collect()))
    }

    /// A path and all below it that changed after a moment, sorted.
    fn newer(&mut self, path: &str, since: u64) -> Result<Vec<String>, Stop> {
        let mut found = Vec::new();
        if self.changed(path)?.is_some_and(|changed| changed > since) {
            found.push(path.to_owned());
        }
        let is_folder = |entry: Entry| matches!(entry.what, What::Directory { .. });
        if self.entry(path)?.is_some_and(is_folder) {
            for name in self.names_in(path)? {
                found.extend(self.newer(&format!("{path}/{name}"), since)?);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Whether the image of the newest kernel was made since what it's made of changed.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn is_initramfs_fresh(&mut self) -> Result<bool, Stop> {
        let Ok(kernels) = self.kernels()? else {
            return Ok(true);
        };
        let Some(kernel) = kernels.first() else {
            return Ok(true);
        };
        let Some(since) = self.changed(&image(kernel))? else {
            return Ok(false);
        };
        for source in SOURCES {
            if !self.newer(source, since)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn show(host: &mut Host<'_, '_>, Initramfs { paths }: Initramfs) -> Said<Vec<Image>> {
    let mut images = Vec::new();
    for kernel in host.kernels()?? {
        let path = image(&kernel);
        let line = |what, path| Image {
            what,
            kernel: kernel.clone(),
            path,
        };
        let Some(since) = host.changed(&path)? else {
            images.push(line(ImageLine::Missing, path));
            continue;
        };
        images.push(line(ImageLine::Image, path));
        let mut newer = Vec::new();
        let given = paths.iter().map(String::as_str);
        for source in SOURCES.iter().copied().chain(given) {
            newer.extend(host.newer(source, since)?);
        }
        newer.sort();
        newer.dedup();
        images.extend(newer.into_iter().map(|path| line(ImageLine::Newer, path)));
    }
    Ok(images)
}

fn update(host: &mut Host<'_, '_>, ask: InitramfsUpdate) -> Said<String> {
    let mut text = String::new();
    for kernel in &ask.kernels {
        if host.entry(&format!("/boot/vmlinuz-{kernel}"))?.is_none() {
            let text = format!("/boot/vmlinuz-{kernel}: no such kernel");
            return fails(1, text);
        }
        let path = image(kernel);
        let entry = host.entry(&path)?;
        host.place(&path, entry.unwrap_or_else(|| Entry::file("644", b"")))?;
        text.push_str(&format!("update-initramfs: Generating {path}\n"));
    }
    Ok(text)
}
