//! A journal that was changed, cut or parted from its key is found out before anything happens.

#![expect(clippy::unwrap_used, reason = "a test that can't be set up fails")]

use std::{fs, path::Path};

use runbook::journal::{
    Entry, Journal as _, JournalError, RunId, SqliteJournal, Stored, entry::Note,
};
use rusqlite::Connection;
use world::{WorldId, clock::Moment};

fn note(text: &str) -> Stored {
    let text = text.to_owned();
    Stored {
        at: Moment(1),
        entry: Entry::from(Note { step: None, text }),
        sealed: None,
    }
}

/// A journal with one run of three entries.
fn recorded(folder: &Path) -> SqliteJournal {
    let journal = SqliteJournal::open(&folder.join("journal.db")).unwrap();
    let run = journal
        .begin(&WorldId::live(), "phase1", &[note("one")])
        .unwrap();
    journal.append(run, &[note("two"), note("three")]).unwrap();
    journal
}

fn cause(error: JournalError) -> String {
    match error {
        JournalError::Corrupted { cause, .. } => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_bit_of_an_entry_counts() {
    let folder = tempfile::tempdir().unwrap();
    let journal = recorded(folder.path());
    let database = Connection::open(folder.path().join("journal.db")).unwrap();
    for column in ["body", "link"] {
        let read = format!("SELECT CAST({column} AS BLOB) FROM entry WHERE seq = 2");
        let whole: Vec<u8> = database.query_row(&read, [], |row| row.get(0)).unwrap();
        let kind = if column == "body" { "TEXT" } else { "BLOB" };
        let write = format!("UPDATE entry SET {column} = CAST(?1 AS {kind}) WHERE seq = 2");
        for place in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[place / 8] ^= 1 << (place % 8);
            database.execute(&write, [&flipped]).unwrap();
            assert!(journal.load(RunId(1)).is_err(), "bit {place} of {column}");
        }
        database.execute(&write, [&whole]).unwrap();
        assert_eq!(journal.load(RunId(1)).unwrap().len(), 3);
    }
}

#[test]
fn entries_stay_in_their_order_in_their_run() {
    let damages = [
        ("DELETE FROM entry WHERE seq = 2", "entry 2"),
        ("DELETE FROM entry WHERE seq = 1", "entry 1"),
        ("UPDATE entry SET link = NULL WHERE seq = 3", "entry 3"),
        ("UPDATE entry SET seq = 9 WHERE seq = 2", "entry 2"),
        ("UPDATE run SET world = 'twin'", "entry 1"),
        ("UPDATE run SET runbook = 'phase2'", "entry 1"),
    ];
    for (damage, place) in damages {
        let folder = tempfile::tempdir().unwrap();
        let journal = recorded(folder.path());
        let database = Connection::open(folder.path().join("journal.db")).unwrap();
        database.execute_batch(damage).unwrap();
        let cause = cause(journal.load(RunId(1)).unwrap_err());
        assert_eq!(
            cause,
            format!("{place} of run 1 isn't as it was written"),
            "{damage}"
        );
    }
}

#[test]
fn a_journal_without_its_newest_part_is_no_journal() {
    let (folder, rest) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = recorded(folder.path());
    // As it lies there after a kill, but without the write-ahead log.
    for name in ["journal.db", "journal.key", "journal.last"] {
        fs::copy(folder.path().join(name), rest.path().join(name)).unwrap();
    }
    drop(journal);
    let open = |folder: &Path| SqliteJournal::open(&folder.join("journal.db"));
    let cut = cause(open(rest.path()).err().unwrap());
    assert_eq!(
        cut,
        "3 entries were recorded, and it ends with entry 0: its newest part is lost"
    );
    for lost in ["empty", "missing"] {
        let file = folder.path().join("journal.db");
        if lost == "empty" {
            fs::write(&file, "").unwrap();
        } else {
            fs::remove_file(&file).unwrap();
        }
        assert_eq!(cause(open(folder.path()).err().unwrap()), cut, "{lost}");
    }
}

#[test]
fn the_key_lies_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let key = recorded(folder.path()).key().unwrap();
    assert_eq!(
        (
            key.len(),
            fs::read(folder.path().join("journal.key")).unwrap()
        ),
        (32, key.clone())
    );
    assert!(!fs::read(&file).unwrap().windows(32).any(|part| part == key));
    fs::write(folder.path().join("journal.key"), [0; 32]).unwrap();
    assert!(cause(SqliteJournal::open(&file).err().unwrap()).ends_with("is another journal's key"));
    fs::remove_file(folder.path().join("journal.key")).unwrap();
    assert!(cause(SqliteJournal::open(&file).err().unwrap()).contains("can't be read"));
}

#[test]
fn an_older_journal_is_read_and_gives_its_key_away() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let older = Connection::open(&file).unwrap();
    let text = r#"1 {"entry":"note","step":null,"text":"one"}"#;
    older
        .execute_batch(&format!(
            "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, world TEXT NOT NULL, runbook TEXT NOT NULL);
             CREATE TABLE entry (run INTEGER NOT NULL REFERENCES run(id), seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
             CREATE INDEX entry_of_run ON entry(run, seq);
             CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);
             INSERT INTO secret VALUES ('key', CAST('a key of thirty-two bytes, as was' AS BLOB));
             INSERT INTO run VALUES (1, 'live', 'phase1'); INSERT INTO entry VALUES (1, 1, '{text}');
             PRAGMA user_version = 5;"
        ))
        .unwrap();
    drop(older);
    let journal = SqliteJournal::open(&file).unwrap();
    assert_eq!(journal.load(RunId(1)).unwrap(), [note("one")]);
    journal.append(RunId(1), &[note("two")]).unwrap();
    assert_eq!(journal.load(RunId(1)).unwrap(), [note("one"), note("two")]);
    assert_eq!(journal.key().unwrap(), b"a key of thirty-two bytes, as was");
    drop(journal);
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(10).any(|part| part == b"thirty-two"));
    let changed = Connection::open(&file).unwrap();
    changed
        .execute("UPDATE entry SET body = replace(body, 'two', 'six')", [])
        .unwrap();
    assert!(SqliteJournal::open(&file).unwrap().load(RunId(1)).is_err());
}
