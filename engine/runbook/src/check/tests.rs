//! Small scripts and what a check finds in them.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::json;
use world::{
    code::{self, Code},
    docs::Docs,
};

use super::{Effect, Finding, Operation, Request, Severity, check};
use crate::{run::language, script::Library};

const DOCS: &str = "## Nodes\n| Name | Address |\n|--|--|\n| pve1 | 10.0.0.1/24 |\n\n## VLANs\n| VLAN |\n|--|\n| 10 |\n\n\
                    ## Disks\n| Device | Node → Nodes | VLANs → VLANs |\n|--|--|--|\n| sda | pve1 | 10 |\n\n\
                    ## Parts\n| Part | Disk → Disks |\n|--|--|\n| 1 | sda |\n";

const MODULES: &[(&str, &str)] = &[
    (
        "stdlib/network",
        "fn bridges(node) {\n    proxmox::storage::ensure(node, #{ type: \"nfs\" })\n}\nprivate fn hidden() {}\nfn other() { facts::table(\"MACHINES\", \"Racks\") }\n",
    ),
    ("stdlib/broken", "fn (\n"),
];

fn operations() -> BTreeMap<String, Operation> {
    let storage = json!({
        "type": "object",
        "properties": {
            "storage": { "type": "string" },
            "type": { "$ref": "#/$defs/Kind" },
            "server": { "type": ["string", "null"] },
            "content": { "type": "array", "items": { "type": "string" } },
            "enabled": { "anyOf": [{ "type": "boolean" }, { "type": "null" }] },
            "prune": { "anyOf": [{ "$ref": "#/$defs/Prune" }, { "type": "null" }] },
        },
        "required": ["storage", "type"],
        "additionalProperties": false,
        "$defs": {
            "Kind": { "oneOf": [{ "const": "nfs", "type": "string" }, { "enum": ["lvm", "dir"], "type": "string" }] },
            "Prune": { "type": "object", "properties": { "keep_last": { "type": "integer" } }, "additionalProperties": false },
        },
    });
    let connect = json!({
        "type": "object",
        "properties": { "nodes": true, "user": { "type": "string" }, "password": { "type": "string", "format": "secret" } },
        "required": ["nodes"],
    });
    let operation = |schema, effect, positional: &[&str]| Operation {
        schema,
        effect,
        positional: positional.iter().map(ToString::to_string).collect(),
        is_opaque: false,
    };
    let mut command = operation(
        json!({ "properties": { "reads": true } }),
        Effect::Destroy,
        &["host", "command"],
    );
    command.is_opaque = true;
    BTreeMap::from([
        ("host::command".to_owned(), command),
        (
            "proxmox::storage::ensure".to_owned(),
            operation(storage, Effect::Change, &["storage"]),
        ),
        (
            "proxmox::connect".to_owned(),
            operation(connect, Effect::Declare, &[]),
        ),
    ])
}

fn engine() -> rhai::Engine {
    let mut engine = language::engine();
    let mut proxmox = rhai::Module::new();
    proxmox.set_native_fn("connect", |_: rhai::Map| Ok(()));
    engine.register_static_module("proxmox", proxmox.into());
    let mut storage = rhai::Module::new();
    storage.set_native_fn("ensure", |_: &str, _: rhai::Map| Ok(()));
    engine.register_static_module("proxmox::storage", storage.into());
    let mut host = rhai::Module::new();
    host.set_native_fn("command", |_: &str, _: &str, _: rhai::Map| Ok(()));
    engine.register_static_module("host", host.into());
    engine
}

fn found_in(files: &[(&str, &[u8])]) -> Vec<Finding> {
    let docs = Docs::parse("MACHINES", DOCS).unwrap();
    let library = Library {
        lab: PathBuf::from("/nowhere"),
        embedded: MODULES,
    };
    check(&Request {
        engine: &engine(),
        library: &library,
        files: files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect(),
        docs: Ok(&docs),
        operations: operations(),
        why_unset: &|name| (!name.starts_with("SET")).then(|| "set it".to_owned()),
    })
}

/// The code's end and the line of each finding.
fn found(source: &str) -> Vec<(String, usize)> {
    let findings = found_in(&[("runbooks/a.rhai", source.as_bytes())]);
    findings.into_iter().map(brief).collect()
}

fn brief(finding: Finding) -> (String, usize) {
    let code = finding
        .code
        .as_str()
        .trim_start_matches("homelab::")
        .to_owned();
    (code, finding.place.map_or(0, |place| place.line))
}

/// Scripts, and the code and line of everything that is wrong in them.
const CASES: &[(&str, &[(&str, usize)])] = &[
    (
        "runbook(\"a\", \"1.0.0\");\nlet x = (;",
        &[("runbook::syntax", 2)],
    ),
    (
        "let x = 1;\nlet y = xx + zz;\nstpe(1)",
        &[
            ("runbook::variable", 2),
            ("runbook::variable", 2),
            ("runbook::function", 3),
        ],
    ),
    (
        "step(\"a\", \"A\", || {\n    missing\n});",
        &[("runbook::variable", 2)],
    ),
    ("\nzebra::ensure(1);\nother::x", &[("runbook::function", 2)]),
    (
        "step(\"a\", \"A\", || {\n    host::command(\"x\", \"y\", #{});\n    host::command(\"x\", \"z\", #{ reads: true });\n    \
         host::command(\"x\", \"y\", #{})\n});",
        &[("runbook::opaque", 2)],
    ),
    (
        "step(\"a\", \"A\", || proxmox::storage::ensur(\"x\", #{ type: \"nfs\" }));",
        &[("runbook::function", 1)],
    ),
    (
        "step(\"a\", \"A\");\n[1].fliter(|x| x);\n[1].filter(|x| x).len();",
        &[("runbook::function", 1), ("runbook::function", 2)],
    ),
    (
        "fn f(a, b) { a + b }\nf(1);\nf(1, 2);\n5.f(1);\nlet g = |x| x;\ng.call(1);",
        &[("runbook::function", 2), ("runbook::function", 4)],
    ),
    (
        "let m = #{ twice: |x| x };\nm.twice(1);\nm.stop(1);",
        &[("runbook::function", 3)],
    ),
    (
        "step(\"a\", \"A\", || {\n  proxmox::storage::ensure(\"n\", #{\n    typ: \"nfs\",\n    server: 5,\n    content: [\"iso\", 1],\n    prune: #{ keep_lst: 1 },\n  })\n});",
        &[
            ("runbook::field", 3),
            ("runbook::argument", 4),
            ("runbook::argument", 5),
            ("runbook::field", 6),
        ],
    ),
    (
        "step(\"a\", \"A\", || proxmox::storage::ensure(\"n\", #{ server: \"x\" }));",
        &[("runbook::argument", 1)],
    ),
    (
        "step(\"a\", \"A\", || proxmox::storage::ensure(\"n\", #{ type: \"nfss\", server: () }));",
        &[("runbook::argument", 1)],
    ),
    ("proxmox::connect(#{ node: [] });", &[("runbook::field", 1)]),
    (
        "step(\"a\", \"A\", #{ timout: \"1 h\" }, || 1);\nstep(\"b\", \"B\", #{\n  retry: #{ times: \"3\" },\n  timeout: \"soon\" }, || 1);",
        &[
            ("step::option", 1),
            ("step::option", 3),
            ("step::option", 4),
        ],
    ),
    (
        "step(\"a\", \"A\", || 1);\nstep(\"b\", \"B\", || 1);\nstep(\"a\", \"C\", || 1);",
        &[("step::twice", 3)],
    ),
    (
        "let n = 0;\nlet m = #{};\nstep(\"a\", \"A\", || {\n  n += 1;\n  m.x = 1;\n  m[\"y\"] = 2;\n  let own = 1;\n  own = 2;\n  n\n});",
        &[
            ("runbook::captured", 4),
            ("runbook::captured", 5),
            ("runbook::captured", 6),
        ],
    ),
    (
        "let n = 0;\nstep(\"a\", \"A\", || {\n  let m = 0;\n  [1].for_each(|x| {\n    n += x;\n  });\n  m\n});",
        &[("runbook::captured", 5)],
    ),
    (
        "proxmox::storage::ensure(\"n\", #{ type: \"nfs\" });\nfn f() {\n  proxmox::storage::ensure(\"n\", #{ type: \"nfs\" })\n}\nf();",
        &[("runbook::outside_step", 1), ("runbook::outside_step", 3)],
    ),
    (
        "fn f() {\n  proxmox::storage::ensure(\"n\", #{ type: \"nfs\" })\n}\nstep(\"a\", \"A\", || f());",
        &[],
    ),
    (
        "group(\"G\", || {\n  proxmox::storage::ensure(\"n\", #{ type: \"nfs\" });\n  step(\"a\", \"A\", || {\n    step(\"b\", \"B\", || 1);\n    group(\"H\", || 1);\n  });\n});",
        &[
            ("runbook::outside_step", 2),
            ("step::nested", 4),
            ("step::group", 5),
        ],
    ),
    (
        "for x in [1] {\n  [1].map(|y| proxmox::storage::ensure(\"n\", #{ type: \"nfs\" }));\n}\nparallel([1], |x| x);\nconfirm(\"?\");",
        &[
            ("runbook::outside_step", 2),
            ("runbook::outside_step", 4),
            ("runbook::outside_step", 5),
        ],
    ),
    (
        "import \"stdlib/network\" as network;\nlet node = \"n\";\nstep(\"a\", \"A\", || network::bridges(node));\nnetwork::bridgs(node);\nnetwork::hidden();",
        &[("runbook::function", 4), ("runbook::function", 5)],
    ),
    (
        "import \"stdlib/netwrk\" as network;\nnetwork::anything();",
        &[("runbook::no_module", 1)],
    ),
    (
        "import \"stdlib/broken\" as broken;\nbroken::anything();",
        &[("runbook::syntax", 1)],
    ),
    (
        "let a = env(\"SET_A\");\nlet b = env(\"B\");\nlet c = secret(\"C\");\nlet d = env(\"B\");\nlet e = env(\"KEPT\");\nstep(\"a\", \"A\", || #{ keep: \"KEPT\" });\nlet f = env(\"X\" + a);",
        &[
            ("environment::missing", 2),
            ("environment::missing", 3),
            ("environment::computed", 7),
        ],
    ),
    (
        "let n = facts::table(\"MACHINES\", \"Nods\");\nlet m = facts::table(\"HARWARE\", \"Nodes\");",
        &[("docs::no_table", 1), ("docs::no_document", 2)],
    ),
    (
        "if facts::has(\"MACHINES\", \"PCI\") { facts::table(\"MACHINES\", \"PCI\"); }",
        &[],
    ),
    (
        "let nodes = facts::table(\"MACHINES\", \"Nodes\");\nnodes[0].adress;\nfor node in nodes {\n  node.nam;\n}\nnodes.filter(|n| n.name == \"x\").map(|n| n.naem);\nstep(\"a\", \"A\", || parallel(nodes, |node| {\n  node[\"addres\"];\n  nodes[\"pve1\"].name\n}));",
        &[
            ("docs::no_column", 2),
            ("docs::no_column", 4),
            ("docs::no_column", 6),
            ("docs::no_column", 8),
        ],
    ),
    (
        "let row = facts::table(\"MACHINES\", \"Nodes\")[0];\nlet g = if row.has(\"gateway\") { row.gateway } else { () };\nlet row = #{ x: 1 };\nrow.x;",
        &[],
    ),
    (
        "for part in facts::table(\"MACHINES\", \"Parts\") {\n  part.disk.node.adress;\n  part.disk.nod;\n  part[\"disk\"][\"dev\"];\n  let node = part.disk.node;\n  node.nam;\n  part.disk.node.address.address;\n  part.disk.rows(\"vlans\").map(|net| net.vlam);\n  part.disk.rows(\"vlan\");\n  part.disk.list(\"vlns\");\n  part.disk.optional(\"size\");\n  part.optional(\"disk\").serial;\n}",
        &[
            ("docs::no_column", 2),
            ("docs::no_column", 3),
            ("docs::no_column", 4),
            ("docs::no_column", 6),
            ("docs::no_column", 8),
            ("docs::no_column", 9),
            ("docs::no_column", 10),
            ("docs::no_column", 12),
        ],
    ),
    (
        "facts::optional(\"MACHINES\", \"Racks\").map(|rack| rack.height);\nfor node in facts::optional(\"MACHINES\", \"Nodes\") {\n  node.nam;\n}",
        &[("docs::no_column", 3)],
    ),
    (
        "let a = \"10.0.0.5\";\nlet b = [\"https://x.example/\"];\nlet c = #{ mac: \"bc:24:11:00:00:01\" };\nlet password = \"hunter2\";\nproxmox::connect(#{ nodes: [], password: \"x\" });\nlet d = `http://${a}:80`;",
        &[
            ("runbook::address", 1),
            ("runbook::url", 2),
            ("runbook::address", 3),
            ("runbook::password", 4),
            ("runbook::password", 5),
        ],
    ),
    ("runbook(\"a\", \"1.0\");", &[("runbook::version", 1)]),
];

#[test]
fn a_table_of_mistakes() {
    for (source, expected) in CASES {
        let expected: Vec<(String, usize)> = expected
            .iter()
            .map(|(code, line)| ((*code).to_owned(), *line))
            .collect();
        assert_eq!(found(source), expected, "{source}");
    }
}

#[test]
fn five_mistakes_make_five_reports() {
    let source = "runbook(\"a\", \"1.0.0\");\nlet n = 0;\nstep(\"a\", \"A\", || { n = 1; n });\nstep(\"a\", \"B\", || proxmox::storage::ensure(\"n\", #{ typ: \"nfs\" }));\n\
                  proxmox::storage::ensur(\"n\", #{});\nlet e = env(\"MISSING\");\n";
    assert_eq!(found(source).len(), 5);
}

#[test]
fn names_what_was_meant() {
    for (source, help) in [
        (
            "step(\"a\", \"A\", || proxmox::storage::ensur(\"x\", #{}));",
            "did you mean `proxmox::storage::ensure(",
        ),
        ("[1].fliter(|x| x);", "did you mean `filter("),
        (
            "fn bridges(a) { a }\nbridgs(1);",
            "did you mean `bridges(a)`?",
        ),
        (
            "import \"stdlib/network\" as n;\nn::bridgs(1);",
            "did you mean n::`bridges(node)`?",
        ),
        (
            "import \"stdlib/netwrk\" as n;",
            "did you mean `stdlib/network`?",
        ),
        ("let nodes = 1;\nlet x = noeds;", "did you mean `nodes`?"),
        (
            "step(\"a\", \"A\", || proxmox::storage::ensure(\"n\", #{ typ: \"nfs\" }));",
            "did you mean `type`?",
        ),
        (
            "step(\"a\", \"A\", || proxmox::storage::ensure(\"n\", #{ type: \"nfss\" }));",
            "did you mean `nfs`?",
        ),
        (
            "facts::table(\"MACHINES\", \"Nods\");",
            "did you mean 'Nodes'?",
        ),
    ] {
        let findings = found_in(&[("runbooks/a.rhai", source.as_bytes())]);
        let given = findings[0].help.clone().unwrap_or_default();
        assert!(given.starts_with(help), "{source}: {given}");
    }
}

#[test]
fn a_missing_name_is_one_finding_with_all_its_lines() {
    let findings = found_in(&[
        ("runbooks/a.rhai", b"env(\"B\");\n\nenv(\"B\");"),
        ("runbooks/b.rhai", b"secret(\"B\");"),
    ]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(
        findings[0].message,
        "B isn't set; runbooks/a.rhai:1, runbooks/a.rhai:3, runbooks/b.rhai:1 need it"
    );
}

#[test]
fn files_that_are_not_text_and_modules_are_looked_at() {
    let findings = found_in(&[
        ("runbooks/a.rhai", b"let x = 1;\n\xff"),
        (
            "runbooks/b.rhai",
            b"import \"stdlib/own\" as own;\nown::act();",
        ),
        (
            "stdlib/own.rhai",
            b"fn act() {\n  confirm(\"?\")\n}\nfn unused() { parallel([1], |x| x) }",
        ),
    ]);
    let briefly: Vec<(String, usize)> = findings.iter().cloned().map(brief).collect();
    assert_eq!(
        briefly,
        [
            ("runbook::not_text".to_owned(), 2),
            ("runbook::outside_step".to_owned(), 2)
        ]
    );
    assert!(
        findings[1]
            .message
            .ends_with("; runbooks/b.rhai:2 leads there"),
        "{}",
        findings[1].message
    );
}

#[test]
fn says_which_modules_the_lab_overrides_and_reports_docs() {
    let lab = tempfile::tempdir().unwrap();
    std::fs::create_dir(lab.path().join("stdlib")).unwrap();
    std::fs::write(
        lab.path().join("stdlib/network.rhai"),
        "fn bridges(node) { node }",
    )
    .unwrap();
    std::fs::create_dir_all(lab.path().join("applications/web")).unwrap();
    std::fs::write(
        lab.path().join("applications/web/deploy.rhai"),
        "let x = \"10.1.1.1\";",
    )
    .unwrap();
    let errors = Docs::parse("D", "## A\n| X | Y |\n|--|--|\n| 1 |\n").unwrap_err();
    let library = Library {
        lab: lab.path().to_owned(),
        embedded: MODULES,
    };
    let (files, unreadable) = super::gather(lab.path());
    assert!(unreadable.is_empty());
    let findings = check(&Request {
        engine: &engine(),
        library: &library,
        files,
        docs: Err(&errors),
        operations: operations(),
        why_unset: &|_| None,
    });
    let found: Vec<(Severity, String)> = findings
        .iter()
        .map(|finding| {
            (
                finding.severity,
                finding.place.as_ref().unwrap().to_string(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                Severity::Error,
                "applications/web/deploy.rhai:1:9".to_owned()
            ),
            (Severity::Error, "docs/D.md:4:1".to_owned()),
            (Severity::Note, "stdlib/network.rhai:1:1".to_owned()),
        ]
    );
}

#[test]
fn a_module_may_read_tables_that_this_lab_does_not_have() {
    let embedded =
        found("import \"stdlib/network\" as network;\nstep(\"a\", \"A\", || network::other());");
    assert_eq!(embedded, Vec::new());
    let own = found_in(&[(
        "stdlib/own.rhai",
        b"fn racks() { facts::table(\"MACHINES\", \"Racks\") }",
    )]);
    let briefly: Vec<(Severity, Code)> = own
        .into_iter()
        .map(|finding| (finding.severity, finding.code))
        .collect();
    assert_eq!(briefly, [(Severity::Warning, code::docs::no_table)]);
}
