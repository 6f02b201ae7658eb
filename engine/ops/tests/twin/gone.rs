//! What nobody wants any more: homelab removes what it made itself, and tells the rest.

use runbook::journal::Entry;

use crate::lab::{Lab, changes, trouble};

fn source(body: &str) -> String {
    format!(
        r#"runbook("example", "1.0.0");
proxmox::connect(#{{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") }});
step("all", "All", || {{ {body} }});
"#
    )
}

#[test]
fn what_homelab_did_not_make_is_told_and_stays() {
    let lab = Lab::open(".");
    let grant = source(
        r#"proxmox::group::ensure("people", #{}); proxmox::acl::ensure("/vms", #{ roles: ["PVEAuditor"], groups: ["people"] })"#,
    );
    let granted = lab.run(&grant);
    assert_eq!(trouble(&granted), None);
    // Another journal knows nothing of it.
    let only = lab.run(&source("proxmox::acl::only([])"));
    assert_eq!(trouble(&only), None);
    let only = only.unwrap();
    assert!(changes(&only).is_empty());
    let told = only.entries.iter().any(|stored| {
        matches!(&stored.entry, Entry::Note(note)
            if note.text.contains("permission PVEAuditor of group people on /vms"))
    });
    assert!(told);
    assert!(changes(&lab.run(&grant).unwrap()).is_empty());
}
