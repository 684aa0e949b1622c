"""Check 5: what is left of a value, and of an object, satisfies its narrowed schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.errors import Finding
from gateway.policy.model import Component, Model, flat
from gateway.policy.proof.case import Case, told
from gateway.policy.reach import Reached
from gateway.policy.rules import Location, Scopes, least, listed, unions
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
        for misfit in _misfit_objects(case, place):
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


def _misfit_objects(case: Case, place: Reached) -> Iterator[_Misfit]:
    """Yield what the object at *place*, redacted, lacks or has too much of for its schema.

    Who has more scopes keeps the same alternative or one before it, so only those up to the one of
    the least scopes can come.
    """
    whole = case.model.components[place.alternatives[0]]
    shown = case.shown(place.scopes)
    kept = shown.alternative(place.alternatives)
    if kept is None:
        yield from _missing(shown, whole)
        return
    for barer in place.alternatives[1 : place.alternatives.index(kept) + 1]:
        yield from _differences(case, place, whole, case.model.components[barer])


def _missing(shown: Shown, component: Component) -> Iterator[_Misfit]:
    for field in component.fields.values():
        if field.required and field.rule is not None and not field.way(shown.scopes).shown:
            yield _Misfit(
                field.rule.location,
                f"`{field}` is required, but dropped for a caller with {listed(shown.scopes)}",
                "make it optional, or list a barer alternative in an `anyOf` there",
            )


def _differences(
    case: Case, place: Reached, whole: Component, barer: Component
) -> Iterator[_Misfit]:
    """Yield the properties by which what is left of *whole* is not a *barer*, once each."""
    required = [field.name for field in barer.fields.values() if field.required]
    completing = _least_that_show(barer, place.scopes)
    for name in dict.fromkeys([*whole.fields, *required]):
        for scopes in _told_apart(completing, name, (whole, barer)):
            shown = case.shown(scopes)
            is_kept = shown.alternative(place.alternatives) == barer.name
            if is_kept and not _is_alike(shown, name, whole, barer):
                yield _Misfit(
                    barer.location,
                    f"what is left of `{whole.name}` for a caller with {listed(scopes)} is no"
                    f" `{barer.name}`: `{name}` differs",
                    "give both the same rule and schema",
                )
                break


def _least_that_show(component: Component, scopes: Scopes) -> set[Scopes]:
    """Return the least sets, from *scopes* on, that are shown all that *component* requires."""
    found = {scopes}
    for field in component.fields.values():
        if field.required and field.rule is not None:
            withs = [tier.scopes for tier in field.rule.tiers if tier.way.shown]
            found = least(some | more for some in found for more in withs)
    return found


def _told_apart(
    completing: set[Scopes], name: str, components: Iterable[Component]
) -> Iterator[Scopes]:
    """Yield the scope sets that the rules of the property *name* tell apart, the smaller first."""
    fields = (component.fields.get(name) for component in components)
    rules = (field.rule for field in fields if field is not None and field.rule is not None)
    for more in sorted(unions(tier.scopes for rule in rules for tier in rule.tiers), key=len):
        for some in completing:
            yield some | more


def _is_alike(shown: Shown, name: str, whole: Component, barer: Component) -> bool:
    """Tell whether *name*, if it is left of *whole*, is as *barer* wants it."""
    left = shown.fields(whole.name).get(name)
    if left is None:
        return name not in barer.fields or not barer.fields[name].required
    wanted = shown.fields(barer.name).get(name)
    return left == wanted and _same_schema(shown.model, name, whole, barer)


def _same_schema(model: Model, name: str, whole: Component, barer: Component) -> bool:
    one, other = (
        as_draft4(flat(model.document, component.fields[name].schema))
        for component in (whole, barer)
    )
    return one == other
