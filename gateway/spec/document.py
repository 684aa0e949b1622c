"""The document as the engine reads it: operations, parameters, schemas, with their lines.

Built from a document that `gateway.spec.lint` has passed, so nothing here is in doubt any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from gateway.strictyaml import YamlFile, pointer, tokens_of

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEMAS = "#/components/schemas/"

# Keys that are for the server alone: `gateway.spec.publish` takes them out.
CONTROLLER = "x-openapi-router-controller"
REQUIRED_SCOPES = "x-required-scopes"
CLASSIFICATION = "x-data-classification"
PUBLIC = "x-public"
FILTERS_ON = "x-filters-on"
SERVER_SIDE_KEYS = frozenset({CONTROLLER, REQUIRED_SCOPES, CLASSIFICATION, PUBLIC, FILTERS_ON})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query or path parameter.

    Attributes:
        where: `query` or `path`.
        schema: with a `$ref` followed.
        filters_on: `Component.property` of each field that it filters or sorts on.
        pointer: where it is declared; the shared definition when the operation refers to one.
    """

    name: str
    where: str
    required: bool
    schema: Mapping[str, Any]
    filters_on: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        path: the template, without the base path: `/books/{id}`.
        controller: the module that has the function named `id`.
        scopes: all of them are needed; empty: any valid token.
        response_schema: of the one 2xx answer, `application/json`; usually a `{"$ref": …}`.
        pointer: of the operation in the document.
    """

    id: str
    method: str
    path: str
    controller: str
    scopes: frozenset[str]
    parameters: tuple[Parameter, ...]
    response_schema: Mapping[str, Any]
    raw: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document that passed the lint.

    Attributes:
        raw: the whole document, `$ref`s kept; all of them are local. Not to be changed.
        operations: by operationId, in document order.
        scopes: every scope that an operation requires, sorted.
        base_path: of the first server, without a slash at the end: `/api/v1`.
    """

    path: Path
    raw: Mapping[str, Any]
    operations: Mapping[str, Operation]
    scopes: tuple[str, ...]
    base_path: str
    source: YamlFile

    @classmethod
    def of(cls, source: YamlFile) -> Document:
        """Build the document of a *source* that passed the lint."""
        raw = source.data
        operations = {
            found.raw["operationId"]: _operation(raw, found) for found in operations_in(raw)
        }
        return cls(
            path=source.path,
            raw=raw,
            operations=MappingProxyType(operations),
            scopes=tuple(sorted(frozenset().union(*(o.scopes for o in operations.values())))),
            base_path=urlsplit(raw["servers"][0]["url"]).path.rstrip("/"),
            source=source,
        )

    @property
    def schemas(self) -> Mapping[str, Any]:
        """The component schemas by name, in document order."""
        schemas: Mapping[str, Any] = self.raw.get("components", {}).get("schemas", {})
        return schemas

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what *schema* refers to, through every `$ref`; itself if it is none."""
        return resolve(self.raw, schema)

    def component_of(self, schema: Mapping[str, Any]) -> str | None:
        """Return the name of the component schema that *schema* refers to; None if inline."""
        name = None
        while str(schema.get("$ref", "")).startswith(SCHEMAS):
            name = tokens_of(schema["$ref"])[-1]
            schema = self.schemas[name]
        return name

    def line_of(self, json_pointer: str) -> int | None:
        """Return the line of what *json_pointer* names, or of its nearest parent."""
        return self.source.line_of(json_pointer)


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


def references_in(value: Any) -> list[str]:
    """Return every `$ref` under *value*."""
    if isinstance(value, Mapping):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in references_in(item)]
    if isinstance(value, list):
        return [found for item in value for found in references_in(item)]
    return []


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


def success_schemas(
    raw: Mapping[str, Any], operation: Mapping[str, Any]
) -> list[tuple[str, Mapping[str, Any] | None]]:
    """Return (status, `application/json` schema or None) of each answer that is not an error."""
    return [
        (
            status,
            resolve(raw, response).get("content", {}).get("application/json", {}).get("schema"),
        )
        for status, response in operation["responses"].items()
        if not status.startswith(("4", "5", "x-"))
    ]


def _operation(raw: Mapping[str, Any], found: Located) -> Operation:
    [response_schema] = [s for _, s in success_schemas(raw, found.raw) if s is not None]
    return Operation(
        id=found.raw["operationId"],
        method=found.method,
        path=found.path,
        controller=found.raw[CONTROLLER],
        scopes=frozenset(found.raw[REQUIRED_SCOPES]),
        parameters=tuple(
            _parameter(raw, at, parameter)
            for at, parameter in parameters_of(raw, found)
            if parameter["in"] in ("query", "path")
        ),
        response_schema=response_schema,
        raw=found.raw,
        pointer=found.pointer,
    )


def _parameter(raw: Mapping[str, Any], at: str, parameter: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=parameter["name"],
        where=parameter["in"],
        required=parameter.get("required", False),
        schema=resolve(raw, parameter["schema"]),
        filters_on=tuple(parameter.get(FILTERS_ON, ())),
        pointer=at,
    )
