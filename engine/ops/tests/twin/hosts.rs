//! What hosts don't take: each is refused in a plan as in a run, with the same words. What is another spelling of the same is no
//! change.

use world::code::{self, Code};

use crate::lab::{Lab, changes};

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

#[test]
fn paths_that_no_host_has() {
    let relative = [
        r#"host::file("pve1", "x", #{})"#,
        r#"host::line("pve1", "x", #{ line: "a" })"#,
        r#"host::block("pve1", "x", #{ content: "a" })"#,
        r#"host::directory("pve1", "srv", #{})"#,
        r#"host::link("pve1", "x", #{ target: "y" })"#,
        r#"host::download("pve1", "x", #{ url: "https://a/b", sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" })"#,
        r#"host::mount("pve1", "none", #{ source: "/swap", fstype: "swap" })"#,
        r#"host::mount("pve1", " /test", #{ source: "a", fstype: "nfs" })"#,
        r#"host::mounted("pve1", "srv", #{})"#,
        r#"host::wait_for("pve1", #{ path: "srv" })"#,
        r#"host::command("pve1", "true", #{ creates: "srv" })"#,
        r#"host::repository("pve1", "a", #{ signed_by: "a.gpg" })"#,
        r#"host::user("pve1", "ops", #{ shell: "bash" })"#,
    ];
    refused(
        "",
        code::runbook::argument,
        &relative.map(|call| (call, "it doesn't begin with a slash")),
    );
    let others = [
        (
            r#"host::file("pve1", "/root/x/", #{})"#,
            "is the path of a folder",
        ),
        (r#"host::file("pve1", "", #{})"#, "a path is needed"),
    ];
    refused("", code::runbook::argument, &others);
}

#[test]
fn modes_and_names_that_are_none() {
    let calls = [
        (
            r#"host::file("pve1", "/etc/x", #{ mode: "999" })"#,
            "is no mode",
        ),
        (
            r#"host::file("pve1", "/etc/x", #{ mode: "" })"#,
            "is no mode",
        ),
        (
            r#"host::directory("pve1", "/srv", #{ mode: "u+x" })"#,
            "is no mode",
        ),
        (
            r#"host::file("pve1", "/etc/x", #{ owner: "a:b" })"#,
            "is no name of a user",
        ),
        (r#"host::user("pve1", "a:b", #{})"#, "is no name of a user"),
    ];
    refused("", code::runbook::argument, &calls);
}

#[test]
fn values_that_their_files_have_no_room_for() {
    let calls = [
        (
            r#"host::user("pve1", "ops", #{ comment: "Ops: team" })"#,
            "`comment` has a colon",
        ),
        (
            r#"host::user("pve1", "ops", #{ comment: "a\nb" })"#,
            "`comment` has a colon",
        ),
        (
            r#"host::user("pve1", "ops", #{ home: "/home/a:b" })"#,
            "`home` has a colon",
        ),
        (
            r#"host::authorized_key("pve1", "root", #{ key: "ssh-ed25519 AAAA", options: "from=\"1.2.3.4" })"#,
            "sshd doesn't understand the options",
        ),
        (
            r#"host::sysctl("pve1", "vm.swappiness", #{ value: "" })"#,
            "vm.swappiness is a number: 60",
        ),
    ];
    refused("", code::runbook::argument, &calls);
}

#[test]
fn owners_that_are_not_there() {
    refused(
        r#"host::file("pve1", "/srv/x", #{ content: "x" });"#,
        code::host::failed,
        &[
            (
                r#"host::file("pve1", "/srv/x", #{ owner: "nosuch" })"#,
                "invalid user: 'nosuch:root'",
            ),
            (
                r#"host::file("pve1", "/srv/y", #{ content: "y", group: "nosuch" })"#,
                "invalid group: 'root:nosuch'",
            ),
            (
                r#"host::directory("pve1", "/srv/z", #{ owner: "nosuch" })"#,
                "invalid user: 'nosuch:root'",
            ),
            (
                r#"host::download("pve1", "/srv/d", #{ owner: "nosuch", url: "https://a/b", sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" })"#,
                "invalid user: 'nosuch:root'",
            ),
        ],
    );
}

#[test]
fn another_key_for_a_release_that_another_list_has() {
    let own = r#"host::repository("pve1", "b", #{ uris: ["http://a.example/debian"], suites: ["trixie"], components: ["main"], signed_by: "/usr/share/keyrings/b.gpg" "#;
    let first = r#"host::file("pve1", "/etc/apt/sources.list.d/a.list", #{ content: "deb [signed-by=/usr/share/keyrings/a.gpg] http://a.example/debian/ trixie main\n" });"#;
    refused(
        first,
        code::host::overridden,
        &[(
            &format!("{own}}})"),
            r#"replaces: [\"/etc/apt/sources.list.d/a.list\"]"#,
        )],
    );
    let broken = first.replace("a.list", "z.list");
    refused(
        &format!("{own}}}); {broken}"),
        code::host::failed,
        &[(
            r#"host::packages("pve1", #{ names: ["fio"] })"#,
            "Conflicting values set for option Signed-By",
        )],
    );
    let lab = Lab::open(".");
    let source = format!(
        "{HEAD}step(\"step\", \"Step\", || {{ {first} {own}, replaces: [\"/etc/apt/sources.list.d/a.list\"] }}) }});\n"
    );
    assert!(lab.run(&source).unwrap().finished.failure.is_none());
}

#[test]
fn nothing_in_another_spelling_of_a_path() {
    let lab = Lab::open(".");
    let source = format!(
        r#"{HEAD}step("step", "Step", || {{
            host::directory("pve1", "/srv//b/", #{{}});
            host::file("pve1", "/srv/b/./f", #{{ content: "x" }});
            host::line("pve1", "/srv///b/g", #{{ line: "y", create: true }});
            host::line("pve1", "/etc/fstab", #{{ line: "/dev/x //srv/./y ext4 noauto" }});
            host::mount("pve1", "/srv//y/", #{{ source: "/dev/x", fstype: "ext4", options: ["noauto"], state: "fstab" }});
        }});
"#
    );
    assert_eq!(lab.run(&source).unwrap().finished.failure, None);
    assert_eq!(changes(&lab.run(&source).unwrap()), [] as [&str; 0]);
}

#[test]
fn a_module_that_another_file_keeps_from_being_loaded() {
    refused(
        r#"host::file("pve1", "/etc/modprobe.d/a.conf", #{ content: "blacklist vfio_pci\n" });"#,
        code::host::overridden,
        &[(
            r#"host::kernel_module("pve1", "vfio-pci", #{})"#,
            "/etc/modprobe.d/a.conf on pve1 says `blacklist vfio_pci`, and holds whatever",
        )],
    );
}
