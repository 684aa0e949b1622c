"""Words for what a policy shows, alike in commands and pages. Lowest layer."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

# What the cells of a matrix say, for its legend: the word of a decision, and what it means.
MEANINGS = {
    "value": "shown as it is",
    "mask": "shown with `*` for each character but the first and last ones named",
    "truncate": "the first characters alone, then the suffix",
    "hash": "a keyed hash: equal values can be told to be equal, nothing else",
    "hidden": "absent from the answer",
    "refused": "the operation is refused before anything is looked up",
}
SIGNS = {"value": "●", "hidden": "○", "refused": "×"}  # all else: shown in part
IN_PART = "◐"


class Place(Protocol):
    """A place in a file."""

    @property
    def path(self) -> Path: ...
    @property
    def line(self) -> int | None: ...


def where(place: Place) -> str:
    """Return a place as `file:line`, from the working directory where it is below it."""
    path, here = place.path, Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return f"{shown}:{place.line}"


def listed(scopes: Collection[str]) -> str:
    """Return a scope set for people: `a:read, b:read`."""
    return ", ".join(sorted(scopes)) or "no scope"


def sign(word: str) -> str:
    """Return the sign of a decision's *word*."""
    return SIGNS.get(word, IN_PART)


def state(word: str) -> str:
    """Return the class of a decision's *word*: ways that show a part look alike."""
    return word if word in SIGNS else "part"
