use std::sync::Mutex;

use super::*;
use crate::{
    clock::{Moment, RealClock},
    host::{OPERATOR, Operator, Verb},
};

/// A host that counts: each name of a sysctl has the number of writes so far, and calls are written down.
#[derive(Default)]
struct Counting {
    calls: Mutex<Vec<String>>,
    writes: Mutex<u32>,
}

impl Counting {
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

impl Port for Counting {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let said = format!("{host} {} {}", call.verb.name(), call.args.join(" "));
        self.calls.lock().unwrap().push(said.trim().to_owned());
        Box::pin(async move {
            let mut writes = self.writes.lock().unwrap();
            if !call.verb.effect().is_read() {
                *writes += 1;
                return Ok(Reply::success(""));
            }
            if call.args.iter().any(|arg| arg == "broken") {
                return Ok(Reply::failed(1, "broken"));
            }
            let line = |arg: &String| match call.verb {
                Verb::UNIT_SHOW => format!("Id={arg}\nActiveState=active\n"),
                Verb::PACKAGES if arg == "none" => String::new(),
                Verb::PACKAGES => format!("{arg} install installed {writes}\n"),
                _ => format!("value {writes}\n"),
            };
            let lines: Vec<String> = call.args.iter().map(line).collect();
            let between = if call.verb == Verb::UNIT_SHOW {
                "\n"
            } else {
                ""
            };
            Ok(Reply::success(lines.join(between)))
        })
    }

    fn declare(&self, _: Vec<Destination>) {}
}

fn lab() -> (Arc<Counting>, Foresight) {
    let (hosts, foresight, _) = timed_lab();
    (hosts, foresight)
}

fn timed_lab() -> (Arc<Counting>, Foresight, Arc<Standing>) {
    let hosts = Arc::new(Counting::default());
    let clock = Arc::new(Standing(Mutex::default()));
    let foresight = Foresight::new(
        Arc::clone(&hosts) as _,
        Arc::clone(&clock) as _,
        Handle::current(),
    );
    (hosts, foresight, clock)
}

fn sysctl(name: &str) -> Call {
    Call::new(Verb::SYSCTL, [name])
}

async fn text(hosts: &Foresight, call: Call) -> String {
    hosts.call("a", call).await.unwrap().text()
}

#[tokio::test]
async fn what_will_be_asked_is_asked_at_once() {
    let (hosts, foresight) = lab();
    let unit = |name: &str| Call::new(Verb::UNIT_SHOW, [name]);
    let package = |name: &str| Call::new(Verb::PACKAGES, [name]);
    let calls = [
        sysctl("x"),
        unit("u"),
        sysctl("y"),
        unit("v"),
        package("p"),
        package("none"),
        package("q"),
        Call::new(Verb::READ, ["/etc/motd"]),
    ];
    foresight.expect([("a".to_owned(), calls.to_vec())].into());
    assert_eq!(text(&foresight, calls[0].clone()).await, "value 0\n");
    for (call, reply) in calls.iter().skip(1).zip([
        "Id=u\nActiveState=active\n",
        "value 0\n",
        "Id=v\nActiveState=active\n",
        "p install installed 0\n",
        "",
        "q install installed 0\n",
        "value 0\n",
    ]) {
        assert_eq!(text(&foresight, call.clone()).await, reply, "{call:?}");
    }
    let asked = [
        "a sysctl x y",
        "a unit_show u v",
        "a packages p none q",
        "a read /etc/motd",
    ];
    assert_eq!(hosts.taken(), asked);
}

#[tokio::test]
async fn nobody_sees_what_was_before_his_own_action() {
    let (hosts, foresight) = lab();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let calls: Vec<Call> = names.iter().map(|name| sysctl(name)).collect();
    foresight.expect([("a".to_owned(), calls)].into());
    assert_eq!(text(&foresight, sysctl("a")).await, "value 0\n");
    text(&foresight, Call::new(Verb::SYSCTL_SET, ["x", "1"])).await;
    assert_eq!(text(&foresight, sysctl("a")).await, "value 1\n");
    assert_eq!(text(&foresight, sysctl("b")).await, "value 1\n");
    // What a write of files changes shows in files, and not in the kernel's values.
    text(
        &foresight,
        Call::new(Verb::MKDIR, ["/srv", "755", "-", "-"]),
    )
    .await;
    assert_eq!(text(&foresight, sysctl("c")).await, "value 1\n");
    text(
        &foresight,
        Call::new(Verb::WRITE, ["/proc/sys/x", "-", "-", "-"]),
    )
    .await;
    assert_eq!(text(&foresight, sysctl("d")).await, "value 3\n");
    foresight.forget();
    text(&foresight, sysctl("b")).await;
    let asked = hosts.taken();
    assert_eq!(asked[..2], ["a sysctl a b c d e f g h", "a sysctl_set x 1"]);
    // After a change less is asked ahead.
    assert_eq!(asked[2], "a sysctl a b c d e");
}

#[tokio::test]
async fn what_one_host_changes_is_forgotten_of_all() {
    let (hosts, foresight) = lab();
    let stat = |path: &str| Call::new(Verb::STAT, [path]);
    let read = async |host: &str, call: &Call| {
        let reply = foresight.call(host, call.clone()).await.unwrap();
        hosts.taken();
        reply.text()
    };
    for host in ["a", "b", OPERATOR] {
        assert_eq!(read(host, &stat("/srv/x")).await, "value 0\n");
        assert_eq!(read(host, &sysctl("x")).await, "value 0\n");
    }
    // The share of the one is the folder of the other, or both are one machine: files may change, kernels don't.
    let write = |path: &str| Call::new(Verb::WRITE, [path, "-", "-", "-"]);
    foresight.call("a", write("/mnt/pve/nas/x")).await.unwrap();
    for host in ["b", OPERATOR] {
        assert_eq!(read(host, &stat("/srv/x")).await, "value 1\n");
        assert_eq!(read(host, &sysctl("x")).await, "value 0\n");
    }
    foresight
        .call("a", Call::new(Verb::UNIT_DO, ["start", "guest"]))
        .await
        .unwrap();
    assert_eq!(read("b", &sysctl("x")).await, "value 2\n");
}

#[tokio::test]
async fn what_is_read_after_a_change_serves_once_and_soon() {
    let (hosts, foresight, clock) = timed_lab();
    let calls = ["a", "b", "c"].map(sysctl);
    foresight.expect([("a".to_owned(), calls.to_vec())].into());
    for _ in 0..2 {
        assert_eq!(text(&foresight, sysctl("a")).await, "value 0\n");
    }
    assert_eq!(hosts.taken().len(), 1);
    foresight.change();
    for asked in ["a sysctl a b c", "a sysctl a"] {
        text(&foresight, sysctl("a")).await;
        assert_eq!(hosts.taken(), [asked]);
    }
    text(&foresight, sysctl("b")).await;
    assert!(hosts.taken().is_empty());
    *clock.0.lock().unwrap() = Moment(1_500);
    text(&foresight, sysctl("c")).await;
    assert_eq!(hosts.taken(), ["a sysctl c"]);
}

/// A host that says nothing until it's let.
struct Slow(tokio::sync::Semaphore);

impl Port for Slow {
    fn call(&self, _: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        Box::pin(async move {
            if call.verb.effect().is_read() {
                self.0.acquire().await.unwrap().forget();
            }
            Ok(Reply::success("said\n".repeat(call.args.len())))
        })
    }

    fn declare(&self, _: Vec<Destination>) {}
}

#[tokio::test]
async fn who_asked_before_others_changed_something_has_his_answer() {
    let hosts = Arc::new(Slow(tokio::sync::Semaphore::new(0)));
    let clock = Arc::new(Standing(Mutex::default()));
    let foresight = Foresight::new(Arc::clone(&hosts) as _, clock, Handle::current());
    foresight.expect([("a".to_owned(), vec![sysctl("x"), sysctl("y")])].into());
    let reads =
        async { tokio::join!(text(&foresight, sysctl("x")), text(&foresight, sysctl("y"))) };
    let changes = async {
        tokio::task::yield_now().await;
        text(&foresight, Call::new(Verb::SYSCTL_SET, ["x", "1"])).await;
        // One call, not one after each change.
        hosts.0.add_permits(1);
    };
    let (said, ()) = tokio::join!(reads, changes);
    assert_eq!(said, ("said\n".to_owned(), "said\n".to_owned()));
}

#[tokio::test]
async fn what_changes_by_itself_is_asked_each_time() {
    let (hosts, foresight) = lab();
    let state = Call::bare(Verb::SYSTEM_STATE);
    assert!(!holds(&state) && holds(&sysctl("x")));
    let look = Call::bare(Verb::LOOK).with_input("x");
    foresight.expect([("a".to_owned(), vec![sysctl("x")])].into());
    for _ in 0..2 {
        text(&foresight, state.clone()).await;
        text(&foresight, look.clone()).await;
    }
    assert_eq!(hosts.taken().len(), 4);
}

#[tokio::test]
async fn what_cannot_be_asked_together_is_asked_alone() {
    let (hosts, foresight) = lab();
    foresight.expect(
        [(
            "a".to_owned(),
            vec![sysctl("x"), sysctl("broken"), sysctl("y")],
        )]
        .into(),
    );
    assert_eq!(text(&foresight, sysctl("x")).await, "value 0\n");
    let reply = foresight.call("a", sysctl("broken")).await.unwrap();
    assert_eq!((reply.status, reply.error.as_str()), (1, "broken"));
    assert_eq!(text(&foresight, sysctl("y")).await, "value 0\n");
    let asked = [
        "a sysctl x broken y",
        "a sysctl x",
        "a sysctl broken",
        "a sysctl y",
    ];
    assert_eq!(hosts.taken(), asked);
}

#[tokio::test]
async fn a_declared_host_is_asked_before_the_first_call() {
    let (hosts, foresight) = lab();
    let at = |address: &str| {
        vec![Destination {
            name: "a".to_owned(),
            address: address.to_owned(),
            ..Destination::default()
        }]
    };
    foresight.declare(at("10.0.0.1"));
    foresight.expect([("a".to_owned(), vec![sysctl("x"), sysctl("y")])].into());
    foresight.declare(at("10.0.0.1"));
    assert_eq!(text(&foresight, sysctl("y")).await, "value 0\n");
    assert_eq!(hosts.taken(), ["a sysctl x y"]);
    foresight.declare(at("10.0.0.2"));
    assert_eq!(text(&foresight, sysctl("y")).await, "value 0\n");
    assert_eq!(text(&foresight, sysctl("x")).await, "value 0\n");
    assert_eq!(hosts.taken().len(), 2);
}

/// A clock that stands where it's put.
struct Standing(Mutex<Moment>);

impl Clock for Standing {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, _: std::time::Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn nothing_is_known_for_long() {
    let (hosts, foresight, clock) = timed_lab();
    for (at, calls) in [(0, 1), (59_000, 1), (61_000, 2)] {
        *clock.0.lock().unwrap() = Moment(at);
        text(&foresight, sysctl("x")).await;
        assert_eq!(hosts.calls.lock().unwrap().len(), calls, "at {at}");
    }
}

#[tokio::test]
async fn real_shells_part_what_they_are_asked_at_once() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path();
    std::fs::write(path.join("file"), "x").unwrap();
    std::fs::write(path.join("a\n\\b"), "y").unwrap();
    std::os::unix::fs::symlink("there is no such", path.join("link")).unwrap();
    let links = tempfile::tempdir().unwrap();
    for shell in crate::host::operator::tests::shells(links.path()) {
        let operator = Arc::new(Operator::with_shell(path.to_owned(), shell.clone()));
        let clock = Arc::new(RealClock);
        let foresight = Foresight::new(Arc::clone(&operator) as _, clock, Handle::current());
        let files = ["none", "file", ".", "link", "/dev/null", "a\n\\b"];
        let mut calls: Vec<Call> = files.map(|file| Call::new(Verb::STAT, [file])).into();
        calls.extend(["root", "nobody", "none"].map(|name| Call::new(Verb::USERS, [name])));
        calls.extend(["kernel/ostype", "kernel/none", "net/ipv4/tcp_rmem"].map(sysctl));
        foresight.expect([(OPERATOR.to_owned(), calls.clone())].into());
        for call in calls {
            let together = foresight.call(OPERATOR, call.clone()).await.unwrap();
            let alone = operator.call(OPERATOR, call.clone()).await.unwrap();
            assert_eq!(together.text(), alone.text(), "{shell:?} {call:?}");
        }
    }
}
