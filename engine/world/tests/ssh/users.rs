//! Users of this machine, for the time of a test.

use std::{
    fs,
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;

use crate::lab::{Lab, output};

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// useradd and userdel lock one file.
static TURN: Mutex<()> = Mutex::new(());

/// A user with a home folder of its own.
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) home: TempDir,
}

impl User {
    pub(crate) fn new(lab: &Lab, shell: &str) -> Self {
        Self::with_password(lab, shell, None)
    }

    pub(crate) fn with_password(lab: &Lab, shell: &str, password: Option<&str>) -> Self {
        let name = format!(
            "hls-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let home = tempfile::tempdir_in(lab.folder.path()).unwrap();
        let hash = password.map_or("*".to_owned(), |password| {
            output("openssl", &["passwd", "-6", password])
                .trim()
                .to_owned()
        });
        let folder = home.path().to_str().unwrap().to_owned();
        change(
            "useradd",
            &["-M", "-d", &folder, "-s", shell, "-p", &hash, &name],
        );
        output("chown", &["-R", &name, &folder]);
        Self { name, home }
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.home.path().join(file), text).unwrap();
    }

    /// Allows sudo.
    pub(crate) fn sudoer(&self, rule: &str) -> Sudoer {
        let file = format!("/etc/sudoers.d/{}", self.name);
        fs::write(
            &file,
            format!(
                "{} ALL=(ALL) {rule}\nDefaults:{} !syslog\n",
                self.name, self.name
            ),
        )
        .unwrap();
        output("chmod", &["440", &file]);
        Sudoer(file)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        change("userdel", &["-f", &self.name]);
    }
}

/// A rule for sudo.
pub(crate) struct Sudoer(String);

impl Drop for Sudoer {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

/// Changes the users; others may be doing so, too.
fn change(program: &str, args: &[&str]) {
    let _turn = TURN.lock();
    for _ in 0..50 {
        let ended = Command::new(program)
            .args(args)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if ended.success() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    eprintln!("{program} {args:?} doesn't work");
}
