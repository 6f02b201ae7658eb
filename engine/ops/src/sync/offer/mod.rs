//! Which cells of docs differ from what runs learned, and docs as they would be.

use std::{collections::BTreeMap, path::Path};

use world::docs::{
    Docs, DocsError, Document,
    edit::{self, Edit, EditError},
    rules,
};

use super::KnownFact;

/// Whether columns that docs don't have yet are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Those that docs have.
    Present,
    /// Optional ones too.
    New,
}

/// What is offered.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The cells that differ, by document and line.
    pub edits: Vec<Offered>,
    /// What was learned and isn't offered.
    pub left: Vec<Left>,
    /// The files with edits.
    pub files: Vec<Document>,
    /// The rules that docs would break after the edits, and don't break now.
    pub mistakes: Vec<DocsError>,
}

/// An edit of a cell, with where it comes from.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Which run learned it, and how.
    pub known: KnownFact,
    /// The row's line.
    pub line: usize,
    /// What the cell holds; nothing if its column is new.
    pub before: Option<String>,
    /// What it should hold.
    pub after: String,
}

/// A fact that isn't offered.
#[derive(Clone, Debug)]
pub struct Left {
    /// Which run learned it, and how.
    pub known: KnownFact,
    /// Why it's left out.
    pub why: Why,
}

/// Why a fact isn't offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Docs have no such document, table or row any more.
    Gone,
    /// The same operation saw different things for one cell: each resource, and what it saw there.
    Disagreeing(Vec<(String, String)>),
    /// It can't stand in a cell.
    Unwritable,
    /// Docs know it under another name: what a row says beside it is about another thing.
    Moved,
}

impl Offer {
    /// Compares facts, the newest ones last, with the docs in a folder, which hold together.
    pub fn of(facts: &[KnownFact], folder: &Path, docs: &Docs, columns: Columns) -> Self {
        let mut offer = Self::default();
        let mut wanted = Vec::new();
        for cell in cells(facts) {
            match compare(&cell, docs, columns) {
                Compared::Same => {}
                Compared::Left(left) => offer.left.push(left),
                Compared::Differs(offered) => wanted.push(offered),
            }
        }
        wanted.sort_by_key(|offered: &Offered| {
            let fact = &offered.known.learned.fact;
            (fact.document.clone(), offered.line, fact.column.clone())
        });
        for offered in wanted {
            offer.take(offered, folder);
        }
        offer.mistakes = mistakes(docs, &offer.files);
        offer
    }

    /// Adds an edit to its document's text.
    fn take(&mut self, offered: Offered, folder: &Path) {
        let name = &offered.known.learned.fact.document;
        let at = self.files.iter().position(|file| file.name == *name);
        let document = match at {
            Some(at) => Ok(self.files[at].clone()),
            None => Document::read(folder, name).map_err(|_| EditError::NoTable),
        };
        let edit = Edit {
            learnable: &offered.known.column,
            row: &offered.known.learned.fact.row,
            text: &offered.after,
        };
        let edited = document.and_then(|document| {
            let edited = edit::set(&document.after, &edit)?;
            Ok(Document {
                after: edited.text,
                ..document
            })
        });
        match (edited, at) {
            (Ok(document), Some(at)) => self.files[at] = document,
            (Ok(document), None) => self.files.push(document),
            (Err(error), _) => {
                let known = offered.known;
                let why = match error {
                    EditError::Unwritable(_) => Why::Unwritable,
                    _ => Why::Gone,
                };
                self.left.push(Left { known, why });
                return;
            }
        }
        self.edits.push(offered);
    }
}

/// The facts of each cell, the newest one last; cells in the order in which they were first learned of.
fn cells(facts: &[KnownFact]) -> Vec<Vec<&KnownFact>> {
    let mut cells: Vec<Vec<&KnownFact>> = Vec::new();
    let mut places = BTreeMap::new();
    for known in facts {
        let place = *places
            .entry(known.learned.fact.cell())
            .or_insert(cells.len());
        if place == cells.len() {
            cells.push(Vec::new());
        }
        cells[place].push(known);
    }
    cells
}

enum Compared {
    Same,
    Differs(Offered),
    Left(Left),
}

/// Compares what was learned for a cell with what docs say.
fn compare(cell: &[&KnownFact], docs: &Docs, columns: Columns) -> Compared {
    let Some(&newest) = cell.last() else {
        return Compared::Same;
    };
    let left = |why| {
        let known = newest.clone();
        Compared::Left(Left { known, why })
    };
    let (column, fact) = (&newest.column, &newest.learned.fact);
    let Some(table) = column.table_in(docs) else {
        return left(Why::Gone);
    };
    let Some(row) = column.row_in(table, &fact.row) else {
        return left(Why::Gone);
    };
    let there = row.get(&column.name());
    let is_wanted = there.is_some() || (columns == Columns::New && column.fits(table));
    if !is_wanted {
        return Compared::Same;
    }
    let correct = |known: &KnownFact| {
        column
            .meaning()
            .correction(there, &known.learned.fact.value)
    };
    let voices = voices(cell, newest);
    let own = correct(newest);
    if voices.values().any(|known| correct(known) != own) {
        let told = voices
            .iter()
            .map(|(resource, known)| ((*resource).to_owned(), known.learned.fact.value.clone()));
        return left(Why::Disagreeing(told.collect()));
    }
    match own {
        None => Compared::Same,
        Some(after) if column.meaning().identifies() && column.is_elsewhere(table, row, &after) => {
            left(Why::Moved)
        }
        Some(after) => Compared::Differs(Offered {
            known: newest.clone(),
            line: row.line,
            before: there.map(|cell| cell.text.clone()),
            after,
        }),
    }
}

/// What the newest fact's operation saw last in its run, by resource: nodes may differ in what docs say once.
fn voices<'a>(cell: &[&'a KnownFact], newest: &KnownFact) -> BTreeMap<&'a str, &'a KnownFact> {
    let is_like = |known: &&&KnownFact| {
        known.run == newest.run
            && known.learned.operation.function == newest.learned.operation.function
    };
    let like = cell.iter().filter(is_like);
    like.map(|known| (known.learned.operation.resource.as_str(), *known))
        .collect()
}

/// The rules that docs with the edits break, and docs without them don't.
fn mistakes(docs: &Docs, files: &[Document]) -> Vec<DocsError> {
    if files.is_empty() {
        return Vec::new();
    }
    let before: Vec<String> = rules::check(docs).iter().map(ToString::to_string).collect();
    let mut edited = docs.clone();
    let mut broken = Vec::new();
    for file in files {
        match edited.reread(&file.name, &file.after) {
            Ok(more) => edited = more,
            Err(errors) => broken.extend(errors),
        }
    }
    broken.extend(rules::check(&edited));
    broken.retain(|error| !before.contains(&error.to_string()));
    broken
}

#[cfg(test)]
mod tests;
