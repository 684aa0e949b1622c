"""SQLite by hand: one connection, the statements of queries.sql, rows to documents.

On the event loop's own thread, as the gateway reads SQLite: a hop to another costs more than a
statement.
"""

from __future__ import annotations

import os
import sqlite3
import unicodedata
from collections.abc import Sequence
from typing import Any

from benchmarks.peers.python import _documents as documents
from benchmarks.peers.python._queries import TEXTS

TRIGRAM = 3  # the least that the search index can find


class Store:
    """The database, read only."""

    def __init__(self) -> None:
        path = os.environ["BENCH_DATABASE"]
        self._connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, isolation_level=None, cached_statements=256
        )
        self._connection.execute("PRAGMA cache_size = -32768")
        self._connection.execute("PRAGMA mmap_size = 1073741824")
        self._of_keys: dict[tuple[str, int], str] = {}

    def token(self, digest: str) -> Any:
        """Return (scopes, expires_at, revoked_at, account, revision); None: unknown."""
        return self._connection.execute(TEXTS["token"], {"digest": digest}).fetchone()

    # --- which rows a list has: (total, primary keys) -------------------------------------------

    def application_keys(
        self, account: int, page: int, status: str | None, posting: str | None
    ) -> tuple[int, list[int]]:
        suffix = ("_of_posting" if posting else "") + ("_status" if status else "")
        values = {
            "account": account,
            "table": "application",
            "status": status,
            "job_posting_id": posting,
        }
        return self._chosen(f"count{suffix}", f"application_ids{suffix}", page, values)

    def candidate_keys(self, account: int, page: int, search: str) -> tuple[int, list[int]]:
        values = {"account": account, "table": "candidate"}
        text = fold(search)
        if not text:
            return self._chosen("count", "candidate_ids", page, values)
        suffix = "_short" if len(text) < TRIGRAM else ""
        quoted = '"' + text.replace('"', '""') + '"'
        values["search"] = text if suffix else quoted
        return self._chosen(f"count_search{suffix}", f"candidate_ids_search{suffix}", page, values)

    def posting_keys(self, account: int, page: int, status: str | None) -> tuple[int, list[int]]:
        suffix = "_status" if status else ""
        values = {"account": account, "table": "job_posting", "status": status}
        return self._chosen(f"count{suffix}", f"posting_ids{suffix}", page, values)

    def application_key(self, account: int, id: str) -> int | None:
        """Return the primary key of an application of the account; None: it has none."""
        values = {"account": account, "id": id}
        row = self._connection.execute(TEXTS["application_id"], values).fetchone()
        return None if row is None else row[0]

    # --- rows by primary keys: (primary key, document), newest first ------------------------------

    def applications(self, keys: Sequence[int], full: bool) -> list[tuple[int, Any]]:
        histories = documents.grouped(self._rows("histories", keys), documents.history)
        name = "applications" if full else "applications_redacted"
        return [(row[0], documents.application(row, histories)) for row in self._rows(name, keys)]

    def candidates(self, keys: Sequence[int], _full: bool) -> list[tuple[int, Any]]:
        applications = documents.grouped(
            self._rows("candidate_applications", keys), documents.candidate_application
        )
        rows = self._rows("candidates", keys)
        return [(row[0], documents.candidate(row, applications)) for row in rows]

    def postings(self, keys: Sequence[int], _full: bool) -> list[tuple[int, Any]]:
        stages = documents.grouped(self._rows("stages", keys), documents.stage)
        return [(row[0], documents.posting(row, stages)) for row in self._rows("postings", keys)]

    def _chosen(
        self, count: str, ids: str, page: int, values: dict[str, Any]
    ) -> tuple[int, list[int]]:
        values["offset"] = (page - 1) * documents.PAGE_SIZE
        row = self._connection.execute(TEXTS[count], values).fetchone()
        total = (row and row[0]) or 0
        if values["offset"] >= total:
            return total, []
        return total, [key for (key,) in self._connection.execute(TEXTS[ids], values)]

    def _rows(self, name: str, keys: Sequence[int]) -> list[Any]:
        text = self._of_keys.get((name, len(keys)))
        if text is None:
            places = ", ".join("?" * len(keys))
            text = TEXTS[name].replace("(:keys)", f"({places})")
            self._of_keys[name, len(keys)] = text
        return self._connection.execute(text, keys).fetchall()


def fold(text: str) -> str:
    """Return *text* as search text is stored: without case and accents."""
    text = text.strip()
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn").casefold()
