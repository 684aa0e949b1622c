"""The matrix: its columns stand for every scope set, and stay few."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from gateway import policy, strictyaml
from gateway.policy.matrix import MAX_COLUMNS, Matrix, matrix
from gateway.policy.model import Model
from gateway.spec import Document

MANY = [f"s{number}:read" for number in range(40)]


@pytest.fixture
def model(library) -> Model:
    policies = policy.proved(library.document(), policy.read(library.path("loan.yaml").parent))
    return Model.of(library.document(), policies)


@pytest.fixture
def of_library(model) -> Matrix:
    return matrix(model, model.document.operations.values())


def subsets(scopes: tuple[str, ...]) -> Iterator[frozenset[str]]:
    for size in range(len(scopes) + 1):
        yield from map(frozenset, combinations(scopes, size))


def test_columns_are_the_scope_sets_that_an_operation_tells_apart(of_library, scopes) -> None:
    columns = {table.operation.id: table.columns for table in of_library.tables}
    assert columns["list_readers"] == (scopes(), scopes("readers"))
    assert columns["list_loans"] == (
        scopes(),
        scopes("loans"),
        scopes("desk", "loans"),
        scopes("loans", "readers"),
        scopes("desk", "loans", "readers"),
    )


def test_every_scope_set_is_shown_what_the_largest_column_within_it_is(of_library) -> None:
    for table in of_library.tables:
        assert table.exact
        for scopes in subsets(of_library.model.document.scopes):
            within = [column for column in table.columns if column <= scopes]
            largest = max(within, key=len)
            assert all(column <= largest for column in within)
            for leaf in table.leaves:
                assert str(leaf.decision(scopes)) == str(leaf.decision(largest))


def test_it_can_be_narrowed_to_components(model) -> None:
    made = matrix(model, model.document.operations.values(), {"Desk", "Reader"})
    components = {leaf.field.component for table in made.tables for leaf in table.leaves}
    assert components == {"Reader"}
    assert [table.operation.id for table in made.tables] == [
        "list_loans",
        "list_readers",
        "get_desk",
    ]
    assert [one.category for one in made.classes] == ["Person"]


def test_statements_about_what_is_in_the_tables_come_with_them(hiring) -> None:
    model = Model.of(hiring.document(), policy.read(hiring.path("classes.yaml").parent))
    of_candidates = matrix(model, [model.document.operations["get_candidate"]])
    assert [one.category for one in of_candidates.classes] == ["PII", "Pipeline"]
    assert [one.component for one in of_candidates.acknowledgements] == ["CandidateApplication"]
    of_token = matrix(model, [model.document.operations["get_token"]])
    assert (of_token.classes, of_token.acknowledgements) == ((), ())


def test_many_scopes_make_few_columns(tmp_path: Path) -> None:
    """With 40 scopes in one answer a million million sets are told apart; 42 columns tell all."""
    classified = {"type": "string", "x-data-classification": {"category": "K"}}
    schemas = {
        "Thing": {
            "type": "object",
            "additionalProperties": False,
            "properties": {f"f{number}": classified for number in range(len(MANY))},
        }
    }
    operation = {
        "operationId": "get_thing",
        "x-openapi-router-controller": "m",
        "x-required-scopes": [],
        "responses": {
            "200": {
                "description": "d",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
            }
        },
    }
    raw = {
        "servers": [{"url": "/"}],
        "paths": {"/thing": {"get": operation}},
        "components": {"schemas": schemas},
    }
    show = {f"f{number}": scope for number, scope in enumerate(MANY)}
    (tmp_path / "thing.yaml").write_text(
        json.dumps({"component": "Thing", "because": "b", "show": show})
    )
    (tmp_path / "classes.yaml").write_text(
        json.dumps({"classes": {"K": {"needs": MANY[:1], "because": "b"}}})
    )
    document = Document.of(strictyaml.parse(json.dumps(raw), tmp_path / "document.yaml"))
    model = Model.of(document, policy.read(tmp_path))
    [table] = matrix(model, document.operations.values()).tables
    assert not table.exact
    assert table.columns == (frozenset(), *(frozenset({scope}) for scope in sorted(MANY)))
    assert len(table.columns) > MAX_COLUMNS
    held = frozenset(MANY[3:5])
    shown = [leaf.field.name for leaf in table.leaves if leaf.decision(held).way.shown]
    by_columns = [
        leaf.field.name
        for leaf in table.leaves
        if any(leaf.decision(one).way.shown for one in table.columns if one <= held)
    ]
    assert shown == by_columns == ["f3", "f4"]
