"""The document as the engine reads it: operations, parameters, schemas, with their lines.

Built from a document that `gateway.spec.lint` has passed, so nothing here is in doubt any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from gateway.spec.raw import (
    CONTROLLER,
    DATA_OF,
    FILTERS_ON,
    JSON,
    REQUIRED_SCOPES,
    SCHEMAS,
    Located,
    operations_in,
    parameters_of,
    resolve,
    successes_of,
    webhooks_in,
)
from gateway.strictyaml import YamlFile, tokens_of


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
class Webhook:
    """One type of events, and what who listens to it is sent.

    Attributes:
        type: `application.created`.
        operation: whose answer is the payload's `data`, for who may call it; who may not gets the
            id alone.
        parameter: of the operation's path: takes the id of what the event happened to.
        sending: the webhook as an operation of ours: it gives data, to an endpoint of any scopes.
            Its id is the type, its method `webhook`, its path the id of `operation`.
    """

    type: str
    summary: str
    description: str
    operation: Operation
    parameter: str
    sending: Operation


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document that passed the lint.

    Attributes:
        raw: the whole document, `$ref`s kept; all of them are local. Not to be changed.
        operations: by operationId, in document order.
        webhooks: by the type of their events, in document order.
        scopes: every scope that an operation requires, sorted.
        base_path: of the first server, without a slash at the end: `/api/v1`.
    """

    path: Path
    raw: Mapping[str, Any]
    operations: Mapping[str, Operation]
    webhooks: Mapping[str, Webhook]
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
            webhooks=MappingProxyType(
                {found.path: _webhook(operations, found) for found in webhooks_in(raw)}
            ),
            scopes=tuple(sorted(frozenset().union(*(o.scopes for o in operations.values())))),
            base_path=urlsplit(raw["servers"][0]["url"]).path.rstrip("/"),
            source=source,
        )

    @property
    def schemas(self) -> Mapping[str, Any]:
        """The component schemas by name, in document order."""
        schemas: Mapping[str, Any] = self.raw.get("components", {}).get("schemas", {})
        return schemas

    @property
    def outlets(self) -> Mapping[str, Operation]:
        """All by which data leaves: the operations, then the webhooks by their types."""
        sending = {name: webhook.sending for name, webhook in self.webhooks.items()}
        return {**self.operations, **sending}

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


def _operation(raw: Mapping[str, Any], found: Located) -> Operation:
    [content] = successes_of(raw, found.raw).values()
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
        response_schema=content[JSON]["schema"],
        raw=found.raw,
        pointer=found.pointer,
    )


def _webhook(operations: Mapping[str, Operation], found: Located) -> Webhook:
    operation = operations[found.raw[DATA_OF]]
    [parameter] = (one.name for one in operation.parameters if one.where == "path")
    return Webhook(
        type=found.path,
        summary=found.raw["summary"],
        description=found.raw["description"],
        operation=operation,
        parameter=parameter,
        sending=replace(
            operation,
            id=found.path,
            method="webhook",
            path=operation.id,
            scopes=frozenset(),
            parameters=(),
            raw=found.raw,
            pointer=found.pointer,
        ),
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
