"""The proof does not walk the scope sets: with 40 scopes there are a million million of them.

Held by being possible at all: a proof that tried each of them would never end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway import policy, strictyaml
from gateway.spec import Document

SCOPES = [f"s{number}:read" for number in range(40)]
COMPONENTS = [f"C{number}" for number in range(20)]


def component(index: int) -> dict[str, Any]:
    """Return a component that mentions every scope, and in which the next one may stand bare."""
    classified = {"type": "string", "x-data-classification": {"category": "K"}}
    following = COMPONENTS[(index + 1) % len(COMPONENTS)]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["id"],
        "x-public": ["id", "child"],
        "properties": {
            "id": {"type": "string"},
            **{f"f{number}": classified for number in range(len(SCOPES))},
            "child": {
                "anyOf": [
                    {"$ref": f"#/components/schemas/{following}"},
                    {"$ref": "#/components/schemas/Bare"},
                ]
            },
        },
    }


def document() -> Document:
    bare = {
        "type": "object",
        "additionalProperties": False,
        "x-public": ["id"],
        "properties": {"id": {"type": "string"}},
    }
    paths = {
        f"/{name}": {
            "get": {
                "operationId": f"get_{name}",
                "x-openapi-router-controller": "m",
                "x-required-scopes": SCOPES[index::20],
                "responses": {
                    "200": {
                        "description": "d",
                        "content": {
                            "application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}
                        },
                    }
                },
            }
        }
        for index, name in enumerate(COMPONENTS)
    }
    schemas = {name: component(index) for index, name in enumerate(COMPONENTS)} | {"Bare": bare}
    whole = {"servers": [{"url": "/"}], "paths": paths, "components": {"schemas": schemas}}
    return Document.of(strictyaml.parse(json.dumps(whole), Path("document")))


def rule(number: int) -> list[dict[str, Any]]:
    others = [SCOPES[(number + step) % len(SCOPES)] for step in (1, 2)]
    return [
        {"with": [SCOPES[0], SCOPES[number]] if number else SCOPES[0], "as": "value"},
        {"with": others, "as": {"mask": {"last": 2}}},
        {"with": others[:1], "as": {"mask": {}}},
    ]


def test_number_of_scopes_does_not_matter(tmp_path: Path) -> None:
    show = {f"f{number}": rule(number) for number in range(1, len(SCOPES) - 2)}
    show |= {f"f{number}": SCOPES[0] for number in (0, 38, 39)}
    for name in COMPONENTS:
        file = {"component": name, "because": "b", "show": show}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(file))
    classes = {"classes": {"K": {"needs": SCOPES[:1], "because": "b"}}}
    (tmp_path / "classes.yaml").write_text(json.dumps(classes))
    assert policy.check(document(), policy.read(tmp_path)) == []

    file = {"component": "C7", "because": "b", "show": show | {"f5": SCOPES[5]}}
    (tmp_path / "C7.yaml").write_text(json.dumps(file))
    [leak, *others] = policy.check(document(), policy.read(tmp_path))
    assert "`C7.f5` is shown in full to a caller with" in leak.message
    assert all("C7.f5" in finding.message for finding in others)
