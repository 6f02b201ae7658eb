//! What scripts can do with fact tables and their rows.

use rhai::{
    Array, Dynamic, Engine, EvalAltResult, FnPtr, INT, ImmutableString, NativeCallContext, Variant,
    plugin::*,
};

use super::{
    reads::ReadKey,
    table::{Row, Table, columns_text, record_rows},
    tag::recorder,
};

type Failed = Box<EvalAltResult>;

/// Registers tables and rows.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Table>("Table");
    engine.register_type_with_name::<Row>("Row");
    engine.register_global_module(exported_module!(tables).into());
    engine.register_global_module(exported_module!(closures).into());
    engine.register_global_module(exported_module!(rows).into());
    engine.register_fn("==", |left: Row, right: Row| left == right);
    engine.register_fn("!=", |left: Row, right: Row| left != right);
    compared::<ImmutableString>(engine);
    compared::<INT>(engine);
}

/// A row is equal to its key: Rhai would take values of two types for different, and say nothing.
fn compared<T: Variant + Clone + ToString>(engine: &mut Engine) {
    engine.register_fn("==", |row: Row, key: T| row.key() == key.to_string());
    engine.register_fn("!=", |row: Row, key: T| row.key() != key.to_string());
    engine.register_fn("==", |key: T, row: Row| row.key() == key.to_string());
    engine.register_fn("!=", |key: T, row: Row| row.key() != key.to_string());
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod tables {
    use rhai::INT;

    /// Returns the row at a position; a negative one counts from the end.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn at(context: NativeCallContext, table: &mut Table, index: INT) -> Result<Row, Failed> {
        let len = table.rows(&context).len();
        let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
        let place = if index < 0 {
            len.checked_sub(distance)
        } else {
            Some(distance)
        };
        let title = &table.facts().title;
        place.and_then(|place| table.row(place)).ok_or_else(|| {
            format!("there is no row {index}: the table {title} has {len} rows").into()
        })
    }

    /// Returns the row with a key.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn keyed(table: &mut Table, key: &str) -> Result<Row, Failed> {
        let rows = &table.facts().rows;
        let place = rows.iter().position(|row| row.key == key);
        place.and_then(|place| table.row(place)).ok_or_else(|| {
            let near = crate::nearest::of(key, rows.iter().map(|row| row.key.as_str()));
            let near = near
                .map(|near| format!("; did you mean '{near}'?"))
                .unwrap_or_default();
            format!("the table {} has no row '{key}'{near}", table.facts().title).into()
        })
    }

    /// Returns whether there is a row with this key: `table.has("pve1")`.
    #[rhai_fn(name = "has", name = "contains", pure)]
    pub fn has(context: NativeCallContext, table: &mut Table, key: &str) -> bool {
        record_rows(&context, &table.0);
        table.facts().row(key).is_some()
    }

    /// Returns the number of rows.
    #[rhai_fn(name = "len", get = "len", pure)]
    pub fn len(context: NativeCallContext, table: &mut Table) -> INT {
        INT::try_from(table.rows(&context).len()).unwrap_or(INT::MAX)
    }

    /// Returns whether there are no rows.
    #[rhai_fn(name = "is_empty", get = "is_empty", pure)]
    pub fn is_empty(context: NativeCallContext, table: &mut Table) -> bool {
        table.rows(&context).is_empty()
    }

    /// Returns the rows as a list.
    #[rhai_fn(name = "rows", get = "rows", pure)]
    pub fn list(context: NativeCallContext, table: &mut Table) -> Array {
        table.rows(&context)
    }

    /// Returns the keys of the rows.
    #[rhai_fn(name = "keys", get = "keys", pure)]
    pub fn keys(context: NativeCallContext, table: &mut Table) -> Array {
        record_rows(&context, &table.0);
        table
            .facts()
            .rows
            .iter()
            .map(|row| row.key.clone().into())
            .collect()
    }

    /// Returns the table's name.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn text(table: &mut Table) -> String {
        table.name()
    }
}

fn on_rows(
    context: &NativeCallContext,
    table: &Table,
    function: FnPtr,
    more: Option<Dynamic>,
) -> Result<Dynamic, Failed> {
    let mut rows = Dynamic::from_array(table.rows(context));
    let mut function = Dynamic::from(function);
    match more {
        None => {
            context.call_native_fn_raw(context.fn_name(), true, &mut [&mut rows, &mut function])
        }
        Some(mut more) => context.call_native_fn_raw(
            context.fn_name(),
            true,
            &mut [&mut rows, &mut function, &mut more],
        ),
    }
}

/// What lists do with a function, for the rows of a table.
#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod closures {
    /// Does with the rows what the function of this name does with the items of a list.
    #[rhai_fn(
        name = "filter",
        name = "map",
        name = "find",
        name = "find_map",
        name = "index_of",
        name = "some",
        name = "all",
        name = "for_each",
        name = "reduce",
        name = "order",
        name = "order_by",
        return_raw,
        pure
    )]
    pub fn with(
        context: NativeCallContext,
        table: &mut Table,
        function: FnPtr,
    ) -> Result<Dynamic, Failed> {
        on_rows(&context, table, function, None)
    }

    /// Returns the rows in the order that the function of two rows says.
    #[rhai_fn(name = "sort", return_raw, pure)]
    pub fn sort(
        context: NativeCallContext,
        table: &mut Table,
        function: FnPtr,
    ) -> Result<Dynamic, Failed> {
        let mut rows = Dynamic::from_array(table.rows(&context));
        context.call_native_fn_raw(
            "order",
            true,
            &mut [&mut rows, &mut Dynamic::from(function)],
        )
    }

    /// Reduces the rows to one value, beginning with `initial`.
    #[rhai_fn(name = "reduce", return_raw, pure)]
    pub fn reduce(
        context: NativeCallContext,
        table: &mut Table,
        function: FnPtr,
        initial: Dynamic,
    ) -> Result<Dynamic, Failed> {
        on_rows(&context, table, function, Some(initial))
    }
}

fn record_columns(context: &NativeCallContext, row: &Row) {
    if let Some(recorder) = recorder(context) {
        let key = ReadKey::Columns {
            document: row.table.document.clone(),
            table: row.table.title.clone(),
        };
        recorder.record(key, columns_text(&row.table));
    }
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod rows {
    /// Returns the value in a column, or `()` where the cell is empty: `row.name`, `row["name"]`. In a column headed
    /// `Node → Nodes` it's the row of that table: `disk.node.address`.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn value(
        context: NativeCallContext,
        row: &mut Row,
        column: &str,
    ) -> Result<Dynamic, Failed> {
        row.value(&context, column)
    }

    /// Returns the value in the column `tag`; Rhai gives every other value a property of this name.
    #[rhai_fn(get = "tag", return_raw, pure)]
    pub fn tag(context: NativeCallContext, row: &mut Row) -> Result<Dynamic, Failed> {
        value(context, row, "tag")
    }

    /// Returns whether there is such a column and the row has a value in it.
    #[rhai_fn(pure)]
    pub fn has(context: NativeCallContext, row: &mut Row, column: &str) -> bool {
        if row.table.column(column).is_err() {
            record_columns(&context, row);
            return false;
        }
        row.cell(&context, column)
            .is_ok_and(|cell| !cell.value.is_missing())
    }

    /// Returns the value in a column that not every lab's table has, or `()`: `row.optional("serial")`.
    #[rhai_fn(return_raw)]
    pub fn optional(
        context: NativeCallContext,
        row: &mut Row,
        column: &str,
    ) -> Result<Dynamic, Failed> {
        if row.table.column(column).is_err() {
            record_columns(&context, row);
            return Ok(Dynamic::UNIT);
        }
        row.value(&context, column)
    }

    /// Returns the rows that a cell names, with commas between them: `row.rows("devices")`.
    #[rhai_fn(return_raw)]
    pub fn rows(context: NativeCallContext, row: &mut Row, column: &str) -> Result<Array, Failed> {
        let rows = row.referred(&context, column)?;
        Ok(rows.into_iter().map(Dynamic::from).collect())
    }

    /// Returns the texts that a cell lists with commas between them: `row.list("nodes")`.
    #[rhai_fn(return_raw, pure)]
    pub fn list(context: NativeCallContext, row: &mut Row, column: &str) -> Result<Array, Failed> {
        let cell = row.cell(&context, column)?;
        Ok(cell
            .keys()
            .into_iter()
            .map(|key| Dynamic::from(key.to_owned()))
            .collect())
    }

    /// Returns the names of the columns.
    #[rhai_fn(name = "keys", get = "keys", pure)]
    pub fn keys(context: NativeCallContext, row: &mut Row) -> Array {
        record_columns(&context, row);
        row.table
            .columns
            .iter()
            .map(|column| column.name.clone().into())
            .collect()
    }

    /// Returns the row's key, as other tables name it.
    #[rhai_fn(name = "to_string", pure)]
    pub fn text(row: &mut Row) -> String {
        row.key().to_owned()
    }

    /// Returns the row's name: document, table and key.
    #[rhai_fn(name = "to_debug", pure)]
    pub fn name(row: &mut Row) -> String {
        row.name()
    }
}

#[cfg(test)]
mod tests {
    use rhai::Scope;

    use world::{code, docs::Docs};

    use super::*;
    use crate::script::rewrite;

    /// Two tables that refer to the nodes.
    const DISKS: &str = "\n## Disks\n| Device | Node → Nodes | Copies → Nodes | Shelf → Shelves |\n|---|---|---|---|\n\
        | sda | pve2 | pve1, pve2 | x |\n| sdb | - | - | - |\n| sdc | pve3 | - | - |\n\
        ## Parts\n| Part | Disk → Disks |\n|---|---|\n| 1 | sda |\n";

    const NODES: &str = "## Nodes\n| Name | Address | Memory | Role | Networks |\n|---|---|---|---|---|\n\
        | pve1 | 10.0.0.11/24 | 64 GiB | – | a, b |\n| pve2 | 10.0.0.12/24 | 32 GiB | spare | |\n";

    fn run(script: &str) -> (Result<Dynamic, Failed>, usize, usize) {
        let (mut engine, mut tag) = rewrite::engine();
        tag.docs = Docs::parse("HARDWARE", &[NODES, DISKS].concat())
            .unwrap()
            .into();
        engine.set_default_tag(Dynamic::from(tag.clone()));
        let mut scope = Scope::new();
        for (name, title) in [("nodes", "Nodes"), ("disks", "Disks"), ("parts", "Parts")] {
            scope.push(name, Table::find(&tag.docs, "HARDWARE", title).unwrap());
        }
        scope.push("racks", Table::optional(&tag.docs, "HARDWARE", "Racks"));
        let ast = rewrite::rewrite(&engine.compile(script).unwrap());
        let result = engine.eval_ast_with_scope(&mut scope, &ast);
        let reads = tag.recorder.reads();
        let cells = reads
            .keys()
            .filter(|key| matches!(key, ReadKey::Cell { .. }))
            .count();
        (result, cells, reads.len() - cells)
    }

    /// Script, its text, cells read, shapes read.
    const READS: &[(&str, &str, usize, usize)] = &[
        ("`${nodes[0].name}`", "pve1", 1, 1),
        ("`${nodes[-1].memory}`", "32 GiB", 1, 1),
        (r#"`${nodes["pve2"].address.address}`"#, "10.0.0.12", 1, 0),
        ("`${nodes.len} ${nodes.len()}`", "2 2", 0, 1),
        (
            "let t = ``; for node in nodes { t += node.name; } t",
            "pve1pve2",
            2,
            1,
        ),
        (
            r#"`${nodes.filter(|n| n.memory > size("40 GiB")).len()}`"#,
            "1",
            2,
            1,
        ),
        (r#"nodes.find(|n| n.name == "pve2").role"#, "spare", 3, 1),
        ("`${nodes.map(|n| n.name)}`", r#"["pve1", "pve2"]"#, 2, 1),
        ("nodes.reduce(|sum, n| sum + n.name, ``)", "pve1pve2", 2, 1),
        (
            "`${nodes.sort(|a, b| if a.memory < b.memory { -1 } else { 1 })[0]}`",
            "pve2",
            2,
            1,
        ),
        (
            "`${nodes.map(|n| n)}`",
            "[HARDWARE/Nodes/pve1, HARDWARE/Nodes/pve2]",
            0,
            1,
        ),
        ("`${parts[0].disk.node.address.address}`", "10.0.0.12", 3, 1),
        (
            "`${disks[1].node ?? `none`} ${disks[0].optional(`node`)} ${disks[0].optional(`age`) ?? `new`}`",
            "none pve2 new",
            2,
            2,
        ),
        (
            "disks[0].rows(`copies`).map(|n| n.name).join(`+`)",
            "pve1+pve2",
            3,
            1,
        ),
        (
            "`${disks[1].rows(`copies`)} ${disks[0].list(`copies`)}`",
            r#"[] ["pve1", "pve2"]"#,
            2,
            1,
        ),
        (
            r#"`${disks[0].node == nodes[1]} ${disks[0].node != nodes[1]} ${nodes[0] == disks[0].node} ${disks[1].node == nodes[0]}`"#,
            "true false false false",
            2,
            2,
        ),
        (
            r#"`${disks[0].node == "pve2"} ${"pve2" == disks[0].node} ${disks[0].node != "pve2"} ${"pve1" != disks[0].node}`"#,
            "true true false true",
            1,
            1,
        ),
        (
            r#"`${parts[0] == 1} ${1 == parts[0]} ${parts[0] != 1} ${2 != parts[0]}`"#,
            "true true false true",
            0,
            1,
        ),
        (
            r#"`${nodes[1] in disks[0].rows("copies")} ${"pve3" in disks[0].rows("copies")}`"#,
            "true false",
            1,
            2,
        ),
        (
            "`${racks.len} ${racks.filter(|r| r.name == 1)} ${racks.find(|r| true) == ()} ${racks.has(`a`)}`",
            "0 [] true false",
            0,
            1,
        ),
        (
            "`${nodes.some(|n| n.has(`role`))} ${nodes[0].has(`rule`)}`",
            "true false",
            2,
            2,
        ),
        ("nodes[0].role ?? `none`", "none", 1, 1),
        (
            "`${nodes[0].list(`networks`)} ${nodes[1].list(`networks`)}`",
            r#"["a", "b"] []"#,
            2,
            1,
        ),
        (
            "`${nodes[0].keys.len()} ${nodes.has(`pve3`)}`",
            "5 false",
            0,
            2,
        ),
    ];

    #[test]
    fn reads_values_and_records_each_read() {
        for (script, expected, cells, shapes) in READS {
            let (result, read_cells, read_shapes) = run(script);
            assert_eq!(
                result.unwrap().into_string().unwrap(),
                *expected,
                "{script}"
            );
            assert_eq!((read_cells, read_shapes), (*cells, *shapes), "{script}");
        }
    }

    fn failure(result: Result<Dynamic, Failed>) -> std::sync::Arc<crate::failure::Failure> {
        let error = *result.unwrap_err();
        let EvalAltResult::ErrorRuntime(value, _) = error else {
            panic!("{error}");
        };
        value.cast()
    }

    #[test]
    fn names_the_nearest_column_and_row() {
        for (script, part) in [(r#"nodes["pve11"]"#, "'pve1'"), ("nodes[7]", "has 2 rows")] {
            let text = run(script).0.unwrap_err().to_string();
            assert!(text.contains(part), "{text}");
        }
        for (script, part) in [
            (
                "disks[0].copies",
                "HARDWARE/Disks/sda names 2 rows in 'copies': row.rows(\"copies\")",
            ),
            (
                "nodes[0].rows(`role`)",
                "the column 'role' of the table Nodes refers to no other",
            ),
        ] {
            let text = run(script).0.unwrap_err().to_string();
            assert!(text.contains(part), "{text}");
        }
        for (script, code) in [
            ("disks[2].node", code::docs::dangling),
            ("disks[0].shelf", code::docs::no_target),
            ("disks[0].rows(`copy`)", code::docs::no_column),
        ] {
            assert_eq!(failure(run(script).0).code, code, "{script}");
        }
        let failure = failure(run("nodes[0].adress").0);
        assert_eq!(failure.code, code::docs::no_column);
        assert_eq!(failure.help.as_deref(), Some("did you mean 'address'?"));
    }
}
