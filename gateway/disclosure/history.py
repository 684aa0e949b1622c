"""Who was given what of one record: read from the disclosure log, while it is being written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from gateway.disclosure.log import rotated


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One answer, as far as it tells of one record.

    Attributes:
        time: RFC 3339, UTC, in milliseconds.
        account, token: public ids; in the place of the token a session's user or the endpoint of a
            webhook.
        operation: its id; for a webhook the type of the event, and `request_id` the message's id.
        component: that the record is of, or that names its id.
        fields: of the component that came with the record; paths such as `candidate.email`.
    """

    time: str
    account: str
    token: str
    operation: str
    scopes: tuple[str, ...]
    request_id: str
    policy_revision: str
    component: str
    fields: tuple[str, ...]


class History:
    """The lines of the log at a path, full files first.

    Attributes:
        damaged: how many lines could not be read so far: a process was killed within one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.damaged = 0

    def of(self, record: str, account: str | None = None) -> Iterator[Disclosure]:
        """Yield each disclosure of a record, the oldest first.

        Args:
            record: its public id.
            account: public id of the account to keep to; None: any, for ids are unique only
                within one.
        Raises:
            OSError: the log cannot be read.
        """
        for line in self.lines(containing=orjson.dumps(record)):
            if account is not None and line["account"] != account:
                continue
            for component, entry in line["components"].items():
                if any(record in values for values in entry["ids"].values()):
                    yield _disclosure(line, component, entry)

    def lines(self, containing: bytes = b"") -> Iterator[dict[str, Any]]:
        """Yield the lines as they were written, the oldest first. Raises as `of`."""
        for file in self._files():
            with file:
                for text in file:
                    if not (text.startswith(b"{") and text.endswith(b"}\n")):
                        self.damaged += 1
                    elif containing in text:
                        yield from self._parsed(text)

    def _parsed(self, text: bytes) -> Iterator[dict[str, Any]]:
        try:
            yield orjson.loads(text)
        except orjson.JSONDecodeError:
            self.damaged += 1

    def _files(self) -> list[BinaryIO]:
        # The current one first: it may become a full one while we look for those.
        current = _opened(self._path)
        full = [_opened(path) for _, path in rotated(self._path)]
        if not any((current, *full)):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))
        by_file = {_identity(file): file for file in (*full, current) if file}
        return list(by_file.values())


def _opened(path: Path) -> BinaryIO | None:
    """Return the file at *path*; None: it was moved or removed meanwhile."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _identity(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino


def _disclosure(line: dict[str, Any], component: str, entry: dict[str, Any]) -> Disclosure:
    return Disclosure(
        time=line["time"],
        account=line["account"],
        token=line["token"],
        operation=line["operation"],
        scopes=tuple(line["scopes"]),
        request_id=line["request_id"],
        policy_revision=line["policy_revision"],
        component=component,
        fields=tuple(entry["fields"]),
    )
