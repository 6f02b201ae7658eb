//! What hosts don't take: each is refused in a plan as in a run, with the same words.

use world::code::{self, Code};

use crate::lab::Lab;

const HEAD: &str = r#"runbook("hosts", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
"#;

/// Runs a step that prepares, then for each of some calls a plan and a run, which have to end with `code` and to name its words.
fn refused(prepare: &str, code: Code, calls: &[(&str, &str)]) {
    let lab = Lab::open(".");
    let step = |body: &str| format!("{HEAD}step(\"step\", \"Step\", || {{ {body} }});\n");
    let prepared = lab.run(&step(prepare)).unwrap().finished.failure;
    assert!(prepared.is_none(), "{prepared:?}");
    for (call, named) in calls {
        for outcome in [lab.plan(&step(call)), lab.run(&step(call))] {
            let failure = outcome.unwrap().finished.failure;
            let failure = failure.unwrap_or_else(|| panic!("{call} is taken"));
            let text = format!("{failure}\n{failure:?}");
            assert_eq!(failure.code, code, "{call}: {text}");
            assert!(text.contains(named), "{call}: {named} in {text}");
        }
    }
}

#[test]
fn a_setting_of_sshd_that_its_own_file_has_before_it_includes_others() {
    refused(
        r#"host::file("pve1", "/etc/ssh/sshd_config", #{ content: "X11Forwarding Yes\nMatch User bob\nMaxSessions 2\nInclude other.conf\nMatch all\nInclude sshd_config.d/*.conf\nMaxSessions 3\nPermitRootLogin yes\n" });
           host::file("pve1", "/etc/ssh/other.conf", #{ content: "MaxSessions 4\n" });
           host::file("pve1", "/etc/ssh/sshd_config.d/.hidden.conf", #{ content: "MaxSessions 5\n" });
           host::sshd_config("pve1", "50-lab", #{ settings: #{ MaxSessions: 6 } });
           host::file("pve1", "/etc/ssh/sshd_config.d/10-vendor.conf", #{ content: "Include /etc/ssh/vendor/*/x.conf\n" });
           host::directory("pve1", "/etc/ssh/vendor/a", #{ parents: true });
           host::file("pve1", "/etc/ssh/vendor/a/x.conf", #{ content: "\nMaxAuthTries 2\n" });"#,
        code::host::sshd_shadowed,
        &[
            (
                r#"host::sshd_config("pve1", "00-lab", #{ settings: #{ X11Forwarding: false } })"#,
                "X11Forwarding of sshd on pve1 stays 'yes': /etc/ssh/sshd_config:1 sets it first",
            ),
            (
                r#"host::sshd_config("pve1", "00-lab", #{ settings: #{ X11Forwarding: false } })"#,
                "no name sorts before that line: take it out of /etc/ssh/sshd_config",
            ),
            (
                r#"host::sshd_config("pve1", "20-lab", #{ settings: #{ MaxAuthTries: 3 } })"#,
                "/etc/ssh/vendor/a/x.conf:2 sets it first",
            ),
        ],
    );
}

#[test]
fn lines_of_sshd_that_are_about_those_behind_them() {
    refused(
        "",
        code::runbook::argument,
        &[
            (
                r#"host::sshd_config("pve1", "a", #{ settings: #{ Match: "User bob", AllowTcpForwarding: true } })"#,
                "`Match` is about the lines behind it",
            ),
            (
                r#"host::sshd_config("pve1", "a", #{ settings: #{ Banner: "/etc/x\r" } })"#,
                "`Banner` is neither text",
            ),
        ],
    );
}
