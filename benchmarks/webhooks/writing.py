"""A database with an account and endpoints, and imports that make events."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

from peewee import Database

import ingest
from gateway import accounts, schema, spec
from gateway.audit import SYSTEM
from gateway.database import connect
from gateway.settings import Settings
from gateway.webhooks import service
from models import Account

KEY = "c2l4dGVlbiBieXRlcyB0d2ljZSwgdGhpcnR5LXR3byE="
SCOPES = ("applications:read", "candidates:read", "job_postings:read")
AT = "2026-01-15T10:00:00Z"


def settings_of(database_url: str) -> Settings:
    """Return settings that let webhooks go to the loopback."""
    return Settings(
        database_url=database_url,
        webhook_keys=(KEY,),
        webhook_allowed_networks=(ip_network("127.0.0.0/8"),),
        webhook_plain_http=True,
    )


def environment_of(database_url: str) -> dict[str, str]:
    """Return the same for a process."""
    return {
        "DATABASE_URL": database_url,
        "GATEWAY_WEBHOOK_KEY": KEY,
        "GATEWAY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "GATEWAY_WEBHOOK_PLAIN_HTTP": "on",
    }


@contextmanager
def prepared(database_url: str) -> Iterator[tuple[Database, Account]]:
    """Open the database, with the schema and an account."""
    database: Any = connect(database_url)
    try:
        with database.connection_context():
            schema.migrate(database)
            account = accounts.create_account("Acme", by=SYSTEM, now=int(time.time()))
            yield database, account
    finally:
        database.close_all()


def subscribe(account: Account, database_url: str, ports: Iterable[int]) -> None:
    """Make an endpoint at each of *ports*, told of everything with every scope."""
    settings = settings_of(database_url)
    maker = service.endpoints_of(settings, spec.load(settings.openapi))
    for port in ports:
        maker.create(
            account=account,
            url=f"http://127.0.0.1:{port}/hooks",
            events=(),
            scopes=SCOPES,
            by=SYSTEM,
            now=int(time.time()),
        )


def write(database: Database, account: Account, records: Sequence[dict[str, Any]]) -> None:
    """Import *records*, in one transaction."""
    ingest.import_files(database, account, [io.BytesIO(as_lines(records))])


def as_lines(records: Sequence[dict[str, Any]]) -> bytes:
    """Return *records* in the import's format."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def posting(number: int = 1) -> dict[str, Any]:
    """Return a job posting."""
    return {
        "type": "job_posting",
        "id": f"job_{number}",
        "title": "Engineer",
        "status": "published",
        "employment_type": "full_time",
        "remote": True,
        "created_at": AT,
        "updated_at": AT,
    }


def applicants(name: str, count: int) -> list[dict[str, Any]]:
    """Return *count* candidates with an application each: two events for each of them."""
    records: list[dict[str, Any]] = []
    for number in range(count):
        key = f"{name}x{number}"
        records.append(
            {
                "type": "candidate",
                "id": f"cand_{key}",
                "first_name": "Ann",
                "last_name": f"Lee {key}",
                "email": f"{key}@example.com",
                "status": "active",
                "created_at": AT,
            }
        )
        records.append(application(key, "active"))
    return records


def application(key: str, status: str) -> dict[str, Any]:
    """Return the application of the candidate *key*."""
    return {
        "type": "application",
        "id": f"app_{key}",
        "job_posting_id": "job_1",
        "candidate_id": f"cand_{key}",
        "status": status,
        "submitted_at": AT,
        "created_at": AT,
        "updated_at": AT,
    }
