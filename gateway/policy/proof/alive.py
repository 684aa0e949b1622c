"""Check 4, second half: every rule, class and acknowledgement decides something for someone."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Finding
from gateway.policy.proof.case import Case, acknowledged, needs, shown_in_full


def alive(case: Case) -> Iterator[Finding]:
    """Every policy, tier, class and acknowledgement decides something for someone."""
    policies = case.model.policies
    answered = {name for place in case.places for name in place.alternatives}
    for policy in policies.components.values():
        if policy.component in case.model.components and policy.component not in answered:
            message = f"no operation answers with `{policy.component}`; remove the policy"
            yield policy.location.finding(message)
    yield from _dead_tiers(case, answered)
    used = {field.category for field in case.fields()}
    for data_class in policies.classes.values():
        if data_class.category not in used:
            message = f"no property is classified as `{data_class.category}`; remove the class"
            yield data_class.location.finding(message)
    yield from _dead_acknowledgements(case)


def _dead_tiers(case: Case, answered: set[str]) -> Iterator[Finding]:
    living = {
        tier.location
        for place in case.places
        for field in case.fields_at(place)
        if field.rule is not None
        for own in field.rule.tiers
        if (tier := field.rule.tier(place.scopes | own.scopes)) is not None
    }
    for field in case.fields():
        if field.rule is None or field.component not in answered:
            continue
        for tier in field.rule.tiers:
            if tier.location not in living:
                yield tier.location.finding(
                    f"no caller gets to this tier of `{field}`: a tier before it serves"
                    " all whom it would; remove it, or put it first"
                )


def _dead_acknowledgements(case: Case) -> Iterator[Finding]:
    used = {
        one.location
        for _, field, _, scopes in shown_in_full(case)
        if not needs(case, field) <= scopes
        for one in acknowledged(case, field)
        if one.scopes <= scopes
    }
    for one in case.model.policies.acknowledgements:
        if one.location not in used:
            yield one.location.finding(
                f"nothing of `{one.component}` needs this acknowledgement; remove it"
            )
