"""Real hosts for the suite: plain sshd, booted systemd in namespaces, and a virtual machine.

A suite part uses the context managers `plain.hosts`, `jump.hosts`, `booted.hosts` and `vm.host`; other programs start
`tests/hosts/hosts` and read one JSON line. None of it needs KVM, a container engine or anything outside this machine
except Debian's mirror, which is read from the machine's own apt configuration when a cache is empty.
"""
