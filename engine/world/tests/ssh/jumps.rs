//! Hosts behind other hosts.

use homelab_world::host::{Destination, HostError, Port};

use crate::lab::{Lab, fingerprint, reach, script};
use crate::server::Sshd;
use crate::users::User;

/// Configuration for a name: where it is, and how.
fn named(name: &str, server: &Sshd, more: &str) -> String {
    format!(
        "Host {name}\n  HostName 127.0.0.1\n  Port {}\n  {more}\n",
        server.port
    )
}

fn hosts(names: &[&str]) -> Vec<Destination> {
    names
        .iter()
        .map(|name| Destination::new(*name, *name))
        .collect()
}

#[tokio::test]
async fn several_hops_lead_to_a_host_each_with_its_own_login() {
    let lab = Lab::new();
    let (first, second, end) = (lab.server(&[]), lab.server(&[]), lab.server(&[]));
    let user = User::new(&lab, "/bin/sh");
    lab.configure(&format!(
        "{}{}{}",
        named("first", &first, "User nobody"),
        named("second", &second, "ProxyJump nowhere"),
        named(
            "end",
            &end,
            &format!("ProxyJump {}@first,second", user.name)
        ),
    ));
    let ssh = lab.ssh();
    ssh.declare(hosts(&["end"]));
    let reply = script(&ssh, "end", "echo $SSH_CONNECTION; id -un")
        .await
        .unwrap();
    assert!(reply.text().ends_with("root\n"), "{}", reply.text());
    assert!(
        first
            .log()
            .contains(&format!("Accepted publickey for {}", user.name))
    );
    assert!(second.log().contains("Accepted publickey for root"));
}

#[tokio::test]
async fn a_jump_host_may_have_one_of_its_own_and_none_is_none() {
    let lab = Lab::new();
    let (first, second, end) = (lab.server(&[]), lab.server(&[]), lab.server(&[]));
    lab.configure(&format!(
        "{}{}{}{}Host *\n  ProxyJump nowhere\n",
        named("first", &first, "ProxyJump none"),
        named("second", &second, "ProxyJump first"),
        named("end", &end, "ProxyJump second"),
        named("direct", &end, "ProxyJump none"),
    ));
    let ssh = lab.ssh();
    ssh.declare(hosts(&["end", "direct"]));
    reach(&ssh, "end").await.unwrap();
    assert_eq!((first.sessions().len(), second.sessions().len()), (1, 1));
    reach(&ssh, "direct").await.unwrap();
    assert_eq!((first.sessions().len(), second.sessions().len()), (1, 1));
}

#[tokio::test]
async fn many_hosts_share_the_connection_of_their_jump_host() {
    let lab = Lab::new();
    let jump = lab.server(&["MaxSessions 1"]);
    let ends: Vec<Sshd> = (0..4).map(|_| lab.server(&[])).collect();
    let names = ["a", "b", "c", "d"];
    let mut lines = named("jump", &jump, "");
    for (name, end) in names.iter().zip(&ends) {
        lines += &named(name, end, "ProxyJump jump");
    }
    lab.configure(&lines);
    let ssh = lab.ssh();
    ssh.declare(hosts(&["jump", "a", "b", "c", "d"]));
    let reached = futures_util::future::join_all(names.map(|name| reach(&ssh, name))).await;
    assert!(reached.iter().all(Result::is_ok), "{reached:?}");
    reach(&ssh, "jump").await.unwrap();
    assert_eq!(jump.sessions().len(), 1);
    ssh.hang_up("a").await;
    crate::lab::wait_for("one to end", || ends[0].sessions().is_empty()).await;
    reach(&ssh, "b").await.unwrap();
}

#[tokio::test]
async fn a_jump_host_that_forwards_nothing_is_named() {
    let lab = Lab::new();
    let (jump, end) = (lab.server(&["AllowTcpForwarding no"]), lab.server(&[]));
    lab.configure(&(named("gate", &jump, "") + &named("end", &end, "ProxyJump gate")));
    let ssh = lab.ssh();
    ssh.declare(hosts(&["end"]));
    let error = reach(&ssh, "end").await.unwrap_err();
    assert!(matches!(&error, HostError::Unreachable { host, .. } if host == "end"));
    let error = error.to_string();
    assert!(
        error.contains("its jump host gate") && error.contains("administratively prohibited"),
        "{error}"
    );
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_names_its_place() {
    let lab = Lab::new();
    let (mut jump, mut end) = (lab.stranger(&[]), lab.server(&[]));
    let lines = named("gate", &jump, "") + &named("end", &end, "ProxyJump gate");
    lab.configure(&lines);
    let ssh = lab.ssh();
    ssh.declare(hosts(&["end"]));
    let error = reach(&ssh, "end").await.unwrap_err();
    let HostError::UnknownKey { host, shown } = &error else {
        panic!("{error}")
    };
    assert_eq!(
        (host.as_str(), shown),
        ("gate", &fingerprint(&jump.path("host.pub")))
    );
    // Docs may pin the key of a jump host, too.
    let mut gate = Destination::new("gate", "gate");
    gate.host_key = Some(jump.fingerprint());
    let ssh = lab.ssh();
    ssh.declare([hosts(&["end"]), vec![gate]].concat());
    reach(&ssh, "end").await.unwrap();

    end.stop();
    ssh.hang_up("end").await;
    let error = reach(&ssh, "end").await.unwrap_err().to_string();
    assert!(
        error.contains("its jump host gate can't connect to 127.0.0.1:"),
        "{error}"
    );
    jump.stop();
    let ssh = lab.ssh();
    ssh.declare(hosts(&["end"]));
    let error = reach(&ssh, "end").await.unwrap_err().to_string();
    assert!(
        error.contains("host gate can't be reached: connection refused"),
        "{error}"
    );
    assert!(error.contains("it's the way to end"), "{error}");
    lab.configure("Host end\n  ProxyJump round\nHost round\n  ProxyJump end\n");
    let ssh = lab.ssh();
    ssh.declare(hosts(&["end"]));
    let error = reach(&ssh, "end").await.unwrap_err().to_string();
    assert!(error.contains("circle"), "{error}");
}
