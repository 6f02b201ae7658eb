//! Logins: keys with and without a passphrase, the agent, certificates, passwords.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::BoxFuture;
use homelab_world::{
    Secret,
    host::{HostError, Port, Ssh, ssh::Ask},
};

use crate::lab::{Lab, reach};
use crate::users::User;

/// Gives these answers, one a question.
#[derive(Default)]
struct Answers {
    given: Vec<&'static str>,
    asked: AtomicUsize,
}

impl Ask for Answers {
    fn passphrase<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Secret>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self
            .given
            .get(at)
            .map(|answer| Secret::new("passphrase", *answer));
        Box::pin(std::future::ready(answer))
    }
}

fn asking(lab: &Lab, given: &[&'static str]) -> (Ssh, Arc<Answers>) {
    let answers = Arc::new(Answers {
        given: given.to_vec(),
        ..Answers::default()
    });
    let mut settings = lab.settings();
    settings.ask = Arc::clone(&answers) as Arc<dyn Ask>;
    (Ssh::new(settings), answers)
}

/// Makes the key `id` one with a passphrase.
fn encrypt(lab: &Lab, options: &[&str]) {
    std::fs::remove_file(lab.path("id")).unwrap();
    lab.keygen("id", &[&["-N", "open sesame", "-a", "1"], options].concat());
    std::fs::copy(lab.path("id.pub"), lab.path("authorized")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_is_asked_once_for_all_hosts() {
    let lab = Lab::new();
    encrypt(&lab, &[]);
    let servers: Vec<_> = (0..5).map(|_| lab.server(&[])).collect();
    let (ssh, answers) = asking(&lab, &["wrong", "open sesame"]);
    let names = ["a", "b", "c", "d", "e"];
    ssh.declare(
        servers
            .iter()
            .zip(names)
            .map(|(server, name)| server.named(name))
            .collect(),
    );
    let reached = futures_util::future::join_all(names.map(|name| reach(&ssh, name))).await;
    assert!(reached.iter().all(Result::is_ok), "{reached:?}");
    assert_eq!(
        answers.asked.load(Ordering::SeqCst),
        2,
        "asked more than wrong, right"
    );
}

#[tokio::test]
async fn a_passphrase_that_nobody_knows_is_named() {
    let lab = Lab::new();
    encrypt(&lab, &[]);
    let server = lab.server(&[]);
    let (ssh, answers) = asking(&lab, &["wrong", "wrong", "wrong", "open sesame"]);
    ssh.declare(vec![server.named("one")]);
    for _ in 0..2 {
        let error = reach(&ssh, "one").await.unwrap_err();
        let HostError::Login { tried, takes, .. } = error else {
            panic!("{error}")
        };
        assert!(
            tried.ends_with("/id (its passphrase isn't known)"),
            "{tried}"
        );
        assert_eq!(takes, "nothing that it names");
    }
    assert_eq!(answers.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn nothing_is_asked_for_a_key_that_the_host_does_not_take() {
    let lab = Lab::new();
    encrypt(&lab, &[]);
    lab.keygen("other", &[]);
    std::fs::copy(lab.path("other.pub"), lab.path("authorized")).unwrap();
    let server = lab.server(&[]);
    let (ssh, answers) = asking(&lab, &["open sesame"]);
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    let HostError::Login {
        user, tried, takes, ..
    } = error
    else {
        panic!("{error}")
    };
    let id = lab.path("id").display().to_string();
    assert_eq!(
        (user, tried, takes),
        ("root".to_owned(), id, "publickey".to_owned())
    );
    assert_eq!(answers.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn keys_of_every_kind_and_form_log_in() {
    for options in [
        &["-t", "rsa", "-b", "2048"][..],
        &["-t", "ecdsa"],
        &["-t", "rsa", "-b", "2048", "-m", "PEM"],
        &["-t", "ecdsa", "-m", "PKCS8"],
    ] {
        let lab = Lab::new();
        encrypt(&lab, options);
        // OpenSSH's own form has the public half, the older ones don't.
        std::fs::remove_file(lab.path("id.pub")).unwrap();
        let server = lab.server(&[]);
        let (ssh, answers) = asking(&lab, &["open sesame"]);
        ssh.declare(vec![server.named("one")]);
        reach(&ssh, "one")
            .await
            .unwrap_or_else(|error| panic!("{options:?}: {error}"));
        assert_eq!(answers.asked.load(Ordering::SeqCst), 1, "{options:?}");
        let key = ssh.login_key("one").await.unwrap();
        assert!(lab.read("authorized").starts_with(&key), "{key}");
    }
}

#[tokio::test]
async fn a_password_logs_in_where_keys_do_not() {
    let lab = Lab::new();
    let user = User::with_password(&lab, "/bin/sh", Some("s3cret pass"));
    for lines in [
        &["PasswordAuthentication yes", "AuthorizedKeysFile none"][..],
        &[
            "KbdInteractiveAuthentication yes",
            "UsePAM yes",
            "AuthorizedKeysFile none",
        ],
        &[
            "PasswordAuthentication yes",
            "AuthenticationMethods publickey,password",
        ],
    ] {
        let server = lab.server(lines);
        let mut host = server.named("one");
        host.user = Some(user.name.clone());
        let ssh = lab.ssh();
        ssh.declare(vec![host.clone()]);
        let refused = reach(&ssh, "one").await;
        let error = refused.expect_err(&format!("{lines:?} {}", server.log()));
        let HostError::Login { takes, .. } = &error else {
            panic!("{error}")
        };
        assert!(
            takes.contains("password") || takes.contains("keyboard-interactive"),
            "{takes}"
        );
        host.password = Some(Secret::new("PASSWORD", "s3cret pass"));
        ssh.declare(vec![host.clone()]);
        reach(&ssh, "one")
            .await
            .unwrap_or_else(|error| panic!("{lines:?}: {error}\n{}", server.log()));
        let ssh = lab.ssh();
        host.password = Some(Secret::new("PASSWORD", "wrong"));
        ssh.declare(vec![host]);
        let error = reach(&ssh, "one").await.unwrap_err().to_string();
        assert!(
            (error.contains("password") || error.contains("keyboard")) && !error.contains("wrong"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn too_many_keys_are_said_to_be_too_many() {
    let lab = Lab::new();
    let mut lines = String::new();
    for name in ["a", "b", "c"] {
        lab.keygen(name, &[]);
        lines += &format!("IdentityFile {}\n", lab.path(name).display());
    }
    lab.configure(&lines);
    let server = lab.server(&["MaxAuthTries 2"]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err().to_string();
    assert!(
        error.contains("too many authentication failures") || error.contains("so many tries"),
        "{error}"
    );
}
