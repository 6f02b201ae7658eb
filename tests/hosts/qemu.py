"""Runs QEMU without KVM, and talks to its monitor."""
import contextlib
import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

from hosts import processes

PROGRAM = "qemu-system-x86_64"
MEMORY = 1024
# One without AVX, AES and virtualization: emulated they're slower than doing without, and each brings drivers that load.
CPU = "Nehalem"
# Where the guest sees what: the network card that SSH comes through, and the spare one behind a port of its own.
NETWORK_SLOT, PORT_SLOT = "0x3", "0x5"


def version():
    return subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def command(system, disks, monitor, snapshot=None):
    """The command line. A snapshot can only be resumed by the one that it was made with; the port on this side may differ."""
    line = [PROGRAM, "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", CPU, "-smp", "2", "-m", str(MEMORY),
            "-display", "none", "-vga", "none", "-nodefaults", "-serial", "file:" + str(Path(monitor).with_name("console")),
            "-qmp", f"unix:{monitor},server=on,wait=off", "-device", "intel-iommu", "-device", "virtio-rng-pci,addr=0x4",
            # Nothing of the guest goes out: restrict leaves only the port on our loopback.
            "-netdev", "user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:0-:22", "-device", f"virtio-net-pci,netdev=lan,romfile=,addr={NETWORK_SLOT}",
            "-device", f"pcie-root-port,id=riser,bus=pcie.0,addr={PORT_SLOT},chassis=1", "-device", "e1000,bus=riser,romfile=,addr=0x0"]
    line += drive("system", system, "0x6")
    for place, (serial, file) in enumerate(disks.items()):
        line += drive(serial, file, hex(7 + place))
    return line + (["-loadvm", snapshot] if snapshot else [])


def drive(serial, file, slot):
    """A disk. Nothing of it has to outlive this machine's own crash, so writes aren't waited for."""
    return ["-drive", f"if=none,id={serial},file={file},format=qcow2,cache=unsafe",
            "-device", f"virtio-blk-pci,drive={serial},serial={serial},addr={slot}"]


class Qemu:
    """A running QEMU."""

    def __init__(self, line, folder):
        self.folder, self.socket = folder, None
        self.monitor = Path(line[line.index("-qmp") + 1].split(":", 1)[1].split(",")[0])
        self.monitor.unlink(missing_ok=True)
        with open(folder / "qemu.log", "ab") as log:
            self.child = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        processes.wait_until(self.connected, 60, "QEMU's monitor")
        self.say("qmp_capabilities")

    def connected(self):
        if self.child.poll() is not None:
            raise RuntimeError(f"QEMU ended with {self.child.returncode}: {(self.folder / 'qemu.log').read_text()}")
        one = socket.socket(socket.AF_UNIX)
        try:
            one.connect(str(self.monitor))
        except OSError:
            one.close()
            return False
        self.socket, self.lines = one, one.makefile("r")
        self.lines.readline()
        return True

    def say(self, what, **arguments):
        """Executes a command of the monitor; events that come meanwhile are dropped."""
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(json.dumps({"execute": what, "arguments": arguments}).encode() + b"\n")
            while line := self.lines.readline():
                answer = json.loads(line)
                if "error" in answer:
                    raise RuntimeError(f"QEMU refuses {what}: {answer['error']['desc']}")
                if "return" in answer:
                    return answer["return"]
        raise RuntimeError(f"QEMU ended during {what}: {(self.folder / 'qemu.log').read_text()}")

    def human(self, line):
        """Executes a command of the monitor for humans, whose errors are only text."""
        return self.say("human-monitor-command", **{"command-line": line}).strip()

    def port(self):
        """The port on our loopback that leads to the guest's SSH."""
        return int(re.search(r"HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)", self.human("info usernet"))[1])

    def save(self, name):
        """Keeps the running machine as a snapshot in its disks."""
        if said := self.human(f"savevm {name}"):
            raise RuntimeError(f"QEMU keeps no snapshot: {said}")

    def state(self):
        """Whether QEMU runs, and what it printed, for a message."""
        code = self.child.poll()
        return f"QEMU {'runs' if code is None else f'ended with {code}'}. {(self.folder / 'qemu.log').read_text()}"

    def quit(self):
        """Ends the machine at once."""
        self.child.kill()
        self.child.wait()
        self.lines.close()
        self.socket.close()


def overlay(file, backing=None, size=None):
    """A new disk that has only the changes to another one, or an empty one of a size."""
    source = ["-b", str(backing), "-F", "raw"] if backing else []
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *source, str(file), *([size] if size else [])], check=True)


def copy(source, target):
    """Copies a disk with its snapshot; files keep their holes."""
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(source), str(target)], check=True)


def lacking():
    return next((f"no {tool}" for tool in (PROGRAM, "qemu-img", "mke2fs", "mmdebstrap") if not shutil.which(tool)), None)
