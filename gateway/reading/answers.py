"""Answers that are kept: bytes, each valid for one state of the account's data.

Beside `Reader`, which asks here before it asks the database. An answer is found only under all that
decides its bytes (what was asked, the account, what the caller may see) and only while the account
is as it was when they were made: its revision, which grows in the transaction of every write, is
read from the database with the token at each request. So no cache outlives a write, a policy, a
revocation or a change of scopes.

Must not be given what changes without the revision, such as a token's last use.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

OVERHEAD_BYTES = 600  # about what an entry takes beside its body: key, version, links


@dataclass(slots=True, eq=False)
class Rendered:
    """The body of an answer, made of rows, already as the caller may see it.

    Attributes:
        passed: the compiled schema that the egress guard has seen these very bytes conform to.
    """

    body: bytes
    passed: object = None


class Answers:
    """Bodies of answers, the least recently used of which go first."""

    def __init__(self, max_bytes: int) -> None:
        """Keep at most *max_bytes* of bodies and what belongs to them; 0: keep none."""
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, tuple[object, Rendered]] = OrderedDict()

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        return self._bytes

    def get(self, key: Hashable, version: object) -> Rendered | None:
        """Return what is kept under *key* for this *version* of the data."""
        found = self._kept.get(key)
        if found is None or found[0] != version:
            return None
        self._kept.move_to_end(key)
        return found[1]

    def keep(self, key: Hashable, version: object, answer: Rendered) -> None:
        """Keep *answer* under *key*, in place of that of another version."""
        size = len(answer.body) + OVERHEAD_BYTES
        if size > self._max_bytes:
            return
        before = self._kept.pop(key, None)
        if before is not None:
            self._bytes -= len(before[1].body) + OVERHEAD_BYTES
        self._kept[key] = (version, answer)
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body) + OVERHEAD_BYTES
