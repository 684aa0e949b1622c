"""Reads entries: page by page for people, as a stream for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import orjson

from models import AuditEntry

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries; what is None does not matter.

    Attributes:
        account_id: public id of the account; it may be deleted.
        action: `token.created`, or the kind alone: `token`.
        user: whole e-mail address of who acted, or name at the shell; in any case.
        subject: public id, or part of the name, of what it was done to; in any case.
        since, until: seconds since the Unix epoch; from the one on, before the other.
    """

    account_id: str | None = None
    action: str | None = None
    user: str | None = None
    subject: str | None = None
    since: int | None = None
    until: int | None = None

    def condition(self) -> Any:
        """Return the filter as a condition of a query."""
        return reduce(and_, self._conditions(), AuditEntry.id.is_null(False))

    def _conditions(self) -> Iterator[Any]:
        entry = AuditEntry
        if self.account_id is not None:
            yield entry.account_public_id == self.account_id
        if self.action is not None:
            yield (entry.action == self.action) | entry.action.startswith(f"{self.action}.")
        if self.user is not None:
            # Addresses are stored in lower case, the names at a shell as they are.
            yield entry.actor_name.in_({self.user, self.user.lower()})
        if self.subject is not None:
            named = entry.subject_name.contains(self.subject)
            yield (entry.subject_public_id == self.subject) | named
        if self.since is not None:
            yield entry.at >= self.since
        if self.until is not None:
            yield entry.at < self.until


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first.

    Attributes:
        number: of this page, 1-based.
        has_next: whether older ones follow.
    """

    entries: list[AuditEntry]
    number: int
    has_next: bool


def entries(which: Filter) -> Iterator[AuditEntry]:
    """Give the entries, oldest first, with flat memory however many there are."""
    query = AuditEntry.select().where(which.condition()).order_by(AuditEntry.at, AuditEntry.id)
    last: AuditEntry | None = None
    while True:
        # By key and not by a cursor: psycopg's would fetch all at once.
        rest = query if last is None else query.where(_after(last))
        chunk = list(rest.limit(CHUNK))
        yield from chunk
        if len(chunk) < CHUNK:
            return
        last = chunk[-1]


def page(which: Filter, number: int, size: int) -> Page:
    """Return the page *number* (1-based) of *size* entries, newest first."""
    query = AuditEntry.select().where(which.condition())
    newest = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    found = list(newest.limit(size + 1).offset((number - 1) * size))
    return Page(found[:size], number, len(found) > size)


def document(entry: AuditEntry) -> dict[str, Any]:
    """Return *entry* as programs read it: one JSON object."""
    return {
        "id": entry.public_id,
        "time": AuditEntry.at.document_value(entry.at),
        "action": entry.action,
        "account": _named(entry.account_public_id, entry.account_name),
        "actor": {
            "kind": entry.actor_kind,
            "id": entry.actor_public_id,
            "name": entry.actor_name,
            "via": entry.via,
            "address": entry.address,
        },
        "subject": _named(entry.subject_public_id, entry.subject_name),
        "before": _loaded(entry.before),
        "after": _loaded(entry.after),
    }


def _after(last: AuditEntry) -> Any:
    later = AuditEntry.at > last.at
    return later | ((AuditEntry.at == last.at) & (AuditEntry.id > last.id))


def _named(public_id: str | None, name: str | None) -> dict[str, str | None] | None:
    return None if public_id is None else {"id": public_id, "name": name}


def _loaded(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
