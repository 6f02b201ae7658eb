//! What docs say is what a lab gets: what doesn't fit is found before anything starts, and every row counts.

use std::fs;

use serde_json::Value;

use crate::{
    phase1::{RUN, example},
    support::{Answer, Lab},
};

const HARDWARE: &str = "docs/HARDWARE.md";
const NETWORK: &str = "docs/NETWORK.md";
const SOFTWARE: &str = "docs/SOFTWARE.md";

/// The findings in docs and `twin.rhai`: code, file, line and column.
fn found(lab: &Lab) -> Vec<String> {
    let answer = lab.run(&["check", "--json"]);
    let about = |finding: &Value| {
        let place = &finding["place"];
        let (code, file) = (finding["code"].as_str()?, place["file"].as_str()?);
        let is_runbooks = file.starts_with("runbooks/");
        let code = code.trim_start_matches("homelab::");
        (!is_runbooks).then(|| format!("{code} {file}:{}:{}", place["line"], place["column"]))
    };
    answer.json().iter().filter_map(about).collect()
}

/// The line and character at which a text stands in a file.
fn place(lab: &Lab, file: &str, text: &str) -> String {
    let whole = lab.read(file);
    let at = whole.find(text).unwrap();
    let begin = whole[..at].rfind('\n').unwrap() + 1;
    let line = whole[..begin].lines().count() + 1;
    format!("{file}:{line}:{}", whole[begin..at].chars().count() + 1)
}

fn runs_and_then_changes_nothing(lab: &Lab) -> Answer {
    let first = lab.run(RUN).exits(0);
    assert_eq!(lab.run(RUN).exits(0).finished()["changes"], 0);
    first
}

#[test]
fn what_a_plan_would_refuse_is_found_at_its_cell_before_it() {
    let lab = example();
    lab.replace(HARDWARE, "| 128 GiB |", "| 32 lots |");
    lab.replace(SOFTWARE, "| nightly | 02:30 |", "| nightly | at dawn |");
    let wanted = [
        format!("docs::bad_value {}", place(&lab, HARDWARE, "32 lots")),
        format!("docs::bad_value {}", place(&lab, SOFTWARE, "at dawn")),
    ];
    assert_eq!(found(&lab), wanted);
    let planned = lab
        .run(&["plan", "runbooks/phase1.rhai", "--twin"])
        .exits(3);
    assert!(
        planned.stderr.contains("'32 lots' isn't a size: 64 GiB"),
        "{}",
        planned.stderr
    );
    let caret = planned
        .stderr
        .lines()
        .find(|line| line.contains("──"))
        .map(str::to_owned);
    assert!(caret.is_some(), "{}", planned.stderr);
}

#[test]
fn a_row_behind_a_comment_or_a_blank_line_is_never_lost() {
    for between in ["\n", "<!-- the small ones -->\n", "The small ones:\n"] {
        let lab = example();
        let row = "| pve2 | 10.10.10.12/24 |";
        lab.replace(HARDWARE, row, &format!("{between}{row}"));
        let wanted = format!("docs::stray {}", place(&lab, HARDWARE, row));
        assert_eq!(found(&lab), [wanted], "{between}");
        lab.run(RUN).exits(3);
    }
}

#[test]
fn two_rows_about_one_disk_are_one_mistake() {
    let lab = example();
    lab.replace(
        HARDWARE,
        "| pve1 | /dev/nvme1n1 |",
        "| pve1 | /dev/nvme0n1 |",
    );
    assert_eq!(found(&lab).len(), 1);
    assert!(found(&lab)[0].starts_with("docs::row_twice docs/HARDWARE.md:"));
}

#[test]
fn a_renamed_node_is_one_finding() {
    let lab = example();
    lab.replace(
        HARDWARE,
        "| pve3 | 10.10.10.13/24 |",
        "| pve4 | 10.10.10.13/24 |",
    );
    assert_eq!(found(&lab).len(), 1);
    let text = lab.run(&["check"]).exits(3).stdout;
    for part in [
        "12 other cells say the same",
        "docs/NETWORK.md:",
        "did you mean 'pve4'?",
    ] {
        assert!(text.contains(part), "{part} isn't in {text}");
    }
}

#[test]
fn a_lab_without_repositories_targets_and_versions_works() {
    let lab = example();
    without_table(&lab, SOFTWARE, "Repositories");
    without_table(&lab, SOFTWARE, "Versions");
    without_table(&lab, HARDWARE, "Targets");
    let text: Vec<String> = lab
        .read(SOFTWARE)
        .lines()
        .filter(|line| !line.starts_with("| san"))
        .map(|line| format!("{line}\n"))
        .collect();
    lab.write(SOFTWARE, &text.concat());
    assert_eq!(found(&lab), Vec::<String>::new());
    // The installer's repositories stay, and those give packages to subscribers alone.
    let run = [RUN, &["--arg", "measure=false"]].concat();
    lab.run(&run).exits(0);
    assert_eq!(lab.run(&run).exits(0).finished()["changes"], 0);
}

/// Takes a table out of a document, with its heading.
fn without_table(lab: &Lab, file: &str, title: &str) {
    let text = lab.read(file);
    let begin = text.find(&format!("\n## {title}\n")).unwrap();
    let end = text[begin + 1..]
        .find("\n## ")
        .map_or(text.len(), |at| begin + 1 + at);
    lab.write(file, &[&text[..begin], &text[end..]].concat());
}

#[test]
fn every_token_of_docs_is_made_and_kept() {
    let lab = example();
    let row = "| runbooks | homelab@pve | yes | Used by homelab |";
    lab.replace(
        SOFTWARE,
        row,
        &format!("{row}\n| back.up | homelab@pve | no | Reads |"),
    );
    let first = runs_and_then_changes_nothing(&lab);
    let made = first
        .json()
        .iter()
        .filter(|event| event["event"] == "intent")
        .filter(|event| {
            let name = event["change"]["resource"].as_str().unwrap_or_default();
            name.starts_with("token ") && event["change"]["kind"] == "create"
        })
        .count();
    assert_eq!(made, 2);
    for name in [
        "PROXMOX_TOKEN_SECRET",
        "PROXMOX_TOKEN_SECRET_HOMELAB_PVE_BACK_UP",
        "PROXMOX_TOKEN_ID_HOMELAB_PVE_BACK_UP",
    ] {
        let keeps = |event: &Value| event["change"]["after"].get(name).is_some();
        assert!(first.json().iter().any(keeps), "{name}");
    }
}

#[test]
fn pools_of_docs_are_made() {
    let lab = example();
    let pools =
        "\n## Pools\n\n| Pool | Comment |\n| --- | --- |\n| lab | All of it |\n| lab/tests | - |\n";
    lab.write(SOFTWARE, &[&lab.read(SOFTWARE), pools].concat());
    runs_and_then_changes_nothing(&lab);
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    assert!(export.contains("All of it") && export.contains("lab/tests"));
}

#[test]
fn only_the_nodes_of_a_storage_have_to_reach_what_it_is_on() {
    let lab = example();
    for row in [
        "isos | - | - | - | iso, vztmpl, import |",
        "backups | - | - | - | backup |",
        "- | volumes | - | - | none |",
    ] {
        lab.replace(SOFTWARE, &format!("{row} - |"), &format!("{row} pve1 |"));
    }
    lab.replace(
        SOFTWARE,
        "| san | san | images, rootdir | - |",
        "| san | san | images, rootdir | pve1 |",
    );
    let first = lab.run(RUN).exits(0);
    let mut asked: Vec<String> = first
        .json()
        .iter()
        .filter(|event| event["event"] == "operation_started")
        .filter_map(|event| {
            event["operation"]["step"]
                .as_str()?
                .strip_prefix("1.4-reach/")
                .map(str::to_owned)
        })
        .collect();
    asked.dedup();
    assert_eq!(asked, ["pve1"]);
}

#[test]
fn a_nodes_ipv6_address_in_a_vlan_is_one() {
    let lab = example();
    let vlan = "| 99 | quarantine |";
    let six = "| 45 | six | fd00:45::/64 | - | Of the new kind |";
    lab.replace(NETWORK, vlan, &format!("{six}\n{vlan}"));
    let row = "| pve1 | vmbr1.20 | vmbr1 | 20 | 10.10.20.11/24 | storage |";
    let own = "| pve1 | vmbr1.45 | vmbr1 | 45 | fd00:45::11/64 | - |";
    lab.replace(NETWORK, row, &format!("{row}\n{own}"));
    runs_and_then_changes_nothing(&lab);
    let export = lab.run(&["twin", "export"]).exits(0).stdout;
    assert!(export.contains("\"cidr6\": \"fd00:45::11/64\""), "{export}");
    // In a VLAN of the other kind there's no such address.
    lab.replace(NETWORK, own, &own.replace("| 45 |", "| 40 |"));
    let wanted = format!("docs::bad_value {}", place(&lab, NETWORK, "fd00:45::11/64"));
    assert_eq!(found(&lab), [wanted]);
}

#[test]
fn the_examples_keys_open_no_node_of_a_real_lab() {
    let lab = example();
    lab.write(".envrc", "export CLUSTER_NAME='cellar'\nexport PROXMOX_PASSWORD='its own word'\nexport ISCSI_CHAP_PASSWORD='another'\n");
    let refused = lab.run(&["run", "runbooks/phase1.rhai"]).exits(3);
    for part in [
        "homelab::docs::example",
        "the key of admin is the example lab's",
        "the key of homelab",
        "docs/SOFTWARE.md:",
    ] {
        assert!(
            refused.stderr.contains(part),
            "{part} isn't in {}",
            refused.stderr
        );
    }
    assert!(!fs::exists(lab.path(".homelab/journal.db")).unwrap());
}

#[test]
fn a_mistake_in_the_twins_script_is_found_by_check() {
    let lab = example();
    let wrong = [
        (
            "#{ installed: true,\n  comands: [] }\n",
            "twin::script twin.rhai:1:1",
        ),
        (
            "#{ installed: true,\n  storage: ; }\n",
            "twin::script twin.rhai:2:12",
        ),
    ];
    for (script, wanted) in wrong {
        lab.write("twin.rhai", script);
        assert_eq!(found(&lab), [wanted]);
    }
    let text = lab.run(&["check"]).exits(3).stdout;
    assert!(
        text.contains("twin.rhai doesn't say how the twin starts"),
        "{text}"
    );
}

#[test]
fn the_twins_script_is_read_again_when_it_changes() {
    let lab = Lab::small();
    let script = |text: &str| {
        format!("#{{ installed: true, commands: [#{{ run: \"say\", output: \"{text}\" }}] }}\n")
    };
    lab.write("twin.rhai", &script("one"));
    lab.write("runbooks/say.rhai", SAY);
    let said = |lab: &Lab| {
        let answer = lab
            .run(&["run", "runbooks/say.rhai", "--twin", "--fresh"])
            .exits(0);
        (answer.stdout, answer.stderr)
    };
    assert!(said(&lab).0.contains("it says one"));
    lab.write("twin.rhai", &script("two"));
    let (stdout, stderr) = said(&lab);
    assert!(stdout.contains("it says two"), "{stdout}");
    assert!(!stderr.contains("begins otherwise"), "{stderr}");
    // What only a new beginning changes is said.
    lab.write(
        "twin.rhai",
        &script("two").replace(
            "installed: true,",
            "installed: true, options: #{ language: \"de\" },",
        ),
    );
    let note = "twin.rhai begins otherwise than this twin did: `homelab twin reset` begins anew";
    assert!(said(&lab).1.contains(note));
    lab.run(&["twin", "reset"]).exits(0);
    assert!(!said(&lab).1.contains(note));
}

/// Has a node say something by a command that only `twin.rhai` knows.
const SAY: &str = r#"runbook("say", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
step("say", "Say it", || {
    let said = host::command("pve1", "say", #{ }).output;
    print(`it says ${said}`);
});
"#;
