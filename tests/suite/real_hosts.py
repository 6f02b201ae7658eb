"""Cases of operations on hosts: each runs on the twin and on real hosts, with the same changes."""
from common import ROOT, Lab

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


class HostsLab(Lab):
    """The lab of the hosts, whose SSH knows real ones by their addresses in docs."""

    def __init__(self, hosts):
        super().__init__(ROOT / "tests/cases/hosts", scripts=False, values={})
        home = self.path("home/.ssh")
        home.mkdir(parents=True)
        blocks = []
        for host, address in zip(hosts, ("10.77.0.11", "10.77.0.12", "10.77.0.13")):
            # Where a host listens elsewhere, as a virtual machine behind a forwarded port, only SSH knows it.
            blocks.append(f"Host {address}\n  HostName {host.address}\n  Port {host.port}\n  HostKeyAlias {address}\n"
                          f"  IdentityFile {host.identity}\n  IdentitiesOnly yes\n  UserKnownHostsFile {home}/known_hosts\n")
        (home / "config").write_text("".join(blocks))
        known = [f"{address} {host.host_key}\n" for host, address in zip(hosts, ("10.77.0.11", "10.77.0.12", "10.77.0.13"))]
        (home / "known_hosts").write_text("".join(known))
        self.values = {"HOME": str(self.path("home")), "USER": "root", "HOMELAB_SSH_CONFIG": str(home / "config")}

    def runbook(self, text):
        """Writes the runbook of a case; gives its path."""
        self.path("runbooks").mkdir(exist_ok=True)
        self.path("runbooks/case.rhai").write_text(HEAD + text)
        return "runbooks/case.rhai"


def changes(answer):
    """The changes of a plan or run, in the order of their steps."""
    found = [(event["operation"]["step"], event["operation"]["function"], event["change"])
             for event in answer.events() if event["event"] == "intent"]
    return sorted(found, key=lambda change: change[0])


def three(lab, runbook, *world):
    """Plan, run, plan again."""
    return [lab.run(verb, runbook, "--json", "--yes", *world) for verb in ("plan", "run", "plan")]


def compare(part, file, hosts):
    """Runs a case in both worlds and compares them. Its parts, which `// then` divides, run one after the other."""
    with HostsLab(hosts) as lab:
        for number, text in enumerate(file.read_text().split("\n// then\n"), 1):
            name = f"{file.stem} {number}"
            runbook = lab.runbook(text)
            twin = three(lab, runbook, "--twin")
            real = three(lab, runbook)
            for world, (plan, run, again) in (("the twin", twin), ("real hosts", real)):
                is_silent = "// changes nothing\n" in text
                ok = part.check(f"{name} on {world} runs", run.code == 0 and bool(changes(run)) != is_silent, run)
                part.check(f"{name} on {world}: its plan is its run", ok and changes(plan) == changes(run), differ(plan, run))
                part.check(f"{name} on {world}: a second plan is empty", again.code == 0 and not changes(again), again)
            part.check(f"{name}: the twin and real hosts change the same", changes(twin[1]) == changes(real[1]), differ(twin[1], real[1]))


def differ(one, other):
    """The changes that stand in one answer alone."""
    first, second = changes(one), changes(other)
    lines = [f"- {change}" for change in first if change not in second] + [f"+ {change}" for change in second if change not in first]
    failed = [str(answer) for answer in (one, other) if answer.code]
    return "\n".join(lines + failed) or "in another order"

