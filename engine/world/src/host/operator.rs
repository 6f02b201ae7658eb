//! The machine that homelab runs on, through one long-lived local `sh` in the lab's folder.

use std::{path::PathBuf, process::Stdio};

use futures_util::future::BoxFuture;
use tokio::{
    io::BufReader,
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
};

use super::{
    Call, HostError, OPERATOR, Port, Reply,
    shell::{Shell, serve_command},
};

/// Where the programs that the prelude calls are found; nothing else of the environment is passed on.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The host `operator`; any other host is unreachable through it.
pub struct Operator {
    root: PathBuf,
    shell: PathBuf,
    running: Mutex<Option<Running>>,
}

/// A started shell. When it's dropped its input ends: it finishes the call that it's at, and exits.
struct Running {
    _child: Child,
    shell: Shell<ChildStdin, BufReader<ChildStdout>>,
}

impl Operator {
    /// The operator whose relative paths start at `root`, which is made when it's first needed.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self::with_shell(root, PathBuf::from("/bin/sh"))
    }

    /// The same with another POSIX shell than `/bin/sh`.
    #[must_use]
    pub fn with_shell(root: PathBuf, shell: PathBuf) -> Self {
        Self {
            root,
            shell,
            running: Mutex::default(),
        }
    }

    fn start(&self) -> std::io::Result<Running> {
        std::fs::create_dir_all(&self.root)?;
        let mut child = Command::new(&self.shell)
            .arg("-c")
            .arg(serve_command())
            .env_clear()
            .env("PATH", PATH)
            .env("LC_ALL", "C")
            .current_dir(&self.root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let to = to.expect("standard input is piped above");
        let from = from.expect("standard output is piped above");
        Ok(Running {
            _child: child,
            shell: Shell::new(to, BufReader::new(from)),
        })
    }

    async fn exchange(&self, call: &Call) -> Result<Reply, HostError> {
        let mut kept = self.running.lock().await;
        // Taken out: after an error, or if this is dropped half-way, the next call starts another shell.
        let mut running = match kept.take() {
            Some(running) => running,
            None => self.start().map_err(|error| HostError::Unreachable {
                host: OPERATOR.to_owned(),
                cause: format!(
                    "{} in {}: {error}",
                    self.shell.display(),
                    self.root.display()
                ),
            })?,
        };
        let reply = running
            .shell
            .call(call)
            .await
            .map_err(|error| HostError::Broken {
                host: OPERATOR.to_owned(),
                cause: error.to_string(),
            })?;
        *kept = Some(running);
        Ok(reply)
    }
}

impl Port for Operator {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            if host != OPERATOR {
                let cause = "only the operator's own machine is reached without SSH".to_owned();
                return Err(HostError::Unreachable { host, cause });
            }
            self.exchange(&call).await
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, path::Path};

    use super::*;
    use crate::host::Verb;

    const SHELLS: [&str; 4] = ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/busybox"];

    async fn call(operator: &Operator, verb: Verb, args: &[&str], input: &[u8]) -> Reply {
        let call = Call::new(verb, args.iter().copied()).with_input(input.to_vec());
        operator.call(OPERATOR, call).await.unwrap()
    }

    /// Each shell of the list that is here, busybox through a link named `sh`; absent ones are named.
    fn shells(folder: &Path) -> Vec<PathBuf> {
        let (there, absent): (Vec<_>, Vec<_>) =
            SHELLS.iter().map(PathBuf::from).partition(|p| p.exists());
        println!("not tried, not installed: {absent:?}");
        let link = folder.join("sh");
        there
            .into_iter()
            .map(|path| {
                if !path.ends_with("busybox") {
                    return path;
                }
                std::os::unix::fs::symlink(&path, &link).unwrap();
                link.clone()
            })
            .collect()
    }

    #[tokio::test]
    async fn carries_any_bytes_through_every_shell() {
        let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
        let links = tempfile::tempdir().unwrap();
        for shell in shells(links.path()) {
            let root = tempfile::tempdir().unwrap();
            let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
            let odd = "a 'b\" $HOME\n-\\c.env ";
            let reply = call(&operator, Verb::Write, &[odd, "600"], &bytes).await;
            assert_eq!((reply.status, reply.error.as_str()), (0, ""), "{shell:?}");
            assert_eq!(
                std::fs::read(root.path().join(odd)).unwrap(),
                bytes,
                "{shell:?}"
            );
            let reply = call(&operator, Verb::Read, &[odd], &[]).await;
            assert_eq!(
                (reply.status, &reply.output[..]),
                (0, &bytes[..]),
                "{shell:?}"
            );
            let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
            let reply = call(&operator, Verb::Stat, &[odd], &[]).await;
            assert_eq!(reply.text(), format!("file 600 5000 {hash}\n"), "{shell:?}");
            assert_eq!(call(&operator, Verb::Remove, &[odd], &[]).await.status, 0);
            assert_eq!(call(&operator, Verb::Remove, &[odd], &[]).await.status, 0);
            assert_eq!(
                call(&operator, Verb::Stat, &[odd], &[]).await.text(),
                "absent\n"
            );
            assert_eq!(call(&operator, Verb::Read, &[odd], &[]).await.status, 66);
            assert_eq!(
                std::fs::read_dir(root.path()).unwrap().count(),
                0,
                "{shell:?} left files behind"
            );
        }
    }

    #[tokio::test]
    async fn stays_in_step_when_a_verb_does_not_read_its_input() {
        let links = tempfile::tempdir().unwrap();
        let big = vec![b'x'; 200_000];
        for shell in shells(links.path()) {
            let root = tempfile::tempdir().unwrap();
            std::fs::create_dir(root.path().join("folder")).unwrap();
            let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
            let reply = call(&operator, Verb::Write, &["folder", "644"], &big).await;
            assert_eq!(
                (reply.status, reply.error.as_str()),
                (73, "folder: is a directory"),
                "{shell:?}"
            );
            assert_eq!(
                call(&operator, Verb::Stat, &["none"], &[]).await.text(),
                "absent\n",
                "{shell:?}"
            );
            let reply = call(&operator, Verb::Write, &["missing/file", "644"], b"x").await;
            assert_ne!(reply.status, 0);
            assert!(
                reply.error.contains("missing/file"),
                "{shell:?}: {}",
                reply.error
            );
        }
    }

    #[tokio::test]
    async fn replaces_a_file_whole_and_sets_its_mode() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(".envrc");
        std::fs::write(&file, "old").unwrap();
        let operator = Operator::new(root.path().to_owned());
        call(
            &operator,
            Verb::Write,
            &[".envrc", "600"],
            b"export A='1'\n",
        )
        .await;
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "export A='1'\n");
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[tokio::test]
    async fn reaches_no_other_host_and_refuses_zero_bytes() {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::new(root.path().to_owned());
        let error = operator
            .call("pve1", Call::new(Verb::Stat, ["x"]))
            .await
            .unwrap_err();
        assert!(matches!(error, HostError::Unreachable { host, .. } if host == "pve1"));
        let error = operator
            .call(OPERATOR, Call::new(Verb::Stat, ["a\0b"]))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("zero byte"), "{error}");
        assert_eq!(
            call(&operator, Verb::Stat, &["x"], &[]).await.text(),
            "absent\n"
        );
    }

    #[tokio::test]
    async fn names_a_shell_that_is_not_there() {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), "/nowhere/sh".into());
        let error = operator
            .call(OPERATOR, Call::new(Verb::Stat, ["x"]))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("/nowhere/sh"), "{error}");
    }
}
