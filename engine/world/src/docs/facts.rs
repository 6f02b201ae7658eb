//! The docs of a lab as a whole.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use super::{
    Column, DocsError, Row, Schema, Table, columns, markdown, nearest, rows, rules::references,
    schema,
};
use crate::Place;

/// The facts of a lab.
#[derive(Clone, Debug, PartialEq)]
pub struct Docs {
    documents: BTreeMap<String, Vec<Arc<Table>>>,
    schema: Arc<Schema>,
}

impl Default for Docs {
    fn default() -> Self {
        Self {
            documents: BTreeMap::new(),
            schema: Arc::clone(Schema::builtin()),
        }
    }
}

impl Docs {
    /// Reads every `*.md` file of `folder`, not of folders in it.
    ///
    /// # Errors
    /// A file can't be read or a table doesn't hold together; every mistake is reported.
    pub fn load(folder: &Path) -> Result<Self, Vec<DocsError>> {
        let unreadable = |path: &Path, cause: std::io::Error| {
            vec![DocsError::Unreadable {
                path: path.display().to_string(),
                cause: cause.to_string(),
            }]
        };
        let entries = fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|cause| unreadable(folder, cause))?.path();
            if path.extension().is_some_and(|extension| extension == "md") && path.is_file() {
                paths.push(path);
            }
        }
        // What the lab declares is known before what is read by it.
        paths.sort_by_key(|path| {
            (
                !path.ends_with(format!("{}.md", schema::DOCUMENT)),
                path.clone(),
            )
        });
        let mut docs = Self::default();
        let mut errors = Vec::new();
        for path in paths {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let bytes = fs::read(&path).map_err(|cause| unreadable(&path, cause))?;
            match text(&name, &bytes).and_then(|text| docs.reread(&name, text)) {
                Ok(more) => docs = more,
                Err(more) => errors.extend(more),
            }
        }
        if errors.is_empty() {
            Ok(docs)
        } else {
            Err(errors)
        }
    }

    /// Reads one document from its text.
    ///
    /// # Errors
    /// A table doesn't hold together; every mistake is reported.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<DocsError>> {
        Self::default().reread(name, text)
    }

    /// Docs without a document, in which a lab declares tables of its own.
    ///
    /// # Errors
    /// A declaration can't be read; every mistake is reported.
    pub fn declared(text: &str) -> Result<Self, Vec<DocsError>> {
        Self::default().reread(schema::DOCUMENT, text)
    }

    /// The docs with one document as a text says it, in place of the one that there was.
    ///
    /// # Errors
    /// A table doesn't hold together; every mistake is reported.
    pub fn reread(&self, name: &str, text: &str) -> Result<Self, Vec<DocsError>> {
        let mut docs = self.clone();
        if name == schema::DOCUMENT {
            docs.schema = Arc::new(Schema::builtin().with(text)?);
            return Ok(docs);
        }
        let tables = tables(name, text, &docs.schema)?;
        docs.documents.insert(name.to_owned(), tables);
        Ok(docs)
    }

    /// What is known of the lab's tables.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Finds a table.
    ///
    /// # Errors
    /// There is no such document or table; the error names the nearest one.
    pub fn table(&self, document: &str, title: &str) -> Result<&Arc<Table>, DocsError> {
        let tables = self
            .documents
            .get(document)
            .ok_or_else(|| DocsError::NoDocument {
                document: document.to_owned(),
                nearest: nearest(document, self.documents.keys().map(String::as_str)),
            })?;
        tables
            .iter()
            .find(|table| table.title == title)
            .ok_or_else(|| DocsError::NoTable {
                document: document.to_owned(),
                title: title.to_owned(),
                nearest: nearest(title, tables.iter().map(|table| table.title.as_str())),
            })
    }

    /// Returns every table, by document and then in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.documents.values().flatten().map(Arc::as_ref)
    }

    /// Finds the rows that a cell names, each with its table; none where the column isn't a reference.
    ///
    /// # Errors
    /// The column points to no table, or the cell to a row that the table doesn't have.
    pub fn referred(
        &self,
        table: &Table,
        row: &Row,
        column: &Column,
    ) -> Result<Vec<(Arc<Table>, usize)>, DocsError> {
        let (Some(there), Some(cell)) = (
            references::target(self, table, column)?,
            row.get(&column.name),
        ) else {
            return Ok(Vec::new());
        };
        let keys = cell.keys().into_iter();
        keys.map(|key| references::find(table, (row, cell), column, there, key))
            .map(|found| Ok((Arc::clone(there), found?)))
            .collect()
    }
}

/// The tables of a document.
fn tables(name: &str, text: &str, schema: &Schema) -> Result<Vec<Arc<Table>>, Vec<DocsError>> {
    let mut tables: Vec<Arc<Table>> = Vec::new();
    let read = markdown::read(text);
    let stray = |stray: markdown::Stray| DocsError::Stray {
        place: Place::line(name, stray.line),
        count: stray.count,
        after: stray.after,
    };
    let mut errors: Vec<DocsError> = read.strays.into_iter().map(stray).collect();
    for raw in read.tables {
        if let Some(first) = tables.iter().find(|table| table.title == raw.title) {
            errors.push(DocsError::TableTwice {
                place: first.place(raw.line),
                title: raw.title,
                first: first.line,
            });
            continue;
        }
        match table(name, raw, schema) {
            Ok(table) => tables.push(Arc::new(table)),
            Err(more) => errors.extend(more),
        }
    }
    errors.sort_by_key(|error| error.place().map_or(0, |place| place.line));
    if errors.is_empty() {
        Ok(tables)
    } else {
        Err(errors)
    }
}

fn table(
    document: &str,
    raw: markdown::RawTable,
    schema: &Schema,
) -> Result<Table, Vec<DocsError>> {
    let schema = schema.table(document, &raw.title).cloned();
    let columns: Arc<[_]> = columns::read(document, &raw, schema.as_deref())
        .map_err(|error| vec![error])?
        .into();
    let (title, line) = (raw.title.clone(), raw.line);
    Ok(Table {
        document: document.to_owned(),
        title,
        rows: rows::read(document, raw, &columns, schema.as_deref())?,
        columns,
        line,
        schema,
    })
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Vec<DocsError>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        vec![DocsError::NotUtf8 {
            place: Place::line(name, line),
        }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::Value;

    const HARDWARE: &str = "# Hardware\n## Nodes\n| Name | Management address |\n|--|--|\n| pve1 | `10.10.10.11/24` |\n| pve2 | - |\n\
                            ## Disks\n| Node → Nodes | Device |\n|--|--|\n| pve1 | /dev/sda |\n| pve1 | /dev/sdb |\n";

    #[test]
    fn reads_tables_rows_and_cells() {
        let docs = Docs::parse("HARDWARE", HARDWARE).unwrap();
        let nodes = docs.table("HARDWARE", "Nodes").unwrap();
        let row = nodes.row("pve1").unwrap();
        let cell = row.get("management_address").unwrap();
        assert!(matches!(cell.value, Value::Interface(_)));
        assert_eq!((cell.line, cell.column), (5, 10));
        assert_eq!(
            nodes.rows[1].get("management_address").unwrap().value,
            Value::Missing
        );
        assert!(row.get("nothing").is_none());
        let keys: Vec<&str> = docs
            .table("HARDWARE", "Disks")
            .unwrap()
            .rows
            .iter()
            .map(|row| row.key.as_str())
            .collect();
        assert_eq!(keys, ["pve1//dev/sda", "pve1//dev/sdb"]);
    }

    #[test]
    fn the_example_lab_is_sound() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let docs = Docs::load(&folder).unwrap();
        assert_eq!(crate::docs::rules::check(&docs), Vec::new());
        assert!(docs.table("HARDWARE", "Nodes").unwrap().rows.len() > 1);
    }

    #[test]
    fn names_the_nearest() {
        let docs = Docs::parse("HARDWARE", HARDWARE).unwrap();
        assert_eq!(
            docs.table("HARDWARE", "Node").unwrap_err().help(),
            "did you mean 'Nodes'?"
        );
        assert_eq!(
            docs.table("HARWARE", "Nodes").unwrap_err().help(),
            "did you mean 'HARDWARE'?"
        );
        let nodes = docs.table("HARDWARE", "Nodes").unwrap();
        assert_eq!(
            nodes.column("managment_address").unwrap_err().help(),
            "did you mean 'management_address'?"
        );
        assert_eq!(
            docs.table("HARDWARE", "Zebras").unwrap_err().help(),
            "put a heading 'Zebras' and a table below it"
        );
    }

    #[test]
    fn reports_every_structural_mistake() {
        let text = "## A\n| X | Y |\n|--|--|\n| 1 |\n| 1 | 2 | 3 |\n## B\n| X | X |\n|--|--|\n## C\n| X |\n|--|\n| 1 |\n| 1 |\n## C\n| X |\n|--|\n";
        let errors = Docs::parse("D", text).unwrap_err();
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "docs/D.md:4: row '1' of the table 'A' has 1 cells, its columns are 2",
                "docs/D.md:5: row '1' of the table 'A' has 3 cells, its columns are 2",
                "docs/D.md:7: the table 'B' has two columns 'X', or one without a name",
                "docs/D.md:13: row '1' of the table 'C' stands there twice; the first is at line 12",
            ]
        );
    }

    #[test]
    fn refuses_a_second_table_of_the_same_title() {
        let errors = Docs::parse("D", "## C\n| X |\n|--|\n| 1 |\n## C\n| X |\n|--|\n").unwrap_err();
        assert_eq!(
            errors[0].to_string(),
            "docs/D.md:6: a second table 'C'; the first is at line 2"
        );
    }

    #[test]
    fn names_the_line_that_is_not_utf8() {
        let errors = text("D", b"ok\n\xff\n").unwrap_err();
        assert_eq!(
            errors[0].to_string(),
            "docs/D.md:2: the bytes from here on aren't UTF-8"
        );
        let errors = Docs::load(Path::new("/nowhere/docs")).unwrap_err();
        assert!(
            errors[0]
                .to_string()
                .starts_with("/nowhere/docs can't be read"),
            "{errors:?}"
        );
    }
}
