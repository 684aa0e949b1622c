"""One request and its answer, as the steps on its way pass it along.

`gateway.telemetry` makes it, the ASGI scope carries it, each step adds what it found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.types import Message, Scope, Send

from gateway.bundle import Bundle
from gateway.caller import Caller
from gateway.spec import Operation

KEY = "gateway.exchange"
LINE_END = b"\r\n"
# Content type, length of the body, the request's id, the policy's revision.
HEAD = (
    b"content-type: %b\r\n"
    b"content-length: %d\r\n"
    b"cache-control: no-store\r\n"
    b"x-content-type-options: nosniff\r\n"
    b"x-request-id: %b\r\n"
    b"x-policy-revision: %b\r\n"
)


@dataclass(slots=True)
class Exchange:
    """What is known of a request so far.

    Attributes:
        bundle: document and policy in force when the request began.
        arguments: the checked query parameters, by name.
        status: of the answer, once it has started.
        withheld: the egress guard did not let the answer leave.
        unrecorded: the disclosure log could not be written, so the answer did not leave.
    """

    request_id: str
    bundle: Bundle
    operation: Operation | None = None
    caller: Caller | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    withheld: bool = False
    unrecorded: bool = False

    @classmethod
    def of(cls, scope: Scope) -> Exchange:
        """Return the exchange that *scope* carries."""
        exchange: Exchange = scope["extensions"][KEY]
        return exchange

    @property
    def admitted(self) -> tuple[Operation, Caller]:
        """The operation and who is let through to it.

        Raises:
            LookupError: token and scope have not been checked: a step is missing in the stack.
        """
        if self.operation is None or self.caller is None:
            raise LookupError("the request has not passed the security step")
        return self.operation, self.caller


class Reply(NamedTuple):
    """A whole answer.

    Attributes:
        head: the lines of its headers as HTTP/1.1 has them, names in lower case.
    """

    status: int
    head: bytes
    body: bytes

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as ASGI has them."""
        lines = (line.partition(b": ") for line in self.head.split(LINE_END)[:-1])
        return [(name, value) for name, _, value in lines]


def reply(
    exchange: Exchange,
    status: int,
    content_type: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return a whole answer with the headers that every answer has.

    Raises:
        ValueError: a value of *headers* has more than one line.
    """
    head = HEAD % (
        content_type.encode("latin-1"),
        len(body),
        exchange.request_id.encode("ascii"),
        exchange.bundle.revision.encode("ascii"),
    )
    for name, value in (headers or {}).items():
        if not value.isprintable():
            raise ValueError(f"header `{name}`: more than one line of text")
        head += b"%b: %b\r\n" % (name.lower().encode("latin-1"), value.encode("latin-1"))
    return Reply(status, head, body)


async def send_reply(send: Send, whole: Reply) -> None:
    """Send an answer by the messages of ASGI."""
    start: Message = {
        "type": "http.response.start",
        "status": whole.status,
        "headers": whole.headers,
    }
    await send(start)
    await send({"type": "http.response.body", "body": whole.body})


async def answer(
    send: Send,
    exchange: Exchange,
    status: int,
    content_type: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send a whole answer with the headers that every answer has."""
    await send_reply(send, reply(exchange, status, content_type, body, headers))
