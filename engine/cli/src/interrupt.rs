//! Ctrl-C: once, no new action starts and waits end; twice, the process ends at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::report;

/// A token that is cancelled by the first Ctrl-C or SIGTERM. The second one ends the process.
pub(crate) fn token(handle: &tokio::runtime::Handle) -> CancellationToken {
    let cancel = CancellationToken::new();
    let shared = cancel.clone();
    // Here and not in the task: a signal that comes before the task's first turn counts, too.
    let within = handle.enter();
    let mut signals = Signals::new();
    drop(within);
    handle.spawn(async move {
        for _ in 0..2 {
            if !signals.next().await {
                return;
            }
            if shared.is_cancelled() {
                stop_now();
            }
            report::complain("interrupted: what was sent gets its answer, nothing new begins; Ctrl-C again ends at once\n");
            shared.cancel();
        }
    });
    cancel
}

/// Waits for Ctrl-C or SIGTERM; false if the system gives no signals.
pub(crate) async fn wait() -> bool {
    Signals::new().next().await
}

/// Ctrl-C and SIGTERM; none of one that the system doesn't give.
struct Signals {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
}

impl Signals {
    fn new() -> Self {
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    async fn next(&mut self) -> bool {
        let recv = async |signal: &mut Option<Signal>| match signal {
            Some(signal) => signal.recv().await,
            None => None,
        };
        let (interrupt, terminate) = (&mut self.interrupt, &mut self.terminate);
        if interrupt.is_none() && terminate.is_none() {
            return false;
        }
        tokio::select! {
            Some(()) = recv(interrupt) => true,
            Some(()) = recv(terminate) => true,
            else => false,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the second Ctrl-C waits for nothing; the journal is durable at any point"
)]
fn stop_now() {
    std::process::exit(130);
}
