//! A real sshd.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use homelab_world::host::Destination;
use tempfile::TempDir;

use crate::lab::{Lab, children, descendants, fingerprint, output, signal};

/// A running sshd, on a port of loopback that the kernel gave.
pub(crate) struct Sshd {
    child: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Sshd {
    /// Starts one; `wrapper` is a command that starts it.
    pub(crate) fn start(lab: &Lab, lines: &[&str], wrapper: &[&str]) -> Self {
        let folder = tempfile::tempdir_in(lab.folder.path()).unwrap();
        let place = folder.path().display().to_string();
        output(
            "ssh-keygen",
            &[
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-f",
                &format!("{place}/host"),
            ],
        );
        let port = free_port();
        let own = lines.join("\n");
        let config = format!(
            "{own}\nPort {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nPidFile none\nStrictModes no\n\
             AuthorizedKeysFile {}/authorized\nUsePAM no\nUseDNS no\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nPermitRootLogin yes\nMaxAuthTries 20\n",
            lab.folder.path().display()
        );
        fs::write(folder.path().join("config"), config).unwrap();
        let mut command = wrapper.to_vec();
        let (file, log) = (format!("{place}/config"), format!("{place}/log"));
        command.extend(["/usr/sbin/sshd", "-D", "-f", &file, "-E", &log]);
        let child = Command::new(command[0])
            .args(&command[1..])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            child,
            folder,
            port,
        };
        server.wait();
        server
    }

    fn wait(&self) {
        for _ in 0..200 {
            if fs::read_to_string(self.folder.path().join("log"))
                .is_ok_and(|log| log.contains("listening"))
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!(
            "sshd doesn't start: {:?}",
            fs::read_to_string(self.folder.path().join("log"))
        );
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where its files are.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn public_key(&self) -> String {
        fs::read_to_string(self.path("host.pub")).unwrap()
    }

    pub(crate) fn known_line(&self) -> String {
        let key = self.public_key();
        let words: Vec<&str> = key.split(' ').take(2).collect();
        format!("[127.0.0.1]:{} {}", self.port, words.join(" "))
    }

    pub(crate) fn fingerprint(&self) -> String {
        fingerprint(&self.path("host.pub"))
    }

    /// As which host it's declared.
    pub(crate) fn named(&self, name: &str) -> Destination {
        Destination::new(name, self.address())
    }

    /// The ids of the processes that serve sessions.
    pub(crate) fn sessions(&self) -> Vec<u32> {
        children(self.child.id())
    }

    /// Ends the listener, and nothing else.
    pub(crate) fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        for id in descendants(self.child.id()) {
            signal("KILL", id);
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
