//! What every test has: a folder with a key, a configuration and known_hosts, and servers.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use homelab_world::{
    Clock,
    clock::RealClock,
    host::{
        Call, HostError, Port, Reply, Script, Ssh, Verb, Who,
        ssh::{NewKeys, Settings},
    },
};
use tempfile::TempDir;

use crate::server::Sshd;

/// A folder with a key, a configuration and known_hosts.
pub(crate) struct Lab {
    pub(crate) folder: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        assert!(
            fs::metadata("/usr/sbin/sshd").is_ok() && output("id", &["-u"]) == "0\n",
            "these tests start sshd and make users: they need root, openssh-server and sudo"
        );
        fs::create_dir_all("/run/sshd").unwrap();
        let folder = tempfile::Builder::new()
            .prefix("hls-")
            .tempdir_in("/var/tmp")
            .unwrap();
        output("chmod", &["755", folder.path().to_str().unwrap()]);
        let lab = Self { folder };
        lab.keygen("id", &[]);
        fs::write(lab.path("authorized"), lab.read("id.pub")).unwrap();
        lab.configure("");
        lab
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Makes a key.
    pub(crate) fn keygen(&self, name: &str, options: &[&str]) {
        let path = self.path(name);
        let mut all = vec!["-q", "-f", path.to_str().unwrap(), "-C", name];
        if !options.contains(&"-t") {
            all.extend(["-t", "ed25519"]);
        }
        if !options.contains(&"-N") {
            all.extend(["-N", ""]);
        }
        all.extend(options);
        output("ssh-keygen", &all);
    }

    /// Writes the configuration: these lines first, then what counts for all hosts.
    pub(crate) fn configure(&self, lines: &str) {
        let folder = self.folder.path().display();
        let all = format!(
            "{lines}\nHost *\n  User root\n  UserKnownHostsFile {folder}/known_hosts\n  \
             GlobalKnownHostsFile {folder}/global\n  IdentityFile {folder}/id\n  IdentitiesOnly yes\n"
        );
        fs::write(self.path("config"), all).unwrap();
    }

    pub(crate) fn settings(&self) -> Settings {
        let mut settings = Settings::new(self.folder.path(), "root");
        settings.config = Some(self.path("config"));
        settings
    }

    pub(crate) fn ssh(&self) -> Ssh {
        Ssh::new(self.settings())
    }

    /// Takes keys that aren't known yet.
    pub(crate) fn accepting(&self) -> Ssh {
        let mut settings = self.settings();
        settings.new_keys = NewKeys::Accept;
        Ssh::new(settings)
    }

    /// A server whose key is known.
    pub(crate) fn server(&self, lines: &[&str]) -> Sshd {
        let server = self.stranger(lines);
        self.know(&server.known_line());
        server
    }

    /// A server whose key isn't known.
    pub(crate) fn stranger(&self, lines: &[&str]) -> Sshd {
        Sshd::start(self, lines, &[])
    }

    pub(crate) fn know(&self, line: &str) {
        let file = self.path("known_hosts");
        let known = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, format!("{known}{line}\n")).unwrap();
    }
}

pub(crate) fn fingerprint(file: &Path) -> String {
    let listed = output("ssh-keygen", &["-lf", file.to_str().unwrap()]);
    listed.split(' ').nth(1).unwrap().to_owned()
}

pub(crate) fn signal(name: &str, id: u32) {
    let id = id.to_string();
    Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", name, &id])
        .stderr(Stdio::null())
        .status()
        .unwrap();
}

pub(crate) fn children(of: u32) -> Vec<u32> {
    let file = format!("/proc/{of}/task/{of}/children");
    let text = fs::read_to_string(file).unwrap_or_default();
    text.split_whitespace()
        .map(|id| id.parse().unwrap())
        .collect()
}

pub(crate) fn descendants(of: u32) -> Vec<u32> {
    children(of)
        .into_iter()
        .flat_map(|id| [vec![id], descendants(id)].concat())
        .collect()
}

/// What a program that must succeed prints.
pub(crate) fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{program} {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) async fn pause(milliseconds: u64) {
    RealClock.sleep(Duration::from_millis(milliseconds)).await;
}

/// Waits until something is so.
pub(crate) async fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..300 {
        if is_so() {
            return;
        }
        pause(20).await;
    }
    panic!("waited for {what} in vain");
}

/// A short read.
pub(crate) fn stat() -> Call {
    Call::new(Verb::STAT, ["/nowhere/at/all"]).as_who(Who::Login)
}

/// Whether a host answers.
pub(crate) async fn reach(ssh: &Ssh, host: &str) -> Result<(), HostError> {
    let reply = ssh.call(host, stat()).await?;
    assert_eq!(
        (reply.status, reply.text().as_str(), reply.error.as_str()),
        (0, "absent\n", "")
    );
    Ok(())
}

/// Runs a script.
pub(crate) async fn script(ssh: &Ssh, host: &str, text: &str) -> Result<Reply, HostError> {
    let mut call = Script::new(text).call().unwrap();
    call.token = Some(token());
    ssh.call(host, call.as_who(Who::Login)).await
}

/// A token that no other test has.
pub(crate) fn token() -> String {
    let folder = tempfile::Builder::new().prefix("hls-").tempdir().unwrap();
    folder
        .path()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}
