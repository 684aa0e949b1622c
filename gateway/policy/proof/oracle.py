"""Check 6: no parameter tells what its caller may not see."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.policy.proof.case import Case
from gateway.policy.rules import (
    Location,
    Scopes,
    listed,
)
from gateway.spec import Parameter
from gateway.spec.raw import FILTERS_ON
from gateway.strictyaml import pointer


def no_oracle(case: Case) -> Iterator[Finding]:
    """Whoever may use a parameter may see, in full, what it selects by."""
    for operation in case.model.document.operations.values():
        for parameter in operation.parameters:
            for name in parameter.filters_on:
                yield from _oracle(case, operation.id, operation.scopes, parameter, name)


def _oracle(
    case: Case, operation_id: str, scopes: Scopes, parameter: Parameter, name: str
) -> Iterator[Finding]:
    document = case.model.document
    at = Location(document.path, document.line_of(parameter.pointer + pointer(FILTERS_ON)))
    fields = {str(field): field for field in case.fields()}
    field = fields.get(name)
    if field is None:
        hint = did_you_mean(name, fields, "; write `Component.property`")
        yield at.finding(f"unknown property `{name}`{hint}")
    elif not field.way(scopes).identity:
        yield at.finding(
            f"`{parameter.name}` of `{operation_id}` selects by `{name}`, which a caller with"
            f" {listed(scopes)} is not shown in full: the number of rows would tell; require"
            " its scopes for the operation, or drop the parameter"
        )
