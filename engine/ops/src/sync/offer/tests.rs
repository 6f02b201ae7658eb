use runbook::journal::{Fact, Learned, OperationKey, RunId, StepPath};
use world::{
    clock::Moment,
    docs::{Absent, Learnable},
};

use super::*;

const TABLE: &str =
    "## Versions\n\n| Software | Version |\n| --- | --- |\n| P | 9.1 |\n| Q | 1 |\n";

const VERSION: Learnable = Learnable {
    document: "SOFTWARE",
    table: "Versions",
    keys: &["software"],
    heading: "Version",
    absent: Absent::Leave,
};

/// What a run learned of P's version from a node.
fn known(run: i64, node: &str, value: &str) -> KnownFact {
    KnownFact {
        run: RunId(run),
        column: VERSION,
        learned: Learned {
            fact: Fact {
                document: "SOFTWARE".to_owned(),
                table: "Versions".to_owned(),
                row: vec!["P".to_owned()],
                column: "Version".to_owned(),
                value: value.to_owned(),
            },
            operation: OperationKey {
                step: StepPath("s".to_owned()),
                function: "proxmox::node::check".to_owned(),
                resource: format!("node {node}"),
                nth: 0,
            },
            at: Moment(0),
        },
    }
}

fn offer(facts: &[KnownFact], columns: Columns) -> Offer {
    offer_of("SOFTWARE", TABLE, facts, columns)
}

fn offer_of(document: &str, table: &str, facts: &[KnownFact], columns: Columns) -> Offer {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!("{document}.md")), table).unwrap();
    let docs = Docs::load(folder.path()).unwrap();
    Offer::of(facts, folder.path(), &docs, columns)
}

#[track_caller]
fn offers(facts: &[KnownFact], wanted: Option<&str>) {
    let offer = offer(facts, Columns::New);
    let after: Vec<&str> = offer.edits.iter().map(|edit| edit.after.as_str()).collect();
    assert_eq!(after, wanted.into_iter().collect::<Vec<_>>());
    assert!(
        offer.left.is_empty() && offer.mistakes.is_empty(),
        "{offer:?}"
    );
}

#[test]
fn the_newest_fact_counts() {
    offers(&[known(1, "a", "9.3"), known(2, "a", "9.2.1")], Some("9.2"));
    offers(&[known(1, "a", "9.3"), known(2, "a", "9.1.4")], None);
    // A node was brought up to date while the run went on.
    offers(&[known(1, "a", "9.1"), known(1, "a", "9.2")], Some("9.2"));
    offers(&[], None);
}

#[test]
fn nodes_that_differ_in_what_docs_say_once_are_reported() {
    let facts = [known(1, "a", "9.2"), known(1, "b", "9.3")];
    let mixed = offer(&facts, Columns::New);
    assert!(mixed.edits.is_empty());
    let told = [("node a", "9.2"), ("node b", "9.3")];
    let told = told.map(|(who, value)| (who.to_owned(), value.to_owned()));
    assert_eq!(mixed.left[0].why, Why::Disagreeing(told.to_vec()));
    // What they told in an earlier run doesn't count any more, nor parts that docs leave out.
    offers(&[known(1, "a", "9.2"), known(2, "b", "9.3")], Some("9.3"));
    offers(
        &[known(1, "a", "9.2.1"), known(1, "b", "9.2.2")],
        Some("9.2"),
    );
}

#[test]
fn a_column_that_docs_do_not_have_is_offered_if_it_may_be_added() {
    let with = |absent| {
        let mut known = known(1, "a", "x");
        known.learned.fact.column = "Note".to_owned();
        known.column = Learnable {
            heading: "Note",
            absent,
            ..VERSION
        };
        [known]
    };
    let added = offer(&with(Absent::Add), Columns::New);
    assert_eq!((added.edits.len(), &added.edits[0].before), (1, &None));
    assert!(
        added.files[0]
            .after
            .contains("| P | 9.1 | x |\n| Q | 1 | - |\n")
    );
    assert!(offer(&with(Absent::Add), Columns::Present).edits.is_empty());
    assert!(offer(&with(Absent::Leave), Columns::New).edits.is_empty());
}

#[test]
fn what_cannot_stand_in_a_cell_is_reported() {
    let marked = offer(&[known(1, "a", "`9`")], Columns::New);
    assert!(marked.edits.is_empty() && marked.files.is_empty());
    assert_eq!(marked.left[0].why, Why::Unwritable);
}

#[test]
fn what_docs_have_in_another_row_has_moved_and_is_not_offered() {
    let mut known = known(1, "a", "S1");
    known.column = Learnable {
        document: "HARDWARE",
        table: "Nodes",
        keys: &["name"],
        heading: "Serial",
        ..VERSION
    };
    let fact = &mut known.learned.fact;
    (fact.document, fact.table) = ("HARDWARE".to_owned(), "Nodes".to_owned());
    (fact.row, fact.column) = (vec!["a".to_owned()], "Serial".to_owned());
    let text = "## Nodes\n| Name | Serial |\n|--|--|\n| a | S2 |\n| b | S1 |\n";
    let moved = offer_of("HARDWARE", text, &[known], Columns::New);
    assert!(moved.edits.is_empty(), "{moved:?}");
    assert_eq!(moved.left[0].why, Why::Moved);
}
