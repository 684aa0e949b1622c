"""What is wrong with an import: the first findings in the order of its lines, and how many."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import CommandError, Finding

MAX_FINDINGS = 20


class Positions:
    """Where the lines of an import stand: file and line of each line's number in the whole."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._paths: list[Path] = []

    def begin(self, path: Path, ordinal: int) -> None:
        """Note that the first line of *path* has the number *ordinal*."""
        self._starts.append(ordinal)
        self._paths.append(path)

    def of(self, ordinal: int) -> tuple[Path, int]:
        """Return the file and the line in it, counted from 1."""
        index = bisect_right(self._starts, ordinal) - 1
        return self._paths[index], ordinal - self._starts[index] + 1


class ImportRefused(CommandError):
    """Nothing was stored: the records have faults.

    Attributes:
        findings: the first `MAX_FINDINGS` of them, in the order of the files and their lines.
        total: how many there are.
    """

    def __init__(self, findings: Sequence[Finding], total: int) -> None:
        self.findings = tuple(findings)
        self.total = total
        lines = [str(finding) for finding in findings]
        if total > len(lines):
            lines.append(f"… and {total - len(lines)} more")
        super().__init__("\n".join(lines))


class Findings:
    """Collects what is wrong: memory stays flat however much it is."""

    def __init__(self) -> None:
        self.total = 0
        self._first: list[tuple[int, int, str, bool]] = []

    def add(self, ordinal: int, message: str) -> None:
        """Add one at the line with the number *ordinal* of the import."""
        self._add(ordinal, message, of_file=False)

    def add_of_file(self, ordinal: int, message: str) -> None:
        """Add one that is about the file in which the line *ordinal* would stand."""
        self._add(ordinal, message, of_file=True)

    def add_unlisted(self, number: int) -> None:
        """Add *number* that come after `MAX_FINDINGS` others."""
        self.total += number

    def refuse(self, positions: Positions) -> None:
        """Return if there are none.

        Raises:
            ImportRefused: there are.
        """
        if not self.total:
            return
        findings = []
        for ordinal, _, message, of_file in self._first:
            path, line = positions.of(ordinal)
            findings.append(Finding(message, path, None if of_file else line))
        raise ImportRefused(findings, self.total)

    def _add(self, ordinal: int, message: str, *, of_file: bool) -> None:
        self.total += 1
        insort(self._first, (ordinal, self.total, message, of_file))
        del self._first[MAX_FINDINGS:]
