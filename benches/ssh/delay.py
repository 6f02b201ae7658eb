"""A TCP proxy that makes a link long: each byte waits, in both directions, and any number are under way."""
import asyncio
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Connection:
    """One connection through a proxy."""

    # Its port on the host's side, by which the host's log names it.
    port: int
    # When each trip reached the host. One begins where the client speaks after it has heard the host.
    trips: list = field(default_factory=list)
    bytes: int = 0
    has_heard: bool = True


@dataclass
class Host:
    """The end to which the client's words go."""

    writer: asyncio.StreamWriter
    connection: Connection

    def leaves(self):
        """Whether a trip begins with what has just left."""
        begins, self.connection.has_heard = self.connection.has_heard, False
        return begins

    def arrives(self, is_trip):
        if is_trip:
            self.connection.trips.append(time.time())


@dataclass
class Client:
    """The end to which the host's words go."""

    writer: asyncio.StreamWriter
    connection: Connection

    def leaves(self):
        return False

    def arrives(self, _):
        self.connection.has_heard = True


class Delay:
    """A listening port before a host."""

    def __init__(self, address, port, seconds):
        self.target, self.seconds = (address, port), seconds
        self.connections = []
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait()

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self.join, "127.0.0.1", 0))
        self.address, self.port = self.server.sockets[0].getsockname()
        ready.set()
        self.loop.run_forever()

    async def join(self, near_reader, near_writer):
        try:
            # The way there and back of the connection itself.
            await asyncio.sleep(2 * self.seconds)
            far_reader, far_writer = await asyncio.open_connection(*self.target)
            connection = Connection(far_writer.get_extra_info("sockname")[1])
            self.connections.append(connection)
            await asyncio.gather(self.pump(near_reader, Host(far_writer, connection)), self.pump(far_reader, Client(near_writer, connection)))
        # A connection that a tool keeps open ends with the proxy.
        except (OSError, asyncio.CancelledError):
            near_writer.close()

    async def pump(self, reader, end):
        queue = asyncio.Queue()
        sender = asyncio.ensure_future(self.send(queue, end))
        try:
            while data := await reader.read(1 << 16):
                end.connection.bytes += len(data)
                queue.put_nowait((self.loop.time() + self.seconds, data, end.leaves()))
        except OSError:
            pass
        queue.put_nowait((self.loop.time() + self.seconds, None, False))
        await sender

    async def send(self, queue, end):
        try:
            while True:
                due, data, is_trip = await queue.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                if data is None:
                    end.writer.close()
                    return
                end.arrives(is_trip)
                end.writer.write(data)
                await end.writer.drain()
        except OSError:
            end.writer.close()

    def taken(self):
        """The connections since this was asked last."""
        taken, self.connections = self.connections, []
        return taken

    def close(self):
        async def end():
            self.server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.loop.stop()

        asyncio.run_coroutine_threadsafe(end(), self.loop)
        self.thread.join(timeout=10)
