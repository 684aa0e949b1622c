"""What scopes give, told to people who choose them: what one opens, what a change of them changes.

For pages and commands, at no request. Tells of fields and operations, never of data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.policy.leaves import Leaf, leaves
from gateway.policy.model import Model
from gateway.policy.rules import DataClass, Scopes
from gateway.spec import Operation


@dataclass(frozen=True, slots=True)
class Fields:
    """Some fields, alike in some operations.

    Attributes:
        names: as they stand in an answer: `candidate.email`.
    """

    operations: tuple[Operation, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a scope opens.

    Attributes:
        operations: those that require it.
        fields: of other operations: what is shown there, or more of it, to who has it too.
        classes: the classes of data that take it.
    """

    scope: str
    operations: tuple[Operation, ...]
    fields: tuple[Fields, ...]
    classes: tuple[DataClass, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes visible, or hidden, when a token's scopes change.

    Attributes:
        operations: those that become reached, or are not any more.
        fields: of operations that are reached before and after: what is shown, or more of it.
    """

    operations: tuple[Operation, ...]
    fields: tuple[Fields, ...]

    def __bool__(self) -> bool:
        return bool(self.operations or self.fields)


def openings(model: Model) -> list[Opening]:
    """Return what each scope of the document opens, in the order of the operations."""
    operations = model.document.operations.values()
    scopes = dict.fromkeys(scope for one in operations for scope in sorted(one.scopes))
    return [_opening(model, scope) for scope in scopes]


def gained(model: Model, before: Scopes, after: Scopes) -> Change:
    """Return what *after* reaches and is shown that *before* is not.

    Called the other way round it tells what is lost.
    """
    operations = model.document.operations.values()
    reached = [one for one in operations if one.scopes <= after]
    return Change(
        operations=tuple(one for one in reached if not one.scopes <= before),
        fields=_together(
            leaf
            for operation in reached
            if operation.scopes <= before
            for leaf in leaves(model, operation)
            if not leaf.decision(before).way.reveals_at_least(leaf.decision(after).way)
        ),
    )


def _opening(model: Model, scope: str) -> Opening:
    operations = model.document.operations.values()
    classes = model.policies.classes.values()
    return Opening(
        scope=scope,
        operations=tuple(one for one in operations if scope in one.scopes),
        fields=_together(
            leaf
            for operation in operations
            if scope not in operation.scopes
            for leaf in leaves(model, operation)
            if any(scope in scopes for step in leaf.steps for scopes in step.least)
        ),
        classes=tuple(one for one in classes if scope in one.needs),
    )


def _together(some: Iterable[Leaf]) -> tuple[Fields, ...]:
    """Return *some* leaves by field: those that are in the same operations together."""
    found: dict[tuple[str, str], list[Leaf]] = defaultdict(list)
    for leaf in some:
        found[leaf.field.component, leaf.field.name].append(leaf)
    names: dict[tuple[str, ...], list[str]] = defaultdict(list)
    operations: dict[str, Operation] = {}
    for same in found.values():
        operations |= {leaf.operation.id: leaf.operation for leaf in same}
        names[tuple(dict.fromkeys(leaf.operation.id for leaf in same))].append(_name(same))
    return tuple(
        Fields(tuple(operations[one] for one in ids), tuple(together))
        for ids, together in names.items()
    )


def _name(same: Iterable[Leaf]) -> str:
    """Return how to call a field: its shortest path, as where it does not stand in a list."""
    return min((named(leaf.path) for leaf in same), key=len)


def named(path: str) -> str:
    """Return the *path* of a leaf as people say it: `data.candidate.email`."""
    return path.replace("[]", "").removeprefix(".")


def missing(some: Iterable[Leaf], scopes: Scopes) -> Iterator[Scopes]:
    """Yield what *scopes* lack to be shown each of *some* leaves in full: the fewest."""
    for leaf in some:
        wanted = [one - scopes for one in leaf.steps[0].least] if leaf.steps else []
        if wanted:
            yield min(wanted, key=lambda one: (len(one), sorted(one)))
