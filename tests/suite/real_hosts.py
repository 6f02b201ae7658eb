"""Cases of operations on hosts: each runs on the twin and on real hosts, with the same changes."""
import json
import re
from pathlib import Path

from common import ROOT, Lab

CHAP_PASSWORD = "chap-secret-12"
# The repositories that Proxmox VE's installer declares, by file.
INSTALLED = {
    "ceph": ["https://enterprise.proxmox.com/debian/ceph-squid"],
    "debian": ["http://deb.debian.org/debian/", "http://security.debian.org/debian-security/"],
    "pve-enterprise": ["https://enterprise.proxmox.com/debian/pve"],
}
# A run may restart a machine that is emulated.
LONG = 1800
CASES = ROOT / "tests/hosts/cases"
HEAD = """runbook("case", "1.0.0");
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root" });
"""


def cases(kind, chosen=()):
    """The cases of a kind, by file."""
    found = []
    for file in sorted(CASES.glob("*.rhai")):
        first = file.read_text().splitlines()[0]
        if first == f"// kind: {kind}" and (not chosen or file.stem in chosen):
            found.append(file)
    return found


def last(address):
    return address.rpartition(".")[2]


class HostsLab(Lab):
    """A lab of tests/cases whose SSH knows real hosts by the addresses that its docs have."""

    def __init__(self, hosts, source="hosts", ssh=""):
        """`source` is the lab's folder, `ssh` what its SSH is told beside where the hosts are; HOME stands for its folder."""
        self.head = HEAD
        super().__init__(ROOT / "tests/cases" / source, scripts=False)
        home = self.path("home/.ssh")
        home.mkdir(parents=True)
        addresses = self.addresses()
        if last(hosts[0].address) == last(addresses[0]):
            # They're where docs say, but for the network: another start may have the first one.
            self.move(addresses[0].rpartition(".")[0], hosts[0].address.rpartition(".")[0])
            addresses = self.addresses()
        blocks = []
        for host, address in zip(hosts, addresses):
            # Where a host listens elsewhere, as a virtual machine behind a forwarded port, only SSH knows it.
            blocks.append(f"Host {address}\n  HostName {host.address}\n  Port {host.port}\n  HostKeyAlias {address}\n"
                          f"  IdentityFile {host.identity}\n  IdentitiesOnly yes\n  UserKnownHostsFile {home}/known_hosts\n  {ssh.replace('HOME', str(home))}\n")
        (home / "config").write_text("".join(blocks))
        known = [f"{address} {host.host_key}\n" for host, address in zip(hosts, addresses)]
        (home / "known_hosts").write_text("".join(known))
        self.values = {"HOME": str(self.path("home")), "USER": "root", "HOMELAB_SSH_CONFIG": str(home / "config"), "CHAP_PASSWORD": CHAP_PASSWORD}

    def know(self, line):
        """Lets its SSH know one more host's key."""
        with open(self.path("home/.ssh/known_hosts"), "a") as file:
            file.write(line + "\n")

    def addresses(self):
        """The nodes' addresses: a row has its name and its address first."""
        return re.findall(r"^\| pve\d \| ([\d.]+)/24 ", self.path("docs/HARDWARE.md").read_text(), re.MULTILINE)

    def move(self, network, to):
        for file in self.path("docs").glob("*.md"):
            file.write_text(file.read_text().replace(f"{network}.", f"{to}."))

    def runbook(self, text):
        """Writes the runbook of a case; gives its path."""
        self.path("runbooks").mkdir(exist_ok=True)
        self.path("runbooks/case.rhai").write_text(self.head + text)
        return "runbooks/case.rhai"


def changes(answer):
    """The changes of a plan or run, in the order of their steps."""
    found = [(event["operation"]["step"], event["operation"]["function"], without_context(event["change"]))
             for event in answer.events() if event["event"] == "intent"]
    return sorted(found, key=lambda change: change[0])


def without_context(change):
    """A change whose difference has no lines but those that change: the others are the host's own."""
    lines = (change.get("diff") or "").splitlines()
    return {**change, "diff": [line for line in lines if line.startswith(("+", "-"))]}


def values(answer):
    """What the steps of a run returned."""
    return [(event["step"], event["value"]) for event in answer.events() if event["event"] == "step_finished"]


def refusals(answer):
    """Where a run failed, and why."""
    return [(event["step"], event["failure"]["code"]) for event in answer.events() if event["event"] == "step_failed"]


def settle(hosts, repository):
    """Gives hosts the repositories that Proxmox VE's installer declares, and a name for that of the tests, with a file to fetch."""
    gateway = repository.url.partition("//")[2].partition(":")[0]
    Path(repository.folder, "tool").write_text("tool 1.2\n")
    for host in hosts:
        host.output(f"echo {gateway} repository.test >> /etc/hosts")
        for name, uris in INSTALLED.items():
            text = "\n".join(f"Types: deb\nURIs: {uri}\nSuites: trixie\nComponents: main\n" for uri in uris)
            host.output(f"cat > /etc/apt/sources.list.d/{name}.sources <<'END'\n{text}END")


def uncovered(lab):
    """The operations on hosts that neither a case nor guarded.py has."""
    listed = lab.run("doc", "--json").stdout.splitlines()
    names = {name for line in listed if (name := json.loads(line)["name"]).startswith("host::")}
    texts = HEAD + "".join(file.read_text() for file in [*CASES.glob("*.rhai"), ROOT / "tests/suite/guarded.py"])
    return sorted(name for name in names if f"{name}(" not in texts)


def three(lab, runbook, *world):
    """Plan, run, plan again."""
    return [lab.run(verb, runbook, "--json", "--yes", *world, timeout=LONG) for verb in ("plan", "run", "plan")]


def compare(part, file, lab):
    """Runs a case in both worlds and compares them. Its parts, which `// then` divides, run one after the other.

    A line says what is special about a part: `// changes nothing`, `// refuses`, `// a plan can't know it`.
    """
    with lab:
        for number, text in enumerate(file.read_text().split("\n// then\n"), 1):
            name = f"{file.stem} {number}"
            runbook = lab.runbook(text)
            twin, real = three(lab, runbook, "--twin"), three(lab, runbook)
            judge = refuses if "// refuses\n" in text else succeeds
            for world, answers in (("the twin", twin), ("real hosts", real)):
                judge(part, f"{name} on {world}", text, *answers)
            for what, shown in (("change", changes), ("return", values), ("refuse", refusals)):
                same = shown(twin[1]) == shown(real[1])
                part.check(f"{name}: the twin and real hosts {what} the same", same, differ(twin[1], real[1], shown))


def succeeds(part, name, text, plan, run, again):
    """A part that changes something, and nothing more the second time."""
    is_silent = "// changes nothing\n" in text
    ok = part.check(f"{name} runs", run.code == 0 and bool(changes(run)) != is_silent, run)
    if "// a plan can't know it\n" not in text:
        part.check(f"{name}: its plan is its run", ok and plan.code == 0 and changes(plan) == changes(run), differ(plan, run))
    part.check(f"{name}: a second plan is empty", again.code == 0 and not changes(again), again)


def refuses(part, name, text, plan, run, again):
    """A part that the host refuses, as its plan said, if it could know."""
    plans = [] if "// a plan can't know it\n" in text else [("plan", plan), ("second plan", again)]
    for what, answer in [("run", run), *plans]:
        part.check(f"{name}: its {what} is refused", answer.code == 1 and refusals(answer), answer)
    part.check(f"{name}: its plan is its run", changes(plan) == changes(run), differ(plan, run))


def differ(one, other, shown=changes):
    """What one answer alone shows."""
    first, second = shown(one), shown(other)
    lines = [f"- {item}" for item in first if item not in second] + [f"+ {item}" for item in second if item not in first]
    failed = [str(answer) for answer in (one, other) if answer.code]
    return "\n".join(lines + failed) or "in another order"
