//! Who may log in, and what a session may run.

use formats::authorized_keys::{Key, holds};
use russh::{
    Channel, ChannelId, MethodKind, MethodSet,
    keys::PublicKey,
    server::{Auth, ChannelOpenHandle, Handler, Msg, Session, VerifiedPublicKey},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use twin_hosts::Host;

use super::{SshNode, login_key, shell};

/// How long a refused login takes.
pub(super) const HELD_BACK: Duration = Duration::from_millis(10);

/// The methods by which somebody can log in.
pub(super) fn methods() -> MethodSet {
    MethodSet::from([MethodKind::PublicKey, MethodKind::Password].as_slice())
}

/// One connection to a node.
pub(super) struct Login {
    node: Arc<SshNode>,
    has_one_session: bool,
    channels: BTreeMap<ChannelId, Channel<Msg>>,
    opened: usize,
    user: String,
}

impl Login {
    /// A connection that nobody has logged in on yet.
    pub(super) const fn at(node: Arc<SshNode>, has_one_session: bool) -> Self {
        Self {
            node,
            has_one_session,
            channels: BTreeMap::new(),
            opened: 0,
            user: String::new(),
        }
    }

    /// Whether a user's `authorized_keys` holds a key. The key that a served twin gives to homelab stands for the one
    /// that docs say is homelab's own.
    fn is_authorized(&self, user: &str, key: &PublicKey) -> bool {
        let (twin, name) = (&self.node.twin, &self.node.name);
        let text = twin.with(name, |tx| Host::new(tx, name).authorized_keys(user));
        let Ok(Ok(Some(text))) = text else {
            return false;
        };
        let stands_in =
            login_key(twin).is_ok_and(|own| own.public_key().key_data() == key.key_data());
        let own = &twin.inner.facts.login_key;
        let shown = key.to_openssh().unwrap_or_default();
        let keys = [Some(&shown), stands_in.then_some(own)].into_iter();
        let mut keys = keys.flatten().filter_map(|key| Key::read(&**key));
        keys.any(|key| holds(&*text, &key))
    }

    fn takes_passwords(&self) -> bool {
        let (twin, name) = (&self.node.twin, &self.node.name);
        let takes = twin.with(name, |tx| Host::new(tx, name).takes_passwords());
        matches!(takes, Ok(Ok(true)))
    }

    fn is_password(&self, password: &str) -> bool {
        let accepted = self.node.twin.with(&self.node.name, |tx| {
            let mut all = tx.config.root_passwords.iter();
            all.any(|own| own.expose() == password)
        });
        accepted.unwrap_or(false)
    }
}

fn auth(accepted: bool) -> Auth {
    if accepted {
        Auth::Accept
    } else {
        Auth::reject()
    }
}

impl Handler for Login {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        self.user = user.to_owned();
        let is_right = user == "root" && self.takes_passwords() && self.is_password(password);
        Ok(auth(is_right))
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        self.user = user.to_owned();
        Ok(auth(self.is_authorized(user, key.public_key)))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.has_one_session && self.opened > 0 {
            reply.reject(russh::ChannelOpenFailure::ConnectFailed).await;
            return Ok(());
        }
        self.opened += 1;
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(channel) = self.channels.remove(&id) else {
            return session.channel_failure(id);
        };
        session.channel_success(id)?;
        let command = String::from_utf8_lossy(command).into_owned();
        tokio::spawn(shell::run(
            Arc::clone(&self.node),
            channel,
            (self.user.clone(), command),
        ));
        Ok(())
    }
}
