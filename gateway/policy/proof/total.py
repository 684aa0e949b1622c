"""Check 1: each property of each component in an answer is decided, once."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Finding
from gateway.policy.proof.case import Case
from gateway.spec import Document
from gateway.spec.raw import components_in, references_in


def total(case: Case) -> Iterator[Finding]:
    """Each property of each component in an answer is decided, and none is decided twice."""
    answered = _answered(case.model.document)
    for field in case.fields.values():
        if not field.rules and field.component in answered:
            yield field.location.finding(
                f"nothing decides who is shown `{field}`; rule it under `show` in the policy of"
                f" `{field.component}`, or list it as public"
            )
        for rule in field.rules[1:]:
            first = field.rules[0].location
            yield rule.location.finding(f"`{field}` is decided already in {first}; keep one")


def _answered(document: Document) -> set[str]:
    """Return the names of the schemas that an answer, errors included, is made of."""
    responses = [operation.raw["responses"] for operation in document.operations.values()]
    used = components_in(document.raw, references_in(responses))
    return {name for kind, name in used if kind == "schemas"}
