"""Schemas of OpenAPI 3.0 as JSON Schema, Draft 4."""

from __future__ import annotations

from gateway.spec.draft4 import as_draft4, standalone


def test_annotations_and_extensions_are_left_out() -> None:
    schema = {"type": "string", "description": "a", "example": "b", "x-own": 1, "format": "email"}
    assert as_draft4(schema) == {"type": "string", "format": "email"}


def test_nullable_is_the_type_null() -> None:
    assert as_draft4({"type": "string", "nullable": True}) == {"type": ["string", "null"]}


def test_nullable_adds_nothing_to_an_enum() -> None:
    for words in (["a"], ["a", None]):
        schema = {"type": "string", "nullable": True, "enum": words}
        assert as_draft4(schema) == {"type": ["string", "null"], "enum": words}


def test_nullable_without_type_is_an_alternative() -> None:
    reference = {"$ref": "#/components/schemas/A"}
    assert as_draft4({"allOf": [reference], "nullable": True}) == {
        "anyOf": [{"allOf": [{"$ref": "#/definitions/A"}]}, {"type": "null"}]
    }


def test_parts_are_translated_too() -> None:
    assert as_draft4(
        {
            "type": "object",
            "required": ["a"],
            "additionalProperties": False,
            "properties": {
                "a": {"type": "array", "items": {"type": "integer", "nullable": True}},
                "b": {"anyOf": [{"$ref": "#/components/schemas/B"}]},
            },
        }
    ) == {
        "type": "object",
        "required": ["a"],
        "additionalProperties": False,
        "properties": {
            "a": {"type": "array", "items": {"type": ["integer", "null"]}},
            "b": {"anyOf": [{"$ref": "#/definitions/B"}]},
        },
    }


def test_a_property_may_be_called_as_a_keyword_is() -> None:
    schema = {"type": "object", "properties": {"description": {"type": "string"}}}
    assert as_draft4(schema) == schema


def test_a_schema_stands_by_itself_with_its_definitions() -> None:
    whole = standalone({"$ref": "#/definitions/A"}, {"A": {"type": "string"}})
    assert whole == {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "allOf": [{"$ref": "#/definitions/A"}],
        "definitions": {"A": {"type": "string"}},
    }
