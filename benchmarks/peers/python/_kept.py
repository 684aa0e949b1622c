"""What is kept in memory: bytes with the revision of the account that they were made under."""

from __future__ import annotations

from collections import OrderedDict


class Kept:
    """Bytes by key, valid while the account's revision is the same.

    Bounded in bytes; the least recently used go first.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._bytes = 0
        self._values: OrderedDict[object, tuple[int, bytes]] = OrderedDict()

    def get(self, key: object, revision: int) -> bytes | None:
        """Return the bytes under *key* as of *revision*; None: there are none."""
        found = self._values.get(key)
        if found is None or found[0] != revision:
            return None
        self._values.move_to_end(key)
        return found[1]

    def set(self, key: object, revision: int, value: bytes) -> None:
        old = self._values.pop(key, None)
        if old is not None:
            self._bytes -= len(old[1])
        self._values[key] = revision, value
        self._bytes += len(value)
        while self._bytes > self._bound:
            _, (_, dropped) = self._values.popitem(last=False)
            self._bytes -= len(dropped)
