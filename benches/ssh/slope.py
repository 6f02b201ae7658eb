"""What homelab and the floor cost by the number of tasks and of hosts, and the memory that many hosts take.

The hosts are plain sshd on loopback, and the tasks are files: the cost of a task is that of its reads, the same for both.
"""
import sys

import lab  # noqa: F401: finds the package `hosts`
import measure
import table
import tools
import work
from hosts import plain
from tools import literal

TASKS = [1, 10, 30, 100, 300]
HOSTS = [1, 5, 20, 50]
MANY = 100
# What most runs have.
USUAL_TASKS, USUAL_HOSTS = 30, 5
# 50 hosts may take so many times the floor, 100 so much of the memory here.
FIFTY = 1.5
MEMORY = 150


class Hosts(list):
    """Plain hosts, with files that nobody has to change."""

    def __init__(self, hosts, tasks, folder):
        super().__init__(hosts)
        self.user, self.near, self.files = "root", list(hosts), {}
        for number in range(tasks):
            path = folder / f"file-{number}.conf"
            text = f"# One of {tasks}\nname = file-{number}\n"
            path.write_text(text)
            path.chmod(0o644)
            self.files[str(path)] = text


class Floor(tools.Floor):
    """The floor for files."""

    def reads(self):
        files, count = work.words(self.hosts.files), len(self.hosts.files)
        return [(f"stat -c '%a %s %U %G' {files}", count), (f"sha256sum {files}", count)]


class Homelab(tools.Homelab):
    """homelab for files."""

    def runbook(self):
        calls = "\n".join(f'        host::file(host, {literal(path)}, #{{ content: {literal(text)}, mode: "644" }});'
                          for path, text in self.hosts.files.items())
        names = ", ".join(f'"{host.name}"' for host in self.hosts)
        return (f'runbook("work", "1.0.0");\nhost::connect(#{{ hosts: facts::table("HARDWARE", "Nodes"), user: "root" }});\n'
                f'step("files", "Files", || {{\n    parallel([{names}], |host| {{\n{calls}\n    }});\n}});\n')


def pair(hosts, tasks, folder, rounds):
    """Homelab and the floor with so many hosts and tasks."""
    place = folder / f"{len(hosts)}-{tasks}"
    place.mkdir()
    made = Hosts(hosts, tasks, place)
    both = [kind(place / kind.name, made) for kind in (Floor, Homelab)]
    measure.once(both[1], "again")
    series = {tool.name: measure.Series() for tool in both}
    for number in range(rounds):
        for tool in measure.rotated(both, number):
            series[tool.name].all.append(measure.once(tool, "again"))
    floor, own = series["floor"], series["homelab"]
    row = {"hosts": len(hosts), "tasks": tasks, "floor": round(floor.middle(), 3), "homelab": round(own.middle(), 3),
           "ratio": round(own.middle() / floor.middle(), 3), "memory_mib": round(own.middle("memory"), 1),
           "cpu": round(own.middle("cpu"), 3), "floor_cpu": round(floor.middle("cpu"), 3)}
    print(f"  {row}", file=sys.stderr, flush=True)
    return row


def measured(folder, rounds):
    rows = []
    with plain.hosts(MANY) as hosts:
        for tasks in TASKS:
            rows.append(pair(hosts[:USUAL_HOSTS], tasks, folder, rounds))
        for count in HOSTS:
            if count != USUAL_HOSTS:
                rows.append(pair(hosts[:count], USUAL_TASKS, folder, rounds))
        rows.append(pair(hosts, USUAL_TASKS, folder, rounds))
    fifty = next(row for row in rows if row["hosts"] == 50)
    return {"slope": rows, "fifty_hosts_over_floor": fifty["ratio"], "memory_of_100_hosts_mib": rows[-1]["memory_mib"]}


def markdown(answer):
    parts = [f"Files on plain sshd hosts, nothing to change, {answer['date']}, {answer['machine']}.", "",
             "| hosts | tasks | floor | homelab | homelab over floor | processor: floor | homelab | homelab's memory |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in answer["slope"]:
        parts.append(f"| {row['hosts']} | {row['tasks']} | {row['floor']:.2f} s | {row['homelab']:.2f} s | {row['ratio']:.2f} | "
                     f"{row['floor_cpu']:.2f} s | {row['cpu']:.2f} s | {row['memory_mib']:.0f} MiB |")
    fifty, memory = answer["fifty_hosts_over_floor"], answer["memory_of_100_hosts_mib"]
    megabytes = memory * 1.048576
    parts += ["", f"50 hosts, at most {FIFTY} times the floor: {fifty:.2f}, {table.word(fifty <= FIFTY)}. "
              f"100 hosts, under {MEMORY} MB: {megabytes:.0f} MB, {table.word(megabytes < MEMORY)}."]
    return "\n".join(parts)
