"""A change that could cut a host off: it takes itself back unless it's confirmed, also when homelab is gone."""
import time

from common import ROOT
from real_hosts import HostsLab

KEPT = "/var/lib/homelab/guard/sshd"
NETWORK_KEPT = "/var/lib/homelab/guard/network"
ELSEWHERE = """step("port", "A port that nobody looks at", || {
    host::sshd_config("pve1", "01-homelab", #{ settings: #{ Port: 2299 }, guard: "6 s" })
});
"""
LOCKED_OUT = """step("locked", "No more keys", || {
    host::sshd_config("pve1", "01-homelab", #{ settings: #{ AuthorizedKeysFile: "/nowhere", PasswordAuthentication: false }, guard: "6 s" })
});
"""
HARMLESS = """step("tries", "Fewer tries", || {
    host::sshd_config("pve1", "01-homelab", #{ settings: #{ MaxAuthTries: 4 }, guard: "6 s" })
});
"""


NETWORK = """step("network", "The network", || {
    host::interfaces("pve1", #{ content: `%s`, guard: "15 s" })
});
"""
MEASURE = """step("fio", "Measured", || { host::fio("pve1", "/srv", #{ size: "1 MiB", time: "1 s" }); });\nstep("key", "Opened by a key", || { host::login("pve1", #{ by: "key" }); });\n"""
INTERFACES = "etc/network/interfaces"


def settings(host):
    """The file of the settings; empty if there is none."""
    return host.execute("sh", "-c", "cat /etc/ssh/sshd_config.d/01-homelab.conf 2>/dev/null || true").stdout


def state(host, name, kept=KEPT):
    """Whether a guard is in a state, seen from this machine."""
    return host.file(f"{kept}/{name}").exists()


def cut_off(part, host, lab):
    """The host moves its SSH away, so nobody can confirm."""
    done = lab.run("run", lab.runbook(ELSEWHERE), "--yes", timeout=120)
    part.check("a change that cuts the host off fails, and says that it was taken back",
               done.code == 1 and "host::reverted" in done.stderr, done)
    part.check("the host is as it was, and answers", settings(host) == "" and host.answers(), settings(host))


def locked_out(part, host, lab):
    """The host goes on to answer, and refuses the login."""
    done = lab.run("run", lab.runbook(LOCKED_OUT), "--yes", timeout=120)
    part.check("settings that refuse homelab's login fail, and say that they were taken back, and why",
               done.code == 1 and "host::reverted" in done.stderr and "refuses the login" in done.stderr, done)
    part.check("the host takes the login again", settings(host) == "" and host.answers(), settings(host))


def confirmed_too_late(part, host, lab):
    """A confirmation that comes while the host reverts: either all is as it was, or all as it's now."""
    verbs = (ROOT / "engine/world/src/host/prelude/guard.sh").read_text()
    script = """
mkdir -p /srv/late && cd /srv/late || exit
for n in 1 2 3 4 5 6; do head -c 30000000 /dev/zero >f$n; done
hl_guard_arm late 3600 none /srv/late/f1 /srv/late/f2 /srv/late/f3 /srv/late/f4 /srv/late/f5 /srv/late/f6 /srv/late/none || exit
for n in 1 2 3 4 5 6; do echo new >f$n; done
echo new >none
systemctl start --no-block homelab-guard-late.service
while [ "$(hl_guard_state late)" = armed ]; do :; done
hl_guard_disarm late; echo "disarmed: $?"
while [ "$(hl_guard_state late)" = reverting ]; do sleep 0.1; done
hl_guard_state late
hl_guard_disarm late 2>/dev/null; echo "again: $?"
wc -c f1 f6 | head -2 | tr -s ' '
[ -e none ] || echo "none is gone"
hl_guard_forget late
hl_guard_arm late 3600 none /srv/late/f1 && hl_guard_disarm late; echo "in time: $?"
hl_guard_state late
rm -r /srv/late
"""
    done = host.execute("sh", "-c", verbs + script).stdout
    expected = "disarmed: 75\nreverted\nagain: 75\n 30000000 f1\n 30000000 f6\nnone is gone\nin time: 0\nabsent\n"
    part.check("a confirmation that comes while the host reverts is refused, and all is as it was",
               [line.strip() for line in done.splitlines()] == [line.strip() for line in expected.splitlines()], done)


def killed(part, host, lab):
    """homelab is killed between change and confirmation."""
    child = lab.start("run", lab.runbook(HARMLESS), "--fresh", "--yes", "--json")
    until = time.monotonic() + 60
    while not state(host, "armed") and time.monotonic() < until and child.poll() is None:
        time.sleep(0.002)
    child.kill()
    child.wait()
    child.stdout.close()
    child.stderr.close()
    part.check("homelab is killed while the guard is armed", state(host, "armed"))
    while not state(host, "reverted") and time.monotonic() < until:
        time.sleep(0.2)
    part.check("the host takes the change back by itself", state(host, "reverted") and settings(host) == "", settings(host))
    done = lab.run("resume", "--yes", "--json", timeout=120)
    part.check("a resumed run makes it again", done.code == 0 and "MaxAuthTries 4" in settings(host), done)
    part.check("and tells what happened", "took back an unconfirmed change" in done.stdout, done)
    part.check("no guard is left", not state(host, "armed") and not state(host, "reverted"))
    again = lab.run("run", "runbooks/case.rhai", "--yes", "--json", timeout=120)
    part.check("a second run makes no change", again.code == 0 and again.last()["changes"] == 0, again)


def network(host):
    """The text of a host's network, seen from this machine."""
    return host.file(INTERFACES).read_text()


def addresses(host):
    """The addresses that the host has now."""
    return host.execute("ip", "-brief", "-4", "address").stdout


def address_lost(part, host, lab):
    """The host gets another address, so it's lost at the one in docs."""
    before = network(host)
    other = host.address.rpartition(".")[0] + ".99"
    runbook = lab.runbook(NETWORK % before.replace(host.address, other))
    done = lab.run("run", runbook, "--yes", timeout=180)
    part.check("a network under which the host is lost fails, and says that it was taken back",
               done.code == 1 and "host::reverted" in done.stderr, done)
    part.check("the host has its address again, and answers",
               network(host) == before and host.address in addresses(host) and host.answers(), addresses(host))


def refused(part, host, lab):
    """The host doesn't take its network, and takes it back: no later plan repeats what it said."""
    before = network(host)
    done = lab.run("run", lab.runbook(NETWORK % (before + "iface\n")), "--yes", timeout=180)
    part.check("a network that ifreload doesn't take fails with its words", done.code == 1 and "host::network_refused" in done.stderr, done)
    until = time.monotonic() + 90
    while not state(host, "reverted", NETWORK_KEPT) and time.monotonic() < until:
        time.sleep(0.2)
    lab.runbook(NETWORK % (before + "# corrected\n"))
    plan = lab.run("plan", "runbooks/case.rhai", timeout=120)
    part.check("a plan of the corrected network doesn't repeat the former error", plan.code == 0, plan)
    done = lab.run("run", "runbooks/case.rhai", "--yes", "--fresh", timeout=180)
    part.check("and the corrected network is taken", done.code == 0 and "corrected" in network(host), done)


def killed_without_address(part, host, lab):
    """homelab is killed while the host has lost its address."""
    before = network(host)
    other = host.address.rpartition(".")[0] + ".99"
    child = lab.start("run", lab.runbook(NETWORK % before.replace(host.address, other)), "--fresh", "--yes", "--json")
    until = time.monotonic() + 90
    while other not in addresses(host) and time.monotonic() < until and child.poll() is None:
        time.sleep(0.05)
    child.kill()
    child.wait()
    child.stdout.close()
    child.stderr.close()
    part.check("homelab is killed while the host has another address", other in addresses(host), addresses(host))
    while not state(host, "reverted", NETWORK_KEPT) and time.monotonic() < until:
        time.sleep(0.2)
    part.check("the host takes its network back by itself", network(host) == before, network(host))
    while not host.answers() and time.monotonic() < until:
        time.sleep(0.2)
    lab.runbook(NETWORK % (before + "# looked at\n"))
    done = lab.run("resume", "--yes", "--json", timeout=180)
    part.check("a resumed run with a harmless network is confirmed", done.code == 0 and "looked at" in network(host), done)
    part.check("and tells what happened", "took back an unconfirmed change" in done.stdout, done)
    part.check("no guard of the network is left",
               not state(host, "armed", NETWORK_KEPT) and not state(host, "reverted", NETWORK_KEPT))
    again = lab.run("run", "runbooks/case.rhai", "--yes", "--json", timeout=120)
    part.check("a second run leaves the network alone", again.code == 0 and again.last()["changes"] == 0, again)


def measured(part, host, lab):
    """What fio measures is recorded, changes nothing, and leaves nothing."""
    done = lab.run("run", lab.runbook(MEASURE), "--yes", "--json", timeout=120)
    part.check("fio measures a folder, and that's no change",
               done.code == 0 and done.last()["changes"] == 0 and '"random_read_latency_us"' in done.stdout, done)
    left = host.execute("sh", "-c", "ls -A /srv | grep homelab-fio || true").stdout
    part.check("and leaves no file", left == "", left)


def check(part, hosts):
    """All, on the first of the hosts."""
    for one in (measured, cut_off, locked_out, confirmed_too_late, killed, address_lost, refused, killed_without_address):
        with HostsLab(hosts) as lab:
            one(part, hosts[0], lab)
