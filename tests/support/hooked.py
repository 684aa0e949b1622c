"""Webhooks in every state, as rows: for pages that are looked at, with nothing sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from gateway.audit import SYSTEM
from gateway.webhooks import endpoints
from gateway.webhooks.addresses import AddressRules
from gateway.webhooks.deliveries import Fate
from gateway.webhooks.endpoints import Because, Endpoints, Known
from gateway.webhooks.sealing import Sealer
from models import Account, WebhookAttempt, WebhookDelivery, WebhookEndpoint

EVENTS = (
    "application.created",
    "application.stage_changed",
    "application.status_changed",
    "job_posting.status_changed",
    "candidate.created",
)
SCOPES = ("applications:read", "candidates:read", "job_postings:read")
HOUR_S = 3_600
DAY_S = 86_400
LONG_URL = "https://hooks.example.com/" + "a-path-that-somebody-has-made-a-key-of/" * 12
BODY = orjson.dumps(
    {
        "type": "application.created",
        "timestamp": "2026-01-20T09:15:00Z",
        "data": {
            "id": "app_jkl012",
            "status": "active",
            "candidate": {"id": "cand_ghi789"},
            "current_stage_name": "Screening",
        },
    }
).decode()


@dataclass(frozen=True, slots=True)
class Hooked:
    """Public ids.

    Attributes:
        well, failing, disabled, long: of endpoints.
        delivered, pending, failed, dropped: of deliveries to the first one.
    """

    well: str
    failing: str
    disabled: str
    long: str
    delivered: str
    pending: str
    failed: str
    dropped: str


class Seed:
    """Makes endpoints and deliveries in the database that the models are bound to."""

    def __init__(self, account: Account, key: str, now: int) -> None:
        """Work in *account*; secrets are sealed with *key*."""
        self._account = account
        self._now = now
        known = Known(EVENTS, SCOPES)
        self._domain = Endpoints(known, Sealer([key]), AddressRules(), self._nowhere)

    @staticmethod
    def _nowhere(host: str, _port: int) -> list[str]:
        raise OSError(host)

    def endpoint(self, description: str, url: str = "", **columns: Any) -> WebhookEndpoint:
        """Return an endpoint; *columns* are set as they are, once it is made."""
        made, _ = self._domain.create(
            account=self._account,
            url=url or "https://hooks.example.com/hiring",
            events=columns.pop("events", EVENTS[:2]),
            scopes=columns.pop("scopes", ("applications:read",)),
            description=description,
            by=SYSTEM,
            now=self._now - 20 * DAY_S,
        )
        if columns:
            WebhookEndpoint.update(columns).where(WebhookEndpoint.id == made.id).execute()
        return endpoints.find(made.public_id)

    def delivery(self, endpoint: WebhookEndpoint, age_s: int, state: Fate, *answers: Any) -> str:
        """Return the id of a delivery that was tried with *answers*: each a status or an error."""
        at = self._now - age_s
        number = WebhookDelivery.select().count()
        is_pending = state is Fate.PENDING
        one = WebhookDelivery.create(
            public_id=f"whd_4rTq2WbX5sLr{number:04}",
            endpoint=endpoint,
            message_id=f"evt_7hKq2WbX5sLr{number:04}",
            type=EVENTS[number % 3],
            subject_id="app_jkl012",
            occurred_at=at,
            created_at=at,
            state=state,
            due_at=self._now + HOUR_S if is_pending else None,
            ended_at=None if is_pending else at + 1,
        )
        for number, answer in enumerate(answers):
            status, error = (answer, None) if isinstance(answer, int) else (None, answer)
            how = {"status": status, "error": error, "duration_ms": 15_000 if error else 38}
            WebhookAttempt.create(delivery=one, at=at + number * 300, body=BODY, **how)
            changes = {**how, "tries": number + 1}
            WebhookDelivery.update(changes).where(WebhookDelivery.id == one.id).execute()
        return str(one.public_id)

    def all(self) -> Hooked:
        """Make endpoints and deliveries in every state."""
        now = self._now
        well = self.endpoint(
            "HR sync",
            scopes=("applications:read", "job_postings:read"),
            last_tried_at=now - 90,
            last_status=204,
        )
        self._domain.rotate(well, by=SYSTEM, now=now - 4 * HOUR_S)
        failing = self.endpoint(
            "Pipeline dashboard",
            "https://dashboard.example.com/events",
            scopes=(),
            last_tried_at=now - 200,
            last_error="timeout",
            failures=7,
            failing_since=now - 5 * HOUR_S,
            rests_until=now + 600,
        )
        disabled = self.endpoint(
            "Trial of last spring", "https://trial.example.com/", last_tried_at=now, last_status=410
        )
        endpoints.disable(disabled, Because.GONE, by=SYSTEM, now=now)
        long = self.endpoint("", LONG_URL, events=EVENTS, scopes=SCOPES)
        return Hooked(
            well.public_id,
            failing.public_id,
            disabled.public_id,
            long.public_id,
            delivered=self.delivery(well, 90, Fate.DELIVERED, 500, "timeout", 204),
            pending=self.delivery(well, 900, Fate.PENDING, 503),
            failed=self.delivery(well, DAY_S, Fate.FAILED, *["connection refused"] * 10),
            dropped=self.delivery(well, 2 * DAY_S, Fate.DROPPED),
        )
