"""A TCP proxy that makes a link long: each byte waits, in both directions, and any number are under way."""
import asyncio
import threading


class Delay:
    """A listening port before a host. `trips` counts how often the client spoke after the host had."""

    def __init__(self, address, port, seconds):
        self.target, self.seconds = (address, port), seconds
        self.connections = self.trips = self.sent = self.received = 0
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
            self.connections += 1
            turn = {"client": False}
            await asyncio.gather(self.pump(near_reader, far_writer, True, turn), self.pump(far_reader, near_writer, False, turn))
        except OSError:
            near_writer.close()

    async def pump(self, reader, writer, is_client, turn):
        queue = asyncio.Queue()
        sender = asyncio.ensure_future(self.send(queue, writer))
        try:
            while data := await reader.read(1 << 16):
                if is_client and not turn["client"]:
                    self.trips += 1
                turn["client"] = is_client
                self.sent, self.received = self.sent + len(data) * is_client, self.received + len(data) * (not is_client)
                queue.put_nowait((self.loop.time() + self.seconds, data))
        except OSError:
            pass
        queue.put_nowait((self.loop.time() + self.seconds, None))
        await sender

    async def send(self, queue, writer):
        try:
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                if data is None:
                    writer.close()
                    return
                writer.write(data)
                await writer.drain()
        except OSError:
            writer.close()

    def counts(self):
        return {"connections": self.connections, "trips": self.trips, "bytes": self.sent + self.received}

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
