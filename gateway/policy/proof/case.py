"""What the checks look at: the model, every place in every answer, what is shown there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from gateway.policy.model import Field, Model
from gateway.policy.reach import Reached, reached
from gateway.policy.rules import NO_SCOPES, Acknowledgement, Scopes, Tier
from gateway.policy.shown import Shown
from gateway.strictyaml import pointer


class InFull(NamedTuple):
    """A classified field that a tier shows as it is to whoever has *scopes*."""

    place: Reached
    field: Field
    tier: Tier
    scopes: Scopes


def told(places: Sequence[Reached], *names: str) -> str:
    """Return where *places*, and *names* in the objects there, are: the first, and how many more.

    One slip in a rule shows wherever its component stands; telling one place is enough.
    """
    first = places[0]
    at = pointer(*first.trail, *names) or "the root"
    more = len({place.operation.id for place in places}) - 1
    return f"at {at} of `{first.operation.id}`" + (f" and in {more} more" if more else "")


@dataclass(frozen=True, slots=True)
class Case:
    """What the checks look at.

    Attributes:
        fields: every field of every component by `Component.property`, in document order.
        places: every place where objects stand in an answer, with the least scopes that reach it.
        reaches: by component, the least scopes that reach it anywhere.
        in_full: where, and to whom at least, a classified field is shown as it is.
    """

    model: Model
    fields: Mapping[str, Field]
    places: tuple[Reached, ...]
    reaches: Mapping[str, frozenset[Scopes]]
    in_full: tuple[InFull, ...]
    _shown: dict[Scopes, Shown]

    @classmethod
    def of(cls, model: Model) -> Case:
        places = [
            place
            for operation in model.document.operations.values()
            for place in reached(model, operation)
        ]
        reaches: dict[str, set[Scopes]] = defaultdict(set)
        for place in places:
            for component in place.alternatives:
                reaches[component].add(place.scopes)
        fields = [field for one in model.components.values() for field in one.fields.values()]
        return cls(
            model=model,
            fields=MappingProxyType({str(field): field for field in fields}),
            places=tuple(places),
            reaches=MappingProxyType({name: frozenset(reaches[name]) for name in reaches}),
            in_full=tuple(one for place in places for one in _in_full(model, place)),
            _shown={},
        )

    def shown(self, scopes: Scopes) -> Shown:
        """Return what *scopes* are shown."""
        if scopes not in self._shown:
            self._shown[scopes] = Shown(self.model, scopes)
        return self._shown[scopes]

    def needs(self, field: Field) -> Scopes:
        """Return the scopes that the class of *field* takes; none if it is in no class."""
        data_class = self.model.policies.classes.get(field.category or "")
        return NO_SCOPES if data_class is None else data_class.needs

    def acknowledged(self, field: Field, scopes: Scopes) -> Iterator[Acknowledgement]:
        """Yield the acknowledgements by which *scopes* may see *field* in full."""
        for one in self.model.policies.acknowledgements:
            is_about = (one.component, one.category) == (field.component, field.category)
            if is_about and one.scopes <= scopes:
                yield one

    def permits(self, field: Field, scopes: Scopes) -> bool:
        """Tell whether the data classes let *scopes* see *field* in full."""
        return self.needs(field) <= scopes or any(self.acknowledged(field, scopes))


def _in_full(model: Model, place: Reached) -> Iterator[InFull]:
    for component in place.alternatives:
        for field in model.components[component].fields.values():
            if field.rule is None or field.category is None:
                continue
            for tier in field.rule.tiers:
                scopes = place.scopes | tier.scopes
                if field.way(scopes).identity:
                    yield InFull(place, field, tier, scopes)
