//! `homelab check` as a user sees it, and the page of every error code.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use world::code::{self, Code};

use crate::support::Lab;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A lab with the example's docs and one runbook.
fn lab(runbook: &[u8]) -> tempfile::TempDir {
    let lab = tempfile::tempdir().unwrap();
    fs::create_dir(lab.path().join("docs")).unwrap();
    fs::create_dir(lab.path().join("runbooks")).unwrap();
    for name in ["HARDWARE.md", "NETWORK.md", "SOFTWARE.md", "LINKS.md"] {
        fs::copy(
            repository().join("docs").join(name),
            lab.path().join("docs").join(name),
        )
        .unwrap();
    }
    fs::write(lab.path().join("runbooks/a.rhai"), runbook).unwrap();
    lab
}

fn check(lab: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homelab"));
    command
        .arg("check")
        .args(arguments)
        .current_dir(lab)
        .env_remove("CLUSTER_NAME")
        .output()
        .unwrap()
}

/// The findings of `--json` as `code line`, without the codes' common beginning.
fn found(lab: &Path) -> Vec<String> {
    let output = check(lab, &["--json"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    let brief = |line: &str| {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        let code = finding["code"]
            .as_str()
            .unwrap()
            .trim_start_matches("homelab::")
            .to_owned();
        format!("{code} {}", finding["place"]["line"])
    };
    lines.lines().map(brief).collect()
}

/// The names of all files under a folder.
fn names(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(names(&path));
        }
        found.insert(path);
    }
    found
}

const FIVE: &[u8] = b"runbook(\"a\", \"1.0.0\");\nlet name = env(\"CLUSTER_NAME\");\nlet n = 0;\n\
    step(\"a\", \"A\", || { n += 1; n });\n\
    step(\"a\", \"B\", || proxmox::storage::ensur(\"isos\", #{ type: \"nfs\" }));\n\
    proxmox::connect(#{ nodes: [], user: \"root@pam\", passwrd: secret(\"SET\") });\n";

#[test]
fn five_mistakes_make_five_reports_and_touch_nothing() {
    let lab = lab(FIVE);
    fs::write(lab.path().join(".envrc"), "export SET='a secret'\n").unwrap();
    let before = names(lab.path());
    let expected = [
        "environment::missing 2",
        "runbook::captured 4",
        "step::twice 5",
        "runbook::function 5",
        "runbook::field 6",
    ];
    assert_eq!(found(lab.path()), expected);
    let output = check(lab.path(), &["runbooks/a.rhai"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    for part in [
        "runbooks/a.rhai:4:",
        "did you mean `proxmox::storage::ensure(",
        "did you mean `password`?",
        "5 errors",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours without a terminal");
    assert_eq!(names(lab.path()), before);
}

#[test]
fn a_sound_runbook_is_exit_code_0() {
    let lab = lab(b"runbook(\"a\", \"1.0.0\");\nstep(\"a\", \"A\", || 1);\n");
    let output = check(lab.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "1 script and docs/: no mistakes\n"
    );
}

#[test]
fn reports_a_script_that_is_not_text_and_docs_that_do_not_fit() {
    let lab = lab(b"runbook(\"a\", \"1.0.0\");\n\xff\n");
    let table = "\n## Racks\n\n| Rack | Node → Nodes |\n| --- | --- |\n| 1 | pve11 |\n";
    let hardware = lab.path().join("docs/HARDWARE.md");
    let text = fs::read_to_string(&hardware).unwrap();
    let line = text.lines().count() + 6;
    fs::write(&hardware, text + table).unwrap();
    assert_eq!(
        found(lab.path()),
        [
            format!("docs::dangling {line}"),
            "runbook::not_text 2".to_owned()
        ]
    );
}

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    let page = |path: &PathBuf| {
        path.file_stem()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let pages: BTreeSet<String> = names(&repository().join("docs/errors"))
        .iter()
        .filter_map(page)
        .collect();
    let wanted: BTreeSet<String> = code::ALL.iter().map(Code::page).collect();
    assert_eq!(
        wanted.difference(&pages).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "codes without a page"
    );
    assert_eq!(
        pages.difference(&wanted).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "pages without a code"
    );
    for code in code::ALL {
        let name = code.page();
        let text = fs::read_to_string(repository().join(format!("docs/errors/{name}.md"))).unwrap();
        assert!(
            text.starts_with(&format!("# {code}\n")),
            "{name}.md has another heading"
        );
    }
}

#[test]
fn every_error_code_is_given_to_an_error() {
    let mut given = BTreeSet::new();
    for path in names(&repository().join("engine"))
        .iter()
        .filter(|path| path.extension().is_some_and(|own| own == "rs"))
    {
        let source = fs::read_to_string(path).unwrap();
        let is_path = |letter: char| letter.is_ascii_alphanumeric() || "_:".contains(letter);
        let paths = source.split(|letter| !is_path(letter));
        given.extend(
            paths
                .filter_map(|path| path.strip_prefix("code::"))
                .map(str::to_owned),
        );
    }
    let unused: Vec<&Code> = code::ALL
        .iter()
        .filter(|code| !given.contains(code.as_str().trim_start_matches("homelab::")))
        .collect();
    assert_eq!(unused, Vec::<&Code>::new());
}

#[test]
fn imports_in_a_circle_are_an_error_in_every_command() {
    let lab = Lab::small();
    lab.write(
        "stdlib/one.rhai",
        "import \"stdlib/two\" as two;\nfn a() { two::b() }\n",
    );
    lab.write(
        "stdlib/two.rhai",
        "\nimport \"stdlib/one\" as one;\nfn b() { one::a() }\n",
    );
    let source = lab.read("runbooks/small.rhai");
    lab.write(
        "runbooks/small.rhai",
        &format!("import \"stdlib/one\" as one;\n{source}"),
    );
    for (arguments, status) in [
        (&["check"][..], 3),
        (&["plan", "runbooks/small.rhai", "--twin"], 3),
        (&["run", "runbooks/small.rhai", "--twin"], 3),
    ] {
        let answer = lab.run(arguments);
        assert_eq!(answer.status, status, "{answer:?}");
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(said.contains("homelab::runbook::circle"), "{said}");
        assert!(
            said.contains("stdlib/one.rhai → stdlib/two.rhai → stdlib/one.rhai"),
            "{said}"
        );
        assert!(said.contains("stdlib/two.rhai:2:8"), "{said}");
    }
}
