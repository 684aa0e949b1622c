"""A server of a few lines that answers what a test says, down to the byte, or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[["Received", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Received:
    """A request as it arrived."""

    head: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}


@dataclass
class RawServer:
    """What listens, and what has come."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    connections: int = 0


def says(text: bytes | str) -> Answer:
    """Return an answer that is always *text*."""
    raw = text if isinstance(text, bytes) else text.encode()

    async def answer(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return answer


def status(line: str, *headers: str) -> Answer:
    """Return an answer without a body: `status("410 Gone")`."""
    return says("\r\n".join((f"HTTP/1.1 {line}", "Content-Length: 0", *headers, "", "")))


@asynccontextmanager
async def raw_server(
    answer: Answer, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[RawServer]:
    """Listen on a port of the loopback; answer each request by *answer*."""
    server = RawServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n")
                request = Received(head, b"")
                size = int(request.headers.get("content-length", "0"))
                request.body = await reader.readexactly(size)
                server.requests.append(request)
                await answer(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            pass  # the test is over; asyncio would log it as an error
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, host, port, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
