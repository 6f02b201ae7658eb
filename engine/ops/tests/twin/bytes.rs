//! Files that hold anything: an edit keeps every byte of what it doesn't change, or nothing is written.

use formats::authorized_keys::Key;
use world::host::verb::{Attributes, Entry, Read, Stat, Write};
use world::host::{Ask as _, Told as _};

use crate::lab::Lab;

const HEAD: &str = r#"runbook("bytes", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root", password: secret("PROXMOX_PASSWORD") });
"#;

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILCEZ7qd0LuiSrAQVEL4Y7M7NTTMA3rmRBXQWbcXHGB6 new";

/// An operation that edits a file.
struct Edit {
    operation: &'static str,
    path: &'static str,
    /// How such a file begins.
    head: &'static [u8],
    /// Lines that such a file may have.
    lines: &'static [&'static [u8]],
    /// Whether a line is one that the operation writes or takes away.
    is_own: fn(&str) -> bool,
}

const EDITS: &[Edit] = &[
    Edit {
        operation: r#"host::line("pve1", "/etc/a.conf", #{ line: "b=1", create: true })"#,
        path: "/etc/a.conf",
        head: b"",
        lines: &[b"b=1", b"a=1"],
        is_own: |line| line == "b=1",
    },
    Edit {
        operation: r#"host::block("pve1", "/etc/a.conf", #{ content: "b=1", create: true })"#,
        path: "/etc/a.conf",
        head: b"",
        lines: &[b"a=1", b"# BEGIN homelab other"],
        is_own: |line| ["# BEGIN homelab block", "b=1", "# END homelab block"].contains(&line),
    },
    Edit {
        operation: r#"host::sysctl("pve1", "vm.swappiness", #{ value: 7, file: "a" })"#,
        path: "/etc/sysctl.d/a.conf",
        head: b"",
        lines: &[b"vm.swappiness=1", b"vm/overcommit_memory = 2", b"# x"],
        is_own: |line| line.trim().starts_with("vm.swappiness"),
    },
    Edit {
        operation: r#"host::kernel_module("pve1", "vfio-pci", #{ options: "ids=10de:1111", loaded: false })"#,
        path: "/etc/modprobe.d/vfio-pci.conf",
        head: b"",
        lines: &[
            b"options vfio-pci ids=1",
            b"options kvm x=1 \\\xff",
            b"blacklist nouveau",
        ],
        is_own: |line| line.contains("vfio-pci"),
    },
    Edit {
        operation: r#"host::kernel_module("pve1", "vfio-pci", #{ loaded: false, at_boot: true })"#,
        path: "/etc/modules-load.d/vfio-pci.conf",
        head: b"",
        lines: &[b"vfio-pci", b"kvm", b"; x"],
        is_own: |line| line.trim() == "vfio-pci",
    },
    Edit {
        operation: r#"host::mount("pve1", "/srv/a", #{ source: "/srv", fstype: "bind", state: "fstab" })"#,
        path: "/etc/fstab",
        head: b"",
        lines: &[
            b"/dev/sdb1 /mnt/\xfc ext4 defaults 0 2",
            b"/srv /srv/a none bind 0 2",
            b"# x",
        ],
        is_own: |line| line.contains("/srv/a"),
    },
    Edit {
        operation: r#"host::authorized_key("pve1", "root", #{ key: "KEY" })"#,
        path: "/root/.ssh/authorized_keys",
        head: b"",
        lines: &[
            b"ssh-rsa AAAA J\xfcrgen",
            b"restrict ssh-rsa BBBB x",
            b"# x",
        ],
        is_own: |line| Key::read(line).is_some_and(|key| key.is(&Key::read(KEY).unwrap())),
    },
    Edit {
        operation: r#"host::kernel_cmdline("pve1", #{ present: ["iommu=pt"] })"#,
        path: "/etc/default/grub",
        head: b"",
        lines: &[
            b"GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"",
            b"GRUB_TIMEOUT=5",
            b"A='",
        ],
        is_own: |line| line.starts_with("GRUB_CMDLINE_LINUX_DEFAULT="),
    },
    Edit {
        operation: r#"host::sshd_config("pve1", "x", #{ settings: #{ UseDNS: false } })"#,
        path: "/etc/ssh/sshd_config",
        head: b"PermitRootLogin yes\nPasswordAuthentication yes\n",
        lines: &[b"Port 22", b"UseDNS yes", b"Match User a"],
        is_own: |line| ["# BEGIN homelab x", "UseDNS no", "# END homelab x"].contains(&line),
    },
    Edit {
        operation: r#"host::repository("pve1", "a", #{ uris: ["http://a/b"], signed_by: "/k.gpg" })"#,
        path: "/etc/apt/sources.list.d/a.sources",
        head: b"",
        lines: &[
            b"URIs: http://c",
            b"Types: deb",
            b"X-Name: \xfc",
            b"",
            b"# x",
        ],
        is_own: |line| {
            let names = ["types:", "uris:", "suites:", "signed-by:"];
            names
                .iter()
                .any(|name| line.to_ascii_lowercase().starts_with(name))
        },
    },
];

/// Files made by chance: the same ones each time.
struct Files(u64);

impl Files {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit
    }

    /// Bytes of any kind, or lines: some that such a file has, some that aren't text, ended either way or not at all.
    fn file(&mut self, of: &[&[u8]]) -> Vec<u8> {
        if self.below(5) == 0 {
            return (0..self.below(300))
                .map(|_| self.below(256) as u8)
                .collect();
        }
        let others: [&[u8]; 5] = [
            b"",
            b"# gr\xfcn",
            b"\xff=\xfe: \xfd \xfc x",
            b"\r",
            b"\tx y",
        ];
        let end: &[u8] = if self.below(3) == 0 { b"\r\n" } else { b"\n" };
        let mut file = Vec::new();
        for _ in 0..self.below(9) {
            let odd = self.below(4) == 0;
            let from = if odd { &others } else { of };
            let line = from[self.below(from.len())];
            file.extend_from_slice(line);
            file.extend_from_slice(end);
        }
        if self.below(3) == 0 {
            file.truncate(file.len().saturating_sub(end.len()));
        }
        file
    }
}

impl Edit {
    fn source(&self) -> String {
        let operation = self.operation.replace("KEY", KEY);
        format!("{HEAD}step(\"edit\", \"Edit\", || {{ {operation}; }});\n")
    }

    fn place(&self, lab: &Lab, bytes: &[u8]) {
        let attributes = Attributes::of_root("644");
        let folder = self.path.rsplit_once('/').unwrap().0;
        lab.call(world::host::verb::Mkdir::new(folder, Attributes::of_root("755")).call());
        let write = Write::new(self.path, attributes, bytes.to_vec());
        assert_eq!(lab.call(write.call()).status, 0, "{}", self.path);
    }

    /// Gives the file some bytes, edits it, and gives what it holds then.
    fn of(&self, lab: &Lab, bytes: &[u8]) -> Entry {
        self.place(lab, bytes);
        // A refusal is a failed step: what counts is what the file holds.
        lab.run(&self.source()).unwrap();
        Entry::of(&lab.call(Stat::new(self.path).call())).unwrap()
    }

    /// The lines of a file without those that are its own, their ends, and what ends the last of them.
    fn others(&self, file: &[u8]) -> Vec<Vec<u8>> {
        let lines = file.split_inclusive(|byte| *byte == b'\n');
        let plain = |line: &[u8]| -> Vec<u8> {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            line.strip_suffix(b"\r").unwrap_or(line).to_vec()
        };
        let lines = lines.map(plain);
        lines
            .filter(|line| !(self.is_own)(&String::from_utf8_lossy(line)))
            .collect()
    }
}

fn lab() -> Lab {
    Lab::open(".")
}

#[test]
fn what_edits_a_file_takes_bytes_that_are_no_text() {
    let lab = lab();
    for (of, old) in [
        ("host::line", &b"\xff\xfe\na=\xfc\r\n"[..]),
        ("host::block", b"\xff\xfe\na=\xfc\r\n"),
        (
            "host::kernel_cmdline",
            b"# gr\xfcn\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nA='\xff'\n",
        ),
        (
            "host::sshd_config",
            b"# gr\xfcn\nPermitRootLogin yes\nPasswordAuthentication yes\n",
        ),
    ] {
        let edit = EDITS
            .iter()
            .find(|edit| edit.operation.starts_with(of))
            .unwrap();
        edit.of(&lab, old);
        let new = lab.call(Read::new(edit.path).call()).output;
        assert_ne!(new, old, "{of}");
        assert_eq!(
            edit.others(old),
            edit.others(&new),
            "{}",
            new.escape_ascii()
        );
    }
}

#[test]
fn an_edit_keeps_every_other_byte_or_writes_nothing() {
    let lab = lab();
    let mut files = Files(1);
    for edit in EDITS {
        let mut written = 0;
        for _ in 0..12 {
            let old = [edit.head, &files.file(edit.lines)].concat();
            let after = edit.of(&lab, &old);
            let new = lab.call(Read::new(edit.path).call()).output;
            let shown = format!(
                "{}\n{}\n{}",
                edit.operation,
                old.escape_ascii(),
                new.escape_ascii()
            );
            assert!(
                matches!(after, Entry::File { .. }) || old.trim_ascii().is_empty(),
                "{shown}"
            );
            assert_eq!(edit.others(&old), edit.others(&new), "{shown}");
            let ends = |bytes: &[u8]| bytes.windows(2).filter(|pair| pair == b"\r\n").count();
            assert!(ends(&new) + edit.lines.len() >= ends(&old), "{shown}");
            written += usize::from(new != old);
        }
        assert!(written > 0, "{} edited nothing", edit.operation);
    }
}

#[test]
fn a_file_that_is_too_large_to_be_read_is_left_alone() {
    let lab = lab();
    let line = [b"# ".as_slice(), &[0xff; 1020], b"\r\n"].concat();
    let large = line.repeat((16 << 10) + 1);
    for edit in EDITS {
        let after = edit.of(&lab, &large);
        assert_eq!(
            after,
            Entry::file(&large, Attributes::of_root("644")),
            "{}",
            edit.operation
        );
        // Who logs in next has it read.
        edit.place(&lab, b"");
    }
}

#[test]
fn a_file_that_is_written_whole_may_have_held_anything() {
    let lab = lab();
    for bytes in [b"\xff\xfe\r\n".to_vec(), [0xff].repeat(17 << 20)] {
        for (path, operation) in [
            (
                "/etc/a",
                r#"host::file("pve1", "/etc/a", #{ content: "new\n" })"#,
            ),
            (
                "/etc/systemd/system/a.service",
                r#"host::timer("pve1", "a", #{ calendar: "daily", command: "/bin/true" })"#,
            ),
        ] {
            let edit = Edit {
                operation,
                path,
                head: b"",
                lines: &[],
                is_own: |_| true,
            };
            let after = edit.of(&lab, &bytes);
            let is_whole = bytes.len() < 1 << 20 || path == "/etc/a";
            assert_eq!(
                after != Entry::file(&bytes, Attributes::of_root("644")),
                is_whole,
                "{path}"
            );
        }
    }
}
