"""Check 2: rules and data classes, two statements about the same data, agree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from gateway.errors import Finding
from gateway.policy.model import Field, Model, flat
from gateway.policy.proof.case import Case, told
from gateway.policy.reach import Reached, Trail
from gateway.policy.rules import NO_SCOPES, FieldRule, Scopes, Tier, listed


def agreement(case: Case) -> Iterator[Finding]:
    """Classification and rules tell the same properties apart, so that neither gets lost alone."""
    for field in case.fields.values():
        for rule in field.rules:
            if field.category is not None and rule.public:
                yield rule.location.finding(
                    f"`{field}` is classified as `{field.category}` and cannot be public;"
                    " rule it under `show`"
                )
            if field.category is None and not _is_always(rule):
                yield rule.location.finding(
                    f"`{field}` has a rule but no `x-data-classification`;"
                    " classify it in the document, or write `always`"
                )


def _is_always(rule: FieldRule) -> bool:
    return all(tier.scopes == NO_SCOPES and tier.way.identity for tier in rule.tiers)


def in_class(case: Case) -> Iterator[Finding]:
    """What is shown in full takes the scopes of its class, or is acknowledged."""
    leaks: dict[tuple[str, Tier, Scopes], list[Reached]] = defaultdict(list)
    for place, field, tier, scopes in case.in_full:
        if not case.permits(field, scopes):
            leaks[str(field), tier, scopes].append(place)
    for (name, tier, scopes), places in leaks.items():
        field = case.fields[name]
        yield tier.location.finding(
            f"`{name}` is shown in full to a caller with {listed(scopes)}, but `{field.category}`"
            f" takes {listed(case.needs(field))}; {told(places, field.name)}:"
            f" {_sample_body(case.model, places[0].at(field), field)}; take that scope in the rule,"
            " or acknowledge it with the data classes"
        )


def _sample_body(model: Model, trail: Trail, field: Field) -> str:
    schema = flat(model.document, field.schema)
    by_type = {"integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}
    value = schema.get("example", by_type.get(schema.get("type", "object"), "text"))
    for token in reversed(trail):
        value = [value] if token == 0 else {token: value}
    return json.dumps(value, ensure_ascii=False)
