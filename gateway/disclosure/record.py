"""Records each disclosure before it happens: between the egress guard and the first byte sent.

What is given is an answer to a caller, or the body of a webhook to an endpoint.

Fails closed: an answer that cannot be recorded is not given. A log with gaps answers nobody's
question, and its gaps would be where something went wrong. A line may stand for an answer that the
network then lost; never the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from gateway.disclosure.inventory import Inventory
from gateway.disclosure.log import DisclosureLog
from gateway.errors import ServiceUnavailable
from gateway.exchange import Exchange
from gateway.spec import Webhook

NOT_RECORDED = "The answer cannot be recorded, so it is not given. Try again soon."

log = structlog.get_logger(__name__)


class Unrecorded(ServiceUnavailable):
    """What was to be given could not be recorded, and must not be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom something is given.

    Attributes:
        account, token: public ids; in the place of the token a session's user or the endpoint of a
            webhook.
    """

    account: str
    token: str
    scopes: frozenset[str]


class Disclosures:
    """Writes the line of each answer, and of each try to deliver a webhook."""

    def __init__(
        self, written: DisclosureLog, inventory: Inventory, clock: Callable[[], float]
    ) -> None:
        self._log = written
        self._inventory = inventory
        self._clock = clock

    async def record(self, exchange: Exchange, body: bytes) -> None:
        """Record that *body* is given to the caller.

        Raises:
            Unrecorded: it must not be given.
        """
        operation, caller = exchange.admitted
        recipient = Recipient(
            account=caller.account_id, token=caller.token_id, scopes=caller.scopes
        )
        held = self._inventory.of(operation, orjson.loads(body))
        revision = exchange.bundle.revision
        try:
            await self._write(recipient, operation.id, exchange.request_id, revision, held)
        except Unrecorded:
            exchange.unrecorded = True
            raise

    async def record_payload(
        self, recipient: Recipient, webhook: Webhook, message_id: str, revision: str, body: bytes
    ) -> None:
        """Record that *body*, of *webhook*, is sent to *recipient*.

        Args:
            message_id: in the place of the request's id: the receiver knows it, too.
            revision: of the document and policies that it was made under.
        Raises:
            Unrecorded: it must not be sent.
        """
        held = self._inventory.of(webhook.operation, orjson.loads(body)["data"])
        await self._write(recipient, webhook.type, message_id, revision, held)

    async def _write(
        self,
        recipient: Recipient,
        operation: str,
        request_id: str,
        revision: str,
        held: dict[str, Any],
    ) -> None:
        now = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        line = {
            "time": now.replace("+00:00", "Z"),
            "request_id": request_id,
            "account": recipient.account,
            "token": recipient.token,
            "operation": operation,
            "scopes": sorted(recipient.scopes),
            "policy_revision": revision,
            "components": held,
        }
        try:
            await self._log.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as error:
            log.exception(
                "disclosure log: answer withheld",
                operation=operation,
                reason=error.strerror or str(error),
                request_id=request_id,
            )
            raise Unrecorded(NOT_RECORDED) from error
