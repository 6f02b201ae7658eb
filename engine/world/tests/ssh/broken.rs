//! Connections that break, peers that die, calls that take too long.

use std::time::{Duration, Instant};

use homelab_world::host::{
    Call, HostError, LiveHosts, OPERATOR, Operator, Port, Reply, Script, Ssh, Verb,
};

use crate::lab::{Lab, children, pause, reach, script, signal, stat, token, wait_for};
use crate::server::Sshd;

fn tracked(text: &str) -> (Call, String) {
    let mut call = Script::new(text).call().unwrap();
    let token = token();
    call.token = Some(token.clone());
    (call, token)
}

async fn settle(ssh: &Ssh, token: &str) -> String {
    let reply: Reply = ssh
        .call("one", Call::new(Verb::SETTLE, [token]))
        .await
        .unwrap();
    reply.text().trim().to_owned()
}

/// Waits until a call is being carried out, then does something to its session.
async fn meanwhile(server: &Sshd, marker: &std::path::Path, what: &str) {
    wait_for("the call to begin", || marker.exists()).await;
    for id in server.sessions() {
        signal(what, id);
    }
}

#[tokio::test]
async fn a_call_whose_connection_breaks_is_settled_by_its_record() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let (begun, go) = (lab.path("begun"), lab.path("go"));
    let text = format!(
        "touch {}; until [ -e {} ]; do sleep 0.1; done; exit 5",
        begun.display(),
        go.display()
    );
    let (call, token) = tracked(&text);
    let (called, ()) = tokio::join!(ssh.call("one", call), meanwhile(&server, &begun, "KILL"));
    let error = called.unwrap_err();
    assert!(
        matches!(error, HostError::Broken { .. }) && error.outcome_unknown(),
        "{error}"
    );
    assert!(
        error.to_string().contains("it closed the connection"),
        "{error}"
    );
    // The next call connects again. The command lives on.
    assert_eq!(settle(&ssh, &token).await, "running");
    std::fs::write(go, "").unwrap();
    for _ in 0..100 {
        if settle(&ssh, &token).await != "running" {
            break;
        }
        pause(50).await;
    }
    assert_eq!(settle(&ssh, &token).await, "ended 5");
    assert_eq!(settle(&ssh, "another").await, "absent");
}

#[tokio::test]
async fn a_dead_peer_is_found_within_seconds() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let begun = lab.path("begun");
    let (call, _) = tracked(&format!("touch {}; sleep 30", begun.display()));
    let started = Instant::now();
    let (called, ()) = tokio::join!(ssh.call("one", call), meanwhile(&server, &begun, "STOP"));
    let error = called.unwrap_err().to_string();
    assert!(error.contains("no sign of life"), "{error}");
    assert!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
    reach(&ssh, "one").await.unwrap();
}

#[tokio::test]
async fn a_peer_that_takes_nothing_more_is_found_too() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();
    for id in server.sessions() {
        signal("STOP", id);
    }
    let file = lab.path("file").display().to_string();
    let write = Call::new(Verb::WRITE, [&file, "600", "-", "-"]).with_input(vec![b'x'; 20 << 20]);
    let started = Instant::now();
    let error = ssh.call("one", write).await.unwrap_err();
    assert!(matches!(error, HostError::Broken { .. }), "{error}");
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    assert!(!lab.path("file").exists());
}

#[tokio::test]
async fn half_an_input_is_not_taken_for_the_whole() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let file = lab.path("file");
    std::fs::write(&file, "old").unwrap();
    let path = file.display().to_string();
    // So much that the connection is cut long before all of it has travelled.
    let input = vec![b'x'; 256 << 20];
    let write = Call::new(Verb::WRITE, [&path, "600", "-", "-"]).with_input(input);
    let cut = async {
        let new = || {
            std::fs::read_dir(lab.folder.path())
                .unwrap()
                .flatten()
                .any(|entry| {
                    entry
                        .file_name()
                        .to_string_lossy()
                        .starts_with("file.homelab-")
                })
        };
        wait_for("the first half", new).await;
        for id in server.sessions() {
            signal("KILL", id);
        }
    };
    let (called, ()) = tokio::join!(ssh.call("one", write), cut);
    assert!(
        matches!(called, Err(HostError::Broken { .. })),
        "{called:?}"
    );
    pause(500).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
}

#[tokio::test]
async fn a_call_that_takes_too_long_carries_the_last_lines() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let limit = Duration::from_secs(2);
    for is_tracked in [true, false] {
        let (mut call, _) = tracked("echo working; printf 'at 50 %%' >&2; sleep 20");
        if !is_tracked {
            call.token = None;
        }
        let error = ssh.call("one", call.within(limit)).await.unwrap_err();
        let HostError::Timeout {
            seconds,
            last,
            verb,
            ..
        } = &error
        else {
            panic!("{error}")
        };
        assert_eq!((*seconds, verb.as_str()), (2, "run"));
        assert!(last.contains("at 50 %"), "{is_tracked} {last:?}");
        assert!(error.said().is_some() && error.outcome_unknown());
        reach(&ssh, "one").await.unwrap();
    }
    assert_eq!(server.sessions().len(), 1, "the connection is kept");
}

#[tokio::test]
async fn a_call_that_is_given_up_leaves_no_shell_behind() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    for _ in 0..3 {
        let (call, _) = tracked("sleep 0.4");
        let called = tokio::time::timeout(Duration::from_millis(200), ssh.call("one", call)).await;
        assert!(called.is_err());
    }
    reach(&ssh, "one").await.unwrap();
    let session = server.sessions()[0];
    wait_for("one shell", || children(session).len() == 1).await;
}

#[tokio::test]
async fn hanging_up_ends_connections_and_the_next_call_makes_one() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();
    let first = server.sessions();
    ssh.hang_up("one").await;
    wait_for("the end", || server.sessions().is_empty()).await;
    reach(&ssh, "one").await.unwrap();
    assert_ne!(server.sessions(), first);
    // Also under a call.
    let begun = lab.path("begun");
    let (call, _) = tracked(&format!("touch {}; sleep 3", begun.display()));
    let hang_up = async {
        wait_for("the call to begin", || begun.exists()).await;
        ssh.hang_up("one").await;
    };
    let (called, ()) = tokio::join!(ssh.call("one", call), hang_up);
    let error = called.unwrap_err();
    assert!(
        matches!(&error, HostError::Broken { cause, .. } if cause.contains("homelab hung up")),
        "{error}"
    );
    reach(&ssh, "one").await.unwrap();
    drop(ssh);
    wait_for("the end of all", || server.sessions().is_empty()).await;
}

#[tokio::test]
async fn a_connection_that_is_hung_up_is_given_to_nobody() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    for _ in 0..20 {
        reach(&ssh, "one").await.unwrap();
        let first = server.sessions();
        // It's still up while goodbye is said: those who call in between have to get another one.
        let between = async {
            tokio::task::yield_now().await;
            reach(&ssh, "one").await.unwrap();
            assert!(
                server
                    .sessions()
                    .iter()
                    .any(|session| !first.contains(session))
            );
        };
        tokio::join!(ssh.hang_up("one"), between);
        reach(&ssh, "one").await.unwrap();
    }
}

#[tokio::test]
async fn the_operator_is_reached_without_a_connection() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let hosts = LiveHosts {
        operator: Operator::new(lab.path("operator")),
        ssh: lab.ssh(),
    };
    hosts.declare(vec![server.named("one"), server.named(OPERATOR)]);
    let write = Call::new(Verb::WRITE, ["file", "600", "-", "-"]).with_input("here");
    assert_eq!(hosts.call(OPERATOR, write).await.unwrap().status, 0);
    assert_eq!(
        std::fs::read_to_string(lab.path("operator/file")).unwrap(),
        "here"
    );
    assert!(server.sessions().is_empty());
    hosts.call("one", stat()).await.unwrap();
    assert_eq!(server.sessions().len(), 1);
    hosts.hang_up("one").await;
    hosts.hang_up(OPERATOR).await;
    let reply = script(&hosts.ssh, "one", "echo on").await.unwrap();
    assert_eq!(reply.text(), "on\n");
}
