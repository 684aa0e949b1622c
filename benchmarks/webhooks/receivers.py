"""Receivers on the loopback, in a thread: one as it should be, and others."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

ANSWERS = {200: b"HTTP/1.1 200 OK\r\n", 503: b"HTTP/1.1 503 No\r\n"}
MALFORMED = (asyncio.IncompleteReadError, ConnectionError)


@dataclass(frozen=True, slots=True)
class Request:
    """A message that came: when, and whether it was taken."""

    message: str
    at: float
    taken: bool


@dataclass
class Receiver:
    """A receiver, how it misbehaves, and what came.

    Attributes:
        fails: the part of requests that it answers with 503.
        hangs_s: for how long it answers nothing at first.
        down_s: for how long nobody listens at first.
    """

    name: str
    fails: float = 0
    hangs_s: float = 0
    down_s: float = 0
    port: int = 0
    requests: list[Request] = field(default_factory=list)

    @property
    def taken(self) -> list[Request]:
        return [request for request in self.requests if request.taken]

    async def listen(self, began: float, chance: random.Random) -> None:
        """Serve for good; *began* is when its misbehaviour did."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:
                    await self._answer(reader, writer, began, chance)
            except MALFORMED:
                writer.close()

        reserved = await asyncio.start_server(serve, "127.0.0.1", self.port, start_serving=False)
        self.port = reserved.sockets[0].getsockname()[1]
        if self.down_s:
            reserved.close()  # its port is known, and refuses connections
            await asyncio.sleep(self.down_s)
            reserved = await asyncio.start_server(serve, "127.0.0.1", self.port)
        async with reserved:
            await reserved.serve_forever()

    async def _answer(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        began: float,
        chance: random.Random,
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
        # Ids are case-sensitive, names of headers are not.
        message = next(
            line.split(": ", 1)[1]
            for line in head.split("\r\n")
            if line.lower().startswith("webhook-id: ")
        )
        await reader.readexactly(int(headers["content-length"]))
        now = time.time()
        if now - began < self.hangs_s:
            self.requests.append(Request(message, now, taken=False))
            await asyncio.sleep(self.hangs_s)
            raise ConnectionError
        taken = chance.random() >= self.fails
        self.requests.append(Request(message, now, taken))
        writer.write(ANSWERS[200 if taken else 503] + b"Content-Length: 0\r\n\r\n")
        await writer.drain()


@contextmanager
def listening(receivers: Sequence[Receiver], seed: int) -> Iterator[None]:
    """Let *receivers* listen while the context is open."""
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        began, chance = time.time(), random.Random(seed)
        tasks = [asyncio.create_task(one.listen(began, chance)) for one in receivers]
        while not all(one.port for one in receivers):
            await asyncio.sleep(0.01)
        ready.set()
        await asyncio.gather(*tasks, return_exceptions=True)

    def serve() -> None:
        asyncio.set_event_loop(loop)
        main = loop.create_task(run())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.gather(main, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=serve, name="receivers")
    thread.start()
    try:
        ready.wait()
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
