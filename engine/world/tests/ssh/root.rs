//! Root: by sudo, with a password and without, or not at all.

use homelab_world::{
    Secret,
    host::{Destination, HostError, Port, Reply, Script, Ssh, Who},
};

use crate::lab::{Lab, token};
use crate::server::Sshd;
use crate::users::User;

const PASSWORD: &str = "t0p s3cret";

fn host(server: &Sshd, user: &User, password: Option<&str>) -> Destination {
    let mut host = server.named("one");
    host.user = Some(user.name.clone());
    host.sudo_password = password.map(|password| Secret::new("SUDO", password));
    host
}

async fn run(ssh: &Ssh, text: &str, who: Who) -> Result<Reply, HostError> {
    let mut call = Script::new(text).call().unwrap().as_who(who);
    call.token = Some(token());
    ssh.call("one", call).await
}

/// Calls as root and as the login, and says who it was.
async fn who(ssh: &Ssh) -> (String, String) {
    let root = run(ssh, "id -un", Who::Root).await.unwrap();
    let login = run(ssh, "id -un", Who::Login).await.unwrap();
    (
        root.text().trim().to_owned(),
        login.text().trim().to_owned(),
    )
}

#[tokio::test]
async fn sudo_without_a_password_makes_root() {
    let lab = Lab::new();
    let user = User::new(&lab, "/bin/sh");
    let _rule = user.sudoer("NOPASSWD: ALL");
    // A password that isn't needed isn't sent: it would be the first call.
    for password in [None, Some(PASSWORD)] {
        let server = lab.server(&[]);
        let ssh = lab.ssh();
        ssh.declare(vec![host(&server, &user, password)]);
        assert_eq!(who(&ssh).await, ("root".to_owned(), user.name.clone()));
        assert_eq!(server.sessions().len(), 1, "one connection has both shells");
    }
}

#[tokio::test]
async fn a_password_for_sudo_travels_by_standard_input() {
    // Other tests make users with theirs at the same time, by a program's argument.
    const OWN: &str = "found n0where";
    let lab = Lab::new();
    let server = lab.server(&[]);
    for shell in ["/bin/sh", "/bin/bash", "/usr/bin/fish"] {
        let user = User::with_password(&lab, shell, Some(OWN));
        user.write(".bashrc", "echo noise; echo noise >&2\n");
        let _rule = user.sudoer("ALL");
        let ssh = lab.ssh();
        ssh.declare(vec![host(&server, &user, Some(OWN))]);
        assert_eq!(
            who(&ssh).await,
            ("root".to_owned(), user.name.clone()),
            "{shell}"
        );
        let seen = run(
            &ssh,
            "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -ac 'found n[0]where'",
            Who::Root,
        );
        assert_eq!(seen.await.unwrap().text(), "0\n");
    }
}

#[tokio::test]
async fn a_refused_sudo_is_told_in_its_own_words() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let user = User::with_password(&lab, "/bin/sh", Some(PASSWORD));
    let cause = |result: Result<Reply, HostError>| match result.unwrap_err() {
        HostError::NoRoot { cause, .. } => cause,
        error => panic!("{error}"),
    };
    let ssh = lab.ssh();
    ssh.declare(vec![host(&server, &user, Some(PASSWORD))]);
    let said = cause(run(&ssh, "id", Who::Root).await);
    assert!(said.contains("is not in the sudoers file"), "{said}");

    let _rule = user.sudoer("ALL");
    let ssh = lab.ssh();
    ssh.declare(vec![host(&server, &user, None)]);
    let said = cause(run(&ssh, "id", Who::Root).await);
    assert!(said.contains("a password is required"), "{said}");
    run(&ssh, "true", Who::Login).await.unwrap();

    let ssh = lab.ssh();
    ssh.declare(vec![host(&server, &user, Some("wr0ng"))]);
    let said = cause(run(&ssh, "id", Who::Root).await);
    assert!(
        said.contains("try again") && !said.contains("wr0ng"),
        "{said}"
    );
    assert!(!said.contains("hl0") && said.lines().count() == 1, "{said}");
    run(&ssh, "true", Who::Login).await.unwrap();
}

#[tokio::test]
async fn a_host_without_sudo_says_so() {
    let lab = Lab::new();
    let user = User::new(&lab, "/bin/sh");
    // A folder with the programs that are needed, and no sudo.
    let bin = lab.path("bin");
    std::fs::create_dir(&bin).unwrap();
    for program in ["sh", "id", "cat", "find", "mkdir"] {
        std::os::unix::fs::symlink(format!("/bin/{program}"), bin.join(program)).unwrap();
    }
    let server = lab.server(&[&format!("SetEnv PATH={}", bin.display())]);
    for password in [None, Some(PASSWORD)] {
        let ssh = lab.ssh();
        ssh.declare(vec![host(&server, &user, password)]);
        let error = run(&ssh, "id", Who::Root).await.unwrap_err();
        let HostError::NoRoot { cause, .. } = error else {
            panic!("{error}")
        };
        assert!(
            cause.contains("sudo") && cause.contains("not found"),
            "{cause}"
        );
    }
}

#[tokio::test]
async fn root_needs_no_second_shell() {
    let lab = Lab::new();
    let server = lab.server(&["MaxSessions 1"]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    assert_eq!(who(&ssh).await, ("root".to_owned(), "root".to_owned()));
    assert_eq!(server.sessions().len(), 1);
}

#[tokio::test]
async fn one_session_a_connection_makes_two_connections() {
    let lab = Lab::new();
    let server = lab.server(&["MaxSessions 1"]);
    let user = User::new(&lab, "/bin/sh");
    let _rule = user.sudoer("NOPASSWD: ALL");
    let ssh = lab.ssh();
    ssh.declare(vec![host(&server, &user, None)]);
    assert_eq!(who(&ssh).await, ("root".to_owned(), user.name.clone()));
    assert_eq!(who(&ssh).await, ("root".to_owned(), user.name.clone()));
    assert_eq!(server.sessions().len(), 2);
    ssh.hang_up("one").await;
    crate::lab::wait_for("both connections to end", || server.sessions().is_empty()).await;
}
