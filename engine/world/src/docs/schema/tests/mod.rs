mod cells;

use super::*;
use crate::{
    docs::{Docs, Value, rules},
    units::{Bytes, Speed},
};

/// The documents of a lab, each with a name.
fn lab(documents: &[(&str, &str)]) -> Docs {
    let add = |docs: Docs, (name, text): &(&str, &str)| docs.reread(name, text).unwrap();
    documents.iter().fold(Docs::default(), add)
}

const DOCUMENTS: [(&str, &str); 3] = [
    (
        "HARDWARE",
        include_str!("../../../../../../docs/HARDWARE.md"),
    ),
    ("NETWORK", include_str!("../../../../../../docs/NETWORK.md")),
    (
        "SOFTWARE",
        include_str!("../../../../../../docs/SOFTWARE.md"),
    ),
];

/// The example lab's documents, with a text replaced in one of them.
fn example(document: &str, from: &str, to: &str) -> Docs {
    let mut docs = Docs::default();
    for (name, text) in DOCUMENTS {
        let is_it = name == document;
        assert!(!is_it || text.contains(from), "{from} isn't in {name}");
        let text = if is_it {
            text.replacen(from, to, 1)
        } else {
            text.to_owned()
        };
        docs = docs.reread(name, &text).unwrap();
    }
    docs
}

/// What is wrong, with the character where it stands.
fn found(docs: &Docs) -> Vec<(String, usize)> {
    let column = |error: &DocsError| error.place().map_or(0, |place| place.column);
    let errors = rules::check(docs);
    errors
        .iter()
        .map(|error| (error.to_string(), column(error)))
        .collect()
}

#[test]
fn every_format_stands_in_the_list_of_the_page() {
    let (head, _) = PAGE.split_once("\n## ").unwrap();
    for plain in plain::ALL {
        assert!(
            head.contains(&format!("`{}`", plain.name)),
            "{}",
            plain.name
        );
    }
}

#[test]
fn the_page_says_what_the_installer_and_proxmox_take() {
    use crate::install::keys;
    let allowed = |document, table, column| {
        let table = Schema::builtin().table(document, table).unwrap();
        match &table.lines_of(column).next().unwrap().kind {
            Kind::OneOf(texts) => texts.clone(),
            Kind::List(item) => match &**item {
                Kind::OneOf(texts) => texts.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let taken = |key| keys::known(key).map(str::to_owned).collect::<Vec<_>>();
    let nodes = |column| allowed("HARDWARE", "Nodes", column);
    assert_eq!(
        allowed("SOFTWARE", "Storage", "content"),
        formats::names::CONTENT
    );
    assert_eq!(nodes("root_file_system"), taken("disk-setup.filesystem"));
    assert_eq!(nodes("raid"), taken("disk-setup.zfs.raid"));
    assert!(
        taken("disk-setup.btrfs.raid")
            .iter()
            .all(|raid| nodes("raid").contains(raid))
    );
}

#[test]
fn the_example_says_nothing_that_the_page_does_not_know() {
    let docs = example("HARDWARE", "", "");
    for table in docs.tables() {
        let schema = table
            .schema
            .as_ref()
            .unwrap_or_else(|| panic!("{}", table.title));
        let unknown = |name: &str| schema.lines_of(name).next().is_none();
        let unknown: Vec<&str> = table
            .columns
            .iter()
            .map(|own| own.name.as_str())
            .filter(|own| unknown(own))
            .collect();
        assert_eq!(unknown, Vec::<&str>::new(), "{}", table.title);
    }
}

#[test]
fn a_hundred_thousand_rows_are_read_and_checked_in_time_that_grows_with_them() {
    let docs = |count: usize| {
        let nodes: String = (0..count)
            .map(|n| {
                format!(
                    "| n{n} | 10.{}.{}.{}/8 | e{n} |\n",
                    n >> 16,
                    (n >> 8) & 255,
                    n & 255
                )
            })
            .collect();
        let ports: String = (0..count).map(|n| format!("| n{n} | e{n} |\n")).collect();
        format!(
            "## Nodes\n| Name | Address | Management interface |\n|--|--|--|\n{nodes}\n## Interfaces\n| Node | Interface |\n|--|--|\n{ports}"
        )
    };
    let docs = lab(&[("HARDWARE", &docs(100_000))]);
    let errors = rules::check(&docs);
    let cells = errors.iter().filter(|error| {
        matches!(
            error,
            DocsError::BadValue { .. } | DocsError::Dangling { .. }
        )
    });
    assert_eq!(
        cells.count(),
        1,
        "{:?}",
        errors.iter().take(3).collect::<Vec<_>>()
    );
}

#[test]
fn sizes_and_speeds_are_understood_as_people_write_them() {
    let text = "## Nodes\n| Name | Memory | Version |\n|--|--|--|\n| a | 32GB | 10 |\n\
                ## Interfaces\n| Node | Interface | Speed |\n|--|--|--|\n| a | eno1 | 1G |\n";
    let docs = lab(&[("HARDWARE", text)]);
    let cell = |table, column| {
        let table = docs.table("HARDWARE", table).unwrap();
        table.rows[0].get(column).unwrap().value.clone()
    };
    assert_eq!(cell("Nodes", "memory"), Value::Size(Bytes(32_000_000_000)));
    assert_eq!(cell("Nodes", "version"), Value::Text("10".to_owned()));
    assert_eq!(
        cell("Interfaces", "speed"),
        Value::Speed(Speed(1_000_000_000))
    );
}

#[test]
fn a_country_called_no_is_a_country() {
    let docs = example("NETWORK", "| Country | de |", "| Country | no |");
    assert_eq!(found(&docs), []);
    let settings = docs.table("NETWORK", "Settings").unwrap();
    let value = &settings.row("Country").unwrap().get("value").unwrap().value;
    assert_eq!(*value, Value::Text("no".to_owned()));
}

#[test]
fn a_renamed_node_is_one_mistake_with_all_its_places() {
    let docs = example(
        "HARDWARE",
        "| pve3 | 10.10.10.13/24 |",
        "| gamma | 10.10.10.13/24 |",
    );
    let errors = rules::check(&docs);
    let [
        DocsError::Dangling {
            key,
            nearest,
            others,
            ..
        },
    ] = errors.as_slice()
    else {
        panic!("{errors:#?}");
    };
    assert_eq!((&**key, nearest.as_deref()), ("pve3", Some("gamma")));
    assert_eq!(others.len(), 12);
    let text = errors[0].to_string();
    assert!(
        text.contains("12 other cells say the same: docs/HARDWARE.md:30,31,47"),
        "{text}"
    );
}

#[test]
fn a_row_is_told_from_others_by_its_key() {
    let disk = "| pve1 | /dev/nvme1n1 | 2 TB |";
    let docs = example("HARDWARE", disk, "| pve1 | /dev/nvme0n1 | 2 TB |");
    let text = "docs/HARDWARE.md:26: two rows of the table 'Disks' are about Node pve1 and Device /dev/nvme0n1; the first is at line 25";
    assert_eq!(found(&docs), [(text.to_owned(), 1)]);
    // References to it aren't wrong as well.
    let docs = example("NETWORK", "| 20 | servers |", "| 10 | servers |");
    let found = found(&docs);
    let doubled = |(text, _): &(String, usize)| {
        text.contains("two rows of the table 'VLANs' are about VLAN 10")
    };
    assert_eq!(
        found.iter().filter(|found| doubled(found)).count(),
        1,
        "{found:#?}"
    );
    assert!(
        !found
            .iter()
            .any(|(text, _)| text.contains("'10' is no row")),
        "{found:#?}"
    );
}

#[test]
fn what_is_nearly_a_name_that_is_known_is_pointed_out() {
    let cases = [
        (
            "HARDWARE",
            "| Vendor | Device |",
            "| Vendr | Device |",
            "knows no column 'Vendr' of HARDWARE/PCI devices",
        ),
        (
            "SOFTWARE",
            "## Backup jobs",
            "## Back-up job",
            "knows no table 'Back-up job'",
        ),
        (
            "NETWORK",
            "| Time zone | Europe",
            "| Timezone | Europe",
            "knows no row 'Timezone' of NETWORK/Settings",
        ),
    ];
    for (document, from, to, wanted) in cases {
        let docs = example(document, from, to);
        let errors = rules::check(&docs);
        assert!(
            errors.len() == 1 && errors[0].to_string().contains(wanted),
            "{errors:#?}"
        );
        assert_eq!(rules::sound(&docs), Ok(()));
    }
    let settings = example("NETWORK", "| Country | de |\n", "");
    let text = "the table 'Settings' has no row 'Country', which an installation needs";
    assert!(
        found(&settings)[0].0.ends_with(text),
        "{:?}",
        found(&settings)
    );
    assert_eq!(rules::sound(&settings), Ok(()));
    // What is needed is missed, and what is somebody's own is welcome.
    let errors = rules::check(&example(
        "HARDWARE",
        "| Cores | Memory |",
        "| Cors | Memory |",
    ));
    assert_eq!(errors[0].help(), "did you mean 'cors'?");
    let own = example("HARDWARE", "| Vendor | Device |", "| Shop | Device |");
    assert_eq!(found(&own), []);
}

#[test]
fn tables_columns_and_rows_that_every_lab_has_are_missed() {
    let cases = [
        (
            "HARDWARE",
            "## Interfaces",
            "## Ports",
            "docs/HARDWARE.md has no table 'Interfaces'",
        ),
        (
            "HARDWARE",
            "| Id | Subsystem |",
            "| Number | Subsystem |",
            "the table 'PCI devices' has no column 'id'",
        ),
        (
            "NETWORK",
            "| Search domain |",
            "| Domain |",
            "the table 'Settings' has no row 'Search domain'",
        ),
    ];
    for (document, from, to, wanted) in cases {
        let found = found(&example(document, from, to));
        assert!(
            found.iter().any(|(text, _)| text.contains(wanted)),
            "{to}: {found:#?}"
        );
    }
    let empty = lab(&[("HARDWARE", "## Nodes\n| Name | Address |\n|--|--|\n")]);
    assert!(
        found(&empty)
            .iter()
            .any(|(text, _)| text.ends_with("'Nodes' has no row"))
    );
}

#[test]
fn a_lab_declares_tables_of_its_own() {
    let declared = "## RACK/Shelves\nThe shelves.\n\n| Column | Type | Needed | Says |\n|--|--|--|--|\n\
                    | Shelf | id | key | Its name |\n| Node | row of HARDWARE/Nodes | yes | What lies there |\n| Load | size | no | How much |\n\
                    ## HARDWARE/Nodes\n| Column | Type | Needed | Says |\n|--|--|--|--|\n| Colour | one of red, blue | yes | Its colour |\n";
    let docs = |colour: &str, node: &str| {
        let nodes = format!("## Nodes\n| Name | Colour |\n|--|--|\n| a | {colour} |\n");
        let shelves =
            format!("## Shelves\n| Shelf | Node | Load |\n|--|--|--|\n| 1 | {node} | 2GB |\n");
        lab(&[
            ("TABLES", declared),
            ("HARDWARE", &nodes),
            ("RACK", &shelves),
        ])
    };
    let errors = |docs: &Docs| {
        let all = found(docs).into_iter().map(|(text, _)| text);
        all.filter(|text| {
            !text.contains("has no column")
                && !text.contains("has no table")
                && !text.contains("has no row")
                && !text.contains("no document")
        })
        .collect::<Vec<_>>()
    };
    let sound = docs("red", "a");
    assert_eq!(errors(&sound), Vec::<String>::new());
    let load = &sound.table("RACK", "Shelves").unwrap().rows[0]
        .get("load")
        .unwrap()
        .value;
    assert_eq!(load.size(), Some(2_000_000_000));
    assert_eq!(
        errors(&docs("green", "b")),
        [
            "docs/HARDWARE.md:4: row 'a', column 'colour': 'green' isn't one of red, blue",
            "docs/RACK.md:4: row '1', column 'node': 'b' is no row of HARDWARE/Nodes",
        ]
    );
}

#[test]
fn a_declaration_that_is_none_is_refused_with_its_line() {
    let head = "| Column | Type | Needed | Says |\n|--|--|--|--|\n";
    let cases = [
        (
            format!("## A/B\n{head}| X | sized | no | - |\n"),
            "docs/TABLES.md:4: 'sized' is no type",
        ),
        (
            format!("## A/B\n{head}| X | size | perhaps | - |\n"),
            "docs/TABLES.md:4: 'perhaps' isn't key",
        ),
        (
            format!("## B\n{head}| X | size | no | - |\n"),
            "docs/TABLES.md:2: 'B' names no table",
        ),
        (
            "## A/B\n| X | Y |\n|--|--|\n| 1 | 2 |\n".to_owned(),
            "docs/TABLES.md:2: the columns of a schema are",
        ),
        (
            format!("## HARDWARE/Nodes\n{head}| Memory | text | no | - |\n"),
            "docs/TABLES.md:4: homelab knows the column 'Memory' of HARDWARE/Nodes already",
        ),
    ];
    for (text, wanted) in cases {
        let errors = Docs::parse("TABLES", &text).unwrap_err();
        assert!(errors[0].to_string().starts_with(wanted), "{errors:?}");
    }
}

#[test]
fn a_table_that_a_lab_does_without_may_be_pointed_to_by_empty_cells() {
    let docs = example("HARDWARE", "## Targets", "## Units");
    let texts: Vec<String> = found(&docs).into_iter().map(|(text, _)| text).collect();
    assert_eq!(
        texts,
        [
            "docs/SOFTWARE.md:38: column 'target' of the table 'Storage' points to HARDWARE/Targets, which isn't there"
        ]
    );
    let without = "## Storage\n| Storage | Type | Target → HARDWARE/Targets | Source | Content |\n|--|--|--|--|--|\n| local | dir | - | /srv | iso |\n";
    assert_eq!(found(&lab(&[("D", without)])), []);
}
