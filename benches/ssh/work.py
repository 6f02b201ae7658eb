"""The work that every tool does: 30 tasks a host, as data, and what plain shell scripts for it look like."""
import shlex

FILES = {f"/etc/bench/file-{n}.conf": f"# One of ten files.\nname = file-{n}\nlevel = {n * 7}\nmode = careful\n" for n in range(1, 11)}
PACKAGES = [f"bench-p{n}" for n in range(1, 6)]
UNITS = [f"bench-u{n}.service" for n in range(1, 6)]
SYSCTLS = {
    "net.ipv4.tcp_keepalive_time": "600",
    "net.ipv4.tcp_keepalive_intvl": "30",
    "net.ipv4.tcp_keepalive_probes": "5",
    "net.ipv4.tcp_fin_timeout": "30",
    "net.ipv4.ip_forward": "1",
}
USERS = ["bench-a1", "bench-a2", "bench-a3"]
KEYS = {
    "bench-a1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEo2cX9yq8lqOhqUsdn0ZS0bVFbv8MlG3s0KxkbWyC0T one@bench",
    "bench-a2": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHcZ0bWnJ1l8Jm0bM0pQ0x3o8tq0yq6m0n3u1aXn8m1T two@bench",
}
TASKS = len(FILES) + len(PACKAGES) + len(UNITS) + len(SYSCTLS) + len(USERS) + len(KEYS)
UNIT = "[Unit]\nDescription=It only sleeps\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"


def words(items):
    return " ".join(shlex.quote(item) for item in items)


def sysctl_file(name):
    return f"/etc/sysctl.d/{name}.conf"


def key_file(user):
    return f"/home/{user}/.ssh/authorized_keys"


def proc(name):
    return "/proc/sys/" + name.replace(".", "/")


def reads():
    """What the 30 tasks have to know, with one program for all that one program can read: commands, and the lines that each prints at least."""
    files = [*FILES, *map(sysctl_file, SYSCTLS)]
    return [
        (f"stat -c '%a %s %U %G' {words(files)}", len(files)),
        (f"sha256sum {words(files)}", len(files)),
        (f"dpkg-query --show --showformat '${{Package}} ${{db:Status-Status}} ${{Version}}\\n' {words(PACKAGES)}", len(PACKAGES)),
        (f"systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState {words(UNITS)}", 4 * len(UNITS)),
        (f"grep -H '' {words(map(proc, SYSCTLS))}", len(SYSCTLS)),
        (f"getent passwd {words(USERS)}; getent shadow {words(USERS)}; getent group", 3 * len(USERS)),
        (f"cat {words(map(key_file, KEYS))}", len(KEYS)),
    ]


def writes():
    """The script that does the 30 tasks on a host where none is done, one program a task."""
    lines = ["set -e"]
    for path, text in FILES.items():
        lines.append(f"printf %s {shlex.quote(text)} >{path}.new; chmod 644 {path}.new; mv {path}.new {path}")
    for package in PACKAGES:
        lines.append(f"DEBIAN_FRONTEND=noninteractive apt-get -q -y install {package}")
    for unit in UNITS:
        lines.append(f"systemctl --quiet enable --now {unit}")
    for name, value in SYSCTLS.items():
        lines.append(f"echo {shlex.quote(f'{name} = {value}')} >{sysctl_file(name)}; sysctl -q -w {name}={value}")
    for user in USERS:
        lines.append(f"useradd -m -s /bin/bash {user}")
    for user, key in KEYS.items():
        lines.append(f"install -d -m 700 -o {user} -g {user} /home/{user}/.ssh; echo {shlex.quote(key)} >{key_file(user)}; "
                     f"chmod 600 {key_file(user)}; chown {user}:{user} {key_file(user)}")
    return "\n".join(lines) + "\n"


def single_reads():
    """The same, a command a task: what a tool does that runs a command for each."""
    return [
        *((f"stat -c '%a %s %U %G' {path}; sha256sum {path}", 2) for path in FILES),
        *((f"dpkg-query --show {package}", 1) for package in PACKAGES),
        *((f"systemctl show -p LoadState -p ActiveState -p UnitFileState {unit}", 3) for unit in UNITS),
        *((f"cat {proc(name)} {sysctl_file(name)}", 2) for name in SYSCTLS),
        *((f"getent passwd {user}", 1) for user in USERS),
        *((f"cat {key_file(user)}", 1) for user in KEYS),
    ]


def undo():
    """The script that brings a host back to where none of the tasks is done."""
    return "\n".join([
        f"rm -f {words([*FILES, *map(sysctl_file, SYSCTLS)])} /etc/sysctl.d/99-bench.conf",
        f"dpkg --purge {words(PACKAGES)} >/dev/null 2>&1",
        f"systemctl --quiet disable --now {words(UNITS)} 2>/dev/null",
        *(f"sysctl -q -w {name}={value}" for name, value in BEFORE.items()),
        *(f"userdel -r {user} >/dev/null 2>&1" for user in USERS),
        "true",
    ])


# What the kernel has by itself, in a network namespace of its own.
BEFORE = {
    "net.ipv4.tcp_keepalive_time": "7200",
    "net.ipv4.tcp_keepalive_intvl": "75",
    "net.ipv4.tcp_keepalive_probes": "9",
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.ip_forward": "0",
}


def state():
    """The script that prints what every tool must have reached."""
    return "\n".join([
        f"sha256sum {words(FILES)}; stat -c '%n %a %U %G' {words(FILES)}",
        f"dpkg-query --show --showformat '${{Package}} ${{db:Status-Status}} ${{Version}}\\n' {words(PACKAGES)}",
        f"systemctl is-active {words(UNITS)}; systemctl is-enabled {words(UNITS)}",
        f"cat {words(map(proc, SYSCTLS))}",
        *(f"grep -rhsE '^{name} *= *{value}$' /etc/sysctl.d | tr -d ' '" for name, value in SYSCTLS.items()),
        f"getent passwd {words(USERS)} | cut -d: -f1,6,7",
        f"stat -c '%n %a %U' {words(map(key_file, KEYS))}; grep -h ^ssh- {words(map(key_file, KEYS))}",
    ])


def times():
    """The script that prints when anything of it was changed last."""
    paths = words([*FILES, *map(sysctl_file, SYSCTLS), *map(key_file, KEYS), "/etc/passwd", "/etc/shadow", "/var/lib/dpkg/status"])
    return f"stat -c '%n %y' {paths}; systemctl show -p Id -p ActiveEnterTimestamp {words(UNITS)}"
