//! Many hosts at once, hosts that are full, and hosts that aren't there.

use std::{
    io::Read,
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use homelab_world::host::{Destination, HostError, Port, Ssh};

use crate::lab::{Lab, pause, reach};
use crate::server::Sshd;

#[tokio::test(flavor = "multi_thread")]
async fn one_dead_host_stops_no_other() {
    let lab = Lab::new();
    let servers: Vec<Sshd> = (0..9).map(|_| lab.server(&[])).collect();
    // It takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    lab.configure("ConnectTimeout 2\n");
    let mut settings = lab.settings();
    settings.connecting = 4;
    let ssh = Ssh::new(settings);
    let mut hosts: Vec<Destination> = servers
        .iter()
        .enumerate()
        .map(|(at, server)| server.named(&format!("host{at}")))
        .collect();
    hosts.insert(
        0,
        Destination::new("dead", silent.local_addr().unwrap().to_string()),
    );
    ssh.declare(hosts.clone());
    let begun = Instant::now();
    let reached = futures_util::future::join_all(hosts.iter().map(|host| {
        let ssh = &ssh;
        async move { (reach(ssh, &host.name).await, begun.elapsed()) }
    }));
    let reached = reached.await;
    let error = reached[0].0.as_ref().unwrap_err().to_string();
    let place = silent.local_addr().unwrap();
    assert!(
        error.contains(&format!("{place} gave no answer: timed out after 2 s")),
        "{error}"
    );
    for (result, _) in &reached[1..] {
        result.as_ref().unwrap();
    }
}

#[tokio::test]
async fn those_who_wait_for_a_login_share_its_failure() {
    let lab = Lab::new();
    let server = lab.server(&["AuthorizedKeysFile none", "LogLevel VERBOSE"]);
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let together = async || {
        let reached = futures_util::future::join_all((0..8).map(|_| reach(&ssh, "one"))).await;
        for result in reached {
            let error = result.unwrap_err();
            assert!(matches!(error, HostError::Login { .. }), "{error}");
        }
        server.log().matches("Connection from ").count()
    };
    // The first one's try began before the others asked, so it says nothing to them: they share the second.
    assert_eq!(together().await, 2);
    // Who asks later, asks anew.
    assert_eq!(together().await, 4);
}

#[tokio::test]
async fn a_host_that_is_full_for_a_moment_is_tried_again() {
    let lab = Lab::new();
    let server = lab.server(&["MaxStartups 2:100:2"]);
    // The first one counts.
    let idle: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.read_exact(&mut [0; 4]).unwrap();
            stream
        })
        .collect();
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let begun = Instant::now();
    let free = async {
        pause(400).await;
        drop(idle);
    };
    let (reached, ()) = tokio::join!(reach(&ssh, "one"), free);
    reached.unwrap();
    assert!(begun.elapsed() > Duration::from_millis(600));
    assert!(server.log().contains("MaxStartups"), "{}", server.log());
}

#[tokio::test]
async fn a_host_that_stays_full_is_told_in_words() {
    let lab = Lab::new();
    let server = lab.server(&["MaxStartups 1:100:1"]);
    let mut idle = TcpStream::connect(server.address()).unwrap();
    idle.read_exact(&mut [0; 4]).unwrap();
    let ssh = lab.ssh();
    ssh.declare(vec![server.named("one")]);
    let refused = reach(&ssh, "one").await;
    let error = refused.expect_err(&server.log()).to_string();
    assert!(
        error.contains(&server.address()) && error.contains("MaxStartups"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_in_words() {
    let lab = Lab::new();
    let ssh = lab.ssh();
    ssh.declare(vec![
        Destination::new("closed", "127.0.0.1:1"),
        Destination::new("nameless", "no-such-host.invalid"),
    ]);
    let error = reach(&ssh, "closed").await.unwrap_err().to_string();
    assert!(
        error.contains("connection refused by 127.0.0.1:1"),
        "{error}"
    );
    let error = reach(&ssh, "nameless").await.unwrap_err().to_string();
    assert!(error.contains("no-such-host.invalid:22"), "{error}");
}
