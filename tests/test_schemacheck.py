"""Findings of a JSON Schema that people can act on: one line each, at its line, closest branch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway import schemacheck, strictyaml

SHAPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "size"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "size": {"enum": ["small", "large"]},
        "code": {"type": "string", "pattern": "^[A-Z]+$", "title": "upper-case letters"},
        "tags": {"type": "array", "uniqueItems": True, "minItems": 1, "maxItems": 2},
        "count": {"type": ["integer", "null"], "minimum": 1, "maximum": 9},
        "place": {
            "oneOf": [
                {"title": "a name", "type": "string", "minLength": 1},
                {
                    "title": "a point",
                    "type": "object",
                    "required": ["x"],
                    "properties": {"x": {"type": "integer"}},
                },
                {
                    "title": "a range",
                    "type": "object",
                    "required": ["from"],
                    "properties": {"kind": {"enum": ["range"]}, "from": {}, "to": {}},
                },
            ]
        },
        "odd": {"multipleOf": 2},
    },
    "patternProperties": {"^x-": {}},
}


def found(text: str, schema: dict[str, Any] = SHAPE) -> list[str]:
    source = strictyaml.parse(text, Path("a.yaml"))
    return [str(finding) for finding in schemacheck.findings(source, schema)]


def test_what_the_schema_allows_has_no_findings() -> None:
    assert found("name: a\nsize: small\nx-own: 1\nplace: {x: 1}\ncount: null\n") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nam: a", "unknown key `nam`; did you mean `name`?"),
        (
            "zzz: a",
            "unknown key `zzz`; choose from `name`, `size`, `code`, `tags`, `count`, `place`,"
            " `odd`",
        ),
        ("code: [a]", "`code` must be a string"),
        ("code: ab", "`ab` must be upper-case letters"),
        ("count: x", "`count` must be a whole number or null"),
        ("count: 0", "`count` must be at least 1"),
        ("count: 10", "`count` must be at most 9"),
        ("tags: []", "`tags` must have at least 1; add one or remove it"),
        ("tags: [a, b, c]", "`tags` must have at most 2"),
        ("tags: [a, a]", "`tags` names something twice; keep one"),
        ("place: 1", "`place` must be a name or a point or a range"),
        ("place: ''", "`place` must not be empty"),
        ("place: {x: y}", "`x` must be a whole number"),
        ("place: {to: 1}", "`from` is missing; add it"),
        ("place: {kind: rage, x: 1.5}", "`x` must be a whole number"),
        ("odd: 3", "3 is not a multiple of 2"),
    ],
)
def test_fault_is_told_on_its_line(line: str, message: str) -> None:
    assert found(f"name: a\nsize: small\n{line}\n") == [f"a.yaml:3: {message}"]


def test_unknown_word_gets_the_closest_known_one() -> None:
    assert found("name: a\nsize: smal\n") == [
        "a.yaml:2: `size` cannot be `smal`; did you mean `small`?"
    ]
    assert found("name: a\nsize: 1\n") == [
        "a.yaml:2: `size` cannot be `1`; choose from `small`, `large`"
    ]


def test_every_missing_key_is_told_once() -> None:
    assert found("code: A\n") == [
        "a.yaml:1: `name` is missing; add it",
        "a.yaml:1: `size` is missing; add it",
    ]


def test_file_of_another_type_is_told() -> None:
    assert found("- a\n") == ["a.yaml:1: the file must be a mapping"]
    assert found("") == ["a.yaml: the file must be a mapping"]


def test_long_values_are_cut() -> None:
    [message] = found("name: a\nsize: " + "x" * 500 + "\n")
    assert len(message) < 200
