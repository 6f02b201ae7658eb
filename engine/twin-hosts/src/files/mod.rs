//! Files, folders and links.

mod tree;

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use formats::path::canonical;
use world::host::{
    Ask as _, Reply, Verb,
    verb::{
        self, Attributes, Changed, List, Mkdir, OrAbsent, Read, Remove, RemoveTree, SetAttributes,
        Stat, Symlink, Time, Write,
    },
};

use model::{Fault, Stop, host_effect, kind, node::network, stop::known};

use super::{
    Filling, Handler, Host, Loaded, base,
    entry::{Entry, What},
    packages,
    typed::{Said, answers, fails, filling, row_of, told, unless},
    units,
};

/// Up to which size a preview reads a file's bytes.
const READ_UP_TO: u64 = 4 << 20;

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Stat => |host, Stat { path }| {
        let entry = host.entry(&path)?;
        Ok(entry.map_or(verb::Entry::Absent, |entry| entry.told()))
    },
    Changed => |host, Changed { path }| Ok(OrAbsent(host.changed(&path)?.map(Time))),
    Read => read,
    List => list,
    Write => write,
    SetAttributes => set_attributes,
    Mkdir => mkdir,
    Symlink => symlink,
    Remove => remove,
    RemoveTree => |host, RemoveTree { path }| Ok(host.take_tree(&path)?),
};

pub(super) const FILLINGS: &[Filling] = &[
    Filling {
        kind: kind::FOLDER_TIME,
        reads: |_, _| Vec::new(),
        load: |_, _| Ok(None),
    },
    Filling {
        kind: kind::FILE,
        reads: |path, replies| match replies {
            [] => vec![Stat::new(path).call(), Changed::new(path).call()],
            [stat, _] if is_readable(stat) => vec![Read::new(path).call()],
            _ => Vec::new(),
        },
        load,
    },
    filling!(kind::LISTING, |path| List::new(path), |names| names),
];

fn is_readable(stat: &Reply) -> bool {
    matches!(
        told::<Stat>(stat),
        Ok(verb::Entry::File { size: Some(size), .. }) if size <= READ_UP_TO
    )
}

fn load(_: &str, replies: &[Reply]) -> Loaded {
    let [stat, changed, rest @ ..] = replies else {
        return Err("it wasn't read".to_owned());
    };
    let Some(mut entry) = Entry::of_told(told::<Stat>(stat)?) else {
        return Ok(None);
    };
    entry.changed = told::<Changed>(changed)?.0.map_or(0, |time| time.0);
    if let (What::File { content, .. }, [read]) = (&mut entry.what, rest)
        && let Ok(Some(bytes)) = told::<Read>(read)
    {
        *content = Some(STANDARD.encode(bytes));
    }
    row_of(Some(entry))
}

/// A path as its row has it; the operator's paths are relative to the lab's folder, which is the empty one.
fn plain(path: &str) -> Cow<'_, str> {
    match canonical(path) {
        path if path == "." => Cow::Borrowed(""),
        path => path,
    }
}

/// The folder that a path stands in; none for the operator's own, which is always there.
fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some(("", _)) => Some("/"),
        Some((parent, _)) => Some(parent),
        None => None,
    }
}

/// A path without `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.len() > 1 => drop(parts.pop()),
            ".." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl Host<'_, '_> {
    /// What is at a path.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn entry(&mut self, path: &str) -> Result<Option<Entry>, Stop> {
        let path = &*plain(path);
        let entry = self.get::<Entry>(kind::FILE, path)?;
        if path == host_effect::NETWORK {
            return self.network_file(entry);
        }
        // What lies in memory only is gone with the next start; systemd makes its folders again.
        let is_volatile = ["/run/", "/tmp/"]
            .iter()
            .any(|folder| path.starts_with(folder));
        if is_volatile && !base::FOLDERS.contains(&path) {
            let booted = self.booted()?;
            return Ok(entry.filter(|entry| entry.changed >= booted));
        }
        Ok(entry)
    }

    /// The file of the network: as it was written, else as Proxmox VE writes what the API has.
    fn network_file(&mut self, written: Option<Entry>) -> Result<Option<Entry>, Stop> {
        if written.is_some() {
            return Ok(written);
        }
        // Where no API shows a network, nobody wrote one.
        let text = known(network::text(self.tx))?.flatten();
        Ok(text.map(|text| Entry::file("644", text.as_bytes())))
    }

    /// When something at a path last changed, in microseconds; of a folder, also when a name in it did.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn changed(&mut self, path: &str) -> Result<Option<u64>, Stop> {
        let Some(entry) = self.entry(path)? else {
            return Ok(None);
        };
        let names = match entry.what {
            What::Directory { .. } => self.get::<u64>(kind::FOLDER_TIME, &plain(path))?,
            _ => None,
        };
        Ok(Some(entry.changed.max(names.unwrap_or_default())))
    }

    /// The text of a file, behind links; none if there is none.
    ///
    /// # Errors
    /// The rows' fault; a preview doesn't know it.
    pub(crate) fn text(&mut self, path: &str) -> Result<Option<String>, Stop> {
        let Some(entry) = self.followed(path)? else {
            return Ok(None);
        };
        match (&entry.what, entry.content()) {
            (What::File { .. }, Some(bytes)) => {
                Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
            }
            (What::File { .. }, None) => Err(unread(path)),
            _ => Ok(None),
        }
    }

    /// Puts something at a path, changed now.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn place(&mut self, path: &str, mut entry: Entry) -> Result<(), Stop> {
        let path = &*plain(path);
        entry.changed = self.stamp()?;
        if self.entry(path)?.is_none() {
            self.relist(path, |names, name| names.push(name.to_owned()))?;
        }
        self.put(kind::FILE, path, &entry)?;
        packages::touched(self, path)?;
        self.note_names(path, entry.changed)?;
        units::touched(self, path)
    }

    /// Takes away what is at a path.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn take_away(&mut self, path: &str) -> Result<(), Stop> {
        let path = &*plain(path);
        self.relist(path, |names, name| names.retain(|other| other != name))?;
        self.delete(kind::FILE, path)?;
        packages::touched(self, path)?;
        let stamp = self.stamp()?;
        self.note_names(path, stamp)?;
        units::touched(self, path)
    }

    /// Notes that a name in the folder of a path came, went or means something new.
    fn note_names(&mut self, path: &str, stamp: u64) -> Result<(), Stop> {
        match parent(path).filter(|_| !self.is_operator()) {
            Some(folder) => self.put(kind::FOLDER_TIME, folder, &stamp),
            None => Ok(()),
        }
    }

    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn names_in(&mut self, path: &str) -> Result<Vec<String>, Stop> {
        let path = &*plain(path);
        let mut names = match self.get::<Vec<String>>(kind::LISTING, path)? {
            Some(names) => names,
            None => self.scan_folder(path)?,
        };
        if matches!(path, "/run" | "/tmp") && self.booted()? > 0 {
            let all = std::mem::take(&mut names);
            for name in all {
                if self.entry(&format!("{path}/{name}"))?.is_some() {
                    names.push(name);
                }
            }
        }
        names.sort();
        Ok(names)
    }

    fn scan_folder(&mut self, path: &str) -> Result<Vec<String>, Stop> {
        let all = self.scan::<Entry>(kind::FILE)?;
        let within = all
            .iter()
            .filter(|(id, _)| parent(id) == Some(path) && id != path);
        let name = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
        Ok(within.map(|(id, _)| name(id)).collect())
    }

    /// Keeps the names of a folder right, where they were read as a list: a preview has no other.
    fn relist(&mut self, path: &str, change: fn(&mut Vec<String>, &str)) -> Result<(), Stop> {
        let Some(folder) = parent(path).filter(|_| !self.is_operator()) else {
            return Ok(());
        };
        if let Some(mut names) = self.get::<Vec<String>>(kind::LISTING, folder)? {
            change(&mut names, path.rsplit('/').next().unwrap_or_default());
            self.put(kind::LISTING, folder, &names)?;
        }
        Ok(())
    }

    /// What is behind the links at a path.
    fn followed(&mut self, path: &str) -> Result<Option<Entry>, Stop> {
        let mut path = plain(path).into_owned();
        for _ in 0..40 {
            let entry = self.entry(&path)?;
            let Some(What::Link { target }) = entry.as_ref().map(|entry| &entry.what) else {
                return Ok(entry);
            };
            path = if target.starts_with('/') {
                target.clone()
            } else {
                let folder = parent(&path).unwrap_or_default();
                without_dots(&format!("{}/{target}", folder.trim_end_matches('/')))
            };
        }
        Ok(None)
    }

    /// What is said if no file can be put at a path.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn refuses_file(&mut self, path: &str) -> Result<Option<Reply>, Stop> {
        match self.followed(path)?.map(|entry| entry.what) {
            Some(What::Directory { .. }) => Ok(Some(is_directory(path))),
            Some(What::Other { .. }) => Ok(Some(no_file(path))),
            _ => self.lacks_folder(path),
        }
    }

    /// Whether the folder that a path stands in is there; else what the system says.
    fn lacks_folder(&mut self, path: &str) -> Result<Option<Reply>, Stop> {
        let path = &*plain(path);
        if self.is_operator() {
            return Ok(None);
        }
        let Some(parent) = parent(path) else {
            return Ok(None);
        };
        let is_folder = self
            .followed(parent)?
            .is_some_and(|entry| matches!(entry.what, What::Directory { .. }));
        Ok((!is_folder).then(|| Reply::failed(1, format!("{path}: No such file or directory"))))
    }
}

/// Nobody knows a file's bytes: a preview has not read them, or only their checksum was ever given.
fn unread(path: &str) -> Stop {
    Stop::Fault(Fault::Unknown(world::Origin::of(format!(
        "what is in {path}, which was downloaded or is larger than {READ_UP_TO} bytes"
    ))))
}

fn read(host: &mut Host<'_, '_>, Read { path }: Read) -> Said<Option<Bytes>> {
    let Some(entry) = host.followed(&path)? else {
        return Ok(None);
    };
    match (&entry.what, entry.content()) {
        (What::Directory { .. }, _) => Err(is_directory(&path).into()),
        (_, Some(bytes)) => Ok(Some(bytes)),
        (What::File { .. }, None) => Err(unread(&path).into()),
        _ => Err(no_file(&path).into()),
    }
}

fn is_directory(path: &str) -> Reply {
    Reply::failed(73, format!("{path}: is a directory"))
}

fn no_file(path: &str) -> Reply {
    Reply::failed(73, format!("{path}: is no regular file"))
}

fn list(host: &mut Host<'_, '_>, List { path }: List) -> Said<Option<Vec<String>>> {
    if host.entry(&path)?.is_none() {
        return Ok(None);
    }
    Ok(Some(host.names_in(&path)?))
}

fn write(host: &mut Host<'_, '_>, ask: Write) -> Said<()> {
    unless(host.refuses_file(&ask.path)?)?;
    let entry = Entry::file("600", &ask.bytes).with(&ask.attributes);
    unless(host.refuses_attributes(&ask.path, "640", &ask.attributes)?)?;
    Ok(host.place(&ask.path, entry)?)
}

fn set_attributes(host: &mut Host<'_, '_>, ask: SetAttributes) -> Said<()> {
    let SetAttributes { path, attributes } = ask;
    let Some(entry) = host.entry(&path)? else {
        return fails(
            1,
            format!("cannot access '{path}': No such file or directory"),
        );
    };
    let usual = if matches!(entry.what, What::Directory { .. }) {
        "755"
    } else {
        "640"
    };
    unless(host.refuses_attributes(&path, usual, &attributes)?)?;
    Ok(host.place(&path, entry.with(&attributes))?)
}

fn mkdir(host: &mut Host<'_, '_>, Mkdir { path, attributes }: Mkdir) -> Said<()> {
    let refused = |why: &str| format!("mkdir: cannot create directory '{path}': {why}");
    if host.entry(&path)?.is_some() {
        return fails(1, refused("File exists"));
    }
    if host.lacks_folder(&path)?.is_some() {
        return fails(1, refused("No such file or directory"));
    }
    unless(host.refuses_attributes(&path, "755", &attributes)?)?;
    Ok(host.place(&path, Entry::directory("755").with(&attributes))?)
}

impl Host<'_, '_> {
    /// What is said of attributes that can't be given: of an account that isn't there, of a mode that is none, and what
    /// the file system of a cluster says of other ones than its own; `usual` is its mode.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn refuses_attributes(
        &mut self,
        path: &str,
        usual: &str,
        wanted: &Attributes,
    ) -> Result<Option<Reply>, Stop> {
        if let Some(why) = self.lacks_account(wanted)? {
            return Ok(Some(Reply::failed(1, format!("chown: {why}"))));
        }
        let is_mode = |mode: &str| u32::from_str_radix(mode, 8).is_ok_and(|mode| mode <= 0o7777);
        if wanted.mode != "-" && !is_mode(&wanted.mode) {
            let text = format!("chmod: invalid mode: '{}'", wanted.mode);
            return Ok(Some(Reply::failed(1, text)));
        }
        Ok(fixed_otherwise(path, usual, wanted))
    }

    /// Which owner or group isn't there, in the words of `chown`.
    fn lacks_account(&mut self, wanted: &Attributes) -> Result<Option<String>, Stop> {
        let Attributes { owner, group, .. } = wanted;
        let is_looked_for = |name: &str| !matches!(name, "-" | "root");
        let both = match &**group {
            "-" => owner.clone(),
            group => format!("{owner}:{group}"),
        };
        if self.is_operator() {
            return Ok(None);
        }
        if is_looked_for(owner) && !self.has_user(owner)? {
            return Ok(Some(format!("invalid user: '{both}'")));
        }
        let lacks_group = is_looked_for(group) && !self.has_group(group)?;
        Ok(lacks_group.then(|| format!("invalid group: '{both}'")))
    }
}

fn fixed_otherwise(path: &str, usual: &str, wanted: &Attributes) -> Option<Reply> {
    let fixed = Attributes::fixed(path, usual)?;
    let is_kept = |wanted: &str, fixed: &str| wanted == "-" || wanted == fixed;
    let what = if !is_kept(&wanted.owner, &fixed.owner) || !is_kept(&wanted.group, &fixed.group) {
        "chown: changing ownership"
    } else if !is_kept(&wanted.mode, &fixed.mode) {
        "chmod: changing permissions"
    } else {
        return None;
    };
    Some(Reply::failed(
        1,
        format!("{what} of '{path}': Operation not permitted"),
    ))
}

fn symlink(host: &mut Host<'_, '_>, Symlink { path, target }: Symlink) -> Said<()> {
    let is_link = |entry: &Entry| matches!(entry.what, What::Link { .. });
    if host.entry(&path)?.is_some_and(|entry| !is_link(&entry)) {
        return fails(73, format!("{path}: is there and no link"));
    }
    unless(host.lacks_folder(&path)?)?;
    Ok(host.place(&path, Entry::link(&target))?)
}

fn remove(host: &mut Host<'_, '_>, Remove { path }: Remove) -> Said<()> {
    let Some(entry) = host.entry(&path)? else {
        return Ok(());
    };
    if matches!(entry.what, What::Directory { .. }) && !host.names_in(&path)?.is_empty() {
        let text = format!("rmdir: failed to remove '{path}': Directory not empty");
        return fails(1, text);
    }
    Ok(host.take_away(&path)?)
}
