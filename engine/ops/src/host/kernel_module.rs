//! Kernel modules: loaded now and at each start, with options, or forbidden.

use formats::modprobe::{self, plain};
use runbook::{
    action::Change,
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::{Write, tells},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    host::verb::{ModuleLoad, ModuleState, Modules},
};

use super::{
    initramfs,
    later::{self, Folders, Which},
    probe,
    text::{self, Edit},
};
use crate::{info::Effect, operate::Operate};

/// Where the files lie that modprobe reads.
const FOLDERS: Folders = ["/etc/modprobe.d", "/usr/lib/modprobe.d"];

/// Ensures a kernel module: loaded now, loaded at each start, its options, or blacklisted. Of the files it owns only
/// the module's own lines. A blacklisted module that is loaded stays so until the next start. Answers `module`,
/// `state` (`loaded`, `builtin`, `available`, `absent`), `initramfs_needed` (the image is older than what it's made
/// of; nothing where there is none) and `reboot_needed` (it's blacklisted, and loaded still).
///
/// Errors: the running kernel has no such module; it can't be loaded; a file that is read later gives an option
/// another value; another file blacklists a module that each start is to load.
///
/// ```rhai
/// host::kernel_module("pve1", "vfio-pci", #{ options: "ids=10de:27b2,10de:22bc" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModuleSpec {
    /// The host.
    host: String,
    /// The module: `vfio-pci`.
    module: String,
    /// Whether it's loaded now. Default: yes, unless it's blacklisted. What is loaded stays so.
    loaded: Option<bool>,
    /// Whether each start loads it, by `/etc/modules-load.d`. Default: as `loaded`.
    at_boot: Option<bool>,
    /// Its options in `/etc/modprobe.d`: `"ids=10de:27b2"`. Default: as they are; empty: none.
    options: Option<String>,
    /// Whether nothing may load it by its aliases. Default: no.
    #[serde(default)]
    blacklisted: bool,
}

impl Operate for ModuleSpec {
    const NAME: &str = "host::kernel_module";
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["host", "module"];

    fn resource(&self) -> String {
        format!("kernel module {} on {}", self.module, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let resource = format!("kernel module {} on {}", self.module, self.host);
        let is_loaded = self.is_to_load();
        let mut state = state(operation, &self).await?;
        if state == ModuleState::Absent && is_loaded {
            return Err(unknown(&self).into());
        }
        let settings = settings(&self);
        for setting in &settings {
            check_later(operation, &self, setting).await?;
        }
        check_blacklists(operation, &self).await?;
        for setting in settings {
            ensure(operation, &self, &setting, &resource).await?;
        }
        if is_loaded && state == ModuleState::Available {
            load(operation, &self, &resource).await?;
            state = ModuleState::Loaded;
        }
        let is_still_loaded = self.blacklisted && state == ModuleState::Loaded;
        if is_still_loaded {
            operation.remark(format!(
                "{} is blacklisted on {}, and loaded until its next start",
                self.module, self.host
            ));
        }
        let initramfs = initramfs::is_older(operation, &self.host).await?;
        let mut fields = Fields::new();
        fields.insert("module".to_owned(), json!(self.module));
        fields.insert("state".to_owned(), json!(state.name()));
        fields.insert("initramfs_needed".to_owned(), json!(initramfs));
        fields.insert("reboot_needed".to_owned(), json!(is_still_loaded));
        Ok(fields)
    }
}

/// A line of a file, and the file.
struct Setting {
    path: String,
    kind: modprobe::Kind,
    /// What it's called in changes.
    name: &'static str,
    /// The word that the line begins with.
    directive: &'static str,
    module: String,
    /// The line as it's wanted; none if there is to be none.
    line: Option<String>,
}

impl Setting {
    fn is_own(&self, line: &modprobe::Line) -> bool {
        line.directive == self.directive && line.module() == self.module
    }

    /// The lines of a file that are its own.
    fn lines(&self, content: &[u8]) -> Vec<modprobe::Line> {
        let mut lines = self.kind.lines(content);
        lines.retain(|line| self.is_own(line));
        lines
    }
}

/// What is wanted of the files.
fn settings(spec: &ModuleSpec) -> Vec<Setting> {
    let module = &spec.module;
    let at_boot = Setting {
        path: format!("/etc/modules-load.d/{module}.conf"),
        kind: modprobe::Kind::List,
        name: "at_boot",
        directive: "",
        module: plain(module),
        line: spec
            .at_boot
            .unwrap_or_else(|| spec.is_to_load())
            .then(|| module.clone()),
    };
    let directive = |name, directive, words: Option<&str>| Setting {
        path: format!("/etc/modprobe.d/{module}.conf"),
        kind: modprobe::Kind::Directives,
        name,
        directive,
        module: plain(module),
        line: words.map(|words| {
            format!("{directive} {module} {words}")
                .trim_end()
                .to_owned()
        }),
    };
    let options = spec.options.as_deref().map(str::trim);
    let wanted = options.filter(|options| !options.is_empty());
    let options = options.map(|_| directive("options", "options", wanted));
    let blacklist = directive("blacklisted", "blacklist", spec.blacklisted.then_some(""));
    let all = [Some(at_boot), options, Some(blacklist)];
    all.into_iter().flatten().collect()
}

impl ModuleSpec {
    fn is_to_load(&self) -> bool {
        self.loaded.unwrap_or(!self.blacklisted)
    }
}

async fn state(operation: &Operation, spec: &ModuleSpec) -> Result<ModuleState, Halt> {
    let ask = Modules::new(plain(&spec.module));
    operation.ask(&spec.host, ask).await
}

fn unknown(spec: &ModuleSpec) -> Failure {
    let text = format!("the kernel of {} has no module {}", spec.host, spec.module);
    Failure::new(code::host::no_module, text)
        .help("correct the name, or install the package that brings it; after an update of the kernel, restart first")
}

async fn ensure(
    operation: &Operation,
    spec: &ModuleSpec,
    setting: &Setting,
    resource: &str,
) -> Result<(), Halt> {
    let found = probe::file(operation, &spec.host, &setting.path).await?;
    let old = found.bytes()?;
    let own = setting.lines(old);
    let is_right = match (&setting.line, own.as_slice()) {
        (None, []) => true,
        (Some(line), [own]) => setting.lines(line.as_bytes()) == [own.clone()],
        _ => false,
    };
    if is_right {
        return Ok(());
    }
    let is_own = |line: &modprobe::Line| setting.is_own(line);
    let new = setting.kind.with(old, is_own, setting.line.as_deref());
    let before: Vec<String> = own.iter().map(modprobe::Line::shown).collect();
    let before = (!before.is_empty()).then(|| before.join("; "));
    let change = Change::update(
        resource,
        json!({ setting.name: before }),
        json!({ setting.name: setting.line }),
    );
    let edit = Edit {
        path: &setting.path,
        old,
        new: &new,
        change,
    };
    text::keep(operation, &spec.host, edit).await
}

/// Needs no file that modprobe reads later to give the module another value of an option.
async fn check_later(
    operation: &Operation,
    spec: &ModuleSpec,
    setting: &Setting,
) -> Result<(), Halt> {
    let (Some(line), "options") = (&setting.line, setting.directive) else {
        return Ok(());
    };
    let wanted = setting.lines(line.as_bytes());
    let is_other = |word: &String| {
        let name = |word: &str| plain(word.split('=').next().unwrap_or_default());
        let mut own = wanted.iter().flat_map(|line| &line.words);
        own.any(|own| own != word && name(own) == name(word))
    };
    let overrides = |content: &[u8]| {
        let lines = setting.lines(content).into_iter();
        let mut other = lines.filter(|line| line.words.iter().any(is_other));
        other.next().map(|line| line.shown())
    };
    let later = (FOLDERS, Which::Later);
    later::check(operation, (&spec.host, &setting.path), later, overrides).await
}

/// Needs no other file of modprobe's to keep a start from loading a module that it's to load.
async fn check_blacklists(operation: &Operation, spec: &ModuleSpec) -> Result<(), Halt> {
    if spec.blacklisted || !spec.at_boot.unwrap_or_else(|| spec.is_to_load()) {
        return Ok(());
    }
    let module = plain(&spec.module);
    let own = format!("/etc/modprobe.d/{}.conf", spec.module);
    let overrides = |content: &[u8]| {
        let lines = modprobe::Kind::Directives.lines(content).into_iter();
        let mut blacklists =
            lines.filter(|line| line.directive == "blacklist" && line.module() == module);
        blacklists.next().map(|line| line.shown())
    };
    let others = (FOLDERS, Which::Others);
    later::check(operation, (&spec.host, &own), others, overrides).await
}

async fn load(operation: &Operation, spec: &ModuleSpec, resource: &str) -> Result<(), Halt> {
    let module = plain(&spec.module);
    let change = Change::update(
        resource,
        json!({ "state": "available" }),
        json!({ "state": "loaded" }),
    );
    let proof = tells(&Modules::new(&*module), &ModuleState::Loaded);
    let call = ModuleLoad::new(module);
    operation
        .write(Write::call(change, &spec.host, call, proof))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn lines(fields: Value) -> Vec<Option<String>> {
        let mut spec = json!({ "host": "a", "module": "vfio-pci" });
        spec.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let spec = serde_json::from_value(spec).unwrap();
        settings(&spec)
            .into_iter()
            .map(|setting| setting.line)
            .collect()
    }

    #[test]
    fn what_is_wanted_of_the_files() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(lines(json!({})), [text("vfio-pci"), None]);
        assert_eq!(
            lines(json!({ "options": " ids=1:2 ", "loaded": false })),
            [None, text("options vfio-pci ids=1:2"), None]
        );
        assert_eq!(
            lines(json!({ "blacklisted": true })),
            [None, text("blacklist vfio-pci")]
        );
    }

    #[test]
    fn knows_its_lines_by_either_spelling() {
        let spec =
            serde_json::from_value(json!({ "host": "a", "module": "vfio-pci", "options": "" }))
                .unwrap();
        let options = &settings(&spec)[1];
        let lines = |text: &str| options.lines(text.as_bytes()).len();
        assert_eq!(lines("options vfio_pci ids=1:2\noptions  vfio-pci x\n"), 2);
        assert_eq!(lines("options vfio x\n# options vfio-pci\n"), 0);
    }
}
