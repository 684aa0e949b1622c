"""Who may see what, stated once more: the reference's own words, and what must agree with what.

Each function yields what is wrong with a document and policies that a start would accept. Together
they notice every single step by which the shipped files could be weakened (weakenings.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from columns import ROOT, bound, columns_in, filter_columns, scope_sets, shapes, sources_of

from gateway import strictyaml
from gateway.policy import Policy, PolicySet
from gateway.policy.model import Model
from gateway.policy.rules import Scopes
from gateway.spec import Document, Operation

EXPECTED = strictyaml.load(ROOT / "tests" / "leaks" / "expected_access.yaml").data
REFERENCE = json.loads((ROOT / "tests" / "openapi" / "reference.json").read_text(encoding="utf-8"))


# --- the reference's words ------------------------------------------------------------------------


def expected_leaves(operation_id: str, scopes: Scopes) -> set[str] | None:
    """Return the paths of all that *scopes* are shown in an answer; None: they are refused."""
    expected = EXPECTED["operations"][operation_id]
    if not scopes.issuperset(expected["takes"]):
        return None
    example = REFERENCE.get(expected["answers_with"]) or EXPECTED[expected["answers_with"]]
    if expected.get("in_pages"):
        example = {"data": [example], "pagination": REFERENCE["pagination"]}
    redaction = EXPECTED["redaction"]
    if redaction["without"] not in scopes:
        example = _redacted(example, redaction["property"], REFERENCE[redaction["becomes"]])
    return set(_leaves_of(example))


def _redacted(value: Any, name: str, becomes: Any) -> Any:
    if isinstance(value, list):
        return [_redacted(item, name, becomes) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: becomes if key == name else _redacted(item, name, becomes)
        for key, item in value.items()
    }


def _leaves_of(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves_of(item, f"{at}/{key}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _leaves_of(value[0], f"{at}/0")
    else:
        yield at


def leaves_in(schema: Mapping[str, Any], root: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield the path of each value that a document of *schema*, a JSON Schema, can have."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    for part in schema.get("allOf", ()):
        yield from leaves_in(part, root, at)
    if "properties" in schema:
        for name, described in schema["properties"].items():
            yield from leaves_in(described, root, f"{at}/{name}")
    elif "items" in schema and _is_object(schema["items"], root):
        yield from leaves_in(schema["items"], root, f"{at}/0")
    elif "allOf" not in schema:
        yield at


def _is_object(schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return "properties" in schema


def answers_differ(document: Document, policies: PolicySet) -> Iterator[str]:
    """Each answer shows each scope set what the reference says, no less and no more."""
    in_force = Policy(Model.of(document, policies))
    for operation in document.operations.values():
        for scopes in scope_sets():
            given = None
            if operation.scopes <= scopes:
                schema = in_force.view(scopes).schema(operation.id)
                given = set(leaves_in(schema, schema))
            if given != expected_leaves(operation.id, scopes):
                yield f"{operation.id} for {sorted(scopes)}"


def classes_differ(_document: Document, policies: PolicySet) -> Iterator[str]:
    """Each class takes the scope that the reference names, but where it shows it beside another."""
    classes = {name: sorted(one.needs) for name, one in policies.classes.items()}
    if classes != EXPECTED["classes"]:
        yield f"classes: {classes}"
    acknowledged = {one.component: sorted(one.scopes) for one in policies.acknowledgements}
    if acknowledged != EXPECTED["shown_with_another"]:
        yield f"acknowledgements: {acknowledged}"


# --- what must agree ------------------------------------------------------------------------------


def rules_lean(document: Document, policies: PolicySet) -> Iterator[str]:
    """A rule asks for its class's scopes itself; it does not lean on the operation to do so.

    A component can come to stand in an answer that takes fewer scopes.
    """
    accepted = {
        (one.component, one.category): {policies.classes[one.category].needs, one.scopes}
        for one in policies.acknowledgements
    }
    for component in Model.of(document, policies).components.values():
        for field in component.fields.values():
            if field.category is None:
                continue
            needed = {policies.classes[field.category].needs}
            needed = accepted.get((component.name, field.category), needed)
            for scopes in scope_sets():
                if field.way(scopes).identity and not any(one <= scopes for one in needed):
                    yield f"{field} for {sorted(scopes)}"


def classes_disagree(document: Document, _policies: PolicySet) -> Iterator[str]:
    """What two components show of one column is of one class, where it is of any."""
    found: dict[Any, set[str]] = {}
    for one, columns in bound().items():
        described = document.schemas[one.component]["properties"][one.name]
        if "x-data-classification" in described and len(columns) == 1:
            [column] = columns
            found.setdefault(column, set()).add(described["x-data-classification"]["category"])
    for column, categories in found.items():
        if len(categories) > 1:
            yield f"{column.model.__name__}.{column.name} is of {sorted(categories)}"


def filters_disagree(document: Document, _policies: PolicySet) -> Iterator[str]:
    """A parameter is said to select by just what its handler's listing selects by."""
    for operation in document.operations.values():
        selected = filter_columns(operation)
        for parameter in operation.parameters:
            if parameter.where != "query":
                continue
            columns = selected.get(parameter.name, set())
            expected = {
                name
                for column in columns
                for source in sources_of(column)
                if (name := _named(operation, document, source))
            }
            if set(parameter.filters_on) != expected or len(expected) < len(columns):
                yield f"{operation.id} {parameter.name} selects by {sorted(expected)}"


def _named(operation: Operation, document: Document, column: Any) -> str | None:
    """Return the property of what *operation* lists that *column* fills."""
    items = document.resolve(operation.response_schema)["properties"]["data"]["items"]
    component = document.component_of(items)
    fields = shapes()[str(component)].fields.items()
    return next((f"{component}.{n}" for n, one in fields if columns_in(one) == {column}), None)


STATEMENTS = (answers_differ, classes_differ, rules_lean, classes_disagree, filters_disagree)
