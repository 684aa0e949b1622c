"""The file of the disclosure log: one JSON object a line, written by several processes.

A line is handed to the operating system before `write` returns, so it survives the end of this
process, whatever ends it (a power cut may take the last seconds). Writers take turns by a lock on
the file itself: lines do not mix, and the file is rotated by one of them, under the others' eyes.

A full file is kept under its name and the next number: `disclosures.jsonl.1` is the oldest. Whoever
finds that the file was moved away, by another worker or by a tool, opens a new one.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import anyio

from gateway.errors import ConfigError, Finding

WAIT_S = 2.0
PAUSE_S = 0.001
OWNER_ONLY = 0o600


class DisclosureLog:
    """The log at *path*, to be written. Opened when it is needed."""

    def __init__(self, path: Path, *, max_bytes: int, keep: int) -> None:
        """Name the log.

        Args:
            max_bytes: a line that would make the file longer begins a new one.
            keep: how many full files to keep beside it; 0: all.
        """
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._file: BinaryIO | None = None

    def check(self) -> None:
        """Return if the log can be opened.

        Raises:
            ConfigError: it cannot.
        """
        try:
            self._open().close()
        except OSError as error:
            raise ConfigError(
                Finding(
                    f"the disclosure log cannot be written: {error.strerror}; "
                    "name a file in a folder that exists",
                    self._path,
                )
            ) from error

    async def write(self, line: bytes) -> None:
        """Append *line*, which ends with a newline.

        Raises:
            OSError: it could not be appended, or another process does not let go of the file.
        """
        if self._attempt(line):
            return
        await asyncio.sleep(0)  # who answers without a task learns here that one is needed
        with anyio.move_on_after(WAIT_S):
            while True:
                await anyio.sleep(PAUSE_S)
                if self._attempt(line):
                    return
        raise TimeoutError(f"the lock is held by another process for {WAIT_S} s")

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _attempt(self, line: bytes) -> bool:
        """Append *line*; False: another process has the file right now."""
        while True:
            file = self._file = self._file or self._open()
            with _locked(file) as locked:
                if not locked:
                    return False
                if self._is_current(file):
                    size = os.fstat(file.fileno()).st_size
                    if not size or size + len(line) <= self._max_bytes:
                        _append(file, line, size)
                        return True
                    self._rotate()
            self.close()

    def _open(self) -> BinaryIO:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.fdopen(os.open(self._path, flags, OWNER_ONLY), "r+b", buffering=0)

    def _is_current(self, file: BinaryIO) -> bool:
        """Return whether *file* is still the one at its path."""
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False

    def _rotate(self) -> None:
        # INVARIANT: the lock on the file at the path is held, so nobody else rotates.
        full = rotated(self._path)
        number = full[-1][0] + 1 if full else 1
        self._path.rename(self._path.with_name(f"{self._path.name}.{number}"))
        if self._keep:
            for _, path in rotated(self._path)[: -self._keep]:
                path.unlink(missing_ok=True)


def rotated(path: Path) -> list[tuple[int, Path]]:
    """Return the full files beside *path* with their numbers, the oldest first."""
    pattern = re.compile(re.escape(path.name) + r"\.([1-9][0-9]*)")
    matches = ((pattern.fullmatch(one.name), one) for one in path.parent.iterdir())
    return sorted((int(match[1]), one) for match, one in matches if match)


def _append(file: BinaryIO, line: bytes, size: int) -> None:
    """Append *line* to *file*, which has *size* bytes, on a line of its own."""
    if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
        line = b"\n" + line  # the writer before was killed, or the disk full, within a line
    if os.write(file.fileno(), line) != len(line):
        raise OSError("the line could be written in part only")


@contextmanager
def _locked(file: BinaryIO) -> Iterator[bool]:
    """Hold the lock on *file*, if nobody else does. It goes with the process, too."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
