"""The shipped policies, and the schemas that teach their form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from gateway import policy, spec

ROOT = Path(__file__).parents[2]
POLICIES = sorted((ROOT / "policies").glob("*.yaml"))
SCHEMAS = sorted((ROOT / "gateway" / "policy").glob("*.schema.json"))


def test_policies_are_in_force() -> None:
    document = spec.load(ROOT / "openapi" / "hiring.yaml")
    assert policy.load(ROOT / "policies", document, {}).revision


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_policy_names_the_schema_by_which_an_editor_teaches_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    kind = "classes" if path.stem == "classes" else "policy"
    named = path.parent / first.partition("=")[2]
    assert named.resolve() == ROOT / "gateway" / "policy" / f"{kind}.schema.json"


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_policy_says_why_and_gives_an_example_for_each_outcome(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "classes":
        reasons = [one["because"] for one in (*data["classes"].values(), *data["acknowledge"])]
    else:
        reasons = [data["because"]]
        shown = [example["given"] == example["gives"] for example in data["examples"]]
        assert set(shown) == {True, False}
    assert all(len(reason.split()) > 5 for reason in reasons)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema_is_valid_and_describes_each_of_its_keys(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    described = schema["definitions"]
    for name, value in properties(schema):
        target = described[value["$ref"].rpartition("/")[2]] if "$ref" in value else value
        assert target.get("description"), name


def properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for value in schema.values():
            yield from properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from properties(value)
