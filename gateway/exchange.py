"""One request and its answer, as the steps on its way pass it along.

`gateway.telemetry` makes it, the ASGI scope carries it, each step adds what it found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Message, Scope, Send

from gateway.bundle import Bundle
from gateway.caller import Caller
from gateway.spec import Operation

KEY = "gateway.exchange"
ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


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


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: status, headers in lower case, body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def reply(
    exchange: Exchange,
    status: int,
    content_type: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return a whole answer with the headers that every answer has."""
    fields = [
        (b"content-type", content_type.encode("latin-1")),
        (b"content-length", b"%d" % len(body)),
        *ALWAYS,
        (b"x-request-id", exchange.request_id.encode("ascii")),
        (b"x-policy-revision", exchange.bundle.revision.encode("ascii")),
    ]
    if headers:
        fields += [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
    return Reply(status, fields, body)


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
