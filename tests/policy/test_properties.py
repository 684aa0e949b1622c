"""Properties of the whole: what the proof accepts never leaks, and what it refuses would.

Small random domains (documents, policies, classes) are read, proved and applied like real ones. The
oracle beside them is another, tiny implementation of what the files mean: it works on the plain
data that the files were written from, knows nothing of the engine, and tries every scope set there
is, while the proof tries only the least ones.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema_rs
from hypothesis import Phase, event, find, given, settings
from hypothesis import strategies as st

from gateway import policy, spec, strictyaml
from gateway.policy import Policy
from gateway.policy.keys import with_keys
from gateway.policy.model import Model
from gateway.policy.proof.case import Case
from gateway.policy.proof.classes import in_class
from gateway.policy.proof.monotone import monotone
from gateway.spec import Document

SCOPES = ("a:read", "b:read", "c:read", "d:read")
SCOPE_SETS = [frozenset(some) for n in range(5) for some in combinations(SCOPES, n)]
KEY = "a key for the tests"


# --- random domains -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Domain:
    """The plain data that a document and its policies are written from.

    Attributes:
        fields: by component, its strings: the category (None: public) and the tiers of each.
        nested: by component, how the next one stands in it: `one`, `many` or `alternatives`.
        required: by component, those of its strings that its schema requires.
        operations: scopes and root component of each.
    """

    fields: dict[str, dict[str, tuple[str | None, list[dict[str, Any]]]]]
    nested: dict[str, str]
    required: dict[str, list[str]]
    operations: list[tuple[list[str], str]]
    needs: dict[str, list[str]]
    acknowledged: list[dict[str, Any]]

    def next_of(self, component: str) -> str | None:
        names = list(self.fields)
        after = names[names.index(component) + 1 :]
        return after[0] if component in self.nested and after else None


some_scopes = st.lists(st.sampled_from(SCOPES), max_size=2, unique=True)
seldom = st.integers(0, 7).map(lambda number: number == 0)
partly = st.sampled_from(
    ["drop", {"mask": {"last": 2}}, {"mask": {}}, {"truncate": {"keep": 3}}, {"hash": {"key": "K"}}]
)


@st.composite
def rules(draw: st.DrawFn, enough: list[str]) -> list[dict[str, Any]]:
    """Draw the tiers of a rule, sound ones for the most part.

    Args:
        enough: the scopes that the class, or an acknowledgement, asks for.
    """
    in_full = draw(some_scopes) if draw(seldom) else enough
    rule = [{"with": in_full or "always", "as": "value"}]
    if draw(st.booleans()):
        fewer = draw(some_scopes) if draw(st.booleans()) else []
        rule.append({"with": fewer or "always", "as": draw(partly)})
    return rule[::-1] if draw(seldom) else rule


@st.composite
def domains(draw: st.DrawFn) -> Domain:
    names = ["A", "B", "C"][: draw(st.integers(1, 3))]
    nested = {name: draw(st.sampled_from(["one", "many", "alternatives"])) for name in names[:-1]}
    needs = {"K": ["a:read"], "L": draw(st.sampled_from([["b:read"], ["a:read", "b:read"]]))}
    fields: dict[str, Any] = {}
    required: dict[str, list[str]] = {}
    acknowledged = []
    for name in names:
        enough = dict(needs)
        kinds = draw(st.lists(st.sampled_from([None, "K", "L"]), max_size=3))
        kinds = ["K", *kinds] if name == "A" else kinds
        if "L" in kinds and draw(seldom):
            enough["L"] = ["c:read"]
            acknowledged.append(
                {"component": name, "category": "L", "with": ["c:read"], "because": "b"}
            )
        strings = [f"{name.lower()}{number}" for number in range(len(kinds))]
        if name == names[-1] and "alternatives" in nested.values() and draw(st.booleans()):
            # All or nothing, so that it is the alternative that makes the difference.
            kinds = ["K"] * len(kinds)
            rule = [{"with": needs["K"], "as": "value"}]
            fields[name] = dict.fromkeys(strings, ("K", rule))
            required[name] = strings
            continue
        fields[name] = {
            field: (kind, draw(rules(enough[kind])) if kind else [])
            for field, kind in zip(strings, kinds, strict=True)
        }
        required[name] = [f for f in strings if not fields[name][f][0] or draw(seldom)]
    used = {kind for some in fields.values() for kind, _ in some.values()}
    scopes = st.sampled_from([[], [], ["c:read"], ["d:read"], ["a:read", "b:read"]])
    others = st.lists(st.tuples(scopes, st.sampled_from(names)), max_size=2)
    return Domain(
        fields=fields,
        nested=nested,
        required=required,
        operations=[(draw(scopes), "A"), *draw(others)],
        needs={kind: needs[kind] for kind in needs if kind in used},
        acknowledged=acknowledged,
    )


def read(domain: Domain) -> tuple[Document, policy.PolicySet]:
    """Write the policies of *domain* and read them back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for component, strings in domain.fields.items():
            show = {field: rule for field, (kind, rule) in strings.items() if kind}
            file = {"component": component, "because": "b"} | ({"show": show} if show else {})
            (folder / f"{component}.yaml").write_text(json.dumps(file))
        classes: dict[str, Any] = {
            "classes": {kind: {"needs": n, "because": "b"} for kind, n in domain.needs.items()}
        }
        if domain.acknowledged:
            classes["acknowledge"] = domain.acknowledged
        (folder / "classes.yaml").write_text(json.dumps(classes))
        source = strictyaml.parse(json.dumps(document_of(domain)), Path("document"))
        return Document.of(source), policy.read(folder)


def document_of(domain: Domain) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    for name in domain.fields:
        schemas[name] = component_of(domain, name)
        schemas[f"{name}Reference"] = {
            "type": "object",
            "additionalProperties": False,
            "required": ["id"],
            "x-public": ["id"],
            "properties": {"id": {"type": "string"}},
        }
    paths = {f"/{index}": operation_of(domain, index) for index in range(len(domain.operations))}
    paths["/all"] = operation(list(SCOPES), {"type": "string"}, "all")
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
        },
    }


def component_of(domain: Domain, name: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": {"type": "string"}}
    for field, (kind, _) in domain.fields[name].items():
        properties[field] = {"type": "string"}
        if kind:
            properties[field]["x-data-classification"] = {"category": kind}
    child = domain.next_of(name)
    if child:
        reference = {"$ref": f"#/components/schemas/{child}"}
        barer = {"$ref": f"#/components/schemas/{child}Reference"}
        properties["child"] = {
            "one": reference,
            "many": {"type": "array", "items": reference},
            "alternatives": {"anyOf": [reference, barer]},
        }[domain.nested[name]]
    classified = [field for field, (kind, _) in domain.fields[name].items() if kind]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", *domain.required[name]],
        "x-public": [field for field in properties if field not in classified],
        "properties": properties,
    }


def operation_of(domain: Domain, index: int) -> dict[str, Any]:
    scopes, root = domain.operations[index]
    reference = {"$ref": f"#/components/schemas/{root}"}
    return operation(scopes, {"type": "array", "items": reference}, f"o{index}")


def operation(scopes: list[str], schema: dict[str, Any], name: str) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "get": {
            "operationId": name,
            "x-openapi-router-controller": "m",
            "x-required-scopes": scopes,
            "responses": {"200": {"description": "d", "content": content}},
        }
    }


# --- the oracle -----------------------------------------------------------------------------------


def body_of(domain: Domain, name: str) -> dict[str, Any]:
    """Return a document of *name* in which each string tells where it stands."""
    body: dict[str, Any] = {"id": f"id-of-{name}"}
    body |= {field: f"{field}-of-{name}" for field in domain.fields[name]}
    child = domain.next_of(name)
    if child:
        inner = body_of(domain, child)
        body["child"] = [inner, inner] if domain.nested[name] == "many" else inner
    return body


def way_of(domain: Domain, name: str, field: str, scopes: frozenset[str]) -> Any:
    kind, rule = domain.fields[name][field]
    if kind is None:
        return "value"
    for tier in rule:
        if tier["with"] == "always" or set(tier["with"]) <= scopes:
            return tier["as"]
    return "drop"


def leaves(domain: Domain, name: str) -> Iterator[tuple[str, str]]:
    """Yield (component, field) of every string in a document of *name*."""
    for field in domain.fields[name]:
        yield name, field
    child = domain.next_of(name)
    if child:
        yield from leaves(domain, child)


def permitted(domain: Domain, name: str, field: str, scopes: frozenset[str]) -> bool:
    kind, _ = domain.fields[name][field]
    return (
        kind is None
        or set(domain.needs[kind]) <= scopes
        or any(
            (one["component"], one["category"]) == (name, kind) and set(one["with"]) <= scopes
            for one in domain.acknowledged
        )
    )


def leaks(domain: Domain) -> bool:
    """Tell whether any operation shows any scope set a string in full that it may not see."""
    return any(
        way_of(domain, name, field, scopes) == "value"
        and not permitted(domain, name, field, scopes)
        for required, root in domain.operations
        for scopes in SCOPE_SETS
        if set(required) <= scopes
        for name, field in leaves(domain, root)
    )


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


# --- the properties -------------------------------------------------------------------------------


def accepted(domain: Domain) -> Policy | None:
    """Return the policy of *domain* if the proof accepts it."""
    document, policies = read(domain)
    if policy.check(document, policies):
        return None
    return Policy(Model.of(document, with_keys(policies, lambda _: KEY)))


def answers(domain: Domain, in_force: Policy) -> Iterator[tuple[frozenset[str], int, Any, Any]]:
    """Yield (scopes, operation, body, what is shown of it) of all whom an operation answers."""
    for index, (required, root) in enumerate(domain.operations):
        body = [body_of(domain, root)]
        schema = {"type": "array", "items": {"$ref": f"#/components/schemas/{root}"}}
        for scopes in SCOPE_SETS:
            if set(required) <= scopes:
                yield scopes, index, body, in_force.view(scopes).redact(schema, body)


@settings(max_examples=20, deadline=None)
@given(domains())
def test_random_documents_pass_the_lint(domain: Domain) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.yaml"
        path.write_text(json.dumps(document_of(domain)))
        assert spec.load(path).operations


def test_proof_accepts_random_domains_that_are_worth_it() -> None:
    """Without nesting, alternatives and masks among the accepted ones all below would be vain."""

    def rich(domain: Domain) -> bool:
        rules = [rule for some in domain.fields.values() for _, rule in some.values()]
        partial = any("mask" in tier["as"] for rule in rules for tier in rule)
        barer = "B" in domain.fields and domain.required["B"] and domain.fields["B"]
        return bool(partial and barer and "alternatives" in domain.nested.values()) and (
            accepted(domain) is not None
        )

    some = settings(max_examples=2_000, database=None, derandomize=True, phases=[Phase.generate])
    find(domains(), rich, settings=some)


@settings(max_examples=60, deadline=None)
@given(domains())
def test_what_the_proof_accepts_shows_what_the_rules_say_and_no_more(domain: Domain) -> None:
    in_force = accepted(domain)
    event(f"accepted: {in_force is not None}")
    if in_force is None:
        return
    for scopes, index, _, shown in answers(domain, in_force):
        seen = set(strings(shown))
        for name, field in leaves(domain, domain.operations[index][1]):
            in_full = f"{field}-of-{name}" in seen
            assert in_full == (way_of(domain, name, field, scopes) == "value")
            assert not in_full or permitted(domain, name, field, scopes)


@settings(max_examples=60, deadline=None)
@given(domains())
def test_what_the_proof_accepts_never_shows_less_to_more_scopes(domain: Domain) -> None:
    in_force = accepted(domain)
    if in_force is None:
        return
    seen = {
        (scopes, index): set(strings(shown)) & set(strings(body))
        for scopes, index, body, shown in answers(domain, in_force)
    }
    for (scopes, index), strings_seen in seen.items():
        for scope in SCOPES:
            assert strings_seen <= seen[scopes | {scope}, index]


@settings(max_examples=60, deadline=None)
@given(domains())
def test_redaction_and_guard_agree_and_neither_needs_the_other(domain: Domain) -> None:
    in_force = accepted(domain)
    if in_force is None:
        return
    for scopes, index, body, shown in answers(domain, in_force):
        guard = jsonschema_rs.validator_for(in_force.view(scopes).schema(f"o{index}"))
        assert guard.is_valid(shown)
        assert guard.is_valid(body) == (shown == body)


@settings(max_examples=60, deadline=None)
@given(domains())
def test_redaction_is_idempotent(domain: Domain) -> None:
    """For what is shown as it is, masked or dropped; a hash of a hash is another."""
    in_force = accepted(domain)
    if in_force is None:
        return
    for scopes, index, _, shown in answers(domain, in_force):
        root = domain.operations[index][1]
        ways = [way_of(domain, name, field, scopes) for name, field in leaves(domain, root)]
        if not any("hash" in way or "truncate" in way for way in ways):
            schema = {"type": "array", "items": {"$ref": f"#/components/schemas/{root}"}}
            assert in_force.view(scopes).redact(schema, shown) == shown


@settings(max_examples=60, deadline=None)
@given(domains())
def test_least_scope_sets_find_a_leak_if_and_only_if_all_scope_sets_do(domain: Domain) -> None:
    case = Case.of(Model.of(*read(domain)))
    if any(monotone(case)):
        return  # another check; the argument for the least scope sets rests on it
    event(f"leaks: {leaks(domain)}")
    assert any(in_class(case)) == leaks(domain)


@settings(max_examples=50, deadline=None)
@given(domains())
def test_narrowed_document_holds_every_answer(domain: Domain) -> None:
    in_force = accepted(domain)
    if in_force is None:
        return
    for scopes, index, _, shown in answers(domain, in_force):
        narrowed = in_force.narrowed(scopes)
        media = narrowed["paths"][f"/{index}"]["get"]["responses"]["200"]["content"]
        schema = media["application/json"]["schema"] | {"components": narrowed["components"]}
        assert jsonschema_rs.Draft4Validator(schema).is_valid(shown)
