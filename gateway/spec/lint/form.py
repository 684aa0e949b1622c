"""Is it a document at all: references that lead somewhere, valid OpenAPI 3.0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator
from openapi_spec_validator.schemas import schema_v30
from openapi_spec_validator.validation.exceptions import DuplicateOperationIDError

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
    errors = [
        error
        for error in OpenAPIV30SpecValidator(source.data).iter_errors()
        if not isinstance(error, DuplicateOperationIDError)  # see `operations.ids_are_unique`
    ]
    if not errors:
        return
    # The validator tells a wrong form by its outermost part: look again for the innermost one.
    in_form = schemacheck.findings(source, schema_v30)
    yield from in_form
    for error in () if in_form else errors:
        message = str(error.message).partition("\n")[0]
        yield source.finding("", f"is not valid OpenAPI 3.0: {message}")


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
