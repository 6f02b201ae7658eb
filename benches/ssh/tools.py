"""The tools: each gets a folder, prepares it for the hosts, and says the command that does the work."""
import json
import os
import shlex
import shutil
from pathlib import Path, PurePath

import lab
import peers
import work

HOMELAB = Path(os.environ.get("HOMELAB", lab.ROOT / "target/release/homelab")).absolute()
OPTIONS = "-o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes"


def literal(text):
    """A text as Rhai writes it."""
    return json.dumps(text)


class Tool:
    """A tool in a folder of its own."""

    name = ""

    def __init__(self, folder, hosts):
        self.folder, self.hosts = Path(folder), hosts
        self.folder.mkdir(parents=True)
        self.known = self.folder / "known_hosts"
        self.known.write_text("".join(f"{host.known_hosts()}\n" for host in hosts.near))
        self.prepare()

    def prepare(self):
        """Writes what the tool needs."""

    def command(self, kind):
        """The command that does the work: `first` on a host where nothing is done, `again` where all is."""
        raise NotImplementedError

    def forget(self):
        """Makes the tool one that has never run here."""

    def check(self, kind):
        """Fails if the command did less than its status says."""

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "USER": "root", "LC_ALL": "C.UTF-8"}

    def ssh(self, host, *options):
        return ["ssh", "-F", "none", *shlex.split(OPTIONS), "-o", f"UserKnownHostsFile={self.known}", *options, "-i", host.identity,
                "-p", str(host.port), f"{self.hosts.user}@{host.address}"]

    @property
    def root(self):
        return "sh" if self.hosts.user == "root" else "sudo -n sh"

    def script(self, name, lines):
        file = self.folder / name
        file.write_text("#!/bin/sh\n" + lines)
        return ["sh", str(file)]


class Plain(Tool):
    """`ssh` itself, on all hosts at once."""

    def at_once(self, kind, blocks):
        """A script that runs a block a host, keeps what each prints, and fails if any of them failed."""
        lines = ["pids="]
        for number, block in enumerate(blocks):
            lines += [f"(\nset -e\n{block}\n) >{self.printed(kind, number)} &", 'pids="$pids $!"']
        lines += ["failed=0", 'for pid in $pids; do wait "$pid" || failed=$?; done', "exit $failed"]
        return self.script(f"{kind}.sh", "\n".join(lines) + "\n")

    def printed(self, kind, number):
        return self.folder / f"{kind}-{number}.out"

    def socket(self, number):
        return ["-o", f"ControlPath={self.folder}/{number}"]

    def master(self, number, host):
        return shlex.join(self.ssh(host, "-o", "ControlMaster=yes", "-N", "-f", *self.socket(number)))

    def end(self, number, host):
        return shlex.join(self.ssh(host, *self.socket(number), "-q", "-O", "exit"))

    def least(self, kind):
        """How many lines each host prints at least."""
        return 0

    def check(self, kind):
        for number, host in enumerate(self.hosts):
            count = self.printed(kind, number).read_bytes().count(b"\n")
            if count < self.least(kind):
                raise RuntimeError(f"{self.name}, {kind}: {host.name} printed {count} lines, and has {self.least(kind)} to tell")


class Floor(Plain):
    """One `ssh HOST sh` a host, fed with all of it."""

    name = "floor"

    def reads(self):
        return work.reads()

    def command(self, kind):
        text = work.writes() if kind == "first" else "".join(f"{command}\n" for command, _ in self.reads())
        (self.folder / kind).write_text(text)
        return self.at_once(kind, [f"{shlex.join(self.ssh(host))} {shlex.quote(self.root)} <{self.folder / kind}" for host in self.hosts.near])

    def least(self, kind):
        return 0 if kind == "first" else sum(lines for _, lines in self.reads())


class Login(Plain):
    """A login, and nothing else."""

    name = "login alone"

    def command(self, kind):
        return self.at_once(kind, [f"{self.master(*one)}\n{self.end(*one)}" for one in enumerate(self.hosts.near)])


class ControlMaster(Plain):
    """One connection a host, and a command a task in it."""

    name = "ControlMaster"

    def command(self, kind):
        if kind == "first":
            return None
        blocks = []
        for number, host in enumerate(self.hosts.near):
            plain = shlex.join(self.ssh(host, *self.socket(number)))
            run = [f"echo {shlex.quote(one)} | {plain} {shlex.quote(self.root)}" for one, _ in work.single_reads()]
            blocks.append("\n".join([self.master(number, host), *run, self.end(number, host)]))
        return self.at_once(kind, blocks)

    def least(self, kind):
        return sum(lines for _, lines in work.single_reads())


class Homelab(Tool):
    """A runbook with the tasks as operations, for all hosts at once."""

    name = "homelab"

    def prepare(self):
        docs = self.folder / "docs"
        shutil.copytree(lab.ROOT / "tests/cases/hosts/docs", docs)
        rows = "".join(f"| {host.name} | {host.address}/24 | host0 | 2 | 2 GiB | ext4 |\n" for host in self.hosts)
        (docs / "HARDWARE.md").write_text("# Hardware\n\n## Nodes\n\n| Name | Address | Management interface | Cores | Memory | "
                                          f"Root file system |\n| --- | --- | --- | --- | --- | --- |\n{rows}")
        blocks = [f"Host {host.address}\n  HostName {near.address}\n  Port {near.port}\n  IdentityFile {near.identity}\n"
                  f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.known}\n" for host, near in zip(self.hosts, self.hosts.near)]
        (self.folder / "ssh_config").write_text("".join(blocks))
        (self.folder / "runbooks").mkdir()
        (self.folder / "runbooks/work.rhai").write_text(self.runbook())

    def runbook(self):
        def each(items, call):
            return "\n".join(f"        {call(*item) if isinstance(item, tuple) else call(item)};" for item in items)

        def step(name, title, body):
            return f'step("{name}", "{title}", || {{\n    parallel(names(), |host| {{\n{body}\n    }});\n}});\n'

        return "\n".join([
            'runbook("work", "1.0.0");',
            f'host::connect(#{{ hosts: facts::table("HARDWARE", "Nodes"), user: "{self.hosts.user}" }});',
            'fn names() { facts::table("HARDWARE", "Nodes").map(|node| node.name) }',
            step("files", "Ten files", each(work.FILES.items(), lambda path, content:
                 f'host::file(host, {literal(path)}, #{{ content: {literal(content)}, mode: "644" }})')),
            step("packages", "Five packages", each(work.PACKAGES, lambda name: f'host::packages(host, #{{ names: [{literal(name)}] }})')),
            step("units", "Five units", each(work.UNITS, lambda unit: f'host::unit(host, {literal(unit)}, #{{ enabled: true, running: true }})')),
            step("sysctls", "Five kernel parameters", each(work.SYSCTLS.items(), lambda name, value:
                 f'host::sysctl(host, {literal(name)}, #{{ value: {literal(value)} }})')),
            step("users", "Three users", each(work.USERS, lambda user: f'host::user(host, {literal(user)}, #{{ shell: "/bin/bash" }})')),
            step("keys", "Two keys", each(work.KEYS.items(), lambda user, key:
                 f'host::authorized_key(host, {literal(user)}, #{{ key: {literal(key)} }})')),
        ])

    def environment(self):
        return super().environment() | {"HOMELAB_SSH_CONFIG": str(self.folder / "ssh_config")}

    def command(self, kind):
        return [str(HOMELAB), "run", "runbooks/work.rhai", "--yes"]

    @property
    def journal(self):
        return self.folder / ".homelab"

    def forget(self):
        # The journal tells what the last run asked of hosts.
        shutil.rmtree(self.journal, ignore_errors=True)

    def check(self, kind):
        if not self.journal.is_dir():
            raise RuntimeError(f"{self.name}: no journal in {self.journal}")


class Pyinfra(Tool):
    """A deploy of pyinfra, on all hosts at once."""

    name = "pyinfra"

    def prepare(self):
        entries = [(f"@ssh/{host.name}", {"ssh_hostname": near.address, "ssh_port": near.port, "ssh_user": self.hosts.user,
                                          "ssh_key": near.identity, "ssh_known_hosts_file": str(self.known)})
                   for host, near in zip(self.hosts, self.hosts.near)]
        (self.folder / "inventory.py").write_text(f"hosts = {entries!r}\n")
        (self.folder / "deploy.py").write_text("\n".join([
            "import io", "from pyinfra import config", "from pyinfra.operations import apt, files, server, systemd",
            f"config.SUDO = {self.hosts.user != 'root'}",
            f"for path, content in {work.FILES!r}.items():",
            "    files.put(src=io.StringIO(content), dest=path, mode='644', user='root', group='root')",
            f"for name in {work.PACKAGES!r}:", "    apt.packages(packages=[name])",
            f"for unit in {work.UNITS!r}:", "    systemd.service(service=unit, running=True, enabled=True)",
            f"for name, value in {work.SYSCTLS!r}.items():",
            "    server.sysctl(key=name, value=int(value), persist=True, persist_file=f'/etc/sysctl.d/{name}.conf')",
            f"for name in {work.USERS!r}:", "    server.user(user=name, shell='/bin/bash', home=f'/home/{name}', create_home=True)",
            f"for name, key in {work.KEYS!r}.items():", "    server.user_authorized_keys(user=name, public_keys=[key])",
        ]) + "\n")

    def command(self, kind):
        return [str(peers.installed() / "bin/pyinfra"), "-y", "inventory.py", "deploy.py"]


class Ansible(Tool):
    """A playbook with pipelining, a fork a host, no gathering of facts, connections that persist."""

    name = "Ansible"
    more = ""

    def prepare(self):
        (self.folder / "ansible.cfg").write_text(
            f"[defaults]\ninventory = inventory.ini\nforks = {len(self.hosts)}\ngathering = explicit\ninterpreter_python = /usr/bin/python3\n"
            f"retry_files_enabled = False\n{self.more}[ssh_connection]\npipelining = True\n"
            f"ssh_args = -F none {OPTIONS} -o UserKnownHostsFile={self.known} -o ControlMaster=auto -o ControlPersist=60s\n"
            f"control_path_dir = {self.folder}/cp\n")
        lines = [f"{host.name} ansible_host={near.address} ansible_port={near.port} ansible_user={self.hosts.user} "
                 f"ansible_ssh_private_key_file={near.identity}" for host, near in zip(self.hosts, self.hosts.near)]
        (self.folder / "inventory.ini").write_text("\n".join(["[bench]", *lines]) + "\n")
        tasks = [
            *({"ansible.builtin.copy": {"dest": path, "content": content, "mode": "0644", "owner": "root", "group": "root"}}
              for path, content in work.FILES.items()),
            *({"ansible.builtin.apt": {"name": name, "state": "present"}} for name in work.PACKAGES),
            *({"ansible.builtin.systemd_service": {"name": unit, "state": "started", "enabled": True}} for unit in work.UNITS),
            # Modules for both of these are in collections that aren't part of the core; files are cheaper.
            *({"ansible.builtin.copy": {"dest": work.sysctl_file(name), "content": f"{name} = {value}\n", "mode": "0644"},
               "notify": "sysctl"} for name, value in work.SYSCTLS.items()),
            *({"ansible.builtin.user": {"name": user, "shell": "/bin/bash"}} for user in work.USERS),
            # A folder as the goal is made where it's missing.
            *({"ansible.builtin.copy": {"src": str(self.key(user, key)), "dest": f"{PurePath(work.key_file(user)).parent}/", "owner": user,
                                        "group": user, "mode": "0600", "directory_mode": "0700"}} for user, key in work.KEYS.items()),
        ]
        assert len(tasks) == work.TASKS
        play = [{"hosts": "bench", "become": self.hosts.user != "root", "tasks": tasks,
                 "handlers": [{"name": "sysctl", "ansible.builtin.command": {"cmd": f"sysctl -p {work.words(map(work.sysctl_file, work.SYSCTLS))}"}}]}]
        (self.folder / "playbook.json").write_text(json.dumps(play, indent=1))

    def key(self, user, key):
        """The file with a user's keys, named as it is on the host."""
        file = self.folder / "keys" / user / PurePath(work.key_file(user)).name
        file.parent.mkdir(parents=True)
        file.write_text(key + "\n")
        return file

    def environment(self):
        return super().environment() | {"ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"), "PATH": f"{peers.installed()}/bin:{os.environ['PATH']}"}

    def command(self, kind):
        return [str(peers.installed() / "bin/ansible-playbook"), "playbook.json"]


class Mitogen(Ansible):
    """The same playbook with Mitogen's strategy."""

    name = "Mitogen"

    def prepare(self):
        self.more = f"strategy = mitogen_linear\nstrategy_plugins = {peers.mitogen_strategy()}\n"
        super().prepare()


ALL = [Floor, ControlMaster, Homelab, Pyinfra, Mitogen, Ansible]
