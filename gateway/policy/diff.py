"""What a change of document or policies reveals or withdraws: each changed cell of the matrix.

A cell is *widened* if whoever has the new result could not make it from the old one, *narrowed* if
it is the other way round, and *neutral* if both can be made of each other. Ways that do not compare
(a mask and a truncation) are widened: what cannot be shown to reveal no more, may.

All scope sets are looked at, by looking at few: what a set is shown, one of the least sets within
it is shown, and no less of it was shown to the set than to that one. So a cell is widened, or
narrowed, for some set if and only if it is for one of the least ones, of before or of after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeVar

from gateway.policy.leaves import Decision, Leaf, leaves
from gateway.policy.model import Model
from gateway.policy.rules import Scopes, least
from gateway.policy.ways import DROP, Way
from gateway.spec import Operation

ABSENT = "absent"

_Key = TypeVar("_Key")


class Kind(StrEnum):
    """Which way a change goes, the worst first."""

    WIDENING = "widening"
    NARROWING = "narrowing"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class OperationChange:
    """An operation, or a webhook, that is new, gone, or requires other scopes.

    Attributes:
        before, after: the scopes that it requires; None: there is no such operation.
    """

    kind: Kind
    operation: str
    before: Scopes | None
    after: Scopes | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change of some fields of a component, alike in some operations.

    Attributes:
        before, after: what is shown, as the matrix says it, or `absent`; of a change of class, the
            classes.
        scopes: the least scope sets for which it is so; none: it is so for all.
    """

    kind: Kind
    component: str
    fields: tuple[str, ...]
    operations: tuple[str, ...]
    before: str
    after: str
    scopes: tuple[Scopes, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes from one model to another."""

    operations: tuple[OperationChange, ...]
    fields: tuple[FieldChange, ...]

    def count(self, kind: Kind) -> int:
        """Return how many changes are of *kind*."""
        changes: tuple[OperationChange | FieldChange, ...] = (*self.operations, *self.fields)
        return sum(change.kind is kind for change in changes)


class _Cell(NamedTuple):
    """What changed, but for the scope sets, and for which fields and operations it did."""

    kind: Kind
    before: str
    after: str


def diff(old: Model, new: Model) -> Diff:
    """Return what changes from *old* to *new*; both passed the proof."""
    pairs = list(_pairs(old.document.outlets, new.document.outlets))
    operations = (change for name, *pair in pairs if (change := _of_operation(name, *pair)))
    return Diff(tuple(_worst_first(operations)), tuple(_worst_first(_fields(old, new, pairs))))


def _of_operation(
    name: str, old: Operation | None, new: Operation | None
) -> OperationChange | None:
    before = None if old is None else old.scopes
    after = None if new is None else new.scopes
    if before == after:
        return None
    narrows = after is None or (before is not None and before < after)
    return OperationChange(Kind.NARROWING if narrows else Kind.WIDENING, name, before, after)


# --- fields ---------------------------------------------------------------------------------------


def _fields(
    old: Model, new: Model, pairs: Iterable[tuple[str, Operation | None, Operation | None]]
) -> Iterator[FieldChange]:
    """Yield the changes of fields: those that are alike together, by field and by operation."""
    operations: dict[tuple[str, str, _Cell, tuple[Scopes, ...]], list[str]] = defaultdict(list)
    for name, *operation in pairs:
        of_old, of_new = (
            {leaf.path: leaf for leaf in leaves(model, one)} if one else {}
            for model, one in zip((old, new), operation, strict=True)
        )
        for path, before, after in _pairs(of_old, of_new):
            field = (of_new if path in of_new else of_old)[path].field
            for cell, scopes in _changes(before, after):
                same = operations[field.component, field.name, cell, scopes]
                if name not in same:
                    same.append(name)
    fields: dict[tuple[str, _Cell, tuple[Scopes, ...], tuple[str, ...]], list[str]]
    fields = defaultdict(list)
    for (component, field_name, cell, scopes), names in operations.items():
        fields[component, cell, scopes, tuple(names)].append(field_name)
    for (component, cell, scopes, in_operations), field_names in fields.items():
        yield FieldChange(
            kind=cell.kind,
            component=component,
            fields=tuple(field_names),
            operations=in_operations,
            before=cell.before,
            after=cell.after,
            scopes=scopes,
        )


def _changes(old: Leaf | None, new: Leaf | None) -> Iterator[tuple[_Cell, tuple[Scopes, ...]]]:
    """Yield each change of one leaf with the least scope sets for which it is so."""
    found: dict[_Cell, list[Scopes]] = defaultdict(list)
    for scopes in sorted(_told_apart(old) | _told_apart(new), key=sorted):
        before, after = _decision(old, scopes), _decision(new, scopes)
        kind = _kind(_way(before), _way(after))
        if kind is not None:
            found[_Cell(kind, _told(before), _told(after))].append(scopes)
    for cell, sets in found.items():
        yield cell, tuple(sorted(least(sets), key=lambda one: (len(one), sorted(one))))
    if not found and (old is None or new is None):
        side = (ABSENT if leaf is None else "hidden" for leaf in (old, new))
        yield _Cell(Kind.NEUTRAL, *side), ()
    if old and new and old.field.category != new.field.category:
        classes = (f"class {leaf.field.category or 'none'}" for leaf in (old, new))
        yield _Cell(Kind.NEUTRAL, *classes), ()


def _kind(old: Way, new: Way) -> Kind | None:
    if not old.reveals_at_least(new):
        return Kind.WIDENING
    if not new.reveals_at_least(old):
        return Kind.NARROWING
    return None if old == new else Kind.NEUTRAL


def _told_apart(leaf: Leaf | None) -> frozenset[Scopes]:
    return frozenset() if leaf is None else leaf.told_apart


def _decision(leaf: Leaf | None, scopes: Scopes) -> Decision | None:
    return None if leaf is None else leaf.decision(scopes)


def _way(decision: Decision | None) -> Way:
    return DROP if decision is None else decision.way


def _told(decision: Decision | None) -> str:
    return ABSENT if decision is None else str(decision)


# --- both -----------------------------------------------------------------------------------------


_Value = TypeVar("_Value")
_Change = TypeVar("_Change", OperationChange, FieldChange)


def _pairs(
    old: Mapping[_Key, _Value], new: Mapping[_Key, _Value]
) -> Iterator[tuple[_Key, _Value | None, _Value | None]]:
    """Yield each key of either with both values, in the order of *new*, what is gone last."""
    for key in dict.fromkeys([*new, *old]):
        yield key, old.get(key), new.get(key)


def _worst_first(changes: Iterable[_Change]) -> list[_Change]:
    kinds = list(Kind)
    return sorted(changes, key=lambda change: kinds.index(change.kind))
