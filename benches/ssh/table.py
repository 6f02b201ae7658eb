"""The benchmark's tables, as Markdown."""

TITLES = {
    "no_change": "nothing to change",
    "first_run": "first run",
    "slow_rc": "root with a start file that takes {slow_rc_seconds} s, nothing to change",
    "latency": "{latency_ms} ms a round trip, nothing to change",
}
# So many round trips may be homelab's beyond its own login.
BEYOND = 4
# A start file that takes its time may cost homelab so many times that.
START_FILE = 1.5
# What homelab wants to be, as the ratio in the same run: at most of the floor, at least of the others.
GOALS = {
    "no_change": {"floor": 1.3, "pyinfra": 4, "Mitogen": 12, "Ansible": 40},
    "first_run": {"floor": 2.5},
}


def figures(series):
    """Each tool's figures: seconds, and MiB."""
    return {name: {"min": round(one.least(), 3), "median": round(one.middle(), 3), "cpu": round(one.middle("cpu"), 3),
                   "hosts_cpu": round(one.middle("hosts"), 3), "memory_mib": round(one.middle("memory"), 1), "links": one.all[0].links}
            for name, one in series.items()}


def markdown(answer, hosts, tasks):
    parts = [f"{hosts} hosts, {tasks} tasks each, {answer['date']}, {answer['machine']}. "
             + ", ".join(f"{tool} {version}" for tool, version in answer["versions"].items()) + ".", ""]
    for scenario, title in TITLES.items():
        if scenario not in answer:
            continue
        title, seconds = title.format_map(answer), answer[scenario]["seconds"]
        own = seconds.get("homelab", {}).get("median")
        parts += [f"**{title[0].upper()}{title[1:]}**", ""]
        if any(one["links"] for one in seconds.values()):
            parts += [*links(seconds), ""]
            continue
        parts += ["| tool | median | min | beside homelab | processor here | on the hosts | goal |", "| --- | --- | --- | --- | --- | --- | --- |"]
        for name, one in seconds.items():
            beside = f"{one['median'] / own:.2f}" if own else ""
            parts.append(f"| {name} | {one['median']:.2f} s | {one['min']:.2f} s | {beside} | {one['cpu']:.2f} s | "
                         f"{one['hosts_cpu']:.2f} s | {start_file(answer[scenario], name) or goal(scenario, name, one['median'], own)} |")
        parts.append("")
    return "\n".join(parts)


def links(seconds):
    """What the tools need on a long link, for a host."""
    parts = ["| tool | seconds | connections | round trips | of them its login | beyond | bytes | goal |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name, one in seconds.items():
        link = one["links"]
        beyond = link["trips"] - link["login"]
        goal = f"at most {BEYOND} beyond: {word(beyond <= BEYOND)}" if name == "homelab" else ""
        parts.append(f"| {name} | {one['median']:.2f} | {link['connections']:.1f} | {link['trips']:.1f} | {link['login']:.1f} | {beyond:.1f} | "
                     f"{link['bytes']:.0f} | {goal} |")
    return parts


def start_file(figures, name):
    """Whether a slow start file costs homelab its seconds once a host and run."""
    times = figures.get("start_file_times")
    if name != "homelab" or times is None:
        return ""
    return f"the file costs at most {START_FILE} times its seconds: {times:.2f}: {word(times <= START_FILE)}"


def goal(scenario, name, seconds, own):
    wanted = GOALS.get(scenario, {}).get(name)
    if not wanted or not own:
        return ""
    if name == "floor":
        return f"homelab at most {wanted} times as long: {word(own / seconds <= wanted)}"
    return f"at least {wanted} times as long: {word(seconds / own >= wanted)}"


def word(is_met):
    return "met" if is_met else "not met"
