//! Files of hosts as others left them: what operations and the twin read there, and what they leave as it is.

use world::host::{Call, Verb};

use crate::lab::{Lab, changes, trouble};

const HEAD: &str = r#"runbook("formats", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root" });
"#;

/// Plans and runs one step; the plan has to have the run's changes. Gives how many.
#[track_caller]
fn changed(lab: &Lab, body: &str) -> usize {
    let source = format!("{HEAD}step(\"a\", \"A\", || {{ {body} }});\n");
    let planned = lab.plan(&source);
    assert_eq!(trouble(&planned), None);
    let done = lab.run(&source);
    assert_eq!(trouble(&done), None);
    let done = changes(&done.unwrap());
    assert_eq!(changes(&planned.unwrap()), done);
    done.len()
}

/// Puts bytes on a node.
fn put(lab: &Lab, path: &str, bytes: &[u8]) {
    let call = Call::new(Verb::WRITE, [path, "644", "root", "root"]).with_input(bytes.to_vec());
    assert_eq!(lab.call(call).status, 0);
}

/// The bytes of a file of a node.
fn bytes(lab: &Lab, path: &str) -> Vec<u8> {
    lab.call(Call::new(Verb::READ, [path])).output.to_vec()
}

#[test]
fn a_repository_is_off_by_every_word_that_apt_takes_for_no() {
    let lab = Lab::open(".");
    let path = "/etc/apt/sources.list.d/pve-enterprise.sources";
    let on = r#"host::repository("pve1", "pve-enterprise", #{ enabled: true });"#;
    for (value, changes) in [
        ("No", 1),
        ("0", 1),
        ("FALSE", 1),
        ("\n off", 1),
        ("yes", 0),
        ("1", 0),
    ] {
        let text = format!("Types: deb\nURIs: http://a\nSuites: b\nEnabled: {value}\n");
        put(&lab, path, text.as_bytes());
        assert_eq!(changed(&lab, on), changes, "{value:?}");
        assert_eq!(changed(&lab, on), 0, "{value:?}");
    }
}

#[test]
fn packages_come_from_every_file_that_apt_reads() {
    let install = r#"host::packages("pve1", #{ names: ["htop"] });"#;
    for (name, text) in [
        (
            "a.sources",
            "Types:\n deb\nURIs:\n http://deb.debian.org/debian\nSuites: trixie\nComponents:\n main\n",
        ),
        (
            "a.list",
            "deb [signed-by=/a] http://deb.debian.org/debian trixie main\n",
        ),
    ] {
        let lab = Lab::open(".");
        let off = ["debian", "pve-enterprise", "ceph"]
            .map(|name| format!("host::repository(\"pve1\", \"{name}\", #{{ enabled: false }});"));
        assert_eq!(changed(&lab, &off.concat()), 3);
        put(
            &lab,
            &format!("/etc/apt/sources.list.d/{name}"),
            text.as_bytes(),
        );
        assert!(changed(&lab, install) > 0, "{name}");
    }
}

#[test]
fn what_is_no_text_stays_where_a_line_is_edited() {
    for (path, body, new) in [
        (
            "/etc/fstab",
            r#"host::mount("pve1", "/m", #{ source: "/srv", fstype: "bind", state: "fstab" });"#,
            "/srv /m none bind 0 0\n",
        ),
        (
            "/etc/sysctl.d/x.conf",
            r#"host::sysctl("pve1", "vm.swappiness", #{ value: 10, file: "x" });"#,
            "vm.swappiness = 10\n",
        ),
        (
            "/etc/modprobe.d/vfio-pci.conf",
            r#"host::kernel_module("pve1", "vfio-pci", #{ options: "ids=1:2" });"#,
            "options vfio-pci ids=1:2\n",
        ),
    ] {
        let lab = Lab::open(".");
        let old = b"# f\xfcr uns\r\n\n";
        put(&lab, path, old);
        assert!(changed(&lab, body) > 0, "{path}");
        assert_eq!(
            bytes(&lab, path),
            [old.as_slice(), new.as_bytes()].concat(),
            "{path}"
        );
        assert_eq!(changed(&lab, body), 0, "{path}");
    }
}

#[test]
fn what_is_no_text_is_not_taken_for_an_empty_file() {
    let lab = Lab::open(".");
    put(&lab, "/x", b"f\xfcr\n");
    for (body, new) in [
        (
            r#"host::line("pve1", "/x", #{ line: "a" });"#,
            &b"f\xfcr\na\n"[..],
        ),
        (
            r#"host::block("pve1", "/x", #{ name: "a", content: "b" });"#,
            b"f\xfcr\na\n# BEGIN homelab a\nb\n# END homelab a\n",
        ),
        (
            r#"host::line("pve1", "/x", #{ line: "fur", replaces: "^f.r$" });"#,
            b"fur\na\n# BEGIN homelab a\nb\n# END homelab a\n",
        ),
    ] {
        assert_eq!(changed(&lab, body), 1, "{body}");
        assert_eq!(bytes(&lab, "/x"), new);
        assert_eq!(changed(&lab, body), 0, "{body}");
    }
}
