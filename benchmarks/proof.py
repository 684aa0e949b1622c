"""How the proof grows: documents with more operations, scopes and leaves, each timed in turn.

A document is made as a large team's would be: each operation answers with a component of its own,
whose fields are shown in tiers by two of the scopes. Rounds go up and down through the sizes, so a
machine that drifts does not favour one; the median of each is printed.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.figures import Spread, alternating, shown
from gateway import policy, spec

ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Size:
    """How large a document is; `leaves` is the number of fields in all answers together."""

    scopes: int
    operations: int
    leaves: int


SIZES = (Size(3, 15, 125), Size(3, 15, 500), Size(6, 30, 1_000), Size(12, 60, 2_000))


def measure() -> list[str]:
    """Measure; return a table in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        made = {size: make(Path(folder) / str(n), size) for n, size in enumerate(SIZES)}
        read_s: dict[Size, list[float]] = {size: [] for size in SIZES}
        proved_s: dict[Size, list[float]] = {size: [] for size in SIZES}
        for _, size in alternating(SIZES, ROUNDS):
            began = time.process_time()
            document, policies = (
                spec.load(made[size] / "api.yaml"),
                policy.read(made[size] / "policies"),
            )
            loaded = time.process_time()
            findings = policy.check(document, policies)
            proved = time.process_time()
            assert findings == [], findings[0]  # what is refused measures nothing
            read_s[size].append(loaded - began)
            proved_s[size].append(proved - loaded)
    return [
        f"CPU seconds, median of {ROUNDS} rounds (least to most):\n",
        "| scopes | scope sets | operations | leaves | reading | proof |",
        "|---|---|---|---|---|---|",
        *(
            f"| {size.scopes} | {2**size.scopes:,} | {size.operations} | {size.leaves:,} "
            f"| {shown(Spread.of(read_s[size]), '.2f')} "
            f"| {shown(Spread.of(proved_s[size]), '.2f')} |"
            for size in SIZES
        ),
    ]


def make(folder: Path, size: Size) -> Path:
    """Write a document and its policies of *size* into *folder*; return it."""
    policies = folder / "policies"
    policies.mkdir(parents=True)
    scopes = [f"s{n}:read" for n in range(size.scopes)]
    per_operation = size.leaves // size.operations
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for n in range(size.operations):
        name, scope, more = f"Thing{n}", scopes[n % size.scopes], scopes[(n + 1) % size.scopes]
        fields = [f"field{m}" for m in range(per_operation)]
        paths[f"/things{n}"] = {"get": operation(n, name, scope)}
        schemas[name] = component(fields)
        write(
            policies / f"thing{n}.yaml",
            {
                "component": name,
                "because": "it is measured",
                "show": {
                    one: [
                        {"with": more, "as": "value"},
                        {"with": scope, "as": {"mask": {"first": 1}}},
                    ]
                    for one in fields
                },
                "examples": [
                    {"scopes": [scope, more], "given": {"field0": "a"}, "gives": {"field0": "a"}}
                ],
            },
        )
    acknowledged = [
        {"component": f"Thing{n}", "category": "Data", "with": [scopes[(n + 1) % size.scopes]],
         "because": "each has a scope of its own"}
        for n in range(size.operations)
        if n % size.scopes and (n + 1) % size.scopes
    ]  # fmt: skip
    classes = {"Data": {"needs": [scopes[0]], "because": "it is measured"}}
    write(policies / "classes.yaml", {"classes": classes, "acknowledge": acknowledged})
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1.0.0"},
        "servers": [{"url": "/things"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
        },
    }
    write(folder / "api.yaml", document)
    return folder


def write(path: Path, value: Any) -> None:
    """Write *value* as JSON, which is YAML too."""
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def operation(number: int, component_name: str, scope: str) -> dict[str, Any]:
    """Return an operation that answers with one component."""
    schema = {"$ref": f"#/components/schemas/{component_name}"}
    content = {"application/json": {"schema": schema}}
    return {
        "operationId": f"get_{number}",
        "x-openapi-router-controller": "things",
        "x-required-scopes": [scope],
        "responses": {"200": {"description": "It.", "content": content}},
    }


def component(fields: list[str]) -> dict[str, Any]:
    """Return an object with classified text fields."""
    classified = {"category": "Data", "sensitivity": "restricted", "masking": {"strategy": "full"}}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"type": "string", "x-data-classification": dict(classified)} for name in fields
        },
    }
