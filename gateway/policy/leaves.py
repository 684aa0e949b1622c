"""The leaves of an answer: each value in it by its path, and what it takes to be shown it.

The ground that `matrix`, `explain` and `diff` stand on. Policies rule components; people ask about
answers, where a component stands inside others: to be shown a leaf takes the scopes of the
operation, of every property around it, and of its own.

For people and checks, at no request. Works on a policy set that passed the proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from gateway.policy.model import Field, Model, flat
from gateway.policy.rules import NO_SCOPES, Location, Scopes, least
from gateway.policy.ways import DROP, Way
from gateway.spec import Operation, Webhook
from gateway.spec.payloads import ID
from gateway.spec.raw import REQUIRED_SCOPES
from gateway.strictyaml import pointer


@dataclass(frozen=True, slots=True)
class Decision:
    """What one scope set is shown of a leaf.

    Attributes:
        reached: False: the operation is refused (403) before anything is looked up.
        way: `DROP`, too, where the operation is not reached.
        location: of the line that decides.
    """

    reached: bool
    way: Way
    location: Location

    @property
    def word(self) -> str:
        """`refused`, `hidden`, or the name of the way."""
        if not self.reached:
            return "refused"
        return self.way.name if self.way.shown else "hidden"

    def __str__(self) -> str:
        if not self.reached:
            return "not reached"
        return str(self.way) if self.way.shown else "hidden"


class Step(NamedTuple):
    """Whoever has one of *least*, and no more revealing step, is shown the leaf in this *way*."""

    way: Way
    least: frozenset[Scopes]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value in the answer of an operation.

    Attributes:
        path: `data[].candidate.first_name`; `[]` stands for each item of a list.
        around: the properties that it stands in, from the outermost.
        steps: the ways in which anyone is shown it, from most to least revealing.
        gate: what it takes to be sent it at all, of a webhook: the scopes of the operation whose
            answer is the payload's `data`. Who lacks them is sent the id alone, and not refused.
    """

    operation: Operation
    path: str
    field: Field
    around: tuple[Field, ...]
    steps: tuple[Step, ...]
    _refusal: Location
    gate: Scopes = NO_SCOPES

    @property
    def told_apart(self) -> frozenset[Scopes]:
        """The least scope sets at which something changes.

        Whatever the scopes, the leaf is shown as to the one of these, held in full, that is shown
        most: rules only ask which scopes a caller has.
        """
        return frozenset({self.operation.scopes}.union(*(step.least for step in self.steps)))

    def decision(self, scopes: Scopes) -> Decision:
        """Return what *scopes* are shown of the leaf."""
        if not self.operation.scopes <= scopes:
            return Decision(False, DROP, self._refusal)
        if not self.gate <= scopes:
            return Decision(True, DROP, self._refusal)
        for field in (*self.around, self.field):
            way = field.way(scopes)
            if not way.shown:
                break
        return Decision(True, way, _deciding(field, scopes))


def leaves(model: Model, operation: Operation) -> Iterator[Leaf]:
    """Yield the leaves of the answer of *operation*: of each object its own, then those within.

    An object inside one of its own component is one leaf: its properties are shown as where the
    component stands first.

    Args:
        operation: of `Document.outlets`; of a webhook, the leaves of its payload, which begin with
            `data.`. What else is in the payload is no data.
    """
    webhook = model.document.webhooks.get(operation.id)
    if webhook is not None:
        yield from _payload_leaves(model, webhook)
        return
    place = model.place(operation)
    if place is not None:
        at = pointer(REQUIRED_SCOPES)
        line = model.document.line_of(operation.pointer + at)
        refusal = Location(model.document.path, line)
        here = _Here(operation, refusal, place.alternatives[0], "[]" * place.depth, ())
        yield from _leaves_in(model, here, frozenset({operation.scopes}))


def _payload_leaves(model: Model, webhook: Webhook) -> Iterator[Leaf]:
    for leaf in leaves(model, webhook.operation):
        sent = replace(leaf, operation=webhook.sending, path=f"data.{leaf.path}")
        if leaf.path == ID:
            least_sets = frozenset({NO_SCOPES})
            yield replace(sent, steps=tuple(Step(step.way, least_sets) for step in leaf.steps))
        else:
            yield replace(sent, gate=webhook.operation.scopes)


class _Here(NamedTuple):
    """An object in an answer.

    Of an `anyOf` it is the first alternative: the others are what may be left of it.
    """

    operation: Operation
    refusal: Location
    component: str
    path: str
    around: tuple[Field, ...]


def _leaves_in(model: Model, here: _Here, reach: frozenset[Scopes]) -> Iterator[Leaf]:
    above = {here.component, *(field.component for field in here.around)}
    within: list[tuple[_Here, frozenset[Scopes]]] = []
    for field in model.components[here.component].fields.values():
        path = f"{here.path}.{field.name}" if here.path else field.name
        path += "[]" * _depth(model, field)
        steps = tuple(_steps(field, reach))
        if field.place is None or field.place.alternatives[0] in above:
            yield Leaf(here.operation, path, field, here.around, steps, here.refusal)
        else:
            inner = here._replace(
                component=field.place.alternatives[0], path=path, around=(*here.around, field)
            )
            shown = frozenset(least(scopes for step in steps for scopes in step.least))
            within.append((inner, shown))
    for inner, shown in within:
        yield from _leaves_in(model, inner, shown)


def _steps(field: Field, reach: frozenset[Scopes]) -> Iterator[Step]:
    """Yield the ways in which *field* is shown to who reaches its object, by one of *reach*."""
    for tier in field.rule.tiers if field.rule else ():
        wanted = least(
            scopes | tier.scopes
            for scopes in reach
            if field.rule and field.rule.tier(scopes | tier.scopes) is tier
        )
        if wanted and tier.way.shown:
            yield Step(tier.way, frozenset(wanted))


def _depth(model: Model, field: Field) -> int:
    """Return how many lists stand between the property and what is in it."""
    if field.place is not None:
        return field.place.depth
    depth, schema = 0, flat(model.document, field.schema)
    while "items" in schema:
        depth, schema = depth + 1, flat(model.document, schema["items"])
    return depth


def _deciding(field: Field, scopes: Scopes) -> Location:
    if field.rule is None:
        return field.location
    tier = field.rule.tier(scopes)
    return field.rule.location if tier is None else tier.location
