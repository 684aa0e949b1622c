"""Check 5: what is left of a value, and of an object, satisfies its narrowed schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from gateway.errors import Finding
from gateway.policy.model import Component, Model, flat
from gateway.policy.proof.case import Case, told
from gateway.policy.reach import Reached
from gateway.policy.rules import Location, Scopes, listed, unions
from gateway.policy.shown import Shown
from gateway.spec.draft4 import as_draft4


class _Misfit(NamedTuple):
    location: Location
    what: str
    remedy: str


def variants_fit(case: Case) -> Iterator[Finding]:
    """What is left of a value, and of an object, satisfies the schema."""
    yield from _misfit_values(case)
    misfits: dict[_Misfit, list[Reached]] = defaultdict(list)
    for place in case.places:
        for scopes in _scope_sets(case, place):
            for misfit in _misfits(place, Shown(case.model, scopes)):
                misfits[misfit].append(place)
    for misfit, places in misfits.items():
        yield misfit.location.finding(f"{misfit.what}; {told(places)}; {misfit.remedy}")


def _misfit_values(case: Case) -> Iterator[Finding]:
    for field in case.fields.values():
        schema = flat(case.model.document, field.schema)
        for rule in field.rules:
            for tier in rule.tiers:
                misfit = tier.way.misfit(schema)
                if misfit is not None:
                    yield tier.location.finding(f"`{field}`: {misfit}; show it another way")


def _scope_sets(case: Case, place: Reached) -> Iterator[Scopes]:
    """Yield the scope sets to look at *place* with.

    The least ones are enough for a single component. Among alternatives, more scopes can change
    which one is kept, so that everything that their rules tell apart is looked at.
    """
    yield place.scopes
    if len(place.alternatives) > 1:
        rules = (rule for field in case.fields_at(place) for rule in field.rules)
        for more in unions(tier.scopes for rule in rules for tier in rule.tiers):
            yield place.scopes | more


def _misfits(place: Reached, shown: Shown) -> Iterator[_Misfit]:
    """Yield what the object at *place*, redacted, lacks or has too much of for its schema."""
    components = shown.model.components
    whole = components[place.alternatives[0]]
    kept = shown.alternative(place.alternatives)
    if kept is None:
        yield from _missing(shown, whole)
    elif kept != whole.name:
        for name in _differences(shown, whole, components[kept]):
            yield _Misfit(
                components[kept].location,
                f"what is left of `{whole.name}` for a caller with {listed(shown.scopes)} is no"
                f" `{kept}`: `{name}` differs",
                "give both the same rule and schema",
            )


def _missing(shown: Shown, component: Component) -> Iterator[_Misfit]:
    for field in component.fields.values():
        if field.required and field.rule is not None and not field.way(shown.scopes).shown:
            yield _Misfit(
                field.rule.location,
                f"`{field}` is required, but dropped for a caller with {listed(shown.scopes)}",
                "make it optional, or list a barer alternative in an `anyOf` there",
            )


def _differences(shown: Shown, whole: Component, kept: Component) -> Iterator[str]:
    """Yield the properties by which what is left of *whole* is not a *kept*."""
    left, wanted = shown.fields(whole.name), shown.fields(kept.name)
    for name in left:
        if left[name] != wanted.get(name) or not _same_schema(shown.model, name, whole, kept):
            yield name
    for name, field in kept.fields.items():
        if field.required and name not in left:
            yield name


def _same_schema(model: Model, name: str, whole: Component, kept: Component) -> bool:
    one, other = (
        as_draft4(flat(model.document, component.fields[name].schema))
        for component in (whole, kept)
    )
    return one == other
