//! Every answer file that docs make is checked against the keys that the installer documents.

use world::install::{AnswerFile, keys};

use crate::lab::{Lab, step_value, trouble};

const FILES: &str = r#"import "stdlib/install" as install;
runbook("files", "1.0.0");
let nodes = facts::table("HARDWARE", "Nodes");
step("files", "Files", || nodes.map(|node| {
    proxmox::answer_file(install::wanted(node, secret("PROXMOX_PASSWORD"))).text
}));
"#;

/// The answer files of a lab's nodes, with a hash in the masked one's place.
fn files(folder: &str) -> Vec<String> {
    let outcome = Lab::open(folder).run(FILES);
    assert_eq!(trouble(&outcome), None, "{folder}");
    let texts = step_value(&outcome.unwrap(), "files").unwrap();
    let hashed = |text: &serde_json::Value| {
        let text = text.as_str().unwrap();
        assert!(text.contains("root-password-hashed = \"***\""), "{text}");
        text.replace("***", "$6$rounds=5000$saltsalt$0123456789abcdef")
    };
    texts.as_array().unwrap().iter().map(hashed).collect()
}

#[test]
fn the_files_of_both_labs_have_documented_keys_types_and_values() {
    for (folder, count) in [(".", 3), ("tests/cases/second-lab", 2)] {
        let files = files(folder);
        assert_eq!(files.len(), count, "{folder}");
        for text in files {
            let table = text.parse().unwrap();
            assert_eq!(keys::mistakes(&table), Vec::<String>::new(), "{text}");
            AnswerFile::read(&text).unwrap();
        }
    }
}

#[test]
fn a_file_says_what_docs_say() {
    let first = &files(".")[0];
    for line in [
        "fqdn = \"pve1.lab.home.arpa\"",
        "timezone = \"Europe/Berlin\"",
        "cidr = \"10.10.10.11/24\"",
        "dns = \"10.10.10.1\"",
        "ID_NET_NAME_MAC = \"*3cecef4a1020\"",
        "ID_SERIAL_SHORT = \"S5GXNX0T401881K\"",
    ] {
        assert!(first.contains(line), "{line} in {first}");
    }
    let other = &files("tests/cases/second-lab")[1];
    assert!(other.contains("disk-list = [\"sda\", \"sdb\"]"), "{other}");
    assert!(
        other.contains("[disk-setup.zfs]\nraid = \"raid1\""),
        "{other}"
    );
}
