//! How a connection is made: TCP or a jump host's channel, the host's key, the login.

use std::{borrow::Cow, sync::Arc, time::Duration};

use russh::{
    Preferred, SshId,
    client::{self, Handle, Msg},
    keys::Algorithm,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use super::{
    cipher,
    hop::Hop,
    known::KnownFiles,
    line::Line,
    link::{Link, Shared, is_rsa},
    login::log_in,
    watcher::{Ending, Refusal, Watcher},
    words,
};
use crate::{Clock, clock::RealClock, host::HostError};

/// How long to wait before trying again where a host hung up before it said anything: it has too many logins.
const AGAIN: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_millis(600),
    Duration::from_millis(1500),
];

/// One try to connect.
pub(super) struct Attempt<'a> {
    shared: &'a Shared,
    hop: &'a Hop,
    watcher: Watcher,
    cut: CancellationToken,
    /// Which kinds of keys the host is asked for.
    pub(super) kinds: fn(&Algorithm) -> bool,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(shared: &'a Shared, hop: &'a Hop) -> Self {
        Self {
            shared,
            hop,
            watcher: Watcher {
                name: hop.name.clone(),
                place: hop.place(),
                known: KnownFiles::of(&hop.config),
                pin: hop.pin.clone(),
                new_keys: hop.config.new_keys,
                unfollowed: hop.config.unfollowed.clone(),
                shown: shared.shown.clone(),
                ending: Ending::default(),
            },
            cut: CancellationToken::new(),
            kinds: |_| true,
        }
    }

    /// Connects and logs in; tries again where the host hung up at once.
    pub(super) async fn repeated(self, via: Option<Arc<Link>>) -> Result<Link, HostError> {
        let mut pauses = AGAIN.iter();
        loop {
            let refusal = match self.connect(via.as_ref()).await {
                Ok(handle) => return self.enter(handle, via).await,
                Err(refusal) => refusal,
            };
            match pauses.next() {
                Some(pause) if words::is_early_end(&refusal) => RealClock.sleep(*pause).await,
                _ => return Err(self.refused(&refusal)),
            }
        }
    }

    /// Connects and checks the host's key. What hangs is cut off.
    async fn connect(&self, via: Option<&Arc<Link>>) -> Result<Handle<Watcher>, Refusal> {
        let limit = self.hop.config.connect;
        let connected = async {
            match via {
                Some(link) => self.greet(self.through(link).await?).await,
                None => self.greet(self.directly().await?).await,
            }
        };
        match tokio::time::timeout(limit, connected).await {
            Ok(connected) => connected,
            Err(_) => {
                self.cut.cancel();
                Err(self.unreachable(words::timed_out(&self.watcher.place, limit)))
            }
        }
    }

    async fn directly(&self) -> Result<TcpStream, Refusal> {
        let place = &self.watcher.place;
        let failed = |error: std::io::Error| self.unreachable(words::tcp(place, &error));
        let stream = TcpStream::connect(place.as_str()).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(stream)
    }

    async fn through(&self, link: &Link) -> Result<russh::ChannelStream<Msg>, Refusal> {
        let config = &self.hop.config;
        let opened = link
            .handle
            .channel_open_direct_tcpip(&config.host, config.port.into(), "127.0.0.1", 0)
            .await;
        opened.map(russh::Channel::into_stream).map_err(|error| {
            let jump = &link.name;
            self.unreachable(words::forwarding(jump, &self.watcher.place, &error))
        })
    }

    async fn greet<S>(&self, stream: S) -> Result<Handle<Watcher>, Refusal>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let alive = self.hop.config.alive;
        let line = Line::new(stream, self.cut.clone(), alive.limit());
        let config = client::Config {
            client_id: SshId::Standard(Cow::Borrowed(concat!(
                "SSH-2.0-homelab_",
                env!("CARGO_PKG_VERSION")
            ))),
            keepalive_interval: Some(alive.interval),
            keepalive_max: alive.count,
            preferred: self.preferred(),
            ..client::Config::default()
        };
        client::connect_stream(Arc::new(config), line, self.watcher.clone()).await
    }

    /// Asks the host for a key of a kind that is known, and for a certificate where there is an authority.
    fn preferred(&self) -> Preferred {
        let lines = self.watcher.known.lines();
        let known = lines.kinds();
        let mut kinds = Preferred::DEFAULT.key.to_vec();
        kinds.retain(|kind| *kind != Algorithm::Rsa { hash: None } && (self.kinds)(kind));
        kinds.sort_by_key(|kind| !known.iter().any(|known| is_same_kind(known, kind)));
        let certificates = if lines.authorities().is_empty() || self.watcher.pin.is_some() {
            Vec::new()
        } else {
            kinds.clone()
        };
        let mut preferred = Preferred {
            key: Cow::Owned(kinds),
            host_key_certificates: Cow::Owned(certificates),
            cipher: Cow::Owned(cipher::by_speed(cipher::has_aes())),
            ..Preferred::DEFAULT
        };
        if self.hop.config.compress {
            preferred.compression.to_mut().reverse();
        }
        preferred
    }

    async fn enter(
        self,
        mut handle: Handle<Watcher>,
        via: Option<Arc<Link>>,
    ) -> Result<Link, HostError> {
        let cut = self.cut.drop_guard();
        let key = log_in(
            &mut handle,
            self.hop,
            &self.shared.settings,
            &self.shared.keyring,
        )
        .await?;
        Ok(Link {
            handle,
            name: self.hop.name.clone(),
            key,
            ending: self.watcher.ending,
            cut: cut.disarm(),
            _via: via,
        })
    }

    fn unreachable(&self, cause: String) -> Refusal {
        Refusal::Host(self.hop.unreachable(cause))
    }

    fn refused(&self, refusal: &Refusal) -> HostError {
        match refusal {
            Refusal::Host(error) => error.clone(),
            early if words::is_early_end(early) => self.hop.unreachable(format!(
                "{} closed the connection before the login: is it no SSH server, or has it too many logins \
                 (MaxStartups)?",
                self.watcher.place
            )),
            Refusal::Ssh(error) => self.hop.unreachable(format!(
                "{}: {}",
                self.watcher.place,
                words::ssh(error)
            )),
        }
    }
}

fn is_same_kind(known: &Algorithm, kind: &Algorithm) -> bool {
    (is_rsa(known) && is_rsa(kind)) || known == kind
}
