//! SSH of a served twin's nodes: the host protocol over real connections, answered by the model.
//!
//! A node knows homelab's shell by its prelude, and answers its calls. Anything else is 127, naming itself.

mod key;
mod login;
mod shell;

use std::sync::Arc;

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

pub(crate) use self::key::{KeyTurn, fingerprint, key_of, login_key, login_key_text};
use model::{
    Stop,
    fault::{self, Trouble},
};
use twin_hosts::Host;

use self::login::Login;
use crate::{request_log::RequestLog, twin::Twin};

/// A node that is served over SSH.
pub(crate) struct SshNode {
    /// The twin.
    pub(crate) twin: Twin,
    /// The node's name.
    pub(crate) name: String,
    /// Where calls are written.
    pub(crate) log: Option<RequestLog>,
}

impl SshNode {
    /// A node of a twin.
    pub(crate) fn of(twin: &Twin, name: &str, log: Option<RequestLog>) -> Self {
        Self {
            twin: twin.clone(),
            name: name.to_owned(),
            log,
        }
    }
}

impl SshNode {
    /// Whether sudo lets a user become root: root itself, and who is in Debian's group for that.
    fn may_sudo(&self, user: &str) -> bool {
        let may = self.twin.with(&self.name, |tx| {
            let is_forbidden = fault::troubles(tx, &self.name)?.contains(&Trouble::NoRoot);
            let may = user == "root" || Host::new(tx, &self.name).is_in_group(user, "sudo")?;
            Ok::<_, Stop>(may && !is_forbidden)
        });
        matches!(may, Ok(Ok(true)))
    }
}

/// Takes connections until the listener fails.
pub(crate) async fn accept(listener: TcpListener, node: Arc<SshNode>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(stream, Arc::clone(&node)));
    }
}

/// Serves one connection. A connection that breaks concerns the client alone.
async fn connection(stream: TcpStream, node: Arc<SshNode>) {
    let is_up = node.twin.node_at(&node.name);
    let troubles = node.twin.troubles(&node.name).unwrap_or_default();
    if !matches!(is_up, Ok(Some(_))) || troubles.contains(&Trouble::Refused) {
        return;
    }
    let turn = if troubles.contains(&Trouble::WrongKey) {
        KeyTurn::Other
    } else {
        KeyTurn::Own
    };
    let Ok(key) = key_of(&node.twin, &node.name, turn) else {
        return;
    };
    // Whether it could be set changes how fast calls are, not what they do.
    let _ = stream.set_nodelay(true);
    let config = russh::server::Config {
        keys: vec![key],
        methods: login::methods(),
        auth_rejection_time: login::HELD_BACK,
        auth_rejection_time_initial: Some(std::time::Duration::ZERO),
        inactivity_timeout: None,
        ..russh::server::Config::default()
    };
    let login = Login::at(node, troubles.contains(&Trouble::OneSession));
    if let Ok(session) = russh::server::run_stream(Arc::new(config), stream, login).await {
        drop(session.await);
    }
}
