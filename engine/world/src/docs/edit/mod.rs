//! Changing one cell of a docs table in its Markdown: nothing else in the file is touched, byte for byte, but where the
//! widths of an aligned column must grow.

mod layout;
mod line;

use super::{Docs, DocsError, Learnable, Row, markdown};
use line::Line;

/// A cell that should hold another text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<'a> {
    /// The column.
    pub learnable: &'a Learnable,
    /// The texts of the row's key columns.
    pub row: &'a [String],
    /// What the cell should hold: one line, and not empty.
    pub text: &'a str,
}

/// A document with one cell changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole file.
    pub text: String,
    /// The row's line, from 1.
    pub line: usize,
    /// What the cell held; nothing if its column is new.
    pub before: Option<String>,
}

/// Why a cell can't be changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The document's tables don't hold together.
    #[error("its tables don't hold together: {0}")]
    Broken(DocsError),
    /// There is no such table.
    #[error("there is no such table")]
    NoTable,
    /// There is no such row.
    #[error("there is no such row")]
    NoRow,
    /// There is no such column, and the lab decides whether it wants one.
    #[error("there is no such column")]
    NoColumn,
    /// The text can't stand in a cell: it would be read back as another one.
    #[error("'{0}' can't be written into a cell")]
    Unwritable(String),
}

/// Changes one cell in the Markdown of a document; a column that may be added is, at the end of its table.
///
/// # Errors
/// The cell isn't there, or can't hold the text; see [`EditError`].
pub fn set(source: &str, edit: &Edit<'_>) -> Result<Edited, EditError> {
    let edited = set_unread(source, edit)?;
    if reads(&edited.text, edit) {
        Ok(edited)
    } else {
        Err(EditError::Unwritable(edit.text.to_owned()))
    }
}

/// Whether the cell, read back, holds what it should.
fn reads(text: &str, edit: &Edit<'_>) -> bool {
    let Ok(docs) = Docs::parse(edit.learnable.document, text) else {
        return false;
    };
    let row = find(&docs, edit);
    let cell = row
        .ok()
        .and_then(|(row, _)| row.get(&edit.learnable.name()));
    cell.is_some_and(|cell| cell.text == edit.text)
}

/// The row, and the place of the column in it; none if the column is to be added.
fn find<'a>(docs: &'a Docs, edit: &Edit<'_>) -> Result<(&'a Row, Option<usize>), EditError> {
    let learnable = edit.learnable;
    let table = learnable.table_in(docs).ok_or(EditError::NoTable)?;
    let row = learnable.row_in(table, edit.row).ok_or(EditError::NoRow)?;
    let name = learnable.name();
    let column = table.columns.iter().position(|column| column.name == name);
    if column.is_none() && !learnable.fits(table) {
        return Err(EditError::NoColumn);
    }
    Ok((row, column))
}

fn set_unread(source: &str, edit: &Edit<'_>) -> Result<Edited, EditError> {
    let docs = Docs::parse(edit.learnable.document, source).map_err(|errors| {
        errors
            .into_iter()
            .next()
            .map_or(EditError::NoTable, EditError::Broken)
    })?;
    let (row, column) = find(&docs, edit)?;
    let mut file = File::read(source);
    let mut lines = file.table(edit.learnable.table).ok_or(EditError::NoTable)?;
    let at = lines.place_of(row.line).ok_or(EditError::NoRow)?;
    let before = column
        .and_then(|column| row.cells.get(column))
        .map(|cell| cell.text.clone());
    match column {
        Some(column) => {
            let segment = lines.cut[at].segments[column].with(edit.text);
            layout::put(&mut lines.cut, (at, column), segment);
        }
        None => {
            let mut texts = vec!["-".to_owned(); lines.cut.len() - 2];
            texts[at - 2] = line::escaped(edit.text);
            layout::add(&mut lines.cut, edit.learnable.heading, &texts);
        }
    }
    file.put(&lines);
    Ok(Edited {
        text: file.text(),
        line: row.line,
        before,
    })
}

/// A file's lines, each with its end.
struct File<'a> {
    lines: Vec<(String, &'a str)>,
    visible: Vec<String>,
    tables: Vec<markdown::RawTable>,
}

/// The lines of a table: header, dashes, rows.
struct TableLines {
    /// The numbers of the lines, from 1.
    numbers: Vec<usize>,
    cut: Vec<Line>,
}

impl TableLines {
    fn place_of(&self, number: usize) -> Option<usize> {
        self.numbers.iter().position(|own| *own == number)
    }
}

impl<'a> File<'a> {
    fn read(source: &'a str) -> Self {
        let line = |whole: &'a str| {
            let text = whole.strip_suffix('\n').unwrap_or(whole);
            let text = text.strip_suffix('\r').unwrap_or(text);
            (text.to_owned(), &whole[text.len()..])
        };
        Self {
            lines: source.split_inclusive('\n').map(line).collect(),
            visible: markdown::visible_lines(source),
            tables: markdown::read(source).tables,
        }
    }

    fn table(&self, title: &str) -> Option<TableLines> {
        let table = self.tables.iter().find(|table| table.title == title)?;
        let rows = table.rows.iter().map(|row| row.line);
        let numbers: Vec<usize> = [table.line, table.line + 1]
            .into_iter()
            .chain(rows)
            .collect();
        let cut = |number: &usize| {
            let (raw, _) = self.lines.get(number - 1)?;
            Some(Line::cut(raw, self.visible.get(number - 1)?))
        };
        let cut = numbers.iter().map(cut).collect::<Option<Vec<Line>>>()?;
        Some(TableLines { numbers, cut })
    }

    fn put(&mut self, table: &TableLines) {
        for (number, line) in table.numbers.iter().zip(&table.cut) {
            if let Some((text, _)) = self.lines.get_mut(number - 1) {
                *text = line.text();
            }
        }
    }

    fn text(&self) -> String {
        self.lines
            .iter()
            .flat_map(|(text, end)| [text.as_str(), end])
            .collect()
    }
}

#[cfg(test)]
mod tests;
