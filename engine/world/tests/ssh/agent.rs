//! Keys in the agent, and certificates.

use std::process::{Child, Command, Stdio};

use homelab_world::host::{HostError, Port, Ssh};

use crate::lab::{Lab, output, reach, wait_for};

/// A running key agent.
struct Agent(Child);

impl Agent {
    async fn start(lab: &Lab, key: &str) -> Self {
        let socket = lab.path("agent");
        let child = Command::new("ssh-agent")
            .args(["-D", "-a", socket.to_str().unwrap()])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_for("the agent", || socket.exists()).await;
        let added = Command::new("ssh-add")
            .arg(lab.path(key))
            .env("SSH_AUTH_SOCK", &socket)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(added.success());
        Self(child)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn the_agent_holds_keys() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    lab.keygen("held", &["-t", "rsa", "-b", "2048"]);
    std::fs::copy(lab.path("held.pub"), lab.path("authorized")).unwrap();
    let _agent = Agent::start(&lab, "held").await;
    let mut settings = lab.settings();
    settings.agent = Some(lab.path("agent"));
    // Others than the configured ones aren't wanted.
    let ssh = Ssh::new(settings.clone());
    ssh.declare(vec![server.named("one")]);
    let error = reach(&ssh, "one").await.unwrap_err();
    assert!(matches!(error, HostError::Login { .. }), "{error}");
    // A configured one counts, also by its public half alone.
    std::fs::remove_file(lab.path("held")).unwrap();
    let held = lab.path("held");
    lab.configure(&format!("IdentityFile {}.pub\n", held.display()));
    let ssh = Ssh::new(settings.clone());
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();
    lab.configure("IdentitiesOnly no\n");
    let ssh = Ssh::new(settings.clone());
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();
    // The configuration may name another agent, or none.
    lab.configure("IdentitiesOnly no\nIdentityAgent none\n");
    let ssh = Ssh::new(settings.clone());
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap_err();
    lab.configure(&format!(
        "IdentitiesOnly no\nIdentityAgent {}\n",
        lab.path("agent").display()
    ));
    settings.agent = None;
    let ssh = Ssh::new(settings);
    ssh.declare(vec![server.named("one")]);
    reach(&ssh, "one").await.unwrap();
}

#[tokio::test]
async fn an_authority_vouches_for_a_user() {
    for with_agent in [false, true] {
        let lab = Lab::new();
        lab.keygen("authority", &[]);
        let (authority, key) = (lab.path("authority"), lab.path("id.pub"));
        let sign = [
            "-q",
            "-s",
            authority.to_str().unwrap(),
            "-I",
            "me",
            "-n",
            "root",
            key.to_str().unwrap(),
        ];
        output("ssh-keygen", &sign);
        std::fs::write(lab.path("authorized"), "").unwrap();
        let trusted = format!("TrustedUserCAKeys {}.pub", authority.display());
        let server = lab.server(&[&trusted]);
        let mut settings = lab.settings();
        let mut agent = None;
        if with_agent {
            std::fs::rename(lab.path("id-cert.pub"), lab.path("elsewhere-cert.pub")).unwrap();
            agent = Some(Agent::start(&lab, "id").await);
            std::fs::remove_file(lab.path("id")).unwrap();
            lab.configure(&format!(
                "CertificateFile {}\n",
                lab.path("elsewhere-cert.pub").display()
            ));
            settings.agent = Some(lab.path("agent"));
        }
        let ssh = Ssh::new(settings);
        ssh.declare(vec![server.named("one")]);
        reach(&ssh, "one")
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        drop(agent);
    }
}
