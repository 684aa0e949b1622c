"""Which objects a caller can be given, and what it takes: the ground that the proof stands on.

For each operation, every place where objects stand in its answer, with the *least* scope sets that
reach it. Least ones are enough: rules only ask whether a caller has scopes, never whether it lacks
one, so whoever has more reaches the place too. The number of scope sets, 2 to the number of
scopes, is never walked.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.policy.model import Field, Model, Place
from gateway.policy.rules import Scopes
from gateway.spec import Operation

Trail = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """A place in the answer of an operation, and scopes that reach it.

    Attributes:
        trail: the JSON pointer's tokens of one such place; 0 stands for any item of a list.
    """

    operation: Operation
    alternatives: tuple[str, ...]
    scopes: Scopes
    trail: Trail

    def at(self, field: Field) -> Trail:
        """Return the trail of *field* in the object here."""
        return (*self.trail, field.name)


def reached(model: Model, operation: Operation) -> Iterator[Reached]:
    """Yield every place in the answer of *operation*, once for each least scope set."""
    least: dict[tuple[str, ...], list[Scopes]] = defaultdict(list)
    root = model.place(operation)
    waiting = deque(_first(operation, root))
    while waiting:
        here = waiting.popleft()
        known = least[here.alternatives]
        if any(scopes <= here.scopes for scopes in known):
            continue
        known.append(here.scopes)
        yield here
        waiting.extend(_within(model, here))


def _first(operation: Operation, root: Place | None) -> Iterator[Reached]:
    if root is not None:
        yield Reached(operation, root.alternatives, operation.scopes, (0,) * root.depth)


def _within(model: Model, here: Reached) -> Iterator[Reached]:
    """Yield the places inside the objects *here*, with what it takes to be shown them."""
    for component in here.alternatives:
        for field in model.components[component].fields.values():
            if field.place is None or field.rule is None:
                continue
            for tier in field.rule.tiers:
                scopes = here.scopes | tier.scopes
                if field.way(scopes).shown:
                    trail = here.at(field) + (0,) * field.place.depth
                    yield Reached(here.operation, field.place.alternatives, scopes, trail)
