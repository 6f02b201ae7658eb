//! How often SQLite made something durable, by its write-ahead log.

use std::path::Path;

const HEADER: usize = 32;
const FRAME: usize = 24;

/// The commits in a database's log: the frames that say how large the database is behind them. Each is synced once.
pub(crate) fn commits(database: &Path) -> usize {
    let log = std::fs::read(database.with_extension("db-wal")).unwrap();
    if log.is_empty() {
        // As a new journal leaves it.
        return 0;
    }
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let page = usize::try_from(number(8)).unwrap();
    let salt = &log[16..24];
    let frames = (HEADER..log.len()).step_by(FRAME + page);
    frames
        .filter(|frame| {
            assert_eq!(&log[frame + 8..frame + 16], salt, "the log began anew");
            number(frame + 4) > 0
        })
        .count()
}
