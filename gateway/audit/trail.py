"""Reads entries: page by page for people, as a stream for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        newer: what the page before this one is *after*; None: this is the first.
        older: what the page after this one is *before*; None: this is the last.
    """

    entries: list[AuditEntry]
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about the subject, as it was and as it is since; None: nothing, or not there."""

    key: str
    old: Any
    new: Any


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


def page(which: Filter, size: int, *, before: str | None = None, after: str | None = None) -> Page:
    """Return *size* entries, newest first: the newest of all, or those next to an entry.

    By key and not by number, so the end of a long trail is as near as its start.

    Args:
        before: public id of an entry; only what is older. One that does not fit *which* is as none.
        after: the same, for what is newer.
    """
    query = AuditEntry.select().where(which.condition())
    if (edge := _edge(which, after)) is not None:
        oldest_first = query.where(_after(edge)).order_by(AuditEntry.at, AuditEntry.id)
        near = list(oldest_first.limit(size + 1))
        if len(near) > size:
            shown = near[:size][::-1]
            return Page(shown, shown[0].public_id, shown[-1].public_id)
        before = None  # the top is reached: a whole page of it
    if (edge := _edge(which, before)) is not None:
        query = query.where(_before(edge))
    newest_first = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    found = list(newest_first.limit(size + 1))
    shown = found[:size]
    return Page(
        shown,
        newer=shown[0].public_id if shown and edge is not None else None,
        older=shown[-1].public_id if len(found) > size else None,
    )


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


def changes(told: Mapping[str, Any]) -> list[Change]:
    """Return what the entry with the document *told* says has changed."""
    before, after = told["before"] or {}, told["after"] or {}
    every = (
        Change(key, before.get(key), after.get(key)) for key in dict.fromkeys((*before, *after))
    )
    return [one for one in every if one.old != one.new]


def _edge(which: Filter, public_id: str | None) -> AuditEntry | None:
    if public_id is None:
        return None
    # INVARIANT: found within the filter, so that no account learns where another's entry stands.
    found: AuditEntry | None = AuditEntry.get_or_none(
        (AuditEntry.public_id == public_id) & which.condition()
    )
    return found


# The first half of each is what an index can begin at; an OR alone would be walked to.


def _after(edge: AuditEntry) -> Any:
    later = (AuditEntry.at > edge.at) | (AuditEntry.id > edge.id)
    return (AuditEntry.at >= edge.at) & later


def _before(edge: AuditEntry) -> Any:
    earlier = (AuditEntry.at < edge.at) | (AuditEntry.id < edge.id)
    return (AuditEntry.at <= edge.at) & earlier


def _named(public_id: str | None, name: str | None) -> dict[str, str | None] | None:
    return None if public_id is None else {"id": public_id, "name": name}


def _loaded(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
