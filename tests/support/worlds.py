"""Worlds: one account's hiring data in which each value can be told from every other.

`canaries` makes a value for each column of each row, by the import format, that occurs nowhere
else: whoever meets it knows whose it is. `otherwise` makes the same data with everything changed
that a scope set may not see. Account and tokens are the same in all worlds.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from columns import DOCUMENT, Column, Scopes, listing_of, scope_sets, visible

import ingest
import models
from gateway import tokens
from gateway.database import connect
from ingest.fields import AMOUNT, EMAIL, FLAG, POSITION, TEXT, TIME
from ingest.records import RECORD_TYPES, Field, RecordType
from models import Account, JobPosting, Membership, Token, User

Record = dict[str, Any]

NOW = 1_780_000_000  # 2026-05-28T20:26:40Z
MARK = "kq"  # begins every text of a world; nothing else has it

# Enough of each for a second page; the document's examples name the first of each type.
ROWS = {"job_posting": 21, "stage": 42, "candidate": 22, "application": 24, "stage_progress": 48}
FIRST = {
    "job_posting": "job_abc123",
    "stage": "stg_def456",
    "candidate": "cand_ghi789",
    "application": "app_jkl012",
    "stage_progress": "sp_mno345",
}
POSTINGS_APPLIED_TO = 3
HISTORY = "stage_progress"  # its order decides the stage that an application is in: it is kept
NULL_EVERY = 5  # each fifth value of what may be null, in a history
EPOCH_OF_WORLDS = 2_300_000_000  # 2042: no time of a world is one of the tests' own
DAY_S = 86_413  # a day, and something that tells times apart


def secret_of(scopes: Scopes) -> str:
    """Return the secret of the token that has *scopes*; the same in all worlds."""
    return f"{scope_sets().index(scopes) + 1:x}" * 32


# --- data -----------------------------------------------------------------------------------------


def public_id(table: str, number: int) -> str:
    return FIRST[table] if number == 0 else f"{FIRST[table].partition('_')[0]}_{MARK}{number}"


def records() -> list[Record]:
    """Return the data of a world, parents first."""
    return [record for one in RECORD_TYPES for record in _records_of(one)]


def _records_of(record_type: RecordType) -> Iterator[Record]:
    for number in range(ROWS[record_type.name]):
        record: Record = {"type": record_type.name, "id": public_id(record_type.name, number)}
        for place, field in enumerate(record_type.fields):
            record[field.name] = _value(record_type, field, place, number)
        yield record


def _value(record_type: RecordType, field: Field, place: int, number: int) -> Any:
    if field.parent is not None:
        return public_id(field.parent.table, _parent(record_type.name, field.name, number))
    if field.null and record_type.name == HISTORY and number % NULL_EVERY == 0:
        return None
    kinds = {
        id(TEXT): f"{MARK}{record_type.prefix}{field.name.replace('_', '')}{number:03}x",
        id(EMAIL): f"{MARK}{record_type.prefix}{field.name}{number:03}x@{MARK}.example",
        id(TIME): _time(EPOCH_OF_WORLDS + _unique(record_type, place, number) * DAY_S),
        id(AMOUNT): f"7300{_unique(record_type, place, number):08}.25",
        id(FLAG): number % 2 == 0,
        id(POSITION): number,
    }
    if id(field.kind) in kinds:
        return kinds[id(field.kind)]
    words = field.kind.schema["enum"]
    return words[number // POSTINGS_APPLIED_TO % len(words)]


def _unique(record_type: RecordType, place: int, number: int) -> int:
    return (RECORD_TYPES.index(record_type) * 100 + place) * 100 + number


def _parent(table: str, field: str, number: int) -> int:
    """Return which row of its parent's table the row *number* of *table* belongs to.

    An entry's stage is one of its application's job posting; two candidates never applied.
    """
    return {
        ("stage", "job_posting_id"): number // 2,
        ("application", "job_posting_id"): number % POSTINGS_APPLIED_TO,
        ("application", "candidate_id"): number % (ROWS["candidate"] - 2),
        ("stage_progress", "application_id"): number // 2,
        ("stage_progress", "stage_id"): number // 2 % POSTINGS_APPLIED_TO * 2 + number % 2,
    }[table, field]


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


# --- canaries -------------------------------------------------------------------------------------


def canaries(world: list[Record]) -> Mapping[str, set[Column]]:
    """Return the values of *world* that occur nowhere else, each with the columns that hold it.

    In every form in which one could appear: as it is, folded, and as the database keeps it. Words
    of closed sets and numbers below a hundred thousand are no one's own, and left out.
    """
    found: dict[str, set[Column]] = {}
    by_name = {one.name: one for one in RECORD_TYPES}
    for record in world:
        record_type = by_name[record["type"]]
        for field in record_type.fields:
            value = record[field.name]
            if field.kind in (TEXT, EMAIL, TIME, AMOUNT) and not field.parent and value is not None:
                for form in {value.lower(), str(field.kind.stored(value)).lower()}:
                    found.setdefault(form, set()).add(getattr(record_type.model, field.name))
    return found


# --- what a scope set may not see, otherwise -----------------------------------------------------


def otherwise(scopes: Scopes) -> list[Record]:
    """Return a world that differs in all that *scopes* may not see, and in nothing else.

    Every hidden value is another one, and the order of rows by it is the reverse; rows of which
    nothing is seen come in the reverse order; where the rows themselves are not listed, there is
    one more, to which nothing refers.
    """
    seen = visible(scopes)
    world = records()
    changed: list[Record] = []
    for record_type in RECORD_TYPES:
        rows = [record for record in world if record["type"] == record_type.name]
        others = [dict(row) for row in rows]
        for field in record_type.fields:
            column = record_type.model._meta.fields.get(field.name)
            if field.parent is None and column not in seen:
                _change(field, rows, others, seen)
        changed += _rearranged(record_type, others, seen, scopes)
    return changed


def _change(field: Field, rows: list[Record], others: list[Record], seen: set[Column]) -> None:
    """Give *others*, copies of *rows*, other values of *field*."""
    if "enum" in field.kind.schema:
        _exchange(field, others, seen)
        return
    kept = field.kind is TIME and rows[0]["type"] == HISTORY
    for row, opposite, other in zip(rows, reversed(rows), others, strict=True):
        other[field.name] = _another(field, (row if kept else opposite)[field.name])


def _exchange(field: Field, others: list[Record], seen: set[Column]) -> None:
    """Exchange the words of a closed set.

    Who sees how many rows of each job posting have a word, but not which, sees no difference.
    """
    words = field.kind.schema["enum"]
    if JobPosting.active_applications not in seen:
        for other in others:
            other[field.name] = words[words.index(other[field.name]) - 1]
        return
    families: dict[Any, list[Record]] = {}
    for other in others:
        families.setdefault(other.get("job_posting_id"), []).append(other)
    for family in families.values():
        given = [other[field.name] for other in family]
        for other, word in zip(family, given[1:] + given[:1], strict=True):
            other[field.name] = word


def _another(field: Field, value: Any) -> Any:
    """Return a value of the same kind that no world has; null for null."""
    if value is None:
        return None
    if field.kind is TIME:
        return _time(field.kind.stored(value) + 3_600)
    if field.kind is AMOUNT:
        return value.replace(".25", ".75")
    if field.kind is FLAG:
        return not value
    if field.kind is POSITION:
        return value + ROWS["stage"]
    return value.replace(MARK, f"{MARK}other", 1)


def _rearranged(
    record_type: RecordType, rows: list[Record], seen: set[Column], scopes: Scopes
) -> list[Record]:
    reached = [one for one in DOCUMENT.operations.values() if one.scopes <= scopes]
    listed = {listing.shape.model for one in reached if (listing := listing_of(one))}
    more = []
    if record_type.model not in listed and not record_type.parents:
        more = [{**rows[-1], "id": f"{record_type.prefix}_{MARK}more"}]
    if seen.isdisjoint(record_type.model._meta.sorted_fields) and record_type.name != HISTORY:
        rows = rows[::-1]
    return [*more, *rows]


# --- a database -----------------------------------------------------------------------------------


def fill(url: str, world: list[Record]) -> None:
    """Put *world*, an account and a token for each set of scopes into an empty database."""
    database = connect(url)
    try:
        with database.connection_context():
            account = Account.create(public_id="acct_leaks", name="Leaks", created_at=NOW)
            owner = User.create(public_id="usr_leaks", email="o@example.com", created_at=NOW)
            Membership.create(account=account, user=owner, role="admin", created_at=NOW)
            for number, scopes in enumerate(scope_sets()):
                secret = secret_of(scopes)
                Token.create(
                    public_id=f"tok_leaks{number}",
                    account=account,
                    user=owner,
                    name="leaks",
                    digest=tokens.digest(secret),
                    last_four=secret[-4:],
                    scopes=" ".join(sorted(scopes)),
                    created_at=NOW,
                    last_used_at=NOW,
                )
            lines = "".join(json.dumps(record) + "\n" for record in world)
            ingest.import_files(database, account, [io.BytesIO(lines.encode())])
    finally:
        database.close_all()
        models.database.initialize(None)
