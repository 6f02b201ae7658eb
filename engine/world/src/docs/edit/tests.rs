use super::*;
use crate::docs::Absent;

const KEY: Learnable = Learnable {
    document: "HARDWARE",
    table: "Nodes",
    keys: &["name"],
    heading: "Host key",
    absent: Absent::Add,
};

const NOTE: Learnable = Learnable {
    heading: "Note",
    absent: Absent::Leave,
    ..KEY
};

fn set_to(source: &str, learnable: &Learnable, row: &str, text: &str) -> Result<Edited, EditError> {
    let row = [row.to_owned()];
    let edit = Edit {
        learnable,
        row: &row,
        text,
    };
    set(source, &edit)
}

#[track_caller]
fn becomes(source: &str, learnable: &Learnable, text: &str, wanted: &str) {
    let edited = set_to(source, learnable, "a", text).unwrap();
    assert_eq!(edited.text, wanted);
}

#[test]
fn a_compact_table_stays_compact() {
    let source = "# H\n\n## Nodes\n\n| Name | Note |\n| --- | --- |\n| a | x |\n| b | yy |\n\ntext | with a bar\n";
    becomes(
        source,
        &NOTE,
        "longer",
        &source.replace("| a | x |", "| a | longer |"),
    );
    becomes(
        source,
        &NOTE,
        "a|b",
        &source.replace("| a | x |", "| a | a\\|b |"),
    );
}

#[test]
fn an_aligned_column_keeps_its_width_or_grows() {
    let source =
        "## Nodes\n| Name | Note  |\n|------|-------|\n| a    | x     |\n| b    | other |\n";
    becomes(
        source,
        &NOTE,
        "xyz",
        &source.replace("| x     |", "| xyz   |"),
    );
    becomes(
        source,
        &NOTE,
        "longest",
        "## Nodes\n| Name | Note    |\n|------|---------|\n| a    | longest |\n| b    | other   |\n",
    );
}

#[test]
fn the_side_on_which_texts_stand_is_kept() {
    let source = "## Nodes\n| Name |  Note | Middle |\n| ---- | ----: | :----: |\n| a    |     x |   m    |\n| b    | other |  mmm   |\n";
    becomes(
        source,
        &NOTE,
        "xyz",
        &source.replace("|     x |", "|   xyz |"),
    );
    becomes(
        source,
        &NOTE,
        "longest",
        "## Nodes\n| Name |    Note | Middle |\n| ---- | ------: | :----: |\n| a    | longest |   m    |\n| b    |   other |  mmm   |\n",
    );
    let middle = Learnable {
        heading: "Middle",
        ..NOTE
    };
    becomes(
        source,
        &middle,
        "mmmm",
        &source.replace("|   m    |", "|  mmmm  |"),
    );
}

#[test]
fn wide_characters_take_two_places() {
    let source = "## Nodes\n| Name | Note |\n|------|------|\n| a    | 箱   |\n| b    | yy   |\n";
    becomes(
        source,
        &NOTE,
        "箱箱",
        &source.replace("| 箱   |", "| 箱箱 |"),
    );
    becomes(
        source,
        &NOTE,
        "箱箱箱",
        "## Nodes\n| Name | Note   |\n|------|--------|\n| a    | 箱箱箱 |\n| b    | yy     |\n",
    );
}

#[test]
fn marks_and_links_stay() {
    let source = "## Nodes\n| Name | Note |\n|--|--|\n| `a` | [x](http://h/?x=1) |\n| b | - |\n";
    becomes(source, &NOTE, "y", &source.replace("[x]", "[y]"));
    let code = source.replace("[x](http://h/?x=1)", "`x`");
    becomes(&code, &NOTE, "y", &code.replace("`x`", "`y`"));
}

#[test]
fn a_text_that_would_be_read_as_marks_is_refused() {
    let source = "## Nodes\n| Name | Note |\n|--|--|\n| a | x |\n";
    for text in ["`x`", "_x_", "[x](y)", "a <!-- b", " x"] {
        let refused = set_to(source, &NOTE, "a", text).unwrap_err();
        assert_eq!(refused, EditError::Unwritable(text.to_owned()));
    }
}

#[test]
fn line_ends_and_the_rest_of_the_file_stay() {
    let source = "\u{feff}# H \r\n\r\n## Nodes\r\n| Name | Note |\r\n|--|--|\r\n| a | x |\r\n\r\n```\r\n## Nodes\r\n| Name |\r\n```\r\ntail";
    becomes(
        source,
        &NOTE,
        "y",
        &source.replace("| a | x |", "| a | y |"),
    );
    let last = "## Nodes\nName | Note\n--|--\na | x";
    becomes(last, &NOTE, "y", "## Nodes\nName | Note\n--|--\na | y");
    let mixed = "## Nodes\n| Name | Note |\r\n|--|--|\n| a | x |\r\n";
    becomes(mixed, &NOTE, "y", &mixed.replace("| x |", "| y |"));
}

#[test]
fn only_the_first_table_under_a_heading_has_facts() {
    let table = "| Name | Note |\n|--|--|\n| a | x |\n";
    let prose = table.replace("Note", "Said of it");
    let source =
        format!("## Other\n{table}\n## Nodes\ntext\n\n{table}\n{prose}\n### More\n{table}");
    let edited = set_to(&source, &NOTE, "a", "y").unwrap();
    let at = source.find("text").unwrap();
    let wanted = source[at..].replacen("| x |", "| y |", 1);
    assert_eq!(edited.text, format!("{}{wanted}", &source[..at]));
    assert_eq!((edited.line, edited.before.as_deref()), (11, Some("x")));
}

#[test]
fn a_column_is_added_at_the_end() {
    let source = "## Nodes\n| Name | Note |\n| --- | --- |\n| a | x |\n| b | y |\n";
    let edited = set_to(source, &KEY, "b", "K").unwrap();
    assert_eq!(
        edited.text,
        "## Nodes\n| Name | Note | Host key |\n| --- | --- | --- |\n| a | x | - |\n| b | y | K |\n"
    );
    assert_eq!((edited.line, edited.before), (5, None));
    becomes(
        "## Nodes\nName | Note\n--|--\na | x",
        &KEY,
        "K",
        "## Nodes\nName | Note | Host key\n--|-- |---\na | x | K",
    );
    becomes(
        "## Nodes\n| Name  | Note |\n|-------|------|\n| a     | x    |\n| other | y    |\n",
        &KEY,
        "long enough",
        "## Nodes\n| Name  | Note | Host key    |\n|-------|------|-------------|\n| a     | x    | long enough |\n| other | y    | -           |\n",
    );
}

#[test]
fn what_isnt_there_is_said() {
    let source = "## Nodes\n| Name | Note |\n|--|--|\n| a | x |\n";
    assert_eq!(
        set_to(source, &NOTE, "c", "y").unwrap_err(),
        EditError::NoRow
    );
    let other = Learnable {
        heading: "Kernel",
        ..NOTE
    };
    assert_eq!(
        set_to(source, &other, "a", "y").unwrap_err(),
        EditError::NoColumn
    );
    assert_eq!(
        set_to("# Nodes\n", &NOTE, "a", "y").unwrap_err(),
        EditError::NoTable
    );
    let broken = set_to("## Nodes\n| A | B |\n|--|--|\n| 1 |\n", &NOTE, "a", "y");
    assert!(matches!(broken, Err(EditError::Broken(_))), "{broken:?}");
}
