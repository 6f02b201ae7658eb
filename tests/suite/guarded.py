"""A change that could cut a host off: it takes itself back unless it's confirmed, also when homelab is gone."""
import time

from real_hosts import HostsLab

KEPT = "/var/lib/homelab/guard/sshd"
ELSEWHERE = """step("port", "A port that nobody looks at", || {
    host::sshd_config("pve1", "01-homelab", #{ settings: #{ Port: 2299 }, guard: "6 s" })
});
"""
HARMLESS = """step("tries", "Fewer tries", || {
    host::sshd_config("pve1", "01-homelab", #{ settings: #{ MaxAuthTries: 4 }, guard: "6 s" })
});
"""


def settings(host):
    """The file of the settings; empty if there is none."""
    return host.execute("sh", "-c", "cat /etc/ssh/sshd_config.d/01-homelab.conf 2>/dev/null || true").stdout


def state(host, name):
    """Whether the guard is in a state, seen from this machine."""
    return host.file(f"{KEPT}/{name}").exists()


def cut_off(part, host, lab):
    """The host moves its SSH away, so nobody can confirm."""
    done = lab.run("run", lab.runbook(ELSEWHERE), "--yes", timeout=120)
    part.check("a change that cuts the host off fails, and says that it was taken back",
               done.code == 1 and "host::reverted" in done.stderr, done)
    part.check("the host is as it was, and answers", settings(host) == "" and host.answers(), settings(host))


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


def check(part, hosts):
    """Both, on the first of the hosts."""
    for one in (cut_off, killed):
        with HostsLab(hosts) as lab:
            one(part, hosts[0], lab)
