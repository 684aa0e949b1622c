"""A real mail server on the loopback that keeps what it is given."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

from gateway.settings import Settings

WITHIN_S = 60
FROM = "Hiring gateway <gateway@example.com>"
PUBLIC_URL = "https://gateway.example.com"
USER, PASSWORD = "gateway", "wonderful secret"


@dataclass
class Post:
    """What has come, and how the server answers.

    Attributes:
        refuse: the answer to a recipient, by address.
        says: the answer to a mail; "250": it is kept.
    """

    port: int = 0
    refuse: dict[str, str] = field(default_factory=dict)
    says: str = "250 OK"
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    tries: int = 0

    # Names that aiosmtpd looks for.
    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        self.tries += 1
        if self.says.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            [address] = envelope.rcpt_tos
            self.received.append((address, message))
        return self.says

    def authenticate(self, _server, _session, _envelope, _mechanism, given: Any) -> AuthResult:
        self.logins.append(given.login)
        success = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=success, handled=False)

    @property
    def addresses(self) -> list[str]:
        return sorted(address for address, _ in self.received)

    def texts(self) -> list[str]:
        return [message.get_content() for _, message in self.received]

    def wait_for(self, number: int) -> list[tuple[str, EmailMessage]]:
        """Return what has come, once it is *number* mails."""
        deadline = time.monotonic() + WITHIN_S
        while len(self.received) < number:
            assert time.monotonic() < deadline, self.received
            time.sleep(0.05)
        return self.received

    def settings(self, **values: Any) -> Settings:
        """Return settings that send mail here."""
        given = {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_security": "plain",
            "mail_from": FROM,
            "public_url": PUBLIC_URL,
        }
        return Settings(**given | values)

    def environment(self) -> dict[str, str]:
        """Return the same, for processes."""
        return {
            "GATEWAY_SMTP_HOST": "127.0.0.1",
            "GATEWAY_SMTP_PORT": str(self.port),
            "GATEWAY_SMTP_SECURITY": "plain",
            "GATEWAY_MAIL_FROM": FROM,
            "GATEWAY_PUBLIC_URL": PUBLIC_URL,
        }


@contextmanager
def post_office(*, make: Any = SMTP, over_tls: Any = None, **options: Any) -> Iterator[Post]:
    """Run a mail server on a free port.

    Args:
        make: aiosmtpd's server, or one that behaves otherwise.
        over_tls: the context of a server that speaks TLS from the first byte.
        options: of `make`.
    """
    post, loop = Post(), asyncio.new_event_loop()

    def protocol() -> SMTP:
        return make(post, hostname="localhost", loop=loop, **options)

    server = loop.run_until_complete(
        loop.create_server(protocol, host="127.0.0.1", port=0, ssl=over_tls)
    )
    post.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()
