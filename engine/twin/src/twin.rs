//! The twin: a lab as rows in SQLite, answered by the model.

use model::{Config, Fault, Key, Passing, Rows as _, Stop, Tx, kind};
use rusqlite::ErrorCode;
use rustls::crypto::SecureRandom;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use world::{Clock as _, Secret, World, WorldId, clock::Moment, install::Desk};

use crate::{
    clock::TwinClock,
    facts::{LabFacts, Start},
    hosts::TwinHosts,
    install::TwinInstaller,
    lease::TwinLease,
    port::TwinPort,
    seed,
    store::{SqlRows, Store},
};

/// When a twin's time starts: 2026-01-01 00:00 UTC.
const BEGINNING: Moment = Moment(1_767_225_600_000);

/// Why a twin can't be had.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// The store can't be opened.
    #[error("the twin's store can't be opened")]
    Open(#[from] rusqlite::Error),
    /// A damaged store can't be removed.
    #[error("the twin's store is damaged, and can't be removed")]
    Remove(#[source] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Rows(#[from] Fault),
    /// A certificate can't be made.
    #[error("the certificate of {node} can't be made: {cause}")]
    Certificate {
        /// The node.
        node: String,
        /// What the library said.
        cause: String,
    },
    /// A listener can't be opened.
    #[error("the twin can't listen on 127.0.0.1:{port}: {cause}")]
    Listen {
        /// The port.
        port: u16,
        /// What the system said.
        cause: String,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

impl TwinError {
    /// Whether its place can't be written.
    #[must_use]
    pub fn is_unwritable(&self) -> bool {
        match self {
            Self::Remove(_) => true,
            Self::Open(rusqlite::Error::ToSqlConversionFailure(error)) => error
                .downcast_ref::<std::io::Error>()
                .is_some_and(|error| error.kind() != std::io::ErrorKind::Other),
            Self::Open(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::PermissionDenied
                        | ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                )
            ),
            _ => false,
        }
    }
}

/// How a twin is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What is accepted as the password of `root@pam`, beside the one that `serve` made.
    pub root_passwords: Vec<Secret>,
}

/// A simulated lab.
#[derive(Clone)]
pub struct Twin {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// Where its store is; none if it's in memory.
    pub(crate) path: Option<PathBuf>,
    store: Mutex<Store>,
    pub(crate) facts: LabFacts,
    pub(crate) start: Start,
    /// Where bare machines ask, in process.
    pub(crate) desk: Desk,
    options: Options,
    pub(crate) clock: TwinClock,
    pace: Mutex<Pace>,
}

/// How time passes, and since when it passes by itself.
struct Pace {
    passing: Passing,
    flows: Option<(Instant, Moment, f64)>,
}

impl Twin {
    /// Opens the twin at a path, or one in memory; a new one stands at the lab's start.
    ///
    /// # Errors
    /// The store can't be opened or written.
    pub fn open(
        path: Option<&Path>,
        facts: LabFacts,
        start: Start,
        options: Options,
    ) -> Result<Self, TwinError> {
        let inner = Inner {
            path: path.map(Path::to_owned),
            store: Mutex::new(Store::open(path)?),
            facts,
            start,
            desk: Desk::default(),
            options,
            clock: TwinClock::default(),
            pace: Mutex::new(Pace {
                passing: Passing::Jumping,
                flows: None,
            }),
        };
        let twin = Self {
            inner: Arc::new(inner),
        };
        let fresh = random_hex(8)?;
        twin.rows(|rows| match rows.meta("id")? {
            Some(_) => twin.reread(rows),
            None => twin.plant(rows, &fresh),
        })?;
        let now = twin.rows(|rows| stored_clock(rows))?;
        twin.inner.clock.reach(now);
        let inner = Arc::downgrade(&twin.inner);
        twin.inner.clock.keep(move |moment| {
            if let Some(inner) = inner.upgrade() {
                Self { inner }.keep_clock(moment);
            }
        });
        Ok(twin)
    }

    /// Starts the twin at a path over, as another world; what is damaged there is removed, with its ports and password.
    ///
    /// # Errors
    /// The store can't be removed, opened or written.
    pub fn restart(path: &Path, facts: LabFacts, start: Start) -> Result<Self, TwinError> {
        if Store::is_damaged(path) {
            Store::remove(path).map_err(TwinError::Remove)?;
        }
        let twin = Self::open(Some(path), facts, start, Options::default())?;
        twin.reset()?;
        Ok(twin)
    }

    /// The first failure of the store itself since it was opened.
    pub(crate) fn store_failure(&self) -> Option<String> {
        let store = self
            .inner
            .store
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        store.failure()
    }

    /// The id of the twin at a path; nothing if there is none.
    ///
    /// # Errors
    /// The store can't be opened.
    pub fn id_at(path: &Path) -> Result<Option<WorldId>, TwinError> {
        if !path.exists() {
            return Ok(None);
        }
        let id = Store::open(Some(path))?.transaction(|rows| rows.meta("id"))?;
        Ok(id.map(WorldId))
    }

    /// The twin's id: it's renewed by a reset.
    ///
    /// # Errors
    /// The store failed.
    pub fn id(&self) -> Result<WorldId, TwinError> {
        let id = self.rows(|rows| rows.meta("id"))?;
        Ok(WorldId(id.unwrap_or_default()))
    }

    /// Whether the lab began otherwise than `twin.rhai` says now: only a reset begins anew.
    ///
    /// # Errors
    /// The store failed.
    pub fn began_otherwise(&self) -> Result<bool, TwinError> {
        let began = self.rows(|rows| rows.meta("start"))?;
        let now = self.beginning();
        Ok(began.is_some_and(|began| began != now))
    }

    /// The twin as a world, in process.
    ///
    /// # Errors
    /// The store failed.
    pub fn world(&self) -> Result<World, TwinError> {
        let id = self.id()?;
        Ok(World {
            lease: Arc::new(TwinLease::of(self.clone(), id.clone())),
            id,
            proxmox: Arc::new(TwinPort(self.clone())),
            hosts: Arc::new(TwinHosts::of(self.clone())),
            installer: Arc::new(TwinInstaller(self.clone())),
            clock: Arc::new(self.inner.clock.clone()),
        })
    }

    /// Goes back to the lab's start, as another world. Ports and password of a served twin stay.
    ///
    /// # Errors
    /// The store failed.
    pub fn reset(&self) -> Result<(), TwinError> {
        let fresh = random_hex(8)?;
        self.rows(|rows| {
            rows.clear()?;
            self.plant(rows, &fresh)
        })?;
        self.inner.clock.set(BEGINNING);
        let mut pace = self.pace();
        if let Some((since, from, _)) = &mut pace.flows {
            (*since, *from) = (Instant::now(), BEGINNING);
        }
        Ok(())
    }

    /// Lets time pass in the lab, without anybody waiting: tasks go on and end.
    ///
    /// # Errors
    /// The store failed.
    pub fn pass(&self, duration: Duration) -> Result<(), TwinError> {
        self.with("", |tx| {
            tx.now = tx.now.after(duration);
            tx.advance()
        })
        .map_err(TwinError::Rows)?
        .map_err(failed)?;
        Ok(self.machines_go_on()?)
    }

    /// Adds a fault that is to happen.
    ///
    /// # Errors
    /// The store failed.
    pub fn add_fault(&self, fault: &model::fault::Fault) -> Result<(), TwinError> {
        self.with("", |tx| {
            let number = tx.count("faults")?;
            tx.write(&Key::new("", kind::FAULT, format!("{number:06}")), fault)
        })
        .map_err(TwinError::Rows)?
        .map_err(failed)
    }

    /// The faults that are to happen, in the order in which they were added.
    ///
    /// # Errors
    /// The store failed.
    pub fn faults(&self) -> Result<Vec<model::fault::Fault>, TwinError> {
        self.with("", |tx| tx.scan_in::<model::fault::Fault>("", kind::FAULT))
            .map_err(TwinError::Rows)?
            .map(|faults| faults.into_iter().map(|(_, fault)| fault).collect())
            .map_err(failed)
    }

    /// The ids of the storages that any cluster or node has.
    ///
    /// # Errors
    /// The store failed.
    pub fn storages(&self) -> Result<Vec<String>, TwinError> {
        let keys = self
            .rows(|rows| rows.all())?
            .into_iter()
            .map(|(key, _)| key);
        let storages = keys.filter(|key| key.kind == kind::STORAGE);
        Ok(storages.map(|key| key.id).collect())
    }

    /// Removes every fault that is to happen.
    ///
    /// # Errors
    /// The store failed.
    pub fn clear_faults(&self) -> Result<(), TwinError> {
        self.rows(|rows| {
            for (id, _) in rows.scan("", kind::FAULT)? {
                rows.delete(&Key::new("", kind::FAULT, id))?;
            }
            Ok(())
        })
    }

    /// Stores a moment to which the clock jumped while nobody asked anything.
    fn keep_clock(&self, moment: Moment) {
        let kept: Result<(), Fault> = self.rows(|rows| {
            if stored_clock(rows)? < moment {
                rows.set_meta("clock", &moment.0.to_string())?;
            }
            Ok(())
        });
        // A store that fails now fails the next request too, and that one can say so.
        drop(kept.and_then(|()| self.machines_go_on()));
    }

    fn plant(&self, rows: &mut SqlRows<'_>, fresh: &str) -> Result<(), TwinError> {
        rows.set_meta("id", &format!("twin-{fresh}"))?;
        rows.set_meta("seed", "twin")?;
        rows.set_meta("clock", &BEGINNING.0.to_string())?;
        rows.set_meta("start", &self.beginning())?;
        rows.set_meta("declared", &self.declared())?;
        seed::plant(
            rows,
            &self.inner.facts,
            &self.inner.start,
            BEGINNING.seconds(),
        )?;
        Ok(())
    }

    /// What `twin.rhai` says of the lab's own commands and repositories holds from now on, if it's another thing than before.
    fn reread(&self, rows: &mut SqlRows<'_>) -> Result<(), TwinError> {
        let declared = self.declared();
        if rows.meta("declared")?.as_ref() != Some(&declared) {
            seed::declare(rows, &self.inner.start)?;
            rows.set_meta("declared", &declared)?;
        }
        Ok(())
    }

    fn beginning(&self) -> String {
        json!(self.inner.start.beginning()).to_string()
    }

    fn declared(&self) -> String {
        let start = &self.inner.start;
        json!([start.commands, start.packages]).to_string()
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.inner
            .pace
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how time passes while the twin is served: by polls, or by itself at a scale.
    pub(crate) fn set_pace(&self, time_scale: Option<f64>) {
        let now = self.inner.clock.now();
        let mut pace = self.pace();
        pace.passing = if time_scale.is_some() {
            Passing::Flowing
        } else {
            Passing::Polled
        };
        pace.flows = time_scale.map(|scale| (Instant::now(), now, scale));
    }

    /// Does `work` with the rows, in one transaction.
    pub(crate) fn rows<T, E: From<Fault>>(
        &self,
        work: impl FnOnce(&mut SqlRows<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut store = self
            .inner
            .store
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        store.transaction(work)
    }

    /// Does `work` as a request to a node, in one transaction, at the present moment.
    pub(crate) fn with<T>(
        &self,
        node: &str,
        work: impl FnOnce(&mut Tx<'_>) -> T,
    ) -> Result<T, Fault> {
        let passing = self.pace().passing;
        let (result, now) = self.rows(|rows| {
            let mut root_passwords = self.inner.options.root_passwords.clone();
            if let Some(served) = rows.meta("password")? {
                root_passwords.push(Secret::new("twin", served));
            }
            let config = Config {
                id: rows.meta("id")?.unwrap_or_default(),
                seed: rows.meta("seed")?.unwrap_or_default(),
                root_passwords,
                passing,
                reality: &twin_hosts::Simulated,
                effects: twin_pve::apply,
                answers: model::order::Answers::default(),
            };
            let stored = stored_clock(rows)?;
            let now = stored.max(self.flowing()).max(self.inner.clock.now());
            let mut tx = Tx::new(rows, now, node, &config);
            let result = work(&mut tx);
            let now = tx.now;
            if now != stored {
                rows.set_meta("clock", &now.0.to_string())?;
            }
            Ok::<_, Fault>((result, now))
        })?;
        self.inner.clock.reach(now);
        Ok(result)
    }

    /// The present moment of a time that passes by itself.
    fn flowing(&self) -> Moment {
        match self.pace().flows {
            Some((since, from, scale)) => from.after(since.elapsed().mul_f64(scale.max(0.0))),
            None => Moment::default(),
        }
    }
}

pub(crate) fn stored_clock(rows: &SqlRows<'_>) -> Result<Moment, Fault> {
    let stored = rows.meta("clock")?.and_then(|text| text.parse().ok());
    Ok(stored.map_or(BEGINNING, Moment))
}

pub(crate) fn failed(stop: Stop) -> TwinError {
    Fault::from(stop).into()
}

/// Random bytes as hexadecimal digits.
pub(crate) fn random_hex(bytes: usize) -> Result<String, TwinError> {
    let mut buffer = vec![0; bytes];
    let provider = rustls::crypto::ring::default_provider();
    let random: &dyn SecureRandom = provider.secure_random;
    random.fill(&mut buffer).map_err(|_| TwinError::Random)?;
    Ok(hex::encode(buffer))
}
