"""An answer of a live gateway against the cells of the policy matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.policy.explain import explain
from gateway.policy.matrix import Table

ABSENT = object()


def values_at(body: Any, path: str) -> list[Any]:
    """Return each value that *path* names in *body*; ABSENT for each object that lacks it."""
    return list(_found(body, path.replace("[]", ".[]").strip(".").split(".")))


def _found(body: Any, tokens: list[str]) -> Iterator[Any]:
    if not tokens or body is ABSENT:
        yield body
    elif tokens[0] == "[]":
        for item in body:
            yield from _found(item, tokens[1:])
    else:
        yield from _found(body.get(tokens[0], ABSENT), tokens[1:])


def paths_in(value: Any, at: str = "") -> set[str]:
    """Return the path of every property in *value*; `[]` for each item of a list."""
    if isinstance(value, dict):
        inner = [paths_in(item, f"{at}/{name}") for name, item in value.items()]
        return {f"{at}/{name}" for name in value}.union(*inner)
    if isinstance(value, list):
        return set().union(*(paths_in(item, f"{at}[]") for item in value))
    return set()


def without_value(table: Table, body: Any) -> list[str]:
    """Return each field that has no value anywhere in *body*: nothing could be compared."""
    paths = (leaf.path for leaf in table.leaves)
    return [one for one in paths if all(v is None or v is ABSENT for v in values_at(body, one))]


def disagreements(table: Table, scopes: frozenset[str], whole: Any, shown: Any) -> list[str]:
    """Return each field of *shown*, an answer to *scopes*, that is not as its cell says.

    Args:
        whole: the same answer with everything in it.
    """
    column = max((one for one in table.columns if one <= scopes), key=len)
    wrong = []
    for leaf in table.leaves:
        cell = table.row(leaf)[table.columns.index(column)]
        decision = explain(leaf, scopes).decision
        of_whole, of_shown = values_at(whole, leaf.path), values_at(shown, leaf.path)
        expected = [decision.way.apply(one) for one in of_whole] if decision.way.shown else [ABSENT]
        if decision.way.shown and of_shown != expected:
            wrong.append(f"{leaf.path}: {decision}, but otherwise in the answer")
        if not decision.way.shown and set(map(id, of_shown)) != {id(ABSENT)}:
            wrong.append(f"{leaf.path}: {decision}, but in the answer")
        if str(cell) != str(decision):
            wrong.append(f"{leaf.path}: the matrix says {cell}, the explanation {decision}")
    return wrong
