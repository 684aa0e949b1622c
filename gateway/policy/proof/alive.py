"""Check 4, second half: every rule, class and acknowledgement decides something for someone."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Finding
from gateway.policy.proof.case import Case


def alive(case: Case) -> Iterator[Finding]:
    """Every policy, tier, class and acknowledgement decides something for someone."""
    yield from _dead_policies(case)
    yield from _dead_tiers(case)
    yield from _dead_classes(case)
    yield from _dead_acknowledgements(case)


def _dead_policies(case: Case) -> Iterator[Finding]:
    for policy in case.model.policies.components.values():
        if policy.component in case.model.components and policy.component not in case.reaches:
            message = f"no operation answers with `{policy.component}`; remove the policy"
            yield policy.location.finding(message)


def _dead_tiers(case: Case) -> Iterator[Finding]:
    for field in case.fields.values():
        if field.rule is None or field.component not in case.reaches:
            continue
        for index, tier in enumerate(field.rule.tiers):
            before = field.rule.tiers[:index]
            callers = (reach | tier.scopes for reach in case.reaches[field.component])
            if all(any(one.scopes <= caller for one in before) for caller in callers):
                yield tier.location.finding(
                    f"no caller gets to tier {index + 1} of `{field}`: a tier before it serves all"
                    " whom it would; remove it, or put it first"
                )


def _dead_classes(case: Case) -> Iterator[Finding]:
    used = {field.category for field in case.fields.values()}
    for data_class in case.model.policies.classes.values():
        if data_class.category not in used:
            message = f"no property is classified as `{data_class.category}`; remove the class"
            yield data_class.location.finding(message)


def _dead_acknowledgements(case: Case) -> Iterator[Finding]:
    used = {
        one
        for _, field, _, scopes in case.in_full
        if not case.needs(field) <= scopes
        for one in case.acknowledged(field, scopes)
    }
    for one in case.model.policies.acknowledgements:
        if one not in used:
            yield one.location.finding(
                f"nothing of `{one.component}` needs this acknowledgement; remove it"
            )
