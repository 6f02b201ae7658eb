//! A lab in a folder of its own, and homelab run in it as a user does.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A runbook that changes users, groups and pools, and needs one name and one secret.
pub(crate) const SMALL: &str = r#"runbook("small", "1.0.0");

let nodes = facts::table("HARDWARE", "Nodes");
proxmox::connect(#{ nodes: nodes, user: "root@pam", password: secret("PROXMOX_PASSWORD") });

group("Access", || {
    step("group", "Make a group", || {
        proxmox::group::ensure("admins", #{ comment: env("GROUP_COMMENT") })
    });
    step("user", "Make a user", || {
        proxmox::user::ensure("homelab@pve", #{ comment: "runs", groups: ["admins"] })
    });
});
step("sum", "Add up", || parallel([1, 2], |n| n + 1));
"#;

/// An address on loopback whose port was free a moment ago.
pub(crate) fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// The folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A lab with the example's docs.
pub(crate) struct Lab {
    folder: TempDir,
    /// An address that nobody uses: where bare machines ask for their answer files.
    pub(crate) listen: String,
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Lab {
    /// The example lab with the small runbook; the twin's nodes are installed.
    pub(crate) fn small() -> Self {
        let lab = Self {
            folder: TempDir::new().unwrap(),
            listen: free_address(),
        };
        lab.write("twin.rhai", "#{ installed: true }\n");
        fs::create_dir_all(lab.path("docs")).unwrap();
        for name in ["HARDWARE.md", "NETWORK.md", "SOFTWARE.md", "LINKS.md"] {
            fs::copy(
                repository().join("docs").join(name),
                lab.path("docs").join(name),
            )
            .unwrap();
        }
        lab.write("runbooks/small.rhai", SMALL);
        lab
    }

    /// A file of the lab.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the lab.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file of the lab.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Puts another text in place of one that stands in a file.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// Runs homelab in the lab, with nothing of the tests' own environment.
    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        self.run_with(arguments, &[])
    }

    /// The same with some variables.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Answer {
        let mut command = self.command(arguments);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        Answer {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// homelab in the lab, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homelab"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOMELAB_LISTEN", &self.listen)
            .stdin(Stdio::null());
        command
    }

    /// Serves the lab's twin; its first line is in `serve.json`.
    pub(crate) fn serve(&self) -> Serving {
        self.serve_with(&["--answers", &format!("http://{}/", self.listen)])
    }

    /// The same with other arguments.
    pub(crate) fn serve_with(&self, arguments: &[&str]) -> Serving {
        let mut command = self.command(&[&["twin", "serve", "--json"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        self.write("serve.json", &line);
        Serving {
            child,
            line: serde_json::from_str(&line).unwrap(),
        }
    }
}

/// A served twin; it ends with the test.
pub(crate) struct Serving {
    child: Child,
    pub(crate) line: Value,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Answer {
    /// The answer, which must have this exit code.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(
            self.status, status,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// The JSON lines on standard output; every line must be one.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
            .collect()
    }

    /// The last event.
    #[track_caller]
    pub(crate) fn finished(&self) -> Value {
        let last = self.json().pop().expect("there is a last event");
        assert_eq!(last["event"], "run_finished");
        last
    }
}
