"""Words that several of the policy commands use, besides those of `gateway.wording`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from gateway.wording import listed

if TYPE_CHECKING:
    from gateway.policy.rules import Scopes

NO_SCOPES = "NONE"
MAX_PREFIX = 3
MAX_LABEL = 12


def any_of(sets: Iterable[Collection[str]]) -> str:
    """Return scope sets of which one is enough: `a:read, b:read or c:read`."""
    return " or ".join(listed(scopes) for scopes in sets)


def labels(sets: Sequence[Scopes], scopes: Sequence[str]) -> dict[Scopes, str]:
    """Return a short label for each of *sets*: `A+C` for `applications:read, candidates:read`."""
    short = _short(scopes)
    found = {}
    for number, one in enumerate(sets, 1):
        label = "+".join(short[scope] for scope in sorted(one)) or NO_SCOPES
        found[one] = label if len(label) <= MAX_LABEL else f"#{number}"
    return found


def _short(scopes: Sequence[str]) -> dict[str, str]:
    """Return by what to know each of *scopes*: the start that no other has, or its number."""
    for length in range(1, MAX_PREFIX + 1):
        starts = [scope[:length].upper() for scope in scopes]
        if len(set(starts)) == len(scopes):
            return dict(zip(scopes, starts, strict=True))
    return {scope: f"S{number}" for number, scope in enumerate(scopes, 1)}
