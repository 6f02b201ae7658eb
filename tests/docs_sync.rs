//! What runs learn, offered as edits of docs: on the twin, through a served one, and written for the lab itself.

use serde_json::Value;

use crate::{
    phase1::{RUN, RUN_VIA, example},
    support::{Answer, Lab},
};

const SYNC: &[&str] = &["docs", "sync", "--twin"];
const PLAIN_RUN: &[&str] = &["run", "runbooks/phase1.rhai", "--twin"];
const HARDWARE: &str = "docs/HARDWARE.md";

/// The objects of `--json` with this name.
fn events(answer: &Answer, name: &str) -> Vec<Value> {
    let all = answer.json().into_iter();
    all.filter(|event| event["event"] == name).collect()
}

/// The edits as `ROW COLUMN`.
fn edits(answer: &Answer) -> Vec<String> {
    let of = |edit: &Value| {
        let row: Vec<&str> = edit["row"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key.as_str().unwrap())
            .collect();
        format!("{} {}", row.join(" "), edit["column"].as_str().unwrap())
    };
    events(answer, "edit").iter().map(of).collect()
}

#[test]
fn phase_1_on_the_twin_offers_columns_that_docs_do_not_have() {
    let lab = example();
    let before = lab.read(HARDWARE);
    lab.run(SYNC).exits(0);
    let ran = lab.run(PLAIN_RUN).exits(0);
    assert!(!ran.stdout.contains("docs differ"), "{}", ran.stdout);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\b(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", "[fingerprint]");
    settings.add_filter(r"SHA256:[A-Za-z0-9+/]{43}", "[host key]");
    settings.add_filter(r"\b[0-9A-F]{12}\b", "[serial]");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "[date]");
    let shown = lab.run(SYNC).exits(0).stdout;
    settings.bind(|| insta::assert_snapshot!("docs_sync_twin", shown));
    let present = lab
        .run(&[SYNC, &["--no-add", "--exit-code"]].concat())
        .exits(0);
    assert!(
        present.stdout.starts_with("Nothing to do"),
        "{}",
        present.stdout
    );
    lab.run(&[SYNC, &["--exit-code"]].concat()).exits(2);
    assert_eq!(lab.read(HARDWARE), before);
}

#[test]
fn cells_that_say_otherwise_are_offered_and_those_that_mean_the_same_are_not() {
    let lab = example();
    lab.run(RUN).exits(0);
    lab.replace(HARDWARE, "22413A800117", "22413A800118");
    lab.replace(HARDWARE, "3c:ec:ef:4a:12:64", "3C:EC:EF:4A:12:64");
    lab.replace(HARDWARE, "3c:ec:ef:4a:12:65", "3c:ec:ef:4a:12:66");
    lab.replace(HARDWARE, "10de:22bc | 10de:181b", "10DE:22BC | 10de:181c");
    lab.replace(
        "docs/SOFTWARE.md",
        "| Proxmox VE | 9.2 |",
        "| Proxmox VE | 9.1 |",
    );
    let offered = lab.run(&[SYNC, &["--no-add", "--json"]].concat()).exits(0);
    assert_eq!(
        edits(&offered),
        [
            "pve2 /dev/nvme0n1 Serial",
            "pve2 eno2 MAC",
            "pve1 0000:01:00.1 Subsystem",
            "Proxmox VE Version",
        ]
    );
    let version = &events(&offered, "edit")[3];
    assert_eq!(
        (&version["before"], &version["after"]),
        (&"9.1".into(), &"9.2".into())
    );
    let diff = events(&offered, "docs")[0]["diff"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        diff.contains("\n+| pve2 | eno2 | 3c:ec:ef:4a:12:65 | 2.5 Gbit/s |\n"),
        "{diff}"
    );
    let lines = |sign: &str| diff.lines().filter(|line| line.starts_with(sign)).count();
    assert_eq!((lines("+|"), lines("-|")), (4, 4), "{diff}");
}

#[test]
fn a_run_says_at_its_end_that_docs_differ() {
    let lab = example();
    lab.replace(
        "docs/SOFTWARE.md",
        "| Proxmox VE | 9.2 |",
        "| Proxmox VE | 9 |",
    );
    let ran = lab.run(PLAIN_RUN).exits(0).stdout;
    assert!(!ran.contains("docs differ"), "{ran}");
    lab.replace(
        HARDWARE,
        "| Name | Address |",
        "| Name | Kernel | Address |",
    );
    for line in [
        "| --- | --- |",
        "| pve1 | 10.10.10.11",
        "| pve2 | 10.10.10.12",
        "| pve3 | 10.10.10.13",
    ] {
        let (first, rest) = line[2..].split_once(" | ").unwrap();
        let cell = if first == "---" { "---" } else { "-" };
        lab.replace(HARDWARE, line, &format!("| {first} | {cell} | {rest}"));
    }
    let ran = lab.run(PLAIN_RUN).exits(0).stdout;
    let last = "docs differ from what this run learned in 3 places: `homelab docs sync --twin` shows them\n";
    assert!(ran.ends_with(last), "{ran}");
}

#[test]
fn a_row_that_is_gone_is_reported_and_not_added() {
    let lab = example();
    lab.run(RUN).exits(0);
    let row = "| pve3 | /dev/sda | 4 TB | Seagate IronWolf ST4000VN006 | ZW60A1QC | empty |\n";
    lab.replace(HARDWARE, row, "");
    let shown = lab.run(&[SYNC, &["--no-add"]].concat()).exits(0).stdout;
    let note = "note: HARDWARE/Disks, pve3 /dev/sda: Serial is ZW60A1QC (run 1, ";
    assert!(
        shown.contains(note) && shown.contains("no such row any more"),
        "{shown}"
    );
}

#[test]
fn what_a_twin_showed_is_never_written_and_never_offered_for_the_lab() {
    let lab = example();
    lab.run(RUN).exits(0);
    let before = lab.read(HARDWARE);
    let refused = lab.run(&[SYNC, &["--write"]].concat()).exits(3);
    assert!(
        refused.stderr.contains("homelab::docs::twin"),
        "{}",
        refused.stderr
    );
    let other = lab.run(&["docs", "sync", "--run", "1"]).exits(3);
    assert!(
        other.stderr.contains("homelab::run::other_world"),
        "{}",
        other.stderr
    );
    let live = lab.run(&["docs", "sync", "--exit-code"]).exits(0).stdout;
    assert!(live.contains("no run of this world"), "{live}");
    lab.run(&["twin", "reset"]).exits(0);
    let reset = lab.run(SYNC).exits(0).stdout;
    assert!(reset.contains("no run of this world"), "{reset}");
    assert_eq!(lab.read(HARDWARE), before);
}

#[test]
fn a_run_through_a_served_twin_learns_the_keys_that_it_really_saw() {
    let lab = example();
    let serving = lab.serve();
    lab.run(RUN_VIA).exits(0);
    let offered = lab
        .run(&["docs", "sync", "--via", "serve.json", "--json"])
        .exits(0);
    let edits = events(&offered, "edit");
    for node in serving.line["nodes"].as_array().unwrap() {
        let learned = |column: &str| {
            let is_it = |edit: &&Value| edit["row"][0] == node["name"] && edit["column"] == column;
            edits.iter().find(is_it).unwrap()["after"].clone()
        };
        assert_eq!(learned("Host key"), node["host_key"]);
        // A join gave the others new certificates, as the first node knows.
        let is_first = node["name"] == "pve1";
        assert_eq!(learned("Fingerprint") == node["fingerprint"], is_first);
    }
}

/// Looks at the first node, as a runbook for the lab itself does.
const LOOK: &str = r#"runbook("look", "1.0.0");
let nodes = facts::table("HARDWARE", "Nodes");
proxmox::connect(#{ nodes: nodes, user: "root@pam", password: secret("PROXMOX_PASSWORD") });
step("look", "Look", || {
    proxmox::node::check(#{ node: "pve1" });
    proxmox::disk::list(#{ node: "pve1" });
});
"#;

/// A lab whose first node really listens where docs say, and the twin behind it.
fn with_a_real_node() -> (Lab, Lab, crate::support::Serving) {
    let behind = Lab::small();
    let serving = behind.serve();
    let lab = Lab::small();
    lab.write("runbooks/look.rhai", LOOK);
    let node = &serving.line["nodes"][0];
    let api = node["api"].as_str().unwrap().trim_start_matches("https://");
    let pin = node["fingerprint"]
        .as_str()
        .unwrap()
        .replace(':', "")
        .to_lowercase();
    lab.replace(HARDWARE, "10.10.10.11/24", api.trim_end_matches('/'));
    let pin: Vec<&str> = (0..32).map(|at| &pin[2 * at..2 * at + 2]).collect();
    let table = [
        (
            "| Name | Address | Management",
            "| Name | Fingerprint | Address | Management",
        ),
        (
            "| --- | --- | --- | --- | --- | --- | --- |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
        ),
        ("| pve1 | 127", &format!("| pve1 | {} | 127", pin.join(":"))),
        ("| pve2 | 10", "| pve2 | - | 10"),
        ("| pve3 | 10", "| pve3 | - | 10"),
    ];
    for (from, to) in table {
        lab.replace(HARDWARE, from, to);
    }
    (lab, behind, serving)
}

#[test]
fn what_the_lab_itself_showed_is_written_on_request() {
    let (lab, _behind, serving) = with_a_real_node();
    lab.replace(HARDWARE, "S5GXNX0T401881K", "S5GXNX0T401881X");
    lab.replace(
        "docs/SOFTWARE.md",
        "| Proxmox VE | 9.2 |",
        "| Proxmox VE | 9.1 |",
    );
    let before = lab.read(HARDWARE);
    let password = serving.line["password"]
        .as_str()
        .unwrap_or("secret")
        .to_owned();
    let ran = lab
        .run_with(
            &["run", "runbooks/look.rhai"],
            &[("PROXMOX_PASSWORD", &password)],
        )
        .exits(0);
    let last =
        "docs differ from what this run learned in 2 places: `homelab docs sync` shows them\n";
    assert!(ran.stdout.ends_with(last), "{}", ran.stdout);
    let offered = lab.run(&["docs", "sync", "--exit-code", "--json"]).exits(2);
    assert_eq!(
        edits(&offered),
        ["pve1 /dev/nvme0n1 Serial", "Proxmox VE Version"]
    );
    assert_eq!(lab.read(HARDWARE), before);
    lab.run(&["docs", "sync", "--write", "--exit-code"])
        .exits(0);
    assert_eq!(
        lab.read(HARDWARE),
        before.replace("S5GXNX0T401881X", "S5GXNX0T401881K")
    );
    assert!(
        lab.read("docs/SOFTWARE.md")
            .contains("| Proxmox VE | 9.2 |")
    );
    let again = lab.run(&["docs", "sync"]).exits(0).stdout;
    assert_eq!(again, "Nothing to do: docs say what run 1 learned.\n");
}

#[test]
fn a_serial_that_docs_have_in_another_row_is_not_offered() {
    let (lab, _behind, serving) = with_a_real_node();
    // The serial that the first node's disk shows stands in a row of another one.
    lab.replace(HARDWARE, "S5GXNX0T401881K", "S5GXNX0T401881X");
    lab.replace(HARDWARE, "22413A800117", "S5GXNX0T401881K");
    let password = serving.line["password"]
        .as_str()
        .unwrap_or("secret")
        .to_owned();
    lab.run_with(
        &["run", "runbooks/look.rhai"],
        &[("PROXMOX_PASSWORD", &password)],
    )
    .exits(0);
    let shown = lab.run(&["docs", "sync"]).exits(0).stdout;
    assert!(shown.contains("which docs have in another row"), "{shown}");
    lab.run(&["docs", "sync", "--write"]).exits(0);
    let after = lab.read(HARDWARE);
    assert!(after.contains("S5GXNX0T401881X"), "{after}");
}
