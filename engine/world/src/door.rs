//! The door of a served twin: what isn't a node's. Which world it is, who uses it, its operator's files, and the keys
//! that its operator knows hosts by. It answers whatever becomes of the nodes.
//!
//! A question is one line of JSON, its answer another one. Whoever takes the world has it as long as his connection lasts.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::Mutex,
};

use crate::{
    WorldId,
    host::{Call, Destination, OPERATOR, Reply},
    lease::{self, Claim, LeaseError},
};

/// A question at the door.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which world it is, and who uses it.
    World,
    /// The world, for the one whom the text names.
    Take(String),
    /// A call on the operator, or one about the key of a host.
    Call {
        /// The host.
        to: Host,
        /// The call.
        call: Call,
        /// What the verb reads.
        input: Vec<u8>,
    },
}

/// A host, as far as its key goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Where it's reached.
    pub address: String,
    /// The fingerprint that docs give it.
    pub host_key: Option<String>,
}

impl From<&Destination> for Host {
    fn from(host: &Destination) -> Self {
        Self {
            name: host.name.clone(),
            address: host.address.clone(),
            host_key: host.host_key.clone(),
        }
    }
}

/// What the door answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Which world it is.
    World {
        /// Its id.
        id: WorldId,
        /// Who uses it.
        owner: Option<String>,
    },
    /// Somebody else uses it.
    Held(String),
    /// Its store failed.
    Store(String),
    /// The reply to a call.
    Reply {
        /// The verb's exit status.
        status: i32,
        /// What it printed.
        output: Vec<u8>,
        /// How much of that was cut off.
        cut: u64,
        /// What it said.
        error: String,
    },
    /// Why there is no answer.
    Failed(String),
}

/// A connection, in lines.
#[derive(Debug)]
pub struct Lines(BufReader<TcpStream>);

impl Lines {
    /// The lines of a connection.
    #[must_use]
    pub fn of(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// The next line; nothing at the end.
    ///
    /// # Errors
    /// The connection broke, or the line isn't understood.
    pub async fn read<T: DeserializeOwned>(&mut self) -> std::io::Result<Option<T>> {
        let mut line = String::new();
        if self.0.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&line)?))
    }

    /// Sends a line.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn write(&mut self, line: &impl Serialize) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.0.get_mut().write_all(&line).await
    }

    /// Whether the other side is still there, as far as can be known without asking.
    fn is_open(&self) -> bool {
        let mut byte = [0];
        matches!(self.0.get_ref().try_read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }
}

/// The door of a served twin, from outside.
pub struct Door {
    address: String,
    world: WorldId,
    /// Who took the world, and the connection that keeps it.
    taken: Mutex<Option<(Claim, Lines)>>,
}

impl Door {
    /// The door at an address; it says itself to which world it leads.
    ///
    /// # Errors
    /// Nobody answers there.
    pub async fn at(address: &str) -> Result<Self, LeaseError> {
        let mut door = Self {
            address: address.to_owned(),
            world: WorldId(String::new()),
            taken: Mutex::default(),
        };
        (door.world, _) = door.now().await?;
        Ok(door)
    }

    /// The world to which it led at first.
    #[must_use]
    pub const fn world(&self) -> &WorldId {
        &self.world
    }

    /// The reply to a call on the operator, or about the key of a host.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn call(&self, to: Host, mut call: Call) -> Result<Reply, String> {
        let input = std::mem::take(&mut call.input).to_vec();
        let asked = self.ask(&Question::Call { to, call, input }).await;
        match asked.map_err(|error| error.to_string())?.0 {
            Answer::Reply {
                status,
                output,
                cut,
                error,
            } => Ok(Reply {
                status,
                output: output.into(),
                cut,
                error,
                ..Reply::default()
            }),
            Answer::Failed(why) => Err(why),
            other => Err(format!("it answers {other:?}")),
        }
    }

    /// Which world it is now, and who uses it.
    async fn now(&self) -> Result<(WorldId, Option<String>), LeaseError> {
        match self.ask(&Question::World).await?.0 {
            Answer::World { id, owner } => Ok((id, owner)),
            Answer::Store(cause) => Err(LeaseError::Store(cause)),
            other => Err(self.silent(&format!("it answers {other:?}"))),
        }
    }

    async fn ask(&self, question: &Question) -> Result<(Answer, Lines), LeaseError> {
        let asked = async {
            let mut lines = Lines::of(TcpStream::connect(&self.address).await?);
            lines.write(question).await?;
            let answer = lines
                .read()
                .await?
                .ok_or(std::io::ErrorKind::UnexpectedEof)?;
            Ok((answer, lines))
        };
        let asked: std::io::Result<_> = asked.await;
        asked.map_err(|error| self.silent(&error.to_string()))
    }

    fn silent(&self, cause: &str) -> LeaseError {
        LeaseError::Silent {
            address: self.address.clone(),
            cause: cause.to_owned(),
        }
    }

    async fn taken(&self, claim: &Claim) -> Result<Lines, LeaseError> {
        match self.ask(&Question::Take(claim.owner.clone())).await? {
            (Answer::World { id, .. }, lines) => self.same(id).map(|()| lines),
            (Answer::Held(owner), _) => Err(LeaseError::Held(owner)),
            (Answer::Store(cause), _) => Err(LeaseError::Store(cause)),
            (other, _) => Err(self.silent(&format!("it answers {other:?}"))),
        }
    }

    fn same(&self, now: WorldId) -> Result<(), LeaseError> {
        if now == self.world {
            return Ok(());
        }
        Err(LeaseError::Reset {
            was: self.world.clone(),
            now,
        })
    }
}

/// The operator, as the door knows it.
#[must_use]
pub fn operator() -> Host {
    Host::from(&Destination::new(OPERATOR, ""))
}

impl lease::Port for Door {
    fn take<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Vec<String>, LeaseError>> {
        Box::pin(async move {
            let lines = self.taken(claim).await?;
            *self.taken.lock().await = Some((claim.clone(), lines));
            Ok(Vec::new())
        })
    }

    fn owner(&self) -> BoxFuture<'_, Result<Option<String>, LeaseError>> {
        Box::pin(async { Ok(self.now().await?.1) })
    }

    fn present(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(async { self.same(self.now().await?.0) })
    }

    /// A twin that was served anew meanwhile is taken again.
    fn held(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(async {
            self.present().await?;
            let mut taken = self.taken.lock().await;
            if let Some((claim, lines)) = &mut *taken
                && !lines.is_open()
            {
                *lines = self.taken(claim).await?;
            }
            Ok(())
        })
    }

    fn release(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(async {
            *self.taken.lock().await = None;
            Ok(())
        })
    }
}
