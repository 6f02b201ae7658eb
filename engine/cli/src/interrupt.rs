//! Ctrl-C: once, no new action starts and waits end; twice, the process ends at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::report;

/// A token that is cancelled by the first Ctrl-C or SIGTERM. The second one ends the process.
pub(crate) fn token(handle: &tokio::runtime::Handle) -> CancellationToken {
    let cancel = CancellationToken::new();
    let shared = cancel.clone();
    handle.spawn(async move {
        for _ in 0..2 {
            if !wait().await {
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
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
        sent = terminate.recv() => sent.is_some(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the second Ctrl-C waits for nothing; the journal is durable at any point"
)]
fn stop_now() {
    std::process::exit(130);
}
