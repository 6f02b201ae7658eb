//! What operations on hosts make of files as people leave them.

use world::{
    code::{self, Code},
    host::{
        Ask as _,
        verb::{Attributes, Mkdir, Read, Remove, Write},
    },
};

use crate::lab::{Lab, trouble};

const HEAD: &str = r#"runbook("left", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
"#;

/// A host with files; some are to be gone.
fn lab(files: &[(&str, Option<&str>)]) -> Lab {
    with(Lab::open("."), files)
}

fn with(lab: Lab, files: &[(&str, Option<&str>)]) -> Lab {
    for (path, text) in files {
        let folder = path.rsplit_once('/').unwrap().0;
        lab.call(Mkdir::new(folder, Attributes::of_root("755")).call());
        let reply = match text {
            Some(text) => {
                lab.call(Write::new(*path, Attributes::of_root("644"), text.to_string()).call())
            }
            None => lab.call(Remove::new(*path).call()),
        };
        assert_eq!(reply.status, 0, "{path}: {}", reply.error);
    }
    lab
}

/// What a file holds; none where there is none.
fn text(lab: &Lab, path: &str) -> Option<String> {
    let reply = lab.call(Read::new(path).call());
    (reply.status == 0).then(|| reply.text())
}

/// Carries out an operation; its value, or the code of its failure. A plan says the same.
fn run(lab: &Lab, operation: &str) -> Result<serde_json::Value, Code> {
    let source = format!("{HEAD}step(\"do\", \"Do\", || {operation});\n");
    let planned = lab.plan(&source);
    let outcome = lab.run(&source).unwrap();
    let failed = outcome.finished.failure.as_ref();
    let planned = planned
        .map(|planned| trouble(&Ok(planned)).is_some())
        .unwrap();
    assert_eq!(planned, failed.is_some(), "{operation}: {failed:?}");
    match failed {
        Some(failure) => Err(failure.code.clone()),
        None => Ok(crate::lab::step_value(&outcome, "do").unwrap()),
    }
}

const SOURCES: &str = "/etc/apt/sources.list.d/lab.sources";
const LIST: &str = "/etc/apt/sources.list.d/lab.list";
const STANZA: &str = "Types: deb\nURIs: http://a\nSuites: x\nComponents: main\nTrusted: yes\n";

#[test]
fn a_repository_that_is_not_used_is_off_already() {
    let off = STANZA.lines().map(|line| format!("#{line}\n"));
    let off = off.collect::<String>();
    for files in [
        [(SOURCES, Some(&*off)), (LIST, None)],
        [
            (SOURCES, Some(" \r\n# none\r\n")),
            (LIST, Some("# deb http://a x main\n")),
        ],
        [(SOURCES, None), (LIST, None)],
    ] {
        let lab = lab(&files);
        run(
            &lab,
            r#"host::repository("pve1", "lab", #{ enabled: false })"#,
        )
        .unwrap();
        for (path, old) in files {
            assert_eq!(text(&lab, path).as_deref(), old);
        }
    }
    let used = lab(&[(SOURCES, None), (LIST, Some("deb http://a x main\n"))]);
    let refused = run(
        &used,
        r#"host::repository("pve1", "lab", #{ enabled: false })"#,
    );
    assert_eq!(refused.unwrap_err(), code::host::overridden);
    assert_eq!(text(&used, SOURCES), None);
}

#[test]
fn a_repository_is_switched_on_whatever_word_switched_it_off() {
    for (word, end) in [
        ("no", "\n"),
        ("FALSE", "\n"),
        ("No", "\r\n"),
        ("0", "\n"),
        ("Disable", "\r\n"),
    ] {
        let plain = STANZA.replace('\n', end);
        let off = format!("{plain}Enabled: {word}{end}");
        let lab = lab(&[(SOURCES, Some(&off))]);
        run(
            &lab,
            r#"host::repository("pve1", "lab", #{ enabled: true })"#,
        )
        .unwrap();
        assert_eq!(text(&lab, SOURCES), Some(plain), "{word}");
        let lab = self::lab(&[(SOURCES, Some(&off))]);
        run(
            &lab,
            r#"host::repository("pve1", "lab", #{ enabled: false })"#,
        )
        .unwrap();
        assert_eq!(text(&lab, SOURCES), Some(off.clone()), "{word} is off");
    }
}

const GRUB: &str = "/etc/default/grub";

/// What the settings of GRUB become, and whether the host had to start again.
fn grub(always: &str, line: &str, wish: &str) -> Result<(String, bool), Code> {
    let file = format!(
        "# calm\nGRUB_CMDLINE_LINUX_DEFAULT=\"{line}\"\nGRUB_CMDLINE_LINUX=\"{always}\"\nGRUB_TIMEOUT=5\n"
    );
    let lab = lab(&[(GRUB, Some(&file))]);
    let operation = format!(r#"host::kernel_cmdline("pve1", #{{ {wish} }}).reboot_needed"#);
    let needed = run(&lab, &operation)?;
    run(&lab, r#"host::reboot("pve1", #{ when: "a test" })"#).unwrap();
    let after = run(&lab, &operation).unwrap();
    assert_eq!(
        after, false,
        "it asks for a restart again and again: {wish}"
    );
    Ok((text(&lab, GRUB).unwrap(), needed == true))
}

#[test]
fn every_parameter_that_may_stand_several_times_stays() {
    let wish = r#"present: ["video=b:off", "video=c:off"]"#;
    let (text, needed) = grub("", "quiet video=a:off", wish).unwrap();
    let line = "=\"quiet video=a:off video=b:off video=c:off\"\n";
    assert!(needed && text.contains(line), "{text}");
}

#[test]
fn what_is_to_be_gone_goes_from_every_line_of_grub() {
    let (text, needed) = grub("quiet nomodeset", "", r#"absent: ["quiet"]"#).unwrap();
    assert!(
        needed && text.contains("GRUB_CMDLINE_LINUX=\"nomodeset\"\nGRUB_TIMEOUT"),
        "{text}"
    );
    let (text, _) = grub("nomodeset", "quiet", r#"absent: ["iommu"]"#).unwrap();
    assert!(
        text.contains("=\"quiet\"\nGRUB_CMDLINE_LINUX=\"nomodeset\"\n"),
        "{text}"
    );
}

#[test]
fn a_wish_that_no_restart_fulfils_is_refused() {
    for (wish, code) in [
        (r#"absent: ["ro"]"#, code::host::overridden),
        (
            r#"present: ["iommu=pt", "iommu=off"]"#,
            code::runbook::argument,
        ),
        (
            r#"present: ["quiet"], absent: ["quiet"]"#,
            code::runbook::argument,
        ),
        (r#"absent: ["root"]"#, code::runbook::argument),
    ] {
        assert_eq!(grub("", "quiet", wish).unwrap_err(), code, "{wish}");
    }
    let lab = lab(&[(
        "/etc/default/grub.d/a.cfg",
        Some("GRUB_CMDLINE_LINUX=quiet\n"),
    )]);
    let refused = run(
        &lab,
        r#"host::kernel_cmdline("pve1", #{ absent: ["quiet"] })"#,
    );
    assert_eq!(refused.unwrap_err(), code::host::overridden);
}

#[test]
fn a_kernel_line_that_is_missing_begins_with_the_running_one() {
    const CMDLINE: &str = "/etc/kernel/cmdline";
    let on_zfs = || {
        Lab::with_machines(".", |facts| {
            for node in &mut facts.nodes {
                "zfs".clone_into(&mut node.root);
            }
        })
    };
    let running = "root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt\n";
    for (old, line, rest) in [
        (None, running, ""),
        (Some(""), running, ""),
        (Some("\n# x\n"), running, "# x\n"),
        (Some("# x\n"), running, "# x\n"),
        (Some("root=a\n# x\n"), "root=a iommu=pt\n", "# x\n"),
    ] {
        let lab = with(on_zfs(), &[(CMDLINE, old)]);
        run(
            &lab,
            r#"host::kernel_cmdline("pve1", #{ present: ["iommu=pt"] })"#,
        )
        .unwrap();
        assert_eq!(text(&lab, CMDLINE), Some([line, rest].concat()), "{old:?}");
    }
    let lab = with(on_zfs(), &[(CMDLINE, Some("quiet\n"))]);
    let refused = run(
        &lab,
        r#"host::kernel_cmdline("pve1", #{ present: ["iommu=pt"] })"#,
    );
    assert_eq!(refused.unwrap_err(), code::host::unclear_setting);
    assert_eq!(text(&lab, CMDLINE).as_deref(), Some("quiet\n"));
}

#[test]
fn a_mount_keeps_what_else_its_line_says() {
    const FSTAB: &str = "/etc/fstab";
    let wish = r#"host::mount("pve1", "/srv/media/", #{ source: "/dev/sdc1", fstype: "ext4", options: ["noatime"], state: "fstab" })"#;
    for (old, new) in [
        (
            "/dev/sdc1 /srv/media ext4 defaults 0 2 # the big disk\n",
            "/dev/sdc1 /srv/media ext4 noatime 0 2 # the big disk\n",
        ),
        (
            "/dev/sdc1\t/srv/media/\text4\tnoatime\t0\t2\r\n",
            "/dev/sdc1\t/srv/media/\text4\tnoatime\t0\t2\r\n",
        ),
        (
            "/dev/sdb1 /srv/media/ ext4 noatime 1 2",
            "/dev/sdc1 /srv/media/ ext4 noatime 1 2\n",
        ),
        ("", "/dev/sdc1 /srv/media ext4 noatime 0 0\n"),
    ] {
        let lab = lab(&[(FSTAB, Some(old))]);
        run(&lab, wish).unwrap();
        assert_eq!(text(&lab, FSTAB).as_deref(), Some(new));
        run(&lab, wish).unwrap();
        assert_eq!(
            text(&lab, FSTAB).as_deref(),
            Some(new),
            "the second run changes nothing"
        );
    }
}

#[test]
fn a_timers_command_is_run_as_it_is_written() {
    let timer = |command: &str| {
        let lab = lab(&[]);
        let operation = format!(
            r#"host::timer("pve1", "t", #{{ calendar: "daily", command: `{command}`, description: "100 %" }})"#
        );
        run(&lab, &operation)?;
        Ok(text(&lab, "/etc/systemd/system/t.service").unwrap())
    };
    let unit = timer("/bin/sh -c 'date +%u > /srv/$A'").unwrap();
    assert!(unit.contains("Description=100 %%\n"), "{unit}");
    assert!(
        unit.contains("ExecStart=/bin/sh -c 'date +%%u > /srv/$$A'\n"),
        "{unit}"
    );
    for command in [
        "/bin/a && /bin/b",
        "/bin/a | /bin/b",
        "/bin/a > /srv/b",
        "/bin/a 2>&1",
    ] {
        let refused: Code = timer(command).unwrap_err();
        assert_eq!(refused, code::runbook::argument, "{command}");
    }
}

#[test]
fn a_file_that_sets_the_same_later_is_named() {
    let module = r#"host::kernel_module("pve1", "vfio-pci", #{ options: "ids=10de:1111", loaded: false, at_boot: true })"#;
    let sysctl = r#"host::sysctl("pve1", "vm.swappiness", #{ value: 7, file: "a" })"#;
    for (operation, path, other, code) in [
        (
            module,
            "/etc/modprobe.d/vfio.conf",
            "options vfio_pci \\\n ids=10de:aaaa",
            Some(code::host::overridden),
        ),
        (
            module,
            "/etc/modprobe.d/vfio.conf",
            "options vfio-pci disable_vga=1\n#options vfio-pci ids=2",
            None,
        ),
        (
            module,
            "/etc/modprobe.d/a.conf",
            "options vfio-pci ids=10de:aaaa",
            None,
        ),
        (
            module,
            "/etc/modprobe.d/vfio.save",
            "options vfio-pci ids=10de:aaaa",
            None,
        ),
        (
            sysctl,
            "/etc/sysctl.d/b.conf",
            "vm/swappiness=1\n",
            Some(code::host::overridden),
        ),
        (
            sysctl,
            "/usr/lib/sysctl.d/b.conf",
            "-vm.swappiness = 1",
            Some(code::host::overridden),
        ),
        (sysctl, "/etc/sysctl.d/b.conf", "vm.swappiness = 7\n", None),
        (sysctl, "/etc/sysctl.d/A.conf", "vm.swappiness = 1\n", None),
    ] {
        let lab = lab(&[(path, Some(other))]);
        assert_eq!(run(&lab, operation).err(), code, "{path}: {other}");
        assert_eq!(text(&lab, path).as_deref(), Some(other));
    }
}

#[test]
fn no_operation_takes_away_the_key_that_homelab_logged_in_with() {
    const KEYS: &str = "/root/.ssh/authorized_keys";
    let own =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx1ykr9m7o0G5a7mJb2k0w4XwFQm3F3s7bq2b0x8d1E homelab";
    let old = format!("ssh-rsa AAAA x\n{own}\n");
    let lab = lab(&[(KEYS, Some(&old))]);
    let keyed = HEAD.replace(", password: secret(\"PROXMOX_PASSWORD\")", "");
    for operation in [
        format!(r#"host::file("pve1", "{KEYS}", #{{ content: "" }})"#),
        format!(r#"host::file("pve1", "{KEYS}", #{{ absent: true }})"#),
        format!(r#"host::line("pve1", "{KEYS}", #{{ replaces: "^ssh-", absent: true }})"#),
        r#"host::authorized_key("pve1", "root", #{ key: "ssh-rsa BBBB", exclusive: true })"#
            .to_owned(),
        format!(
            r#"host::authorized_key("pve1", "root", #{{ key: `{}`, options: "command=\"/bin/true\"" }})"#,
            own
        ),
    ] {
        let source = format!("{keyed}step(\"do\", \"Do\", || {operation});\n");
        let outcome = lab.run(&source).unwrap();
        let failure = outcome.finished.failure.expect(&operation);
        assert_eq!(failure.code, code::host::own_key, "{operation}");
        assert_eq!(text(&lab, KEYS).as_deref(), Some(&*old), "{operation}");
    }
}

#[test]
fn what_is_made_in_the_clusters_file_system_has_its_modes_and_owners() {
    let lab = lab(&[]);
    lab.call(Mkdir::new("/etc/pve", Attributes::of_root("755")).call());
    for operation in [
        r#"host::directory("pve1", "/etc/pve/lab", #{})"#,
        r#"host::file("pve1", "/etc/pve/lab/a.cfg", #{ content: "a\n" })"#,
        r#"host::line("pve1", "/etc/pve/lab/b.cfg", #{ line: "b", create: true })"#,
        r#"host::directory("pve1", "/etc/pve/priv/lab", #{ parents: true })"#,
        r#"host::file("pve1", "/etc/pve/priv/lab/c", #{ content: "c\n" })"#,
    ] {
        run(&lab, operation).unwrap_or_else(|code| panic!("{operation}: {code:?}"));
    }
    for wish in [r#"mode: "600""#, r#"owner: "ops""#, r#"group: "root""#] {
        let operation = format!(r#"host::file("pve1", "/etc/pve/lab/a.cfg", #{{ {wish} }})"#);
        assert_eq!(
            run(&lab, &operation).unwrap_err(),
            code::runbook::argument,
            "{wish}"
        );
    }
}

#[test]
fn a_line_that_sshd_reads_first_wins_wherever_it_stands() {
    const MAIN: &str = "/etc/ssh/sshd_config";
    const INCLUDE: &str = "Include /etc/ssh/sshd_config.d/*.conf\n";
    const ROOT: &str = "PermitRootLogin yes\n";
    let above = format!("{ROOT}X11Forwarding yes\n{INCLUDE}");
    let below = format!("{INCLUDE}{ROOT}X11Forwarding yes\n");
    let other = format!("Include own/*.conf\n{INCLUDE}{ROOT}");
    let match_above = format!("Match User bob\nX11Forwarding yes\nMatch all\n{INCLUDE}{ROOT}");
    let part = format!("Include /etc/ssh/sshd_config.d/50-*.conf\n{ROOT}");
    let nested = "Include /etc/ssh/deep/b.conf\n";
    let own = "/etc/ssh/sshd_config.d/10-x.conf";
    let set = r#"host::sshd_config("pve1", "10-x", #{ settings: #{ X11Forwarding: "No" } })"#;
    for (files, path) in [
        (vec![(MAIN, Some(&*above))], Err(())),
        (vec![(MAIN, Some(&*below))], Ok(own)),
        (vec![(MAIN, Some(&*match_above))], Ok(own)),
        (
            vec![
                (MAIN, Some(&*other)),
                ("/etc/ssh/own/z.conf", Some("X11Forwarding yes\n")),
            ],
            Err(()),
        ),
        (
            vec![
                (MAIN, Some(&*below)),
                ("/etc/ssh/sshd_config.d/05-y.conf", Some(nested)),
                ("/etc/ssh/deep/b.conf", Some("x11forwarding YES\n")),
            ],
            Err(()),
        ),
        (
            vec![
                (MAIN, Some(&*below)),
                (
                    "/etc/ssh/sshd_config.d/50-y.conf",
                    Some("X11Forwarding yes\n"),
                ),
            ],
            Ok(own),
        ),
        (vec![(MAIN, Some(&*part))], Ok(MAIN)),
    ] {
        let lab = lab(&files);
        let done = run(&lab, set).map(|value| value["path"].as_str().unwrap().to_owned());
        let wanted = path
            .map(str::to_owned)
            .map_err(|()| code::host::sshd_shadowed);
        assert_eq!(done, wanted, "{files:?}");
    }
}
