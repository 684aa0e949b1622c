"""Counts of letters: how many candidates have each letter, and each two in a row.

What is searched for may be so short that no index of trigrams has it; its total is read from here,
in `letter_count`. A candidate counts once for a text, however often and wherever it has it: in the
folded name or in the folded e-mail address.

INVARIANT: what an account's candidates have is counted exactly, and nothing else has a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import add
from typing import Any

from peewee import Database

from ingest.dialects import Dialect
from ingest.records import TYPES
from ingest.resolve import CREATED, UPDATED, resolved

Texts = Sequence[str | None]

# Candidates that are read at once, and counts that are written with one statement.
BATCH = 20_000
WRITTEN = 200


def bring_up_to_date(database: Database, dialect: Dialect, account_id: int) -> None:
    """Bring the counts in line with the resolved candidates."""
    rows = resolved(TYPES["candidate"])
    database.execute_sql(f"CREATE INDEX {rows}_ordinal ON {rows} (ordinal)")
    differs = " OR ".join(f"{name} {dialect.differs} stored_{name}" for name in _COLUMNS)
    changed = f"change = {CREATED} OR (change = {UPDATED} AND ({differs}))"
    columns = ", ".join([*_COLUMNS, *(f"stored_{name}" for name in _COLUMNS)])
    for batch in _read(database, rows, "ordinal", columns, changed):
        made = _counted(texts[:2] for texts in batch)
        made.subtract(_counted(texts[2:] for texts in batch))
        _add(database, account_id, made)
    database.execute_sql(
        f"DELETE FROM letter_count WHERE account_id = {account_id} AND row_count = 0"
    )


def repair(database: Database, account_id: int) -> int:
    """Count all anew, and write what differs; return how many rows were wrong or missing."""
    right: Counter[str] = Counter()
    columns, owned = ", ".join(_COLUMNS), f"account_id = {account_id}"
    for batch in _read(database, "candidate", "id", columns, owned):
        right.update(_counted(batch))
    stored = Counter(
        dict(
            database.execute_sql(
                f"SELECT text, row_count FROM letter_count WHERE {owned}"
            ).fetchall()
        )
    )
    wrong = {
        text: right[text] - stored[text]
        for text in right.keys() | stored.keys()
        if right[text] != stored[text] or not right[text]
    }
    _add(database, account_id, wrong)
    database.execute_sql(f"DELETE FROM letter_count WHERE {owned} AND row_count = 0")
    return len(wrong)


_COLUMNS = ("search_name", "search_email")


def _read(
    database: Database, table: str, key: str, columns: str, where: str
) -> Iterator[list[Texts]]:
    """Yield the *columns* of rows in batches, in the order of their *key*."""
    last = 0
    while rows := database.execute_sql(
        f"SELECT {columns}, {key} FROM {table} "
        f"WHERE ({where}) AND {key} > {last} ORDER BY {key} LIMIT {BATCH}"
    ).fetchall():
        yield [row[:-1] for row in rows]
        last = rows[-1][-1]


def _counted(rows: Iterable[Texts]) -> Counter[str]:
    """Return how many of *rows* have each text of one or two letters."""
    return Counter(chain.from_iterable(map(_texts_in, rows)))


def _texts_in(row: Texts) -> set[str]:
    name, address = row
    found = _of(name or "")
    if address:
        at = address.rfind("@") + 1
        found |= _of(address[:at])
        # `@` belongs to both parts: no two letters are parted.
        found |= _of_domain(address[max(at - 1, 0) :])
    return found


def _of(text: str) -> set[str]:
    found = set(text)
    found.update(map(add, text, text[1:]))
    return found


# The same few domains again and again.
_of_domain = lru_cache(1_024)(_of)


def _add(database: Database, account_id: int, differences: dict[str, int]) -> None:
    made = sorted(one for one in differences.items() if one[1])
    for start in range(0, len(made), WRITTEN):
        part = made[start : start + WRITTEN]
        places = ", ".join([f"({account_id}, {database.param}, {database.param})"] * len(part))
        values: list[Any] = [value for one in part for value in one]
        database.execute_sql(
            f"INSERT INTO letter_count (account_id, text, row_count) VALUES {places} "
            "ON CONFLICT (account_id, text) "
            "DO UPDATE SET row_count = letter_count.row_count + excluded.row_count",
            values,
        )
