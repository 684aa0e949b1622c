"""Finding one's way in a raw document: operations, references, components, and the keys in use.

Pure functions over the parsed file; nothing here says whether the document is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.strictyaml import pointer, tokens_of

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"
SCHEMAS = "#/components/schemas/"

# Keys that are for the server alone: `gateway.spec.publish` takes them out.
CONTROLLER = "x-openapi-router-controller"
REQUIRED_SCOPES = "x-required-scopes"
CLASSIFICATION = "x-data-classification"
PUBLIC = "x-public"
FILTERS_ON = "x-filters-on"
DATA_OF = "x-data-of"
SERVER_SIDE_KEYS = frozenset(
    {CONTROLLER, REQUIRED_SCOPES, CLASSIFICATION, PUBLIC, FILTERS_ON, DATA_OF}
)

# OpenAPI 3.0 has no webhooks. Under this key they stand as 3.1 has them under `webhooks`.
WEBHOOKS = "x-webhooks"


@dataclass(frozen=True, slots=True)
class Located:
    """An operation as it stands in the document.

    Attributes:
        item: the path item around it.
    """

    method: str
    path: str
    item: Mapping[str, Any]
    raw: Mapping[str, Any]
    pointer: str


def operations_in(raw: Mapping[str, Any]) -> Iterator[Located]:
    """Yield every operation of the document, in document order."""
    for path, item in raw["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield Located(method, path, item, operation, pointer("paths", path, method))


def webhooks_in(raw: Mapping[str, Any]) -> Iterator[Located]:
    """Yield every operation under `x-webhooks`; its path is the type of the events."""
    for name, item in raw.get(WEBHOOKS, {}).items():
        for method, operation in item.items():
            if method in METHODS:
                yield Located(method, name, item, operation, pointer(WEBHOOKS, name, method))


def lookup(raw: Mapping[str, Any], reference: str) -> Any:
    """Return what the local *reference* (`#/…`) names. Raises KeyError."""
    target: Any = raw
    for token in tokens_of(reference):
        if not isinstance(target, Mapping):
            raise KeyError(reference)
        target = target[token]
    return target


def resolve(raw: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what *value* refers to, through every `$ref`; itself if it is none."""
    while "$ref" in value:
        value = lookup(raw, value["$ref"])
    return value


def is_object(schema: Mapping[str, Any]) -> bool:
    """Tell whether *schema*, its `$ref` resolved, is that of an object."""
    return schema.get("type") == "object" or "properties" in schema


def mappings_in(value: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (pointer, mapping) of every mapping under *value*, itself included."""
    if isinstance(value, dict):
        yield at, value
        for key, item in value.items():
            yield from mappings_in(item, at + pointer(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from mappings_in(item, at + pointer(index))


def references_in(value: Any) -> list[str]:
    """Return every `$ref` under *value*."""
    references = (mapping.get("$ref") for _, mapping in mappings_in(value))
    return [reference for reference in references if isinstance(reference, str)]


def components_in(raw: Mapping[str, Any], references: list[str]) -> set[tuple[str, str]]:
    """Return (kind, name) of every component that *references* lead to, through any number."""
    found: set[tuple[str, str]] = set()
    waiting = list(references)
    while waiting:
        _, kind, name, *_ = tokens_of(waiting.pop())
        if (kind, name) not in found:
            found.add((kind, name))
            waiting += references_in(raw["components"][kind][name])
    return found


def parameters_of(
    raw: Mapping[str, Any], found: Located
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, parameter) of an operation: its own, then those of its path item."""
    seen = set()
    owners = ((found.pointer, found.raw), (pointer("paths", found.path), found.item))
    for at, owner in owners:
        for index, given in enumerate(owner.get("parameters", ())):
            where = given["$ref"][1:] if "$ref" in given else at + pointer("parameters", index)
            parameter = resolve(raw, given)
            key = (parameter["in"], parameter["name"])
            if key not in seen:
                seen.add(key)
                yield where, parameter


def successes_of(
    raw: Mapping[str, Any], operation: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """Return, by status, the content of each answer that is neither an error nor without a body."""
    answers = {
        status: resolve(raw, response).get("content", {})
        for status, response in operation["responses"].items()
        if not status.startswith(("4", "5", "x-"))
    }
    return {
        status: content
        for status, content in answers.items()
        if content or not status.startswith("3")
    }


def example_of(raw: Mapping[str, Any], media: Mapping[str, Any]) -> Any:
    """Return the first example of a media type; None: it has none."""
    if "example" in media:
        return media["example"]
    for given in media.get("examples", {}).values():
        return resolve(raw, given).get("value")
    return None


def responses_in(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, response) of every answer of every operation, shared ones once."""
    seen = set()
    for found in operations_in(raw):
        for status, given in found.raw["responses"].items():
            own = found.pointer + pointer("responses", status)
            at = given["$ref"][1:] if "$ref" in given else own
            if at not in seen:
                seen.add(at)
                yield at, resolve(raw, given)


def media_types_in(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for at, response in responses_in(raw):
        for name, media in response.get("content", {}).items():
            yield at + pointer("content", name), media


def answer_schemas_in(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, schema) of every schema that an answer is made of, each once."""
    seen: set[str] = set()
    for at, media in media_types_in(raw):
        if "schema" in media:
            yield from _schemas_under(raw, at + "/schema", media["schema"], seen)


def schemas_in(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, schema) of every schema of answers, parameters and components, each once."""
    seen: set[str] = set()
    for at, media in media_types_in(raw):
        if "schema" in media:
            yield from _schemas_under(raw, at + "/schema", media["schema"], seen)
    for found in operations_in(raw):
        for at, parameter in parameters_of(raw, found):
            if "schema" in parameter:
                yield from _schemas_under(raw, at + "/schema", parameter["schema"], seen)
    for name, schema in raw.get("components", {}).get("schemas", {}).items():
        yield from _schemas_under(raw, pointer("components", "schemas", name), schema, seen)


def _schemas_under(
    raw: Mapping[str, Any], at: str, schema: Mapping[str, Any], seen: set[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if at in seen:
        return
    seen.add(at)
    yield at, schema
    if "$ref" in schema:
        target = schema["$ref"][1:]
        yield from _schemas_under(raw, target, lookup(raw, schema["$ref"]), seen)
        return
    for name, child in schema.get("properties", {}).items():
        yield from _schemas_under(raw, at + pointer("properties", name), child, seen)
    for keyword in ("anyOf", "allOf", "oneOf"):
        for index, child in enumerate(schema.get(keyword, ())):
            yield from _schemas_under(raw, at + pointer(keyword, index), child, seen)
    if "items" in schema:
        yield from _schemas_under(raw, at + "/items", schema["items"], seen)
