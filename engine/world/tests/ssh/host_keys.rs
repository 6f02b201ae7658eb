//! Host keys: known, new, changed, pinned, hashed, vouched for, revoked, replaced.

use homelab_world::host::{Call, HostError, Port, Verb, ssh::Route};

use crate::lab::{Lab, fingerprint, output, reach};
use crate::server::Sshd;

#[tokio::test]
async fn an_unknown_key_is_refused_and_shown() {
    let lab = Lab::new();
    let server = lab.stranger(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    let HostError::UnknownKey { host, shown } = error else {
        panic!("{error}")
    };
    assert_eq!((host.as_str(), shown), ("one", server.fingerprint()));
    let keys = ssh.shown_keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].fingerprint, server.fingerprint());
    assert!(server.public_key().starts_with(&keys[0].key), "{keys:?}");
}

#[tokio::test]
async fn what_ssh_is_told_of_new_keys_is_followed_or_named() {
    for (setting, is_taken) in [
        ("StrictHostKeyChecking accept-new", true),
        ("StrictHostKeyChecking no", false),
        ("KnownHostsCommand /usr/bin/keys %h", false),
    ] {
        let lab = Lab::new();
        let server = lab.stranger(&[]);
        lab.configure(&format!("Host *\n  {setting}\n"));
        let ssh = lab.ssh();
        ssh.declare(vec![server.named("one")]);
        match reach(&ssh, "one").await {
            Ok(_) => assert!(is_taken, "{setting}"),
            Err(error @ HostError::UnknownKey { .. }) => {
                let text = error.to_string();
                assert!(
                    !is_taken && text.contains(&format!("`{setting}`")),
                    "{text}"
                );
            }
            Err(error) => panic!("{setting}: {error}"),
        }
    }
}

#[tokio::test]
async fn an_unknown_key_is_added_where_that_is_wanted() {
    let lab = Lab::new();
    let servers = [lab.stranger(&[]), lab.stranger(&[]), lab.stranger(&[])];
    let ssh = lab.accepting();
    ssh.declare(vec![
        servers[0].named("a"),
        servers[1].named("b"),
        servers[2].named("c"),
    ]);
    let (a, b, c) = tokio::join!(reach(&ssh, "a"), reach(&ssh, "b"), reach(&ssh, "c"));
    a.and(b).and(c).unwrap();
    for server in &servers {
        assert!(
            lab.read("known_hosts")
                .lines()
                .any(|line| line == server.known_line())
        );
    }
    assert_eq!(lab.read("known_hosts").lines().count(), 3);
    let ssh = lab.ssh();
    ssh.declare(vec![servers[0].named("a")]);
    reach(&ssh, "a").await.unwrap();
}

#[tokio::test]
async fn a_changed_key_stops_with_both_fingerprints() {
    let lab = Lab::new();
    let server = lab.stranger(&[]);
    lab.keygen("old", &[]);
    let old = lab.read("old.pub");
    lab.know("# first line");
    lab.know(&format!("[127.0.0.1]:{} {}", server.port, old.trim()));
    // Not even where new keys are taken.
    let ssh = lab.accepting();
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    let HostError::ChangedKey {
        shown,
        known,
        place,
        ..
    } = error
    else {
        panic!("{error}")
    };
    let expected = (server.fingerprint(), fingerprint(&lab.path("old.pub")));
    assert_eq!((shown, known), expected);
    assert_eq!(place, format!("{}:2", lab.path("known_hosts").display()));
}

#[tokio::test]
async fn a_key_of_another_kind_is_no_new_key() {
    let lab = Lab::new();
    let server = lab.stranger(&[]);
    lab.keygen("old", &["-t", "ecdsa"]);
    lab.know(&format!(
        "[127.0.0.1]:{} {}",
        server.port,
        lab.read("old.pub").trim()
    ));
    let ssh = lab.accepting();
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    assert!(matches!(error, HostError::ChangedKey { .. }), "{error}");
}

#[tokio::test]
async fn names_may_be_hashed_by_openssh_or_by_homelab() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let file = lab.path("known_hosts");
    output("ssh-keygen", &["-q", "-H", "-f", file.to_str().unwrap()]);
    assert!(lab.read("known_hosts").starts_with("|1|"));
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();

    std::fs::remove_file(&file).unwrap();
    lab.configure("HashKnownHosts yes");
    let ssh = lab.accepting();
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();
    assert!(lab.read("known_hosts").starts_with("|1|"));
    let name = format!("[127.0.0.1]:{}", server.port);
    let found = output("ssh-keygen", &["-F", &name, "-f", file.to_str().unwrap()]);
    assert!(found.contains("found: line 1"), "{found}");
}

#[tokio::test]
async fn docs_pin_a_key_of_any_kind() {
    let lab = Lab::new();
    lab.keygen("rsa", &["-t", "rsa", "-b", "2048"]);
    let server = lab.stranger(&[&format!("HostKey {}", lab.path("rsa").display())]);
    for pin in [server.fingerprint(), fingerprint(&lab.path("rsa.pub"))] {
        let ssh = lab.ssh();
        let mut host = server.named("one");
        host.host_key = Some(pin);
        ssh.declare(vec![host]);
        reach(&ssh, "one").await.unwrap();
    }
    assert!(!lab.path("known_hosts").exists());
    // A pin counts more than known_hosts.
    lab.know(&server.known_line());
    let ssh = lab.accepting();
    let mut host = server.named("one");
    host.host_key = Some("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned());
    ssh.declare(vec![host]);
    let error = reach(&ssh, "one").await.unwrap_err();
    let HostError::ChangedKey { shown, place, .. } = error else {
        panic!("{error}")
    };
    assert_eq!((shown, place.as_str()), (server.fingerprint(), "docs"));
}

#[tokio::test]
async fn a_route_says_where_a_twin_listens_and_what_proves_it() {
    let lab = Lab::new();
    let server = lab.stranger(&[]);
    let settings = lab.settings();
    let route = Route {
        listens: Some(server.address()),
        host_key: Some(server.fingerprint()),
    };
    settings.routes.set("10.255.255.1", route);
    let ssh = homelab_world::host::Ssh::new(settings);
    ssh.declare(vec![homelab_world::host::Destination::new(
        "pve1",
        "10.255.255.1",
    )]);
    reach(&ssh, "pve1").await.unwrap();
    assert!(!lab.path("known_hosts").exists());
}

/// A server that shows a certificate of an authority.
fn vouched(lab: &Lab, principal: &str, validity: &str) -> Sshd {
    lab.keygen("vouched", &[]);
    let key = lab.path("vouched.pub").display().to_string();
    let authority = lab.path("authority").display().to_string();
    output(
        "ssh-keygen",
        &[
            "-q", "-s", &authority, "-I", "one", "-h", "-n", principal, "-V", validity, &key,
        ],
    );
    let (key, certificate) = (lab.path("vouched"), lab.path("vouched-cert.pub"));
    lab.stranger(&[
        &format!("HostKey {}", key.display()),
        &format!("HostCertificate {}", certificate.display()),
    ])
}

#[tokio::test]
async fn an_authority_vouches_for_a_host() {
    for (principal, validity, is_taken) in [
        ("127.0.0.1", "+1h", true),
        ("other", "+1h", false),
        ("127.0.0.1", "-2d:-1d", false),
    ] {
        let lab = Lab::new();
        lab.keygen("authority", &[]);
        let server = vouched(&lab, principal, validity);
        lab.know(&format!(
            "@cert-authority [127.0.0.*]:* {}",
            lab.read("authority.pub").trim()
        ));
        let ssh = lab.ssh();
        ssh.declare(vec![server.named("one")]);
        let reached = reach(&ssh, "one").await;
        assert_eq!(
            reached.is_ok(),
            is_taken,
            "{principal} {validity}: {reached:?}"
        );
    }
}

#[tokio::test]
async fn a_revoked_key_or_authority_is_refused() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    lab.know(&format!("@revoked * {}", server.public_key().trim()));
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err().to_string();
    assert!(
        error.contains("revoked") && error.contains("known_hosts:2"),
        "{error}"
    );

    let lab = Lab::new();
    lab.keygen("authority", &[]);
    let server = vouched(&lab, "127.0.0.1", "+1h");
    lab.know(&format!(
        "@cert-authority * {}",
        lab.read("authority.pub").trim()
    ));
    lab.know(&format!("@revoked * {}", lab.read("authority.pub").trim()));
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    assert!(matches!(error, HostError::UnknownKey { .. }), "{error}");
}

#[tokio::test]
async fn the_key_of_a_host_that_was_built_anew_is_replaced() {
    let lab = Lab::new();
    let server = lab.stranger(&[]);
    lab.keygen("old", &[]);
    lab.know(&format!("other {}", lab.read("old.pub").trim()));
    lab.know(&format!(
        "[127.0.0.1]:{} {}",
        server.port,
        lab.read("old.pub").trim()
    ));
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap_err();
    let near = async |verb| ssh.call("one", Call::bare(verb)).await;
    let (old, new) = (fingerprint(&lab.path("old.pub")), server.fingerprint());
    assert_eq!(
        near(Verb::KNOWN_KEYS).await.unwrap().text(),
        format!("{old}\n")
    );
    near(Verb::TRUST_KEY).await.unwrap_err();
    assert_eq!(
        near(Verb::SHOWN_KEY).await.unwrap().text(),
        format!("{new}\n")
    );
    assert_eq!(near(Verb::TRUST_KEY).await.unwrap().status, 0);
    assert_eq!(
        near(Verb::KNOWN_KEYS).await.unwrap().text(),
        format!("{new}\n")
    );
    reach(&ssh, "one").await.unwrap();
    let known = lab.read("known_hosts");
    assert!(
        known.starts_with("other ") && known.ends_with(&format!("{}\n", server.known_line())),
        "{known}"
    );
}
