"""Words that several of the policy commands use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.policy.rules import Location, Scopes

NO_SCOPES = "NONE"
MAX_PREFIX = 3
MAX_LABEL = 12

# What the cells of a matrix say, for its legend: the word of a decision, and what it means.
MEANINGS = {
    "value": "shown as it is",
    "mask": "shown with `*` for each character but the first and last ones named",
    "truncate": "the first characters alone, then the suffix",
    "hash": "a keyed hash: equal values can be told to be equal, nothing else",
    "hidden": "absent from the answer",
    "refused": "the operation is refused before anything is looked up",
}


def where(location: Location) -> str:
    """Return a place as `file:line`, from the working directory where it is below it."""
    path, here = location.path, Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return f"{shown}:{location.line}"


def listed(scopes: Collection[str]) -> str:
    """Return a scope set for people: `a:read, b:read`."""
    return ", ".join(sorted(scopes)) or "no scope"


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
