"""Answers that are kept: bytes, each valid for one state of the account's data.

The lane asks here before it asks a handler. An answer is found only under all that decides its
bytes (the request's address, the account, what the caller may see) and only while the account is as
it was when they were made: its revision, which grows in the transaction of every write, is read
with the token at each request. So no cache outlives a write, a policy, a revocation or a change of
scopes. The egress guard has seen what is kept here, under the very view that it is found with.

Must not be given what changes without the revision, such as a token's last use.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

OVERHEAD_BYTES = 700  # about what an entry takes beside its body: key, version, links


class Answers:
    """Bodies of answers, the least recently used of which go first."""

    def __init__(self, max_bytes: int) -> None:
        """Keep at most *max_bytes* of bodies and what belongs to them; 0: keep none."""
        self.max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, tuple[object, bytes, int]] = OrderedDict()

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        return self._bytes

    def get(self, key: Hashable, version: object) -> bytes | None:
        """Return what is kept under *key* for this *version* of the data."""
        found = self._kept.get(key)
        if found is None or found[0] != version:
            return None
        self._kept.move_to_end(key)
        return found[1]

    def keep(self, key: Hashable, version: object, body: bytes, *, key_bytes: int = 0) -> None:
        """Keep *body* under *key*, in place of that of another version.

        Args:
            key_bytes: how long the texts in *key* are together.
        """
        size = len(body) + key_bytes + OVERHEAD_BYTES
        if size > self.max_bytes:
            return
        before = self._kept.pop(key, None)
        if before is not None:
            self._bytes -= before[2]
        self._kept[key] = (version, body, size)
        self._bytes += size
        while self._bytes > self.max_bytes:
            _, (_, _, freed) = self._kept.popitem(last=False)
            self._bytes -= freed
