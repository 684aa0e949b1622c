"""Are examples, defaults and links true: a value of its schema, a link to an operation.

`gateway.policy.narrow` relies on both when it decides which of them a caller is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft4Validator

from gateway.errors import Finding, echo
from gateway.hints import did_you_mean
from gateway.spec.draft4 import as_draft4, standalone
from gateway.spec.raw import (
    answer_schemas_in,
    media_types_in,
    operations_in,
    resolve,
    responses_in,
    schemas_in,
)
from gateway.strictyaml import YamlFile, pointer


def links_lead_somewhere(source: YamlFile) -> Iterator[Finding]:
    known = [found.raw.get("operationId", "") for found in operations_in(source.data)]
    for at, response in responses_in(source.data):
        for name, given in response.get("links", {}).items():
            target = resolve(source.data, given).get("operationId")
            if target not in known:
                hint = did_you_mean(str(target), known, "; name an operationId")
                message = f"link `{name}` leads to unknown operation `{target}`{hint}"
                yield source.finding(at + pointer("links", name), message)


def examples_conform(source: YamlFile) -> Iterator[Finding]:
    yield from _nonconforming(source, "example", _examples(source.data))


def defaults_conform(source: YamlFile) -> Iterator[Finding]:
    yield from _nonconforming(source, "default", _defaults(source.data))


def _nonconforming(
    source: YamlFile, what: str, values: Iterable[tuple[str, Mapping[str, Any], Any]]
) -> Iterator[Finding]:
    schemas = source.data.get("components", {}).get("schemas", {})
    definitions = {name: as_draft4(schema) for name, schema in schemas.items()}
    for at, schema, value in values:
        validator = Draft4Validator(standalone(as_draft4(schema), definitions))
        for error in validator.iter_errors(value):
            place = at + pointer(*error.absolute_path)
            yield source.finding(place, f"{what} is not of its schema: {echo(error.message)}")


def _examples(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield (pointer, schema, value) of each example of an answer and of each part of it."""
    for at, media in media_types_in(raw):
        if "schema" not in media:
            continue
        if "example" in media:
            yield at + "/example", media["schema"], media["example"]
        for name, given in media.get("examples", {}).items():
            where = given["$ref"][1:] if "$ref" in given else at + pointer("examples", name)
            yield where + "/value", media["schema"], resolve(raw, given).get("value")
    for at, schema in answer_schemas_in(raw):
        if "example" in schema:
            yield at + "/example", schema, schema["example"]


def _defaults(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield (pointer, schema, value) of each default that a schema of the document has."""
    for at, schema in schemas_in(raw):
        if "default" in schema:
            yield at + "/default", schema, schema["default"]
