"""The data that servers are measured on: made once, by the import, and kept between runs.

Two accounts of the demo's kind in one database: `large` and `small`. For each a token with every
scope and one for applications alone. What it is made of stands in its name, so that data of other
code is never measured by accident.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from peewee import Database

import models
from gateway import accounts, schema, tokens
from gateway.audit import SYSTEM
from gateway.database import connect
from gateway.roles import Role
from ingest import demo, import_files

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "bench"
SOURCES = ("migrations/*.py", "ingest/**/*.py", "models.py", "benchmarks/data.py")
OWNER = "bench@example.com"
SCOPES = ("applications:read", "candidates:read", "job_postings:read")
FAR_AWAY = "2100-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Tenant:
    """An account and its tokens.

    Attributes:
        key: its primary key.
        full: a token with every scope.
        redacted: one with `applications:read` alone.
        bare: one without scopes.
    """

    key: int
    applications: int
    full: str
    redacted: str
    bare: str


@dataclass(frozen=True, slots=True)
class Data:
    """A database that is ready to be served.

    Attributes:
        revoked: a token that is revoked.
        expired: a token that has expired.
        rows: how many rows its hiring tables have.
    """

    url: str
    large: Tenant
    small: Tenant
    revoked: str
    expired: str
    rows: int


def prepared(
    url_of: Callable[[str], str],
    *,
    large: int,
    small: int,
    folder: Path = FOLDER,
    keep: bool = True,
) -> Data:
    """Return the data with accounts of so many applications, made if it is not there.

    Args:
        url_of: returns the address of the database with a name; it may not exist.
        keep: for the next run too; else the database goes with whoever made it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"bench_{large}_{small}_{digest()}"
    url = url_of(name)
    kept = folder / f"{name}.{url.partition(':')[0]}.json"
    if keep and kept.exists():
        told = json.loads(kept.read_text())
        told |= {which: Tenant(**told[which]) for which in ("large", "small")}
        return Data(**told)
    if keep:
        _remove_outdated(folder, f"bench_{large}_{small}_", kept)
    with connected(url) as database:
        schema.migrate(database)
        made = _made(database, url, large, small, folder)
    if keep:
        kept.write_text(json.dumps(asdict(made), indent=2))
    return made


def _remove_outdated(folder: Path, prefix: str, kept: Path) -> None:
    """Remove the files of other code's data of the same size, on the same kind of database."""
    _, kind, _ = kept.name.rsplit(".", 2)
    for other in folder.glob(f"{prefix}*.{kind}.json"):
        for file in folder.glob(f"{other.name.partition('.')[0]}.*"):
            if kind == "sqlite" or file == other:
                file.unlink()


def digest() -> str:
    """Return what tells this code's data from another's."""
    files = sorted(path for pattern in SOURCES for path in ROOT.glob(pattern))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:8]


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """Connect the models to *url* for the time of the context."""
    database: Any = connect(url)
    try:
        with database.connection_context():
            yield database
    finally:
        database.close_all()
        models.database.initialize(None)


def _made(database: Database, url: str, large: int, small: int, folder: Path) -> Data:
    now = int(time.time())
    owner = accounts.create_user(OWNER, "bench bench bench", by=SYSTEM, now=now)
    tenants = [_tenant(database, owner, size, now, folder) for size in (large, small)]
    account = models.Account.get_by_id(tenants[1].key)
    ended, secret = _token(account, owner, "revoked", SCOPES, now)
    tokens.revoke(ended, by=SYSTEM, now=now)
    late, expired = _token(account, owner, "expired", SCOPES, now)
    models.Token.update(expires_at=now - 1).where(models.Token.id == late.id).execute()
    tables = (
        models.JobPosting,
        models.Stage,
        models.Candidate,
        models.Application,
        models.StageProgress,
    )
    # What a database would find out by itself in time.
    database.execute_sql("ANALYZE")
    rows = sum(table.select().count() for table in tables)
    return Data(url, tenants[0], tenants[1], secret, expired, rows)


def _tenant(database: Database, owner: models.User, size: int, now: int, folder: Path) -> Tenant:
    company = demo.account(size)
    account = accounts.create_account(f"{company.name} {size}", by=SYSTEM, now=now)
    accounts.add_member(account, owner, Role.ADMIN, by=SYSTEM, now=now)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        file = Path(scratch, "records.jsonl")
        with file.open("wb") as stream:
            demo.write_records(company.records(), stream)
        import_files(database, account, [file])
    secrets = {
        name: _token(account, owner, name, scopes, now)[1]
        for name, scopes in (("full", SCOPES), ("redacted", SCOPES[:1]), ("bare", ()))
    }
    return Tenant(account.id, size, **secrets)


def _token(account: models.Account, owner: Any, name: str, scopes: Any, now: int) -> Any:
    return tokens.create(
        account=account,
        user=owner,
        name=name,
        scopes=scopes,
        expires_at=FAR_AWAY,
        by=SYSTEM,
        now=now,
        known_scopes=SCOPES,
    )
