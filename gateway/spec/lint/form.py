"""Is it a document at all: references that lead somewhere, the form of OpenAPI 3.0.

What a form cannot say of parameters, defaults and tags is looked at in `operations` and `examples`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from gateway import schemacheck
from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.spec.raw import lookup, mappings_in
from gateway.strictyaml import YamlFile, pointer


def is_a_mapping(source: YamlFile) -> Iterator[Finding]:
    if not isinstance(source.data, dict):
        yield source.finding("", "is not an OpenAPI document; begin with `openapi: 3.0.3`")


def references_are_found(source: YamlFile) -> Iterator[Finding]:
    for at, value in mappings_in(source.data):
        reference = value.get("$ref")
        if not isinstance(reference, str):
            continue
        if not reference.startswith("#/"):
            message = f"`{reference}` is outside this file; refer to `#/components/…`"
            yield source.finding(at + "/$ref", message)
        elif not _is_found(source.data, reference):
            hint = did_you_mean(reference, _siblings(source.data, reference))
            yield source.finding(at + "/$ref", f"`{reference}` names nothing{hint}")
        elif _is_circular(source.data, value):
            yield source.finding(at + "/$ref", f"`{reference}` refers back to itself")


def is_valid_openapi(source: YamlFile) -> Iterator[Finding]:
    version = source.data.get("openapi")
    if not re.fullmatch(r"3\.0\.\d+", str(version)):
        yield source.finding("/openapi", f"OpenAPI `{version}` is not read; write `openapi: 3.0.3`")
        return
    form = openapi_schema()
    try:
        jsonschema_rs.Draft4Validator(form).validate(source.data)
    except jsonschema_rs.ValidationError as error:
        in_words = schemacheck.findings(source, form)
        yield from in_words
        if not in_words:
            yield source.finding("", f"is not valid OpenAPI 3.0: {error.message}")


@cache
def openapi_schema() -> dict[str, Any]:
    """Return the JSON Schema of OpenAPI 3.0 documents by which Connexion goes when it is given one.

    It is read from Connexion's files: importing Connexion takes longer than all of the lint.
    """
    found = distribution("connexion").locate_file("connexion/resources/schemas/v3.0/schema.json")
    schema: dict[str, Any] = orjson.loads(Path(str(found)).read_bytes())
    return schema


def _is_found(raw: Mapping[str, Any], reference: str) -> bool:
    try:
        lookup(raw, reference)
    except KeyError:
        return False
    return True


def _is_circular(raw: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    seen = set()
    while isinstance(value, Mapping) and "$ref" in value:
        if value["$ref"] in seen:
            return True
        seen.add(value["$ref"])
        if not _is_found(raw, value["$ref"]):
            return False
        value = lookup(raw, value["$ref"])
    return False


def _siblings(raw: Mapping[str, Any], reference: str) -> list[str]:
    """Return the references that the one *reference* was probably meant to be is among."""
    section = reference.rpartition("/")[0]
    kinds = raw.get("components", {})
    everywhere = [f"#{pointer('components', k, n)}" for k, names in kinds.items() for n in names]
    return [other for other in everywhere if other.startswith(section + "/")] or everywhere
