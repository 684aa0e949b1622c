"""The gateway on a real socket, with data that came through the import."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from listening import listening
from peewee import Database

import ingest
from gateway import accounts, app, bundle, tokens
from gateway.audit import SYSTEM
from gateway.ids import new_id
from gateway.mail import Mail
from gateway.reading import Plans
from gateway.reload import Reloader
from gateway.roles import Role
from gateway.settings import Settings
from models import Account, User

ROOT = Path(__file__).resolve().parents[2]
SECOND_DOMAIN = ROOT / "tests" / "second_domain"
SCOPES = ("applications:read", "candidates:read", "job_postings:read")
NOW = 1_780_000_000  # 2026-05-28T20:26:40Z


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Gateway:
    """A running gateway, and what a test needs to arrange and to ask."""

    database: Database
    clock: Clock
    url: str
    client: httpx.Client
    reloader: Reloader
    owners: dict[str, User] = field(default_factory=dict)

    def account(self, name: str = "Acme") -> Account:
        """Create an account with one administrator."""
        account = accounts.create_account(name, by=SYSTEM, now=NOW)
        # Without a password: hashing one takes longer than all the rest of a test.
        email = f"{account.public_id.lower()}@example.com"
        owner = User.create(public_id=new_id("usr"), email=email, created_at=NOW)
        accounts.add_member(account, owner, Role.ADMIN, by=SYSTEM, now=NOW)
        self.owners[account.public_id] = owner
        return account

    def load(self, account: Account, *records: dict[str, Any]) -> None:
        """Import *records* into *account*."""
        lines = "".join(json.dumps(record) + "\n" for record in records)
        ingest.import_files(self.database, account, [io.BytesIO(lines.encode())])

    def token(self, account: Account, *scopes: str, expires_at: str | None = None) -> str:
        """Create a token; return its secret."""
        _, secret = tokens.create(
            account=account,
            user=self.owners[account.public_id],
            name="test",
            scopes=scopes,
            expires_at=expires_at,
            by=SYSTEM,
            now=int(self.clock()),
            known_scopes=SCOPES,
        )
        return secret

    def get(self, path: str, secret: str | None = None, **options: Any) -> httpx.Response:
        """GET a path below /api/v1."""
        headers = dict(options.pop("headers", {}))
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        return self.client.get(f"/api/v1{path}", headers=headers, **options)


def loaded(settings: Settings) -> bundle.Bundle:
    """Return document and policies, loaded once for all tests: a bundle never changes."""
    return loaded_from(settings.openapi, settings.policies)


@cache
def loaded_from(openapi: Path, policies: Path) -> bundle.Bundle:
    return bundle.load(openapi, policies, {})


@pytest.fixture
def start(db) -> Iterator[Callable[..., Gateway]]:
    """Start a gateway on the test's database, with settings."""
    with ExitStack() as stack:

        def begin(mail: Mail | None = None, **options: Any) -> Gateway:
            clock = Clock()
            settings = Settings(**{"last_used_flush_interval_s": 0.05, **options})
            # Plans of its own: a test may break what compiles them.
            own = replace(loaded(settings), plans=Plans())
            reloader = Reloader(own, environment={})
            url = stack.enter_context(
                listening(app.create(settings, db, reloader, mail=mail, clock=clock))
            )
            client = stack.enter_context(httpx.Client(base_url=url))
            return Gateway(db, clock, url, client, reloader)

        yield begin


@pytest.fixture
def gateway(start) -> Gateway:
    """A gateway with the shipped document and policies."""
    return start()


@pytest.fixture
def reference() -> list[dict[str, Any]]:
    """The reference's examples as import records."""
    lines = (ROOT / "examples" / "reference.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def acme(gateway, reference) -> Account:
    """An account that holds the reference's examples."""
    account = gateway.account()
    gateway.load(account, *reference)
    return account


@pytest.fixture
def full(gateway, acme) -> str:
    """A token of `acme` with all scopes."""
    return gateway.token(acme, *SCOPES)


@pytest.fixture
def followers(gateway, acme) -> str:
    """A token of `acme` that may read applications, but no candidates."""
    return gateway.token(acme, "applications:read")


@dataclass
class Library:
    """The second domain on the engine: a running gateway, an account, 25 books.

    Attributes:
        policies: a folder of its own, to be changed.
    """

    gateway: Gateway
    account: Account
    policies: Path

    def token(self, *scopes: str) -> str:
        _, secret = tokens.create(
            account=self.account,
            user=self.gateway.owners[self.account.public_id],
            name="reader",
            scopes=scopes,
            expires_at=None,
            by=SYSTEM,
            now=0,
            known_scopes=("books:read", "desk:read"),
        )
        return secret

    def __call__(self, path: str, *scopes: str) -> httpx.Response:
        """GET a path below /library with a new token."""
        headers = {"Authorization": f"Bearer {self.token(*scopes)}"}
        return self.gateway.client.get(f"/library{path}", headers=headers)


@pytest.fixture
def library_settings() -> dict[str, Any]:
    """Settings of `library`; a module that needs others has a fixture of its own."""
    return {}


@pytest.fixture
def library(db, start, monkeypatch, tmp_path, library_settings) -> Iterator[Library]:
    monkeypatch.syspath_prepend(str(SECOND_DOMAIN))
    import library_handlers

    db.create_tables([library_handlers.Book])
    policies = tmp_path / "policies"
    shutil.copytree(SECOND_DOMAIN / "policies", policies)
    document = SECOND_DOMAIN / "library.yaml"
    gateway = start(openapi=document, policies=policies, **library_settings)
    account = gateway.account("Town library")
    rows = [
        ("book_1", "Ficciones", "novel", "Anna"),
        ("book_2", "Duineser Elegien", "poetry", None),
        *((f"book_{n}", f"Volume {n}", "novel", "Bo") for n in range(3, 26)),
    ]
    for public_id, title, kind, borrower in rows:
        library_handlers.Book.create(
            account=account, public_id=public_id, title=title, kind=kind, borrower=borrower
        )
    yield Library(gateway, account, policies)
    del sys.modules["library_handlers"]
