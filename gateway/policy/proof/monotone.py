"""Check 3: more scopes never show less."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Finding
from gateway.policy.model import Field
from gateway.policy.proof.case import Case
from gateway.policy.rules import FieldRule, listed, unions


def monotone(case: Case) -> Iterator[Finding]:
    """More scopes never show less of a property."""
    for field in case.fields.values():
        for rule in field.rules:
            yield from _steps_down(field, rule)


def _steps_down(field: Field, rule: FieldRule) -> Iterator[Finding]:
    for fewer in unions(tier.scopes for tier in rule.tiers):
        for tier in rule.tiers:
            more = fewer | tier.scopes
            decides, before = rule.tier(more) or tier, rule.way(fewer)
            if not decides.way.reveals_at_least(before):
                yield decides.location.finding(
                    f"`{field}` is shown as {decides.way} to a caller with {listed(more)}, but as"
                    f" {before} to one with {listed(fewer)}; more scopes may not show less"
                )
