"""A schema of OpenAPI 3.0, and the same in 3.1, let the same values in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator

from gateway.spec.openapi31 import as_json_schema, as_openapi_31


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a"]},
        ),
        (
            {"type": "string", "enum": ["a", None], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"description": "one", "nullable": True, "allOf": [{"$ref": "#/x"}]},
            {"description": "one", "anyOf": [{"allOf": [{"$ref": "#/x"}]}, {"type": "null"}]},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 9, "exclusiveMaximum": True}, {"exclusiveMaximum": 9}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"type": "string", "example": "x"}, {"type": "string", "examples": ["x"]}),
        ({"$ref": "#/x", "description": "ignored"}, {"$ref": "#/x"}),
        (
            {"type": "array", "items": {"type": "string", "nullable": True}},
            {"type": "array", "items": {"type": ["string", "null"]}},
        ),
        (
            {"properties": {"nullable": {"type": "integer", "example": 1}}},
            {"properties": {"nullable": {"type": "integer", "examples": [1]}}},
        ),
        (
            {"additionalProperties": {"type": "string", "nullable": True}},
            {"additionalProperties": {"type": ["string", "null"]}},
        ),
        ({"not": {"type": "string", "nullable": True}}, {"not": {"type": ["string", "null"]}}),
    ],
)
def test_a_schema_is_said_in_the_words_of_the_newer_version(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    before = copy.deepcopy(old)
    assert as_json_schema(old) == new
    assert old == before


def test_what_stands_outside_of_schemas_is_left_as_it_is() -> None:
    media = {
        "schema": {"type": "string", "nullable": True, "example": "x"},
        "example": {"schema": {"nullable": True}},
        "examples": {"one": {"value": {"schema": {"example": 1}}}},
    }
    document = {
        "openapi": "3.0.3",
        "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": media}}}}}},
        "x-webhooks": {"a.b": {"post": {"parameters": [{"name": "h", "example": "e"}]}}},
        "components": {"schemas": {"A": {"type": "string", "nullable": True}}},
    }
    upgraded = as_openapi_31(document)
    assert list(upgraded) == ["openapi", "paths", "webhooks", "components"]
    assert upgraded["openapi"] == "3.1.0"
    [content] = upgraded["paths"]["/a"]["get"]["responses"]["200"]["content"].values()
    assert content == {**media, "schema": {"type": ["string", "null"], "examples": ["x"]}}
    assert upgraded["webhooks"] == document["x-webhooks"]
    assert upgraded["components"] == {"schemas": {"A": {"type": ["string", "null"]}}}


# --- the same values ------------------------------------------------------------------------------

plain = st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from(["a", "b", ""]))
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    ),
    max_leaves=4,
)
bounds = st.fixed_dictionaries(
    {"type": st.just("integer"), "minimum": st.integers(-1, 1)},
    optional={
        "exclusiveMinimum": st.booleans(),
        "maximum": st.integers(0, 2),
        "nullable": st.booleans(),
    },
)
words = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "enum": st.lists(st.sampled_from(["a", "b", "", None]), min_size=1, unique=True),
        "nullable": st.booleans(),
        "example": st.just("a"),
    },
)


def larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    nullable = {"nullable": st.booleans()}
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional=nullable),
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "additionalProperties": st.booleans(),
                "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
            },
            optional=nullable,
        ),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
    )


schemas = st.recursive(st.one_of(bounds, words), larger, max_leaves=4)


@settings(max_examples=300)
@given(schemas, values)
def test_both_let_the_same_values_in(schema: dict[str, Any], value: Any) -> None:
    upgraded = as_json_schema(schema)
    OAS31Validator.check_schema(upgraded)
    assert OAS31Validator(upgraded).is_valid(value) == OAS30ReadValidator(schema).is_valid(value)
