"""Records each disclosure before it happens: between the egress guard and the first byte sent.

Fails closed: an answer that cannot be recorded is not given. A log with gaps answers nobody's
question, and its gaps would be where something went wrong. A line may stand for an answer that the
network then lost; never the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import structlog

from gateway.disclosure.inventory import Inventory
from gateway.disclosure.log import DisclosureLog
from gateway.errors import ServiceUnavailable
from gateway.exchange import Exchange

NOT_RECORDED = "The answer cannot be recorded, so it is not given. Try again soon."

log = structlog.get_logger(__name__)


class Disclosures:
    """Writes the line of each answer."""

    def __init__(
        self, written: DisclosureLog, inventory: Inventory, clock: Callable[[], float]
    ) -> None:
        self._log = written
        self._inventory = inventory
        self._clock = clock

    async def record(self, exchange: Exchange, body: bytes) -> None:
        """Record that *body* is given to the caller.

        Raises:
            ServiceUnavailable: it is not recorded, and must not be given.
        """
        try:
            await self._log.write(self._line(exchange, body))
        except OSError as error:
            exchange.unrecorded = True
            log.exception(
                "disclosure log: answer withheld",
                reason=error.strerror or str(error),
                request_id=exchange.request_id,
            )
            raise ServiceUnavailable(NOT_RECORDED) from error

    def _line(self, exchange: Exchange, body: bytes) -> bytes:
        operation, caller = exchange.admitted
        now = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        line = {
            "time": now.replace("+00:00", "Z"),
            "request_id": exchange.request_id,
            "account": caller.account_id,
            "token": caller.token_id,
            "operation": operation.id,
            "scopes": sorted(caller.scopes),
            "policy_revision": exchange.bundle.revision,
            "components": self._inventory.of(operation, orjson.loads(body)),
        }
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
