"""A TCP proxy in front of a host that can be cut, frozen, slowed or limited: a bad network, by command."""
import contextlib
import dataclasses
import socket
import struct
import threading
import time

# Closing a socket with it sends a reset, as a router does that lost its table.
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """A listening port that forwards to `address` and `port`.

    `delay` is how many seconds each piece waits; `limit` cuts a connection after so many bytes from the host; `received` and
    `sent` count bytes from and to the host, `accepted` connections.
    """

    def __init__(self, address, port, listen="127.0.0.1"):
        self.target = (address, port)
        self.delay, self.limit = 0.0, None
        self.accepted = self.sent = self.received = 0
        self.open, self.refusing = set(), False
        self.flowing = threading.Event()
        self.flowing.set()
        self.listener = socket.create_server((listen, 0))
        self.address, self.port = self.listener.getsockname()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                self.accepted += 1
                threading.Thread(target=self.join, args=(near,), daemon=True).start()

    def join(self, near):
        """Connects to the host and forwards in both directions."""
        try:
            if self.refusing:
                raise ConnectionRefusedError
            far = socket.create_connection(self.target, timeout=10)
        except OSError:
            reset(near)
            return
        far.settimeout(None)
        self.open |= {near, far}
        for source, sink, back in ((near, far, False), (far, near, True)):
            threading.Thread(target=self.pump, args=(source, sink, back), daemon=True).start()

    def pump(self, source, sink, back):
        total = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.flowing.wait()
                time.sleep(self.delay)
                if back and self.limit is not None and total + len(data) >= self.limit:
                    sink.sendall(data[:self.limit - total])
                    self.received += self.limit - total
                    break
                sink.sendall(data)
                total += len(data)
                self.sent, self.received = self.sent + len(data) * (not back), self.received + len(data) * back
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        self.drop({source, sink})

    def drop(self, sockets):
        for one in sockets & self.open:
            self.open.discard(one)
            reset(one)

    def cut(self):
        """Resets all connections."""
        self.drop(set(self.open))

    def freeze(self):
        """Forwards nothing more, as a link that is dead without a word."""
        self.flowing.clear()

    def thaw(self):
        """Forwards again, what was held back first."""
        self.flowing.set()

    def refuse(self, on=True):
        """Resets each new connection, or forwards them again."""
        self.refusing = on

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        self.flowing.set()


def reset(one):
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        # Another thread may wait in recv: that keeps the socket open past close.
        one.shutdown(socket.SHUT_RD)
    one.close()


@contextlib.contextmanager
def before(host):
    """A proxy before a host; `proxy.host` is the host as it's reached through it."""
    proxy = Proxy(host.address, host.port)
    proxy.host = dataclasses.replace(host, address=proxy.address, port=proxy.port)
    try:
        yield proxy
    finally:
        proxy.close()
