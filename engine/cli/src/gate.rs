//! Kill points of a run that is rehearsed: at each one it tells its parent and waits to be let on, or killed.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use runbook::{failure::Failure, gate::Gate};
use world::{
    Clock,
    clock::{Moment, RealClock},
    code,
};

use crate::exit::refused;

/// A gate that a parent process opens point by point.
pub(crate) struct Watched(Mutex<UnixStream>);

impl Watched {
    /// Connects to the parent's socket.
    ///
    /// # Errors
    /// Nobody listens there.
    pub(crate) fn connect(socket: &Path) -> Result<Self, Failure> {
        let stream = UnixStream::connect(socket).map_err(|error| {
            refused(
                code::test::gate,
                format!("nobody listens at {}", socket.display()),
            )
            .cause(error.to_string())
        })?;
        Ok(Self(Mutex::new(stream)))
    }
}

impl Gate for Watched {
    fn pass(&self, point: &dyn std::fmt::Display) {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut word = [0_u8; 1];
        let told = writeln!(stream, "{point}").and_then(|()| stream.read_exact(&mut word));
        if told.is_err() {
            // The parent is gone: nobody compares what this process would do.
            end();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a rehearsed run has nothing to tell and nobody to tell it"
)]
fn end() -> ! {
    std::process::exit(130)
}

/// How long a wait of any length takes in a rehearsal: the rehearsed twin moves on when it's asked, so there is
/// nothing to wait for.
const BRIEF: Duration = Duration::from_millis(1);

/// A clock whose waits are brief, and count in full.
#[derive(Debug, Default)]
pub(crate) struct Hasty {
    skipped: AtomicU64,
}

impl Clock for Hasty {
    fn now(&self) -> Moment {
        RealClock
            .now()
            .after(Duration::from_millis(self.skipped.load(Ordering::Relaxed)))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            RealClock.sleep(duration.min(BRIEF)).await;
            let skipped = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            self.skipped.fetch_add(skipped, Ordering::Relaxed);
        })
    }
}
