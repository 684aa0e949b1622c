"""What the checks look at: the model, every place in every answer, what is shown there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.policy.model import Field, Model
from gateway.policy.reach import Reached, reached
from gateway.policy.rules import (
    NO_SCOPES,
    Acknowledgement,
    Scopes,
    Tier,
)


@dataclass(frozen=True, slots=True)
class Case:
    """What the checks look at: the model, and every place in every answer."""

    model: Model
    places: tuple[Reached, ...]

    @classmethod
    def of(cls, model: Model) -> Case:
        operations = model.document.operations.values()
        return cls(model, tuple(place for one in operations for place in reached(model, one)))

    def fields(self) -> Iterator[Field]:
        """Yield every field of every component, in document order."""
        for component in self.model.components.values():
            yield from component.fields.values()

    def fields_at(self, place: Reached) -> Iterator[Field]:
        """Yield the fields of all that can stand at *place*."""
        for component in place.alternatives:
            yield from self.model.components[component].fields.values()


def shown_in_full(case: Case) -> Iterator[tuple[Reached, Field, Tier, Scopes]]:
    """Yield where and to which least scopes a classified field is shown as it is."""
    for place in case.places:
        for field in case.fields_at(place):
            if field.rule is None or field.category not in case.model.policies.classes:
                continue
            for tier in field.rule.tiers:
                scopes = place.scopes | tier.scopes
                if field.way(scopes).identity:
                    yield place, field, tier, scopes


def needs(case: Case, field: Field) -> Scopes:
    if field.category is None:
        return NO_SCOPES
    return case.model.policies.classes[field.category].needs


def acknowledged(case: Case, field: Field) -> Iterator[Acknowledgement]:
    for one in case.model.policies.acknowledgements:
        if (one.component, one.category) == (field.component, field.category):
            yield one
