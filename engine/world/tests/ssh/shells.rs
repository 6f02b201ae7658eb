//! Shells: every login shell, noisy and slow ones, ones that are none, and whatever passes through them.

use std::time::Instant;

use homelab_world::host::{Call, Destination, HostError, Port, Script, Ssh, Verb, Who};

use crate::lab::{Lab, children, descendants, output, reach, script, signal, token, wait_for};
use crate::server::Sshd;
use crate::users::User;

fn as_user(server: &Sshd, user: &User) -> Destination {
    let mut host = server.named("one");
    host.user = Some(user.name.clone());
    host
}

fn to(lab: &Lab, host: Destination) -> Ssh {
    let ssh = lab.ssh();
    ssh.declare(vec![host]);
    ssh
}

#[tokio::test]
async fn every_login_shell_will_do() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let busybox = lab.path("ash");
    std::os::unix::fs::symlink("/bin/busybox", &busybox).unwrap();
    let csh = output("sh", &["-c", "command -v csh tcsh || :"]);
    let shells = [
        "/bin/dash",
        "/bin/bash",
        "/usr/bin/fish",
        busybox.to_str().unwrap(),
    ];
    for shell in shells.into_iter().chain(csh.lines()) {
        let user = User::new(&lab, shell);
        let ssh = to(&lab, as_user(&server, &user));
        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let file = user
            .home
            .path()
            .join("a 'b\" $HOME \\ *\né")
            .display()
            .to_string();
        let args = [&file, "600", "-", "-"];
        let write = Call::new(Verb::WRITE, args)
            .with_input(bytes.clone())
            .as_who(Who::Login);
        let reply = ssh
            .call("one", write)
            .await
            .unwrap_or_else(|error| panic!("{shell}: {error}"));
        assert_eq!((reply.status, reply.error.as_str()), (0, ""), "{shell}");
        let read = Call::new(Verb::READ, [&file]).as_who(Who::Login);
        assert_eq!(
            ssh.call("one", read).await.unwrap().output,
            bytes,
            "{shell}"
        );
        let reply = script(&ssh, "one", "echo $((6 * 7)); echo no >&2; exit 3")
            .await
            .unwrap();
        let said = (reply.status, reply.text(), reply.error);
        assert_eq!(said, (3, "42\n".to_owned(), "no".to_owned()), "{shell}");
    }
}

/// A user whose shell's start file holds this.
async fn with_rc(lab: &Lab, text: &str) -> (User, Sshd, Ssh) {
    let server = lab.server(&["Banner /etc/hostname"]);
    let user = User::new(lab, "/bin/bash");
    user.write(".bashrc", text);
    let ssh = to(lab, as_user(&server, &user));
    (user, server, ssh)
}

#[tokio::test]
async fn what_a_banner_and_start_files_print_is_left_out() {
    let lab = Lab::new();
    let noise = "echo welcome; echo beware >&2; printf 'no end of line'; export LC_ALL=de_DE.UTF-8 LANG=C.UTF-8\n";
    let (_user, _server, ssh) = with_rc(&lab, noise).await;
    reach(&ssh, "one").await.unwrap();
    let reply = script(&ssh, "one", "echo $LC_ALL; printf '\\303\\244' | wc -m")
        .await
        .unwrap();
    assert_eq!(reply.text().replace(' ', ""), "C\n2\n");
}

#[tokio::test]
async fn a_slow_start_file_is_waited_for() {
    let lab = Lab::new();
    let (_user, _server, ssh) = with_rc(&lab, "sleep 1\n").await;
    let begun = Instant::now();
    reach(&ssh, "one").await.unwrap();
    assert!(begun.elapsed().as_millis() >= 1000);
    let begun = Instant::now();
    reach(&ssh, "one").await.unwrap();
    assert!(begun.elapsed().as_millis() < 500, "the shell is kept");
}

#[tokio::test]
async fn a_login_without_a_shell_is_told_by_name() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    for (shell, words) in [
        ("/usr/sbin/nologin", "its login shell is nologin"),
        ("/bin/false", "it ended with status 1 without a word"),
    ] {
        let user = User::new(&lab, shell);
        let ssh = to(&lab, as_user(&server, &user));
        for call in [crate::lab::stat(), crate::lab::stat().as_who(Who::Root)] {
            let error = ssh.call("one", call).await.unwrap_err();
            let HostError::NoShell {
                user: who, cause, ..
            } = error
            else {
                panic!("{error}")
            };
            assert_eq!(who, user.name);
            assert!(cause.contains(words), "{cause}");
        }
    }
    let forced = lab.server(&["ForceCommand echo only backups here"]);
    let ssh = to(&lab, forced.named("one"));
    let error = reach(&ssh, "one").await.unwrap_err();
    assert!(error.to_string().contains("only backups here"), "{error}");
}

#[tokio::test]
async fn what_a_script_does_with_its_streams_disturbs_nobody() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = to(&lab, server.named("one"));
    // It would swallow the calls behind it.
    let reply = script(&ssh, "one", "cat").await.unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (0, ""));
    let mut with_input = Script::new("head -c 3; exec sha256sum");
    with_input.input = b"abc\0\xff\n".repeat(50_000).into();
    for token in [Some(token()), None] {
        let mut call = with_input.call().unwrap();
        call.token = token;
        let reply = ssh.call("one", call).await.unwrap();
        assert_eq!(
            (reply.status, &reply.output[..3]),
            (0, &b"abc"[..]),
            "{}",
            reply.error
        );
    }
    let mut echo = Script::new("cat");
    echo.input = vec![b'x'; 3 << 20].into();
    let reply = ssh.call("one", echo.call().unwrap()).await.unwrap();
    assert_eq!(
        reply.output, echo.input,
        "printed while input is still sent"
    );
    let begun = Instant::now();
    let left =
        "(sleep 20; echo late) & (while sleep 0.01; do echo noise; echo noise >&2; done) & echo $!";
    let reply = script(&ssh, "one", left).await.unwrap();
    assert!(begun.elapsed().as_secs() < 5, "waited for what runs on");
    for _ in 0..20 {
        reach(&ssh, "one").await.unwrap();
    }
    script(&ssh, "one", &format!("kill {}", reply.text()))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_hundred_megabytes_are_counted_and_not_kept() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = to(&lab, server.named("one"));
    let file = lab.path("long");
    output(
        "sh",
        &[
            "-c",
            &format!(
                "head -c 1000000 /dev/urandom > {0}; truncate -s 100M {0}",
                file.display()
            ),
        ],
    );
    let before = peak();
    let reply = ssh
        .call("one", Call::new(Verb::READ, [file.to_str().unwrap()]))
        .await
        .unwrap();
    assert_eq!(reply.output.len() as u64 + reply.cut, 100 << 20);
    assert_eq!(reply.output.len(), 16 << 20);
    let grown = peak().saturating_sub(before);
    assert!(
        reply
            .output
            .starts_with(&std::fs::read(&file).unwrap()[..1_000_000])
    );
    assert!(grown < 64 << 10, "{grown} KiB more than before");
    reach(&ssh, "one").await.unwrap();
}

/// The most memory that this process had at once, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_shell_that_dies_is_replaced() {
    let lab = Lab::new();
    let server = lab.server(&[]);
    let ssh = to(&lab, server.named("one"));
    reach(&ssh, "one").await.unwrap();
    let call = Script::new("echo last words >&2; sleep 10").call().unwrap();
    let killed = async {
        let shell = children(server.sessions()[0])[0];
        wait_for("the script", || descendants(shell).len() > 2).await;
        signal("KILL", shell);
    };
    let (called, ()) = tokio::join!(ssh.call("one", call), killed);
    let error = called.unwrap_err();
    let HostError::Broken { cause, .. } = error else {
        panic!("{error}")
    };
    assert!(
        cause.contains("its shell ended by signal") && cause.contains("last words"),
        "{cause}"
    );
    reach(&ssh, "one").await.unwrap();
    assert_eq!(server.sessions().len(), 1, "the connection is kept");
}

#[tokio::test]
async fn nothing_but_a_program_to_run_is_needed_of_a_host() {
    let lab = Lab::new();
    // The whole system can't be written, and there is no /tmp.
    let mounts = "mount --bind / / && mount --bind $0 $0 && mount -t tmpfs -o ro tmpfs /tmp && mount -t tmpfs tmpfs /run && mkdir /run/sshd && mount -o remount,ro /run && \
                  mount -o remount,ro,bind / && exec \"$@\"";
    let folder = lab.folder.path().to_str().unwrap();
    let server = Sshd::start(
        &lab,
        &[],
        &[
            "unshare",
            "-m",
            "--propagation",
            "private",
            "sh",
            "-c",
            mounts,
            folder,
        ],
    );
    lab.know(&server.known_line());
    let ssh = to(&lab, server.named("one"));
    let write = Call::new(Verb::WRITE, ["/tmp/x", "600", "-", "-"]).with_input("x");
    assert_ne!(ssh.call("one", write).await.unwrap().status, 0);
    let reply = script(&ssh, "one", "echo one; echo two >&2; exit 4")
        .await
        .unwrap();
    let said = (reply.status, reply.text(), reply.error);
    assert_eq!(said, (4, "one\n".to_owned(), "two".to_owned()));
    let settled = ssh
        .call("one", Call::new(Verb::SETTLE, ["none"]))
        .await
        .unwrap();
    assert_eq!(settled.text(), "lost\n");
}
