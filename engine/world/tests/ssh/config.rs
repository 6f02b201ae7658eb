//! How a host is reached: OpenSSH's configuration, and what a declaration says on top.

use homelab_world::host::{Destination, HostError, Port, Ssh};

use crate::lab::{Lab, reach, script};
use crate::users::User;

#[tokio::test]
async fn configuration_says_where_a_host_is_and_who_logs_in() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let user = User::new(&lab, "/bin/sh");
    lab.keygen("other", &[]);
    std::fs::write(lab.path("authorized"), lab.read("other.pub")).unwrap();
    let folder = lab.folder.path().display();
    std::fs::write(
        lab.path("included"),
        format!("Host nas\n  HostName 127.0.0.1\n  Port {}\n", server.port),
    )
    .unwrap();
    lab.configure(&format!(
        "Include {folder}/included\nMatch host 127.0.0.1 originalhost nas\n  User {}\n  IdentityFile {folder}/oth%%er\n  \
         IdentityFile %d/other\n",
        user.name
    ));
    let ssh = lab.ssh();
    ssh.declare(vec![Destination::new("store", "nas")]);
    let reply = script(&ssh, "store", "id -un").await.unwrap();
    assert_eq!(reply.text(), format!("{}\n", user.name));
}

#[tokio::test]
async fn what_a_declaration_says_wins() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let user = User::new(&lab, "/bin/sh");
    lab.configure("Host nas\n  HostName 127.0.0.1\n  Port 1\n  User nobody\n");
    let ssh = lab.ssh();
    let mut host = Destination::new("store", format!("nas:{}", server.port));
    host.user = Some(user.name.clone());
    ssh.declare(vec![host]);
    let reply = script(&ssh, "store", "id -un").await.unwrap();
    assert_eq!(reply.text(), format!("{}\n", user.name));
}

#[tokio::test]
async fn without_the_program_defaults_count_and_errors_say_so() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let mut settings = lab.settings();
    settings.program = "/nowhere/ssh".into();
    std::fs::create_dir(lab.path(".ssh")).unwrap();
    std::fs::copy(lab.path("known_hosts"), lab.path(".ssh/known_hosts")).unwrap();
    let ssh = Ssh::new(settings.clone());
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err().to_string();
    assert!(
        error.contains("~/.ssh/config wasn't read: /nowhere/ssh"),
        "{error}"
    );
    std::fs::copy(lab.path("id"), lab.path(".ssh/id_ed25519")).unwrap();
    let ssh = Ssh::new(settings);
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();
}

#[tokio::test]
async fn a_refused_configuration_is_told_in_its_own_words() {
    let lab = Lab::new();
    lab.configure("Frobnicate yes\n");
    let ssh = lab.ssh();
    ssh.declare(vec![Destination::new("one", "127.0.0.1")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    assert!(matches!(error, HostError::Unreachable { .. }));
    let error = error.to_string();
    assert!(
        error.contains("Bad configuration option: frobnicate"),
        "{error}"
    );
    lab.configure("Host one\n  ProxyCommand nc %h %p\n");
    let ssh = lab.ssh();
    ssh.declare(vec![Destination::new("one", "one")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    assert!(
        error.to_string().contains("ProxyCommand nc %h %p"),
        "{error}"
    );
    let help = error.help().unwrap();
    assert!(
        help.contains("ProxyJump") && !help.contains("is up"),
        "{help}"
    );
}

#[tokio::test]
async fn an_undeclared_host_is_named() {
    let ssh = Lab::new().ssh();
    let error = reach(&ssh, "none").await.unwrap_err();
    assert!(matches!(error, HostError::Undeclared(name) if name == "none"));
}
