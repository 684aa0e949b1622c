"""Check 6: no parameter tells what its caller may not see."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.policy.proof.case import Case
from gateway.policy.rules import Location, listed
from gateway.spec import Operation, Parameter
from gateway.spec.raw import FILTERS_ON
from gateway.strictyaml import pointer


def no_oracle(case: Case) -> Iterator[Finding]:
    """Whoever may use a parameter may see, in full, what it selects by.

    The data classes are asked too: a rule may show a property to everyone who reaches its
    component, and the parameter may stand where the component is not reached.
    """
    for operation in case.model.document.operations.values():
        for parameter in operation.parameters:
            for name in parameter.filters_on:
                message = _oracle(case, operation, parameter, name)
                if message is not None:
                    yield _location(case, parameter).finding(message)


def _oracle(case: Case, operation: Operation, parameter: Parameter, name: str) -> str | None:
    field = case.fields.get(name)
    if field is None:
        hint = did_you_mean(name, case.fields, "; write `Component.property`")
        return f"`{parameter.name}` selects by unknown property `{name}`{hint}"
    scopes = operation.scopes
    if field.way(scopes).identity and case.permits(field, scopes):
        return None
    return (
        f"`{parameter.name}` of `{operation.id}` selects by `{name}`, which a caller with"
        f" {listed(scopes)} may not see in full, but could tell by what is found; require more"
        " scopes for the operation, or remove the parameter"
    )


def _location(case: Case, parameter: Parameter) -> Location:
    document = case.model.document
    return Location(document.path, document.line_of(parameter.pointer + pointer(FILTERS_ON)))
