//! Cells hold what their schemas say: a type, or what stands in another table.

use std::collections::{BTreeSet, HashMap};

use super::references;
use crate::docs::{
    Cell, Column, Docs, DocsError, Row, Table,
    schema::{Kind, Lookup, Unfit},
};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    let mut others = Others::of(docs);
    let mut errors = Vec::new();
    for table in docs.tables().filter(|table| table.schema.is_some()) {
        for (row, column, cell) in table.cells() {
            errors.extend(cell_errors(&mut others, table, row, (column, cell)));
        }
    }
    errors
}

fn cell_errors(
    others: &mut Others<'_>,
    table: &Table,
    row: &Row,
    (column, cell): (&Column, &Cell),
) -> Vec<DocsError> {
    let Some(line) = table.line_of(row, &column.name) else {
        return Vec::new();
    };
    if cell.value.is_missing() {
        let lacks = line.needs(row);
        return lacks
            .then(|| table.empty_cell(row, &column.name))
            .into_iter()
            .collect();
    }
    if let Some(case) = line.case.as_ref().filter(|_| line.passes_over(row)) {
        return vec![DocsError::Unread {
            place: table.place_of(cell),
            row: row.key.as_str().into(),
            column: column.name.as_str().into(),
            text: cell.text.as_str().into(),
            case: case.to_string(),
        }];
    }
    // Whether its rows are there, the rule of references says.
    if column.reference.is_some() {
        return Vec::new();
    }
    if let Some(there) = line.kind.rows() {
        let Ok(there) = others.docs.table(&there.document, &there.title) else {
            return Vec::new();
        };
        let find = |key: &&str| references::find(table, (row, cell), column, there, key).err();
        return cell.keys().iter().filter_map(find).collect();
    }
    let unfit = others.fits(row, &line.kind, &cell.text).err();
    let error = unfit.map(|unfit| DocsError::BadValue {
        place: table.place_of(cell),
        row: row.key.as_str().into(),
        column: column.name.as_str().into(),
        text: unfit.text.into(),
        what: unfit.what.into(),
        nearest: unfit.nearest,
        optional: !line.needs(row),
    });
    error.into_iter().collect()
}

/// The texts in a column, by those of another one in the same rows.
type Texts = HashMap<String, BTreeSet<String>>;

/// What cells of other tables say.
struct Others<'d> {
    docs: &'d Docs,
    /// By lookup; none for one that can't be judged.
    known: HashMap<(String, String, Option<String>), Option<Texts>>,
}

impl<'d> Others<'d> {
    fn of(docs: &'d Docs) -> Self {
        Self {
            docs,
            known: HashMap::new(),
        }
    }

    /// Whether a text is of a type, in a row.
    fn fits(&mut self, row: &Row, kind: &Kind, text: &str) -> Result<(), Unfit> {
        match kind {
            Kind::List(item) => item
                .items(text)
                .try_for_each(|part| self.fits(row, item, part)),
            Kind::Either(kinds) => self.fits_one(row, kinds, text),
            Kind::Row(table) => {
                let table = self.docs.table(&table.document, &table.title);
                let keys = table
                    .iter()
                    .flat_map(|table| &table.rows)
                    .map(|row| row.key.as_str());
                let keys: Vec<&str> = keys.collect();
                if keys.contains(&text) {
                    Ok(())
                } else {
                    Err(kind.unfit(text, keys))
                }
            }
            Kind::Cell(lookup) => self.stands_there(row, kind, (lookup, text)),
            _ => kind.read(text).map(drop),
        }
    }

    fn fits_one(&mut self, row: &Row, kinds: &[Kind], text: &str) -> Result<(), Unfit> {
        let mut unfit = Vec::new();
        for kind in kinds {
            match self.fits(row, kind, text) {
                Ok(()) => return Ok(()),
                Err(one) => unfit.push(one),
            }
        }
        let what: Vec<String> = unfit.iter().map(|one| one.what.clone()).collect();
        Err(Unfit {
            text: text.to_owned(),
            what: what.join(", or "),
            nearest: unfit.into_iter().find_map(|one| one.nearest),
        })
    }

    fn stands_there(
        &mut self,
        row: &Row,
        kind: &Kind,
        (lookup, text): (&Lookup, &str),
    ) -> Result<(), Unfit> {
        let here = lookup
            .same
            .as_ref()
            .map(|(_, here)| row.text(here).unwrap_or_default());
        let Some(texts) = self.texts(lookup) else {
            return Ok(());
        };
        let none = BTreeSet::new();
        let known = texts.get(here.unwrap_or_default()).unwrap_or(&none);
        if known.contains(text) {
            return Ok(());
        }
        let mut unfit = kind.unfit(text, known.iter().map(String::as_str));
        if let Some(((there, _), here)) = lookup.same.as_ref().zip(here) {
            unfit.what = format!("{}, where {there} is {here}", unfit.what);
        }
        Err(unfit)
    }

    fn texts(&mut self, lookup: &Lookup) -> Option<&Texts> {
        let there = lookup.same.as_ref().map(|(there, _)| there.clone());
        let id = (lookup.table.to_string(), lookup.column.clone(), there);
        let docs = self.docs;
        self.known
            .entry(id)
            .or_insert_with(|| texts(docs, lookup))
            .as_ref()
    }
}

/// What a lookup finds. Nothing can be said where the table is missing and is needed, or where its rows name others that
/// aren't there: that is what is wrong.
fn texts(docs: &Docs, lookup: &Lookup) -> Option<Texts> {
    let (document, title) = (&lookup.table.document, &lookup.table.title);
    let Ok(table) = docs.table(document, title) else {
        let is_needed = docs
            .schema()
            .table(document, title)
            .is_some_and(|own| own.needed);
        return (!is_needed).then(Texts::new);
    };
    let there = lookup.same.as_ref().map(|(there, _)| there.as_str());
    let column = there.and_then(|there| table.column(there).ok());
    if column.is_some_and(|column| !references::column_errors(docs, table, column).is_empty()) {
        return None;
    }
    let mut texts = Texts::new();
    for row in &table.rows {
        let key = there.map_or("", |there| row.text(there).unwrap_or_default());
        let text = row.text(&lookup.column).map(str::to_owned);
        texts.entry(key.to_owned()).or_default().extend(text);
    }
    Some(texts)
}
