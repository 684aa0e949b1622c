"""Check 5: what is left of a value, and of an object, satisfies its narrowed schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.errors import Finding
from gateway.policy.model import Field, flat
from gateway.policy.proof.case import Case
from gateway.policy.reach import Reached
from gateway.policy.rules import (
    listed,
    unions,
)
from gateway.policy.shown import Shown
from gateway.strictyaml import pointer


def variants_fit(case: Case) -> Iterator[Finding]:
    """What is left of a value, and of an object, satisfies the schema."""
    for field in case.fields():
        for rule in field.rules:
            schema = flat(case.model.document, field.schema)
            for tier in rule.tiers:
                misfit = tier.way.misfit(schema)
                if misfit is not None:
                    yield tier.location.finding(f"`{field}`: {misfit}; show it another way")
    for place in case.places:
        yield from _incomplete(case, place)


def _incomplete(case: Case, place: Reached) -> Iterator[Finding]:
    """Yield what is wrong with what is left of the objects at *place*.

    With a single component the least scopes are enough. With alternatives more scopes can change
    which one is kept, so that every union that their rules tell apart is looked at.
    """
    withs = (
        tier.scopes
        for field in case.fields_at(place)
        for rule in field.rules
        for tier in rule.tiers
        if len(place.alternatives) > 1
    )
    for more in unions(withs):
        shown = Shown(case.model, place.scopes | more)
        kept = shown.alternative(place.alternatives)
        whole = case.model.components[place.alternatives[0]]
        if kept is None:
            yield from _missing(place, shown, whole.fields.values())
            continue
        left, wanted = shown.fields(whole.name), shown.fields(kept)
        component = case.model.components[kept]
        required = [field.name for field in component.fields.values() if field.required]
        lost = [name for name in required if name not in left]
        extra = [name for name in left if wanted.get(name) != left[name]]
        for name in lost + extra:
            yield component.location.finding(
                f"with {listed(shown.scopes)}, what is left of `{whole.name}` at"
                f" {pointer(*place.trail)} of `{place.operation.id}` is no `{kept}`:"
                f" `{name}` differs; give the alternative the same rules"
            )


def _missing(place: Reached, shown: Shown, fields: Iterable[Field]) -> Iterator[Finding]:
    for field in fields:
        if field.required and field.rule is not None and not field.way(shown.scopes).shown:
            yield field.rule.location.finding(
                f"`{field}` is required, but dropped at {pointer(*place.trail)} of"
                f" `{place.operation.id}` for a caller with {listed(shown.scopes)}; make it"
                " optional, or list a barer alternative in an `anyOf` there"
            )
